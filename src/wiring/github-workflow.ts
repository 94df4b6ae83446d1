/**
 * GitHub's workflows: their jobs, and where these ask optout.
 */
import { isStageId } from "../core/ids.ts";
import { asksIn, type Values } from "./asks.ts";
import { entriesOf, itemsOf, member, textIn, textsIn, type CiNode } from "./ci-yaml.ts";
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

export function readWorkflow(document: CiNode | undefined): ReadJobs {
  const env = valuesOf(member(document, "env"), "env.");
  const all = entriesOf(member(document, "jobs")).map(([name, node]) => readJob(name, node, env));
  return {
    jobs: all.map(({ job }) => job),
    scripts: all.flatMap(({ scripts }) => scripts),
    unseen: all.flatMap(({ unseen }) => unseen),
  };
}

function readJob(
  name: string,
  node: CiNode,
  env: Values,
): { job: CiJob; scripts: readonly JobScript[]; unseen: readonly Unseen[] } {
  const { file, line } = node;
  const values: Values = new Map([
    ...env,
    ...valuesOf(member(node, "env"), "env."),
    ...matrixOf(member(member(node, "strategy"), "matrix")),
    ["GITHUB_JOB", [name]],
    ["github.job", [name]],
  ]);
  const steps = itemsOf(member(node, "steps"));
  const condition = conditionOf(node);
  const runs = steps.flatMap((step) => textsIn(member(step, "run")).slice(0, 1));
  const own = usesOf(node);
  const job: CiJob = {
    platform: "github",
    name,
    file,
    line,
    needs: textsIn(member(node, "needs")).map(({ text }) => text),
    condition,
    conditions: [condition, ...steps.map(conditionOf)].flatMap((one) => one ?? []),
    uses: [...own, ...steps.flatMap(usesOf)],
    container: member(node, "container") !== undefined,
    asks: [
      ...runs.flatMap((run) =>
        asksIn(run.text, values).map((ask): Ask => ({
          ...ask,
          file,
          line: run.line + ask.line + (run.isBlock ? 1 : 0),
          job: name,
        })),
      ),
      ...[node, ...steps].flatMap((step) => actionAsks(step, name)),
    ],
  };
  const foreign = own.filter(({ ref }) => !ref.startsWith("./"));
  return {
    job,
    scripts: runs.map(({ text }) => ({ job: name, text })),
    unseen: foreign.map(({ ref, ...spot }) => ({ ...spot, what: ref })),
  };
}

function conditionOf(node: CiNode): Condition | null {
  const found = member(node, "if");
  return found?.kind === "text" ? { file: found.file, line: found.line, text: found.text } : null;
}

function usesOf(node: CiNode): readonly (Spot & { readonly ref: string })[] {
  const found = member(node, "uses");
  return found?.kind === "text" ? [{ file: found.file, line: found.line, ref: found.text }] : [];
}

function actionAsks(step: CiNode, job: string): readonly Ask[] {
  const [used] = usesOf(step);
  if (used === undefined || !gateAction.test(used.ref)) return [];
  const inputs = member(step, "with");
  // a verdict judges jobs, it leaves none out
  if (textIn(member(inputs, "mode")) === "verdict") return [];
  const named = [member(inputs, "stages"), member(inputs, "stage")].flatMap((one) => textsIn(one));
  return named.flatMap(({ text, file, line }) =>
    text
      .split(/[\s,]+/)
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

function matrixOf(matrix: CiNode | undefined): Values {
  const axes = entriesOf(matrix).flatMap(([name, value]) => {
    if (name === "exclude") return [];
    return name === "include" ? itemsOf(value).flatMap(entriesOf) : [[name, value] as const];
  });
  const found = new Map<string, readonly string[]>();
  for (const [name, value] of axes) {
    const texts = textsIn(value).map(({ text }) => text);
    const before = found.get(`matrix.${name}`) ?? [];
    found.set(`matrix.${name}`, [...before, ...texts].slice(0, 100));
  }
  return found;
}
