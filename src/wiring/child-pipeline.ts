/**
 * A child pipeline of GitLab under decisions: the file with the jobs of the stages, in which those
 * that an override changes are changed, and everything else stays as it is written.
 *
 * GitLab's rules are evaluated before any job runs, so a decision cannot drive them; a generated
 * child pipeline can. A job that is left out stays visible as a stub, for a child without jobs fails.
 *
 * Source: GitLab's "CI/CD YAML syntax reference" (`extends`, `allow_failure:exit_codes`, `workflow`).
 */
import { isAlias, isMap, isScalar, isSeq, parseDocument, YAMLMap, type Document } from "yaml";

import { OptoutError } from "../core/errors.ts";
import type { Action } from "../core/policy.ts";
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

/** What a stub keeps of its job: its place in the pipeline, and when it is there. */
const kept = ["stage", "needs", "rules", "only", "except"] as const;
/** Members that decide whether a job runs. */
const conditions = ["rules", "only", "except", "when"] as const;

/**
 * The text of the child pipeline. Jobs belong to the stage of their name, or of their variable
 * `OPTOUT_STAGE`.
 * @throws `config-invalid` when the file is no pipeline, or a stage has no job in it
 */
export function childPipeline(
  file: string,
  text: string,
  outcomes: readonly StageOutcome[],
  place: StubPlace,
): string {
  const document = read(file, text);
  const all = mapsOf(document);
  const jobs = [...all].filter(([name]) => !name.startsWith(".") && !keywords.has(name));
  for (const outcome of outcomes) {
    const own = jobs.filter(([name, job]) => stageOf(name, job) === outcome.stage);
    if (own.length === 0) {
      throw new OptoutError("config-invalid", `${file} has no job of the stage ${outcome.stage}`, {
        hint: `call the job ${outcome.stage}, or give it variables: { OPTOUT_STAGE: ${outcome.stage} }`,
      });
    }
    for (const [name, job] of own) {
      const changed = changedJob({ document, all, job, place }, outcome);
      if (changed !== null) document.set(name, changed);
    }
  }
  document.set("workflow", document.createNode({ rules: [{ when: "always" }] }));
  return document.toString({ lineWidth: 0 });
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

type JobNode = YAMLMap<unknown, unknown>;
/** Everything at the top of the file that is a mapping. */
type Maps = ReadonlyMap<string, JobNode>;

function mapsOf({ contents }: Document): Maps {
  const items = isMap(contents) ? contents.items : [];
  return new Map(
    items.flatMap(({ key, value }) =>
      isScalar(key) && isMap(value) ? [[String(key.value), value] as const] : [],
    ),
  );
}

function stageOf(name: string, job: JobNode): string {
  const told = job.getIn(["variables", "OPTOUT_STAGE"]);
  return typeof told === "string" ? told : name;
}

interface JobIn {
  readonly document: Document;
  readonly all: Maps;
  readonly job: JobNode;
  readonly place: StubPlace;
}

/** The job under a decision; null where it stays as it is. */
function changedJob(own: JobIn, { outcome, note }: StageOutcome): JobNode | null {
  switch (outcome) {
    case "enforced":
      return null;
    case "allow-failure":
      return withMembers(own, own.job, { allow_failure: true });
    case "force": {
      const job = whole(own, own.job);
      for (const name of conditions) job.delete(name);
      return withMembers(own, job, { rules: [{ when: "always" }] });
    }
    case "skip":
      return stub(own, note, skipStatus, { exit_codes: [skipStatus] });
    case "hold":
      return stub(own, note, holdStatus, false);
  }
}

function withMembers(
  { document }: JobIn,
  job: JobNode,
  members: Readonly<Record<string, unknown>>,
): JobNode {
  for (const [name, value] of Object.entries(members)) job.set(name, document.createNode(value));
  return job;
}

/** A job that only says its note: nothing of the defaults either, they may be what is broken. */
function stub(own: JobIn, note: string, status: number, allowFailure: unknown): JobNode {
  const job = whole(own, own.job);
  for (const name of job.items.map(({ key }) => nameOf(key))) {
    if (!kept.some((one) => one === name)) job.delete(name);
  }
  const { image, tags } = own.place;
  return withMembers(own, job, {
    inherit: { default: false },
    ...(image === null ? {} : { image }),
    ...(tags.length === 0 ? {} : { tags }),
    script: [`echo '${note}'`, `exit ${status}`],
    allow_failure: allowFailure,
  });
}

/** GitLab's own limit, which ends jobs that extend each other too. */
const maxExtends = 11;

/**
 * The job with what it takes from others of this file, so that a member can be taken away. What it
 * extends from an included file is not seen, and is still extended.
 */
function whole(
  { document, all }: Pick<JobIn, "document" | "all">,
  job: JobNode,
  depth = 0,
): JobNode {
  if (depth > maxExtends) {
    throw new OptoutError(
      "config-invalid",
      "jobs of the child pipeline extend each other too deeply",
    );
  }
  const result: JobNode = new YAMLMap();
  const foreign: string[] = [];
  for (const name of namesIn(job.get("extends"))) {
    const base = all.get(name);
    if (base === undefined) foreign.push(name);
    else merge(result, whole({ document, all }, base, depth + 1));
  }
  for (const { key, value } of job.items) {
    if (nameOf(key) !== "<<") continue;
    for (const base of mapsIn(document, value))
      merge(result, whole({ document, all }, base, depth + 1));
  }
  merge(result, job);
  for (const name of ["extends", "<<"]) result.delete(name);
  if (foreign.length > 0) result.set("extends", document.createNode(foreign));
  return result;
}

/** As `extends` merges: mappings member by member, everything else is replaced. */
function merge(into: JobNode, from: JobNode): void {
  for (const { key, value } of from.items) {
    const name = nameOf(key);
    const before = into.get(name);
    if (isMap(before) && isMap(value)) {
      const both: JobNode = new YAMLMap();
      merge(both, before);
      merge(both, value);
      into.set(name, both);
    } else into.set(name, value);
  }
}

const nameOf = (key: unknown): string => (isScalar(key) ? String(key.value) : String(key));

function namesIn(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  return isSeq(value) ? value.items.map(nameOf) : [];
}

function mapsIn(document: Document, value: unknown): readonly JobNode[] {
  const node = isAlias(value) ? value.resolve(document) : value;
  if (isMap(node)) return [node];
  return isSeq(node) ? node.items.flatMap((item) => mapsIn(document, item)) : [];
}
