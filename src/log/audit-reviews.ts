/**
 * The reviews that emergencies need, in an audit: by another person, within the rule's time. A review
 * that comes late is a review all the same.
 */
import { proposalOf, type Created } from "../core/judge.ts";
import type { Policy, UnixSeconds } from "../core/policy.ts";
import type { Genuine, Reading } from "../core/reading.ts";
import type { OverrideReviewed } from "../core/statement.ts";
import { canBeRaised, dueOf, overdueUnder, type DueReview } from "../core/reviews.ts";
import { opinion } from "../core/rule.ts";
import { ruleFor, type Subject } from "../core/scope.ts";
import type { Report } from "./findings.ts";

interface Due {
  readonly created: Created;
  readonly at: UnixSeconds;
}

export class AuditedReviews {
  readonly #report: Report;
  readonly #branch: string | null;
  readonly #due = new Map<string, Due>();

  constructor(report: Report, defaultBranch: string | null) {
    this.#report = report;
    this.#branch = defaultBranch;
  }

  /** Takes note of an emergency. @param subjects where it was allowed */
  expect(created: Created, policy: Policy, subjects: readonly Subject[]): void {
    if (created.statement.emergency !== true) return;
    const times = subjects.flatMap(
      (subject) => ruleFor(policy, subject)?.emergency?.reviewWithinSeconds ?? [],
    );
    if (times.length === 0) return;
    const at = created.statement.nbf + Math.min(...times);
    this.#due.set(created.statement.id, { created, at });
  }

  /** Reports an override that should have demanded one approval more of itself. */
  checkRaised(created: Created, policy: Policy, subjects: readonly Subject[]): void {
    const { statement, genuine, reading } = created;
    if ((statement.extra_approvals ?? 0) > 0) return;
    const due = [...this.#due.values()].flatMap((one) => this.#dueUnder(policy, one.created) ?? []);
    for (const subject of due.length === 0 ? [] : subjects) {
      const { rule, approvals } = opinion(policy, subject, proposalOf(created));
      if (rule === null || !canBeRaised(policy, approvals, genuine.principal)) continue;
      const [overdue] = overdueUnder(due, rule, statement.iat);
      if (overdue === undefined) continue;
      const detail = `the review of #${overdue.created.reading.seq} was overdue`;
      this.#report("APPROVALS_NOT_RAISED", reading.seq, detail);
      return;
    }
  }

  /** As the author of the later override saw it: by the policy that she names. */
  #dueUnder(policy: Policy, created: Created): DueReview | null {
    const owner = policy.keys.get(created.genuine.key.kid)?.owner;
    if (owner === undefined) return null;
    const genuine = { ...created.genuine, principal: owner };
    return dueOf(policy, { ...created, genuine }, this.#branch);
  }

  /** @param author of the override, where it is still known */
  take(
    reading: Reading,
    by: Genuine["principal"],
    review: OverrideReviewed,
    author: string | null,
  ): void {
    if (by.id === (author ?? this.#due.get(review.override)?.created.genuine.principal.id)) {
      this.#report("REVIEW_BY_AUTHOR", reading.seq, `${by.id} reviews ${review.override}`);
    } else this.#due.delete(review.override);
  }

  /** Reports the emergencies whose review should have been given by now. */
  finish(now: UnixSeconds): void {
    for (const [id, { created, at }] of this.#due) {
      const { seq } = created.reading;
      if (now >= at) this.#report("REVIEW_OVERDUE", seq, `${id}, ${now - at} s overdue`);
    }
  }
}
