/**
 * GitHub's workflows: their jobs, and where these ask optout.
 */
import { isStageId } from "../core/ids.ts";
import { asksIn, expand, type Values } from "./asks.ts";
import {
  entriesOf,
  environmentIn,
  itemsOf,
  member,
  textIn,
  textsIn,
  type CiNode,
} from "./ci-yaml.ts";
import { calledPath, matrixOf, type Start } from "./github-triggers.ts";
import { withLocalActions, type LocalActions } from "./local-actions.ts";
import type { When } from "./when.ts";
import type { Ask, CiJob, Condition, Spot, Unseen } from "./wiring.ts";

/** A script of a job, for whoever follows it into `package.json`. */
export interface JobScript {
  readonly job: string;
  readonly text: string;
}

export interface ReadJobs {
  readonly jobs: readonly CiJob[];
  readonly scripts: readonly JobScript[];
  readonly unseen: readonly Unseen[];
}

/** optout's own action, of whatever owner, or in the repository: `acme/optout@…`, `./actions/optout`. */
const gateAction = /(?:^|\/)optout(?:[-/][\w./-]*)?(?:@|$)/;

/** What a workflow stands in: how it is started, and the actions of its repository. */
export interface WorkflowSetting {
  readonly start: Start;
  readonly actions: LocalActions;
}

interface JobSetting extends WorkflowSetting {
  readonly env: Values;
  readonly permissions: CiNode | undefined;
}

export function readWorkflow(document: CiNode | undefined, setting: WorkflowSetting): ReadJobs {
  const env = new Map([...valuesOf(member(document, "env"), "env."), ...setting.start.inputs]);
  const permissions = member(document, "permissions");
  const all = entriesOf(member(document, "jobs")).map(([name, node]) =>
    readJob(name, node, { ...setting, env, permissions }),
  );
  return {
    jobs: all.map(({ job }) => job),
    scripts: all.flatMap(({ scripts }) => scripts),
    unseen: all.flatMap(({ unseen }) => unseen),
  };
}

function readJob(
  name: string,
  node: CiNode,
  { env, start, actions, permissions }: JobSetting,
): { job: CiJob; scripts: readonly JobScript[]; unseen: readonly Unseen[] } {
  const { file, line } = node;
  const values: Values = new Map([
    ...env,
    ...valuesOf(member(node, "env"), "env."),
    ...matrixOf(member(member(node, "strategy"), "matrix")),
    ["GITHUB_JOB", [name]],
    ["github.job", [name]],
  ]);
  const ownSteps = itemsOf(member(node, "steps"));
  const steps = withLocalActions(ownSteps, values, actions);
  const condition = conditionOf(node);
  const runs = steps.flatMap((step) =>
    textsIn(member(step.node, "run"))
      .slice(0, 1)
      .map((run) => ({ run, values: step.values })),
  );
  const own = usesOf(node);
  const job: CiJob = {
    platform: "github",
    name,
    label: textIn(member(node, "name")) ?? null,
    file,
    line,
    needs: textsIn(member(node, "needs")).map(({ text }) => text),
    condition,
    conditions: [condition, ...ownSteps.map(conditionOf)].flatMap((one) => one ?? []),
    uses: [...own, ...steps.flatMap((step) => usesOf(step.node))],
    isForeign: member(node, "container") !== undefined || isSelfHosted(member(node, "runs-on")),
    environment: environmentIn(node),
    calls: calledPath(node),
    when: whenOf(condition, start),
    access: accessOf(member(node, "permissions") ?? permissions, ownSteps),
    asks: [
      ...runs.flatMap(({ run, values: known }) =>
        asksIn(run.text, known).map((ask): Ask => ({
          ...ask,
          file: run.file,
          line: run.line + ask.line + (run.isBlock ? 1 : 0),
          job: name,
        })),
      ),
      ...[{ node, values }, ...steps].flatMap((step) => actionAsks(step.node, name, step.values)),
    ],
  };
  const foreign = own.filter(({ ref }) => !ref.startsWith("./"));
  return {
    job,
    scripts: runs.map(({ run }) => ({ job: name, text: run.text })),
    unseen: foreign.map(({ ref, ...spot }) => ({ ...spot, what: ref })),
  };
}

