/**
 * What is wrong with the wiring, given a policy.
 */
import type { Policy, Stage } from "../core/policy.ts";
import { fitsStage, rulesAbout } from "../core/scope.ts";
import { closest } from "../core/suggest.ts";
import type { WiringFinding } from "./findings.ts";
import { obeyedBy, passing, type StopWord } from "./obeying.ts";
import { mayRunSomewhere } from "./runs.ts";
import type { Ask, CiJob, Wiring } from "./wiring.ts";

/** All findings, in the order of the files. */
export function judgeWiring(wiring: Wiring, policy: Policy): readonly WiringFinding[] {
  return [
    ...wiring.unreadable.map(({ why, ...spot }): WiringFinding => ({
      ...spot,
      code: "file-unreadable",
      detail: why,
    })),
    ...wiring.jobs.flatMap(alwaysTrue),
    ...wiring.jobs.flatMap((job) => equalToRun(job, wiring, policy)),
    ...wiring.jobs.flatMap((job) => skippedByGate(job, wiring, policy)),
    ...wiring.jobs.flatMap((job) => startedWhenStopped(job, wiring, policy)),
    ...wiring.jobs.flatMap(neverRun),
    ...wiring.jobs.flatMap((job) => withoutAccess(job, policy)),
    ...unpinned(wiring),
    ...stageFindings(wiring, policy),
  ];
}

/** Whether a hold of the stage can come into force by some rule, or running it is the danger. */
function canBeHeld(policy: Policy, stage: Stage): boolean {
  if (stage.never.includes("hold")) return false;
  if (stage.kind === "deploy") return true;
  return rulesAbout(policy, stage).some(({ actions }) => actions.includes("hold"));
}

// --- stages

function stageFindings({ asks, jobs }: Wiring, policy: Policy): readonly WiringFinding[] {
  const stopping = new Set(
    jobs.flatMap((job) => job.asks.filter(({ stage }) => isStoppedByCheck(stage, job))),
  );
  const found = asks.flatMap((ask): WiringFinding[] => {
    const { stage, form, file, line } = ask;
    if (stage === null) return [];
    const known = policy.stages.get(stage);
    if (known === undefined) {
      const near = closest(stage, policy.stages.keys());
      const hint = near === null ? "" : `; did you mean ${near}?`;
      return [{ code: "stage-unknown", file, line, detail: `${stage}${hint}` }];
    }
    if (!isCheck(form) || stopping.has(ask) || !canBeHeld(policy, known)) return [];
    return [{ code: "check-cannot-stop", file, line, detail: stage }];
  });
  // a name that is only known at run time may be any stage's
  if (asks.some(({ stage, job }) => stage === null && job !== null)) return found;
  const idle = new Set(jobs.filter((job) => !mayRunSomewhere(job.when)).flatMap((job) => job.asks));
  const unasked = [...policy.stages.values()].filter(
    ({ id }) => !asks.some((ask) => ask.stage === id && isInForce(ask) && !idle.has(ask)),
  );
  return [
    ...found,
    ...unasked.map(({ id, line }): WiringFinding => ({
      code: "stage-unasked",
      file: ".optout/policy.yaml",
      line,
      detail: id,
    })),
  ];
}

const isCheck = (form: Ask["form"]): boolean => form === "check" || form === "check-or";

/** Whether the job asks for a hold of the stage too (`check --action hold`). */
const isStoppedByCheck = (stage: string | null, { asks }: CiJob): boolean =>
  asks.some((ask) => ask.stage === stage && isCheck(ask.form) && obeyedBy(ask).includes("hold"));

/** A script that no job runs asks nothing; a component brings its own jobs. */
const isInForce = ({ job, form }: Ask): boolean => job !== null || form === "component";

/** One finding a job: what it asks is in vain. */
function neverRun(job: CiJob): readonly WiringFinding[] {
  const [ask] = job.asks;
  if (ask === undefined || mayRunSomewhere(job.when)) return [];
  const { file, line } = ask;
  return [{ code: "ask-never-run", file, line, detail: `job ${job.name}` }];
}

/** A use that must be recorded cannot be, where the file takes the right to push from the job. */
function withoutAccess(
  { name, file, access, asks }: CiJob,
  policy: Policy,
): readonly WiringFinding[] {
  if (access === null || access.mayPush) return [];
  const recorded = asks
    .flatMap(({ stage }) => policy.stages.get(stage ?? "") ?? [])
    .find((stage) => rulesAbout(policy, stage).some(({ recordUse }) => recordUse));
  if (recorded === undefined) return [];
  const { line } = access;
  return [{ code: "token-cannot-write", file, line, detail: `${recorded.id}, job ${name}` }];
}

// --- conditions

/** `${{ a }}` alone is an expression; with anything around it, a line break even, it is a text. */
function alwaysTrue({ conditions, name }: CiJob): readonly WiringFinding[] {
  return conditions
    .filter(({ text }) => text.includes("${{") && !isOneExpression(text))
    .map(({ file, line }) => ({ code: "if-always-true", file, line, detail: `job ${name}` }));
}

function isOneExpression(text: string): boolean {
  if (!text.startsWith("${{") || !text.endsWith("}}")) return false;
  const quoteless = text.replaceAll(/'[^']*'/g, "''");
  return quoteless.indexOf("}}") === quoteless.length - 2;
}

