/**
 * Subjects and scopes: what is asked about, and what an override covers.
 */
import { globMatches } from "./glob.ts";
import type { Action, Policy, Rule, RuleMatch, Stage } from "./policy.ts";
import type { Scope } from "./statement.ts";

/** What a job is. Values come from the forge, or from flags; never from the checkout. */
export interface Subject {
  readonly stage: string;
  /** The branch that receives the change; null for a tag pipeline. */
  readonly branch: string | null;
  /** The source branch, only where it lives in this very repository. */
  readonly head: string | null;
  readonly tag: string | null;
  readonly sha: string | null;
  readonly pr: number | null;
  readonly environment: string | null;
  readonly fork: boolean;
  readonly forge: string | null;
  readonly run: string | null;
}

/** Whether the scope covers the subject. Names are exact: no globs, no folding of case. */
export function covers(scope: Scope, subject: Subject): boolean {
  return (
    coversPlace(scope, subject) &&
    (scope.sha === undefined || scope.sha === subject.sha) &&
    (scope.pr === undefined || scope.pr === subject.pr) &&
    (scope.environment ?? null) === subject.environment &&
    (!subject.fork || scope.forks === true)
  );
}

/**
 * Whether an override is for the subject. A hold that names no environment is for jobs in any, for it
 * restricts; what permits is then for jobs in none.
 */
export function isFor(
  { action, scope }: { readonly action: Action; readonly scope: Scope },
  subject: Subject,
): boolean {
  const isForAny = action === "hold" && scope.environment === undefined;
  return covers(scope, isForAny ? { ...subject, environment: null } : subject);
}

function coversPlace({ branches, heads, tags }: Scope, subject: Subject): boolean {
  if (branches === "*") return true;
  return holds(branches, subject.branch) || holds(heads, subject.head) || holds(tags, subject.tag);
}

function holds(names: readonly string[] | undefined, name: string | null): boolean {
  return name !== null && names !== undefined && names.includes(name);
}

/** The first rule of the policy whose `match` fits the subject, or null. */
export function ruleFor(policy: Policy, subject: Subject): Rule | null {
  const stage = policy.stages.get(subject.stage);
  if (stage === undefined) return null;
  return policy.rules.find(({ match }) => fits(match, stage, subject)) ?? null;
}

/** The rules that may judge a stage, the first first; which of them does depends on the place. */
export function rulesAbout(policy: Policy, stage: Stage): readonly Rule[] {
  const { environment } = stage;
  const about = policy.rules.filter(
    ({ match }) =>
      fitsStage(match, stage) && (environment === null || anyGlob(match.environments, environment)),
  );
  // whatever stands behind a rule for all places never decides
  const last = about.findIndex(
    ({ match }) => match.branches === null && match.environments === null,
  );
  return last < 0 ? about : about.slice(0, last + 1);
}

/** Whether what a rule, or a channel, is for holds the subject. */
export function fits(match: RuleMatch, stage: Stage, subject: Subject): boolean {
  return (
    fitsStage(match, stage) &&
    anyGlob(match.branches, subject.branch) &&
    anyGlob(match.environments, subject.environment)
  );
}

/** Whether it is for the stage in some place. */
export function fitsStage(match: RuleMatch, stage: Stage): boolean {
  return (
    (match.kinds === null || match.kinds.includes(stage.kind)) && anyGlob(match.stages, stage.id)
  );
}

function anyGlob(globs: readonly string[] | null, name: string | null): boolean {
  if (globs === null) return true;
  return name !== null && globs.some((glob) => globMatches(glob, name));
}

/** One place that a scope names, and the subjects that stand for it when there is no job to ask. */
export interface Place {
  readonly name: string;
  /** Alternatives: a head is shown by its own push and by a pull request into the default branch. */
  readonly subjects: readonly Subject[];
}

/** The places of a scope: one for each branch, head and tag, and one for `"*"`. */
export function placesOf(
  stage: string,
  scope: Scope,
  defaultBranch: string | null,
): readonly Place[] {
  const base: Subject = {
    stage,
    branch: null,
    head: null,
    tag: null,
    sha: scope.sha ?? null,
    pr: scope.pr ?? null,
    environment: scope.environment ?? null,
    fork: false,
    forge: null,
    run: null,
  };
  const branches =
    scope.branches === "*"
      ? [{ name: "all branches and tags", subjects: [{ ...base, branch: defaultBranch }] }]
      : (scope.branches ?? []).map((branch) => ({
          name: branch,
          subjects: [{ ...base, branch }],
        }));
  return [
    ...branches,
    ...(scope.heads ?? []).map((head) => ({
      name: head,
      subjects: [
        { ...base, branch: head, head },
        { ...base, branch: defaultBranch, head },
      ],
    })),
    ...(scope.tags ?? []).map((tag) => ({ name: tag, subjects: [{ ...base, tag }] })),
  ];
}

/** The rules that judge something in any place of its scope, each once. */
export function rulesFor(
  policy: Policy,
  { stage, scope }: { readonly stage: string; readonly scope: Scope },
  defaultBranch: string | null,
): readonly Rule[] {
  const subjects = placesOf(stage, scope, defaultBranch).flatMap((place) => place.subjects);
  const rules = subjects.map((subject) => ruleFor(policy, subject)).filter((rule) => rule !== null);
  return [...new Set(rules)];
}
