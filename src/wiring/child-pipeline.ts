/**
 * A child pipeline of GitLab under decisions: the file with the jobs of the stages, in which those
 * that an override changes are changed, and everything else stays what it was (child-changes.ts).
 *
 * GitLab's rules are evaluated before any job runs, so a decision cannot drive them; a generated
 * child pipeline can. A job that is left out stays visible as a stub, for a child without jobs fails.
 *
 * Source: GitLab's "CI/CD YAML syntax reference" (`extends`, `allow_failure:exit_codes`, `workflow`).
 */
import { isMap, isScalar, Scalar, YAMLMap, type Node } from "yaml";

import { OptoutError } from "../core/errors.ts";
import type { Action } from "../core/policy.ts";
import { putChanges } from "./child-changes.ts";
import {
  isNothing,
  isReference,
  nameOf,
  readChildFile,
  referred,
  whole,
  type ChildFile,
  type JobNode,
} from "./child-jobs.ts";
import { rulesOfStub, rulesWithoutFailure } from "./child-rules.ts";
import { keywords } from "./gitlab-pipeline.ts";

/** What becomes of a stage, with the words that its job says instead. */
export interface StageOutcome {
  readonly stage: string;
  readonly outcome: Action | "enforced";
  /** For the log of a stub: plain words of ours. */
  readonly note: string;
}

/** Where a stub runs: where the gate itself was able to. */
export interface StubPlace {
  readonly image: string | null;
  readonly tags: readonly string[];
}

/** The exit status of a stub that left its stage out: `allow_failure` shows it in orange. */
const skipStatus = 86;
const holdStatus = 3;

/** What a stub keeps of its job as it is: its place in the pipeline, and when it is there. */
const kept = ["stage", "needs", "only", "except"] as const;
/** Members that decide whether a job runs. */
const conditions = ["rules", "only", "except", "when", "start_in"] as const;

/** What is not known of a changed job: its rules could not be followed, or included files may name it. */
export interface Doubt {
  readonly about: "rules" | "include";
  readonly job: string;
  readonly outcome: Action;
}

export interface ChildPipeline {
  readonly text: string;
  readonly doubts: readonly Doubt[];
}

/**
 * The child pipeline. Jobs belong to the stage of their variable `OPTOUT_STAGE`, their own or one that
 * they inherit, else to that of their name.
 * @throws `config-invalid` when the file is no pipeline, or a stage has no job in it
 */
export function childPipeline(
  name: string,
  text: string,
  outcomes: readonly StageOutcome[],
  place: StubPlace,
): ChildPipeline {
  const file = readChildFile(name, text);
  const jobs = jobsOf(file);
  const changes = new Map<string, Node>();
  const doubts: Doubt[] = [];
  for (const outcome of outcomes) {
    const own = jobs.filter(({ stage }) => stage === outcome.stage);
    if (own.length === 0) {
      throw new OptoutError("config-invalid", `${name} has no job of the stage ${outcome.stage}`, {
        hint: `call the job ${outcome.stage}, or give it variables: { OPTOUT_STAGE: ${outcome.stage} }`,
      });
    }
    for (const job of own) {
      const changed = changedJob({ ...file, ...job, place, doubts }, outcome);
      if (changed !== null) changes.set(job.name, changed);
    }
  }
  changes.set("workflow", file.document.createNode({ rules: [{ when: "always" }] }));
  putChanges(file, changes);
  return { text: file.document.toString({ lineWidth: 0 }), doubts };
}

interface ChildJob {
  readonly name: string;
  readonly job: JobNode;
  readonly stage: string;
}

function jobsOf(file: ChildFile): readonly ChildJob[] {
  return [...file.all].flatMap(([name, job]) =>
    name.startsWith(".") || keywords.has(name) || !isMap(job)
      ? []
      : [{ name, job, stage: stageOf(file, job) ?? name }],
  );
}

/** Null where no variable tells it. */
function stageOf(file: ChildFile, job: JobNode): string | null {
  const variables = followed(file, whole(file, job).get("variables", true));
  const told = isMap(variables) ? followed(file, variables.get("OPTOUT_STAGE", true)) : null;
  const value = isMap(told) ? told.get("value", true) : told;
  return isScalar(value) && !isNothing(value) ? nameOf(value) : null;
}

