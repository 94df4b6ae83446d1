/**
 * Reviews of emergencies: which are due, which overdue, and what that costs. While one is overdue under
 * a rule, the next override by that rule needs one approval more. That raises and never forbids: not
 * where nobody could give it, and an emergency waits for none anyway.
 */
import { createdIn, proposalOf, type Created } from "./judge.ts";
import { hasRole, type Policy, type Principal, type Rule, type UnixSeconds } from "./policy.ts";
import { alternativesOf, opinion } from "./rule.ts";
import { placesOf } from "./scope.ts";
import { maxLeadSeconds } from "./statement.ts";
import { counted, type View } from "./view.ts";

/** An emergency that somebody else has not reviewed yet. */
export interface DueReview {
  readonly created: Created;
  /** Ids of the rules by which it was an emergency. */
  readonly rules: readonly string[];
  /** When it is overdue. */
  readonly at: UnixSeconds;
}

/** For how long an overdue review is looked for, beyond the longest time that a rule gives. */
const lookBackSeconds: number = 30 * 86_400;

/** How far back a reader must look to see the reviews that are due; 0 where the policy asks for none. */
export function reviewHorizon({ rules }: Policy): number {
  const times = rules.flatMap(({ emergency }) => emergency?.reviewWithinSeconds ?? []);
  return times.length === 0 ? 0 : Math.max(...times) + lookBackSeconds + maxLeadSeconds;
}

/** Every emergency in view without a review, in log order. */
export function dueReviews(view: View, defaultBranch: string | null): readonly DueReview[] {
  return createdIn(view).flatMap((created) => {
    const due = dueOf(view.policy, created, defaultBranch);
    return due === null || isReviewed(view, created) ? [] : [due];
  });
}

/** The review that the policy asks for of an override; null where it asks for none. */
export function dueOf(
  policy: Policy,
  created: Created,
  defaultBranch: string | null,
): DueReview | null {
  if (created.statement.emergency !== true) return null;
  const rules = rulesOf(policy, created, defaultBranch);
  const times = rules.flatMap(({ emergency }) => emergency?.reviewWithinSeconds ?? []);
  if (times.length === 0) return null;
  const at = created.statement.nbf + Math.min(...times);
  return { created, rules: rules.map(({ id }) => id), at };
}

/** The rules that allow the override in some place of its scope, each once. */
function rulesOf(policy: Policy, created: Created, defaultBranch: string | null): readonly Rule[] {
  const { target, scope } = created.statement;
  const rules = placesOf(target.name, scope, defaultBranch)
    .flatMap(({ subjects }) => subjects)
    .map((subject) => opinion(policy, subject, proposalOf(created)))
    .flatMap(({ rule, objections }) => (rule === null || objections.length > 0 ? [] : [rule]));
  return [...new Set(rules)];
}

function isReviewed(view: View, { statement, genuine }: Created): boolean {
  return view.where("override", statement.id).some((reading) => {
    const review = counted(view, reading);
    return (
      review?.statement.kind === "override.reviewed" &&
      review.principal.kind === "person" &&
      review.principal.id !== genuine.principal.id
    );
  });
}

/** The overdue reviews by which an override under the rule needs one approval more. */
export function overdueUnder(
  due: readonly DueReview[],
  rule: Rule,
  now: UnixSeconds,
): readonly DueReview[] {
  return due.filter(
    ({ rules, at }) => now >= at && now < at + lookBackSeconds && rules.includes(rule.id),
  );
}

/** Whether somebody could give one approval more than the rule asks for. */
export function canBeRaised(
  { principals }: Policy,
  approvals: Rule["approvals"],
  author: Principal,
): boolean {
  const others = [...principals.values()].filter(
    ({ id, kind, keys }) => kind === "person" && keys.length > 0 && id !== author.id,
  );
  return alternativesOf(approvals).some(
    ({ count, from }) => others.filter((person) => hasRole(person, from)).length > count,
  );
}
