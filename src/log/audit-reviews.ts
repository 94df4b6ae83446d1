/**
 * The reviews that emergencies need, in an audit: by another person, within the rule's time. A review
 * that comes late is a review all the same.
 */
import type { Created } from "../core/judge.ts";
import type { Policy, UnixSeconds } from "../core/policy.ts";
import type { Genuine, Reading } from "../core/reading.ts";
import type { OverrideReviewed } from "../core/statement.ts";
import { ruleFor, type Subject } from "../core/scope.ts";
import type { Report } from "./findings.ts";

interface Due {
  readonly seq: number;
  readonly author: string;
  readonly at: UnixSeconds;
}

export class AuditedReviews {
  readonly #report: Report;
  readonly #due = new Map<string, Due>();

  constructor(report: Report) {
    this.#report = report;
  }

  /** Takes note of an emergency. @param subjects where it was allowed */
  expect(
    { statement, genuine, reading }: Created,
    policy: Policy,
    subjects: readonly Subject[],
  ): void {
    if (statement.emergency !== true) return;
    const times = subjects.flatMap(
      (subject) => ruleFor(policy, subject)?.emergency?.reviewWithinSeconds ?? [],
    );
    if (times.length === 0) return;
    const at = statement.nbf + Math.min(...times);
    this.#due.set(statement.id, { seq: reading.seq, author: genuine.principal.id, at });
  }

  /** @param author of the override, where it is still known */
  take(
    reading: Reading,
    by: Genuine["principal"],
    review: OverrideReviewed,
    author: string | null,
  ): void {
    if (by.id === (author ?? this.#due.get(review.override)?.author)) {
      this.#report("REVIEW_BY_AUTHOR", reading.seq, `${by.id} reviews ${review.override}`);
    } else this.#due.delete(review.override);
  }

  /** Reports the emergencies whose review should have been given by now. */
  finish(now: UnixSeconds): void {
    for (const [id, { seq, at }] of this.#due) {
      if (now >= at) this.#report("REVIEW_OVERDUE", seq, `${id}, ${now - at} s overdue`);
    }
  }
}