const followed = (file: ChildFile, node: unknown): unknown =>
  isReference(node) ? referred(file, node) : node;

interface JobIn extends ChildFile, ChildJob {
  readonly place: StubPlace;
  readonly doubts: Doubt[];
}

/** The job under a decision; null where it stays as it is. */
function changedJob(own: JobIn, { outcome, note }: StageOutcome): JobNode | null {
  if (outcome === "enforced") return null;
  if (own.all.has("include")) own.doubts.push({ about: "include", job: own.name, outcome });
  switch (outcome) {
    case "allow-failure":
      return mayFail(own);
    case "force": {
      const job = whole(own, own.job);
      for (const name of conditions) job.delete(name);
      return withMembers(own, job, { rules: [{ when: "always" }] });
    }
    case "skip":
      return stub(own, {
        outcome,
        script: [...guard(own), `echo '${note}'`, `exit ${skipStatus}`],
        mayFail: { exit_codes: [String(skipStatus)] },
      });
    case "hold":
      return stub(own, {
        outcome,
        script: [`echo '${note}'`, `exit ${holdStatus}`],
        mayFail: "false",
      });
  }
}

/** @param members are written as they stand: "true" is no text, a text that is not ours is `quoted` */
function withMembers(
  { document }: ChildFile,
  job: JobNode,
  members: Readonly<Record<string, unknown>>,
): JobNode {
  for (const [name, value] of Object.entries(members)) job.set(name, document.createNode(value));
  return job;
}

function quoted(text: string): Scalar {
  const scalar = new Scalar(text);
  scalar.type = "QUOTE_DOUBLE";
  return scalar;
}

/** Where its rules cannot be followed they stay, and may still let its failure count. */
function mayFail(own: JobIn): JobNode {
  const full = whole(own, own.job);
  const rules = rulesIn(full);
  const changed = rules === null ? null : rulesWithoutFailure(own, rules);
  const job: JobNode = new YAMLMap();
  for (const { key, value } of own.job.items) job.set(key, value);
  if (changed !== null) job.set("rules", changed);
  else if (rules !== null || full.has("extends")) doubtRules(own, "allow-failure");
  return withMembers(own, job, { allow_failure: "true" });
}

const doubtRules = ({ doubts, name }: JobIn, outcome: Action): unknown =>
  doubts.push({ about: "rules", job: name, outcome });

interface StubKind {
  readonly outcome: "skip" | "hold";
  readonly script: readonly string[];
  readonly mayFail: unknown;
}

/** A job that only says its note: nothing of the defaults either, they may be what is broken. */
function stub(own: JobIn, { outcome, script, mayFail: allowFailure }: StubKind): JobNode {
  const full = whole(own, own.job);
  const job: JobNode = new YAMLMap();
  for (const name of kept) if (full.has(name)) job.set(name, full.get(name, true));
  const rules = stubRules(own, full, outcome);
  if (rules !== null) job.set("rules", rules);
  const { image, tags } = own.place;
  return withMembers(own, job, {
    inherit: { default: "false" },
    ...(image === null ? {} : { image: quoted(image) }),
    ...(tags.length === 0 ? {} : { tags: tags.map(quoted) }),
    script: script.map(quoted),
    allow_failure: allowFailure,
  });
}

/** A job of an included file that extends the stub is not left out: it fails. */
function guard({ all, name }: JobIn): readonly string[] {
  if (!all.has("include")) return [];
  const asWord = `'${name.replaceAll("'", "'\\''")}'`;
  return [`test "$CI_JOB_NAME" = ${asWord} || exit 1`];
}

/** When the stub is there; better too often than not. */
function stubRules(own: JobIn, job: JobNode, outcome: "skip" | "hold"): unknown {
  const anyPipeline = own.document.createNode([{ when: "on_success" }]);
  const rules = rulesIn(job);
  if (rules === null) {
    // an included file may say the same job, whose rules would be merged into the stub
    const mayGetRules = own.all.has("include") && !job.has("only") && !job.has("except");
    return mayGetRules ? anyPipeline : null;
  }
  const changed = rulesOfStub(own, rules);
  if (changed === null) doubtRules(own, outcome);
  return changed ?? anyPipeline;
}

/** Null where it has none. */
function rulesIn(job: JobNode): unknown {
  const rules = job.get("rules", true);
  return rules === undefined || isNothing(rules) ? null : rules;
}
