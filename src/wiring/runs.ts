/**
 * Whether a job can run at all where an override is to count. Only what the files rule out for certain
 * is a no: a reader without the pipeline must not call an override without effect that has one.
 */
import { globMatches } from "../core/glob.ts";
import { and, conditionHolds, not, or, regexMatches, type ValueOf } from "./gitlab-condition.ts";
import type { Likely, PipelineRule, RefFilter, Trigger, When } from "./when.ts";

/** A place that a scope names. */
export interface RunPlace {
  /** `branch` receives the change, `head` is where it comes from. */
  readonly kind: "branch" | "head" | "tag";
  /** Null for any. */
  readonly name: string | null;
  readonly defaultBranch: string | null;
}

/** Everywhere that a job could run. */
const anywhere: readonly RunPlace[] = (["branch", "head", "tag"] as const).map((kind) => ({
  kind,
  name: null,
  defaultBranch: null,
}));

export function mayRun(when: When, place: RunPlace): boolean {
  switch (when.kind) {
    case "unknown":
      return true;
    case "triggers":
      return when.triggers.some((trigger) => starts(trigger, place) !== "no");
    case "rules":
      return contextsOf(place).some((context) => isInPipeline(when, context));
  }
}

export const mayRunSomewhere = (when: When): boolean =>
  anywhere.some((place) => mayRun(when, place));

// --- GitHub

const pullRequests = new Set(["pull_request", "pull_request_target"]);

function starts(trigger: Trigger, { kind, name, defaultBranch }: RunPlace): Likely {
  const { event } = trigger;
  if (event === "push") return kind === "tag" ? pushesTag(trigger, name) : pushes(trigger, name);
  if (pullRequests.has(event) || event === "merge_group") {
    if (kind === "tag") return "no";
    return kind === "head" ? "maybe" : passes(trigger.branches, trigger.branchesIgnore, name);
  }
  if (event === "schedule") {
    if (kind === "tag") return "no";
    return name === null || defaultBranch === null || name === defaultBranch ? "maybe" : "no";
  }
  return "maybe";
}

/** A filter for tags alone leaves branches out, and the other way round. */
function pushes(
  { branches, branchesIgnore, tags, tagsIgnore }: Trigger,
  name: string | null,
): Likely {
  if (branches === null && branchesIgnore === null && (tags !== null || tagsIgnore !== null)) {
    return "no";
  }
  return passes(branches, branchesIgnore, name);
}

function pushesTag(
  { branches, branchesIgnore, tags, tagsIgnore }: Trigger,
  name: string | null,
): Likely {
  if (tags === null && tagsIgnore === null && (branches !== null || branchesIgnore !== null)) {
    return "no";
  }
  return passes(tags, tagsIgnore, name);
}

function passes(
  wanted: readonly string[] | null,
  ignored: readonly string[] | null,
  name: string | null,
): Likely {
  if (name === null) return "maybe";
  if (wanted !== null) return filterMatches(wanted, name);
  return ignored === null ? "yes" : not(filterMatches(ignored, name));
}

/** The last pattern that matches counts; `!` takes away what came before. */
function filterMatches(patterns: readonly string[], name: string): Likely {
  let found: Likely = "no";
  for (const pattern of patterns) {
    const isNegated = pattern.startsWith("!");
    const matched = patternMatches(isNegated ? pattern.slice(1) : pattern, name);
    found = isNegated ? and(found, not(matched)) : or(found, matched);
  }
  return found;
}

/** `?`, `+` and `[…]` are rare enough to be left in doubt. */
function patternMatches(pattern: string, name: string): Likely {
  if (/[?+[\]\\$]/.test(pattern)) return "maybe";
  return globMatches(pattern, name) ? "yes" : "no";
}

// --- GitLab

/** One kind of pipeline that can be made for a place. */
interface Context {
  readonly ref: "branch" | "merge_request" | "tag";
  readonly source: string;
  readonly name: string | null;
  readonly valueOf: ValueOf;
}

/** What `CI_PIPELINE_SOURCE` can be, beside `merge_request_event`. */
const sources = [
  "push",
  "web",
  "webide",
  "api",
  "schedule",
  "trigger",
  "pipeline",
  "parent_pipeline",
  "chat",
  "external",
  "external_pull_request_event",
  "ondemand_dast_scan",
  "ondemand_dast_validation",
  "security_orchestration_policy",
  "container_registry_push",
] as const;