const output = /(?:needs|steps)(?:\.([\w-]+)|\['([\w-]+)'\])\.outputs(?:\.([\w-]+)|\['([\w-]+)'\])/;
const equalRun = new RegExp(
  `${output.source}\\s*==\\s*'(?:run|enforced)'|'(?:run|enforced)'\\s*==\\s*${output.source}`,
  "gi",
);

function equalToRun(job: CiJob, wiring: Wiring, policy: Policy): readonly WiringFinding[] {
  return job.conditions.flatMap(({ text, file, line }) =>
    [...text.matchAll(equalRun)].flatMap((found): WiringFinding[] => {
      const isAnswer = /'enforced'/i.test(found[0]);
      const [gate = "", stage = ""] = found.slice(1).filter((part) => part !== undefined);
      const asker = job.needs.includes(gate) ? jobBeside(wiring, job, gate) : job;
      if (asker === undefined || !isGate(asker)) return [];
      // of a deploy, not to run is the safe side; never to run is not
      if (isAnswer && policy.stages.get(stage)?.kind === "deploy") return [];
      return [{ code: "runs-when-equal", file, line, detail: `job ${job.name}, ${stage}` }];
    }),
  );
}

const jobBeside = ({ jobs }: Wiring, { file }: CiJob, name: string): CiJob | undefined =>
  jobs.find((job) => job.file === file && job.name === name);

/** A job that others ask what was decided. */
function isGate({ asks, uses }: CiJob): boolean {
  const asksForOthers = asks.some(({ form }) => ["gate", "action", "check"].includes(form));
  return asksForOthers || uses.some(({ ref }) => /optout/i.test(ref));
}

/** Whoever needs a gate, at whatever remove, is skipped when it fails, unless told otherwise. */
function skippedByGate(job: CiJob, wiring: Wiring, policy: Policy): readonly WiringFinding[] {
  if (job.platform !== "github" || isGate(job)) return [];
  const condition = job.condition?.text ?? "";
  if (/\balways\s*\(|\bcancelled\s*\(|\bfailure\s*\(/.test(condition)) return [];
  const gate = ancestors(job, wiring).find(isGate);
  if (gate === undefined) return [];
  const stages = job.asks.map(({ stage }) => stage);
  const named = [...condition.matchAll(new RegExp(output, "g"))].map((m) => m[3] ?? m[4] ?? null);
  const about = [...stages, ...named];
  const isDeploy = (id: string | null): boolean => policy.stages.get(id ?? "")?.kind === "deploy";
  if (about.length > 0 && about.every(isDeploy)) return [];
  const { file, line } = job.condition ?? job;
  return [
    { code: "gate-failure-skips", file, line, detail: `job ${job.name}, behind ${gate.name}` },
  ];
}

/** A gate's answer for a stage that can be held says more than skip: its job must heed that too. */
function startedWhenStopped(job: CiJob, wiring: Wiring, policy: Policy): readonly WiringFinding[] {
  return [...policy.stages.values()].flatMap((stage): WiringFinding[] => {
    if (!canBeHeld(policy, stage)) return [];
    const words = stopWords(policy, stage);
    const passed = words.flatMap((word) => {
      const spot = passing(word, stage.id, job, wiring);
      return spot === null ? [] : [{ word, spot }];
    });
    const [first] = passed;
    if (first === undefined) return [];
    const { file, line } = first.spot;
    const missed = passed.map(({ word }) => word).join(" and ");
    const detail = `${stage.id}, job ${job.name}: starts on ${missed}`;
    return [{ code: "gate-cannot-stop", file, line, detail }];
  });
}

function stopWords({ freezes }: Policy, stage: Stage): readonly StopWord[] {
  return freezes.some(({ match }) => fitsStage(match, stage)) ? ["hold", "frozen"] : ["hold"];
}

function ancestors(job: CiJob, wiring: Wiring): readonly CiJob[] {
  const beside = new Map(
    wiring.jobs.filter(({ file }) => file === job.file).map((one) => [one.name, one]),
  );
  const found = new Set<CiJob>();
  const waiting = [...job.needs];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const next = beside.get(name);
    if (next === undefined || found.has(next)) continue;
    found.add(next);
    waiting.push(...next.needs);
  }
  return [...found];
}

// --- actions

/** One finding a file, with what is used in it. */
function unpinned({ jobs }: Wiring): readonly WiringFinding[] {
  const loose = jobs.flatMap(({ uses }) => uses).filter(({ ref }) => !isPinned(ref));
  const files = groupByFile(loose);
  return [...files].map(([file, uses]) => {
    const names = [...new Set(uses.map(({ ref }) => ref))];
    const more = names.length > 3 ? ` and ${names.length - 3} more` : "";
    const detail = `${names.slice(0, 3).join(", ")}${more}`;
    return { code: "action-unpinned", file, line: uses[0]?.line ?? 1, detail };
  });
}

function groupByFile<T extends { readonly file: string }>(all: readonly T[]): Map<string, T[]> {
  const files = new Map<string, T[]>();
  for (const one of all) files.set(one.file, [...(files.get(one.file) ?? []), one]);
  return files;
}

/** What is in this repository needs no pin. */
function isPinned(ref: string): boolean {
  return ref.startsWith("./") || /@(?:sha256:)?[0-9a-f]{40,64}$/.test(ref);
}
