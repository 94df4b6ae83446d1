/**
 * A child pipeline of GitLab under decisions: the file with the jobs of the stages, in which those
 * that an override changes are changed, and everything else stays as it is written.
 *
 * GitLab's rules are evaluated before any job runs, so a decision cannot drive them; a generated
 * child pipeline can. A job that is left out stays visible as a stub, for a child without jobs fails.
 *
 * Source: GitLab's "CI/CD YAML syntax reference" (`extends`, `allow_failure:exit_codes`, `workflow`).
 */
import { isMap, isScalar, parseDocument, YAMLMap, type Document } from "yaml";

import { OptoutError } from "../core/errors.ts";
import type { Action } from "../core/policy.ts";
import { mapsOf, whole, type ChildFile, type JobNode } from "./child-jobs.ts";
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

/** A changed job whose rules could not be followed. */
export interface Doubt {
  readonly job: string;
  readonly outcome: "skip" | "hold" | "allow-failure";
}

export interface ChildPipeline {
  readonly text: string;
  readonly doubts: readonly Doubt[];
}

/**
 * The child pipeline. Jobs belong to the stage of their name, or of their variable
 * `OPTOUT_STAGE`.
 * @throws `config-invalid` when the file is no pipeline, or a stage has no job in it
 */
export function childPipeline(
  file: string,
  text: string,
  outcomes: readonly StageOutcome[],
  place: StubPlace,
): ChildPipeline {
  const document = read(file, text);
  const all = mapsOf(document);
  const doubts: Doubt[] = [];
  const jobs = [...all].filter(([name]) => !name.startsWith(".") && !keywords.has(name));
  for (const outcome of outcomes) {
    const own = jobs.filter(([name, job]) => stageOf(name, job) === outcome.stage);
    if (own.length === 0) {
      throw new OptoutError("config-invalid", `${file} has no job of the stage ${outcome.stage}`, {
        hint: `call the job ${outcome.stage}, or give it variables: { OPTOUT_STAGE: ${outcome.stage} }`,
      });
    }
    for (const [name, job] of own) {
      const doubt = (told: Doubt["outcome"]): unknown => doubts.push({ job: name, outcome: told });
      const changed = changedJob({ document, all, job, place, doubt }, outcome);
      if (changed !== null) document.set(name, changed);
    }
  }
  document.set("workflow", document.createNode({ rules: [{ when: "always" }] }));
  return { text: document.toString({ lineWidth: 0 }), doubts };
}

function read(file: string, text: string): Document {
  const document = parseDocument(text, { logLevel: "silent", uniqueKeys: true });
  const [error] = document.errors;
  if (error !== undefined) {
    const at = error.linePos?.[0];
    const where = at === undefined ? file : `${file}:${at.line}:${at.col}`;
    throw new OptoutError("config-invalid", `${where} is no YAML: ${error.message.split("\n")[0]}`);
  }
  if (isMap(document.contents)) return document;
  throw new OptoutError("config-invalid", `${file} holds no jobs`);
}

function stageOf(name: string, job: JobNode): string {
  const told = job.getIn(["variables", "OPTOUT_STAGE"]);
  return typeof told === "string" ? told : name;
}

interface JobIn extends ChildFile {
  readonly job: JobNode;
  readonly place: StubPlace;
  /** Told where the rules of the job cannot be followed. */
  readonly doubt: (outcome: Doubt["outcome"]) => unknown;
}

/** The job under a decision; null where it stays as it is. */
function changedJob(own: JobIn, { outcome, note }: StageOutcome): JobNode | null {
  switch (outcome) {
    case "enforced":
      return null;
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
        note,
        status: skipStatus,
        mayFail: { exit_codes: [skipStatus] },
      });
    case "hold":
      return stub(own, { outcome, note, status: holdStatus, mayFail: false });
  }
}

function withMembers(
  { document }: ChildFile,
  job: JobNode,
  members: Readonly<Record<string, unknown>>,
): JobNode {
  for (const [name, value] of Object.entries(members)) job.set(name, document.createNode(value));
  return job;
}

/** Where its rules cannot be followed they stay, and may still let its failure count. */
function mayFail(own: JobIn): JobNode {
  const full = whole(own, own.job);
  const rules = rulesIn(full);
  const changed = rules === null ? null : rulesWithoutFailure(own, rules);
  if (changed !== null) own.job.set("rules", changed);
  else if (rules !== null || full.has("extends")) own.doubt("allow-failure");
  return withMembers(own, own.job, { allow_failure: true });
}

interface StubKind {
  readonly outcome: "skip" | "hold";
  readonly note: string;
  readonly status: number;
  readonly mayFail: unknown;
}

/** A job that only says its note: nothing of the defaults either, they may be what is broken. */
function stub(own: JobIn, { outcome, note, status, mayFail: allowFailure }: StubKind): JobNode {
  const full = whole(own, own.job);
  const job: JobNode = new YAMLMap();
  for (const name of kept) if (full.has(name)) job.set(name, full.get(name, true));
  const rules = stubRules(own, full, outcome);
  if (rules !== null) job.set("rules", rules);
  const { image, tags } = own.place;
  return withMembers(own, job, {
    inherit: { default: false },
    ...(image === null ? {} : { image }),
    ...(tags.length === 0 ? {} : { tags }),
    script: [`echo '${note}'`, `exit ${status}`],
    allow_failure: allowFailure,
  });
}

/** When the stub is there; better too often than not. */
function stubRules(own: JobIn, job: JobNode, outcome: "skip" | "hold"): unknown {
  const anyPipeline = own.document.createNode([{ when: "on_success" }]);
  const rules = rulesIn(job);
  if (rules === null) {
    // an included file may say the same job, whose rules would be merged into the stub
    const mayGetRules = own.document.has("include") && !job.has("only") && !job.has("except");
    return mayGetRules ? anyPipeline : null;
  }
  const changed = rulesOfStub(own, rules);
  if (changed === null) own.doubt(outcome);
  return changed ?? anyPipeline;
}

/** Null where it has none. */
function rulesIn(job: JobNode): unknown {
  const rules = job.get("rules", true);
  return rules === undefined || (isScalar(rules) && rules.value === null) ? null : rules;
}