function contextsOf({ kind, name, defaultBranch }: RunPlace): readonly Context[] {
  const known = name ?? undefined;
  const shared = { CI_DEFAULT_BRANCH: defaultBranch ?? undefined };
  const ofRef = sources.map((source) =>
    contextOf(kind === "tag" ? "tag" : "branch", source, name, {
      ...shared,
      CI_COMMIT_BRANCH: kind === "tag" ? null : known,
      CI_COMMIT_TAG: kind === "tag" ? known : null,
      CI_COMMIT_REF_NAME: known,
    }),
  );
  if (kind === "tag") return ofRef;
  const isHead = kind === "head";
  const merge = contextOf("merge_request", "merge_request_event", name, {
    ...shared,
    CI_COMMIT_BRANCH: null,
    CI_COMMIT_TAG: null,
    CI_COMMIT_REF_NAME: isHead ? known : undefined,
    CI_MERGE_REQUEST_SOURCE_BRANCH_NAME: isHead ? known : undefined,
    CI_MERGE_REQUEST_TARGET_BRANCH_NAME: isHead ? undefined : known,
  });
  return [...ofRef, merge];
}

function contextOf(
  ref: Context["ref"],
  source: string,
  name: string | null,
  values: Readonly<Record<string, string | null | undefined>>,
): Context {
  const known = new Map(Object.entries({ ...values, CI_PIPELINE_SOURCE: source }));
  const valueOf: ValueOf = (variable) => {
    if (known.has(variable)) return known.get(variable);
    const isOfMerge = variable.startsWith("CI_MERGE_REQUEST_");
    return isOfMerge && ref !== "merge_request" ? null : undefined;
  };
  return { ref, source, name, valueOf };
}

function isInPipeline(when: Extract<When, { kind: "rules" }>, context: Context): boolean {
  if (when.workflow !== null && !rulesLetRun(when.workflow, context)) return false;
  if (when.rules !== null) return rulesLetRun(when.rules, context);
  const only = when.only ?? defaultOnly(when);
  if (only !== null && filterHolds(only, context) === "no") return false;
  return when.except === null || excludes(when.except, context) !== "yes";
}

/** Rules of the whole pipeline take its place (docs.gitlab.com, "workflow:rules"). */
function defaultOnly({ workflow }: Extract<When, { kind: "rules" }>): RefFilter | null {
  return workflow === null ? { refs: ["branches", "tags"], more: false } : null;
}

/** The first rule that matches counts; where none does, the job is left out. */
function rulesLetRun(rules: readonly PipelineRule[], { valueOf }: Context): boolean {
  for (const { condition, unsure, never } of rules) {
    const holds = condition === null ? "yes" : conditionHolds(condition, valueOf);
    const matched = unsure ? and(holds, "maybe") : holds;
    if (matched === "no") continue;
    if (!never) return true;
    if (matched === "yes") return false;
  }
  return false;
}

function filterHolds({ refs, more }: RefFilter, context: Context): Likely {
  const named = (refs ?? ["branches", "tags"])
    .map((ref) => refHolds(ref, context))
    .reduce(or, "no");
  return more ? and(named, "maybe") : named;
}

/** Any member of `except` leaves the job out. */
function excludes({ refs, more }: RefFilter, context: Context): Likely {
  const named = (refs ?? []).map((ref) => refHolds(ref, context)).reduce(or, "no");
  return more ? or(named, "maybe") : named;
}

/** A keyword, the name of a branch or tag, or a pattern of names, which is none of merge requests. */
function refHolds(written: string, { ref, source, name }: Context): Likely {
  if (written === "branches") return ref === "branch" ? "yes" : "no";
  if (written === "tags") return ref === "tag" ? "yes" : "no";
  const event = source.replace(/_event$/, "");
  if ([event, `${event}s`, `${event}es`].includes(written)) return "yes";
  if (written.includes("@") || written.includes("$")) return "maybe";
  if (ref === "merge_request") return "no";
  if (name === null) return "maybe";
  if (written.startsWith("/")) return regexMatches(written, name);
  return written === name ? "yes" : "no";
}