/** A condition that is plainly false keeps the job from ever running. */
function whenOf(condition: Condition | null, { triggers }: Start): When {
  const isNever = /^(?:false|\$\{\{\s*false\s*\}\})$/.test(condition?.text.trim() ?? "");
  if (isNever) return { kind: "triggers", triggers: [] };
  return triggers === null ? { kind: "unknown" } : { kind: "triggers", triggers };
}

/** Null where the file says nothing about it. Another token or key given to a step may be for this. */
function accessOf(permissions: CiNode | undefined, steps: readonly CiNode[]): CiJob["access"] {
  const inputs = steps.filter((step) => !isBeside(step, steps)).map((step) => member(step, "with"));
  const kept = inputs
    .map((each) => member(each, "persist-credentials"))
    .find((each) => textIn(each) === "false");
  const [says] = [kept, permissions].filter((node) => node !== undefined);
  if (says === undefined) return null;
  const hasOwn = inputs.some((each) =>
    ["token", "ssh-key"].some((name) => member(each, name) !== undefined),
  );
  const contents = textIn(permissions) ?? textIn(member(permissions, "contents"));
  const isWriter = permissions === undefined || /^write(?:-all)?$/.test(contents ?? "");
  return { mayPush: hasOwn || (isWriter && kept === undefined), line: says.line };
}

/** A checkout beside the clone that the job works in, as `actions/checkout` makes it with a `path`. */
function isBeside(step: CiNode, steps: readonly CiNode[]): boolean {
  const hasPath = (one: CiNode): boolean => member(member(one, "with"), "path") !== undefined;
  const uses = textIn(member(step, "uses"));
  return (
    hasPath(step) && steps.some((one) => textIn(member(one, "uses")) === uses && !hasPath(one))
  );
}

const isSelfHosted = (node: CiNode | undefined): boolean =>
  textsIn(node).some(({ text }) => text === "self-hosted");

function conditionOf(node: CiNode): Condition | null {
  const found = member(node, "if");
  return found?.kind === "text" ? { file: found.file, line: found.line, text: found.text } : null;
}

function usesOf(node: CiNode): readonly (Spot & { readonly ref: string })[] {
  const found = member(node, "uses");
  return found?.kind === "text" ? [{ file: found.file, line: found.line, ref: found.text }] : [];
}

function actionAsks(step: CiNode, job: string, values: Values): readonly Ask[] {
  const [used] = usesOf(step);
  if (used === undefined || !gateAction.test(used.ref)) return [];
  const inputs = member(step, "with");
  // a verdict judges jobs, it leaves none out
  if (textIn(member(inputs, "mode")) === "verdict") return [];
  const named = [member(inputs, "stages"), member(inputs, "stage")].flatMap((one) => textsIn(one));
  return named.flatMap(({ text, file, line }) =>
    expand(text, values)
      .flatMap((known) => known.split(/[\s,]+/))
      .filter((word) => word !== "")
      .map((word): Ask => ({
        stage: isStageId(word) ? word : null,
        form: "action",
        file,
        line,
        job,
      })),
  );
}

/** Plain values of variables, by the names that scripts and expressions know them by. */
export function valuesOf(node: CiNode | undefined, prefix: string): Values {
  return new Map(
    entriesOf(node).flatMap(([name, value]): [string, string[]][] => {
      const text = textIn(value) ?? textIn(member(value, "value"));
      if (text === undefined || text.includes("$")) return [];
      return [
        [name, [text]],
        [`${prefix}${name}`, [text]],
      ];
    }),
  );
}
