/**
 * Which overrides of a stage are judged: all that may be in force, and the newest of those that are
 * over by their own words. So what a check costs does not grow with how often a stage was overridden.
 */
import type { Claim } from "./claim.ts";
import type { Clock } from "./clock.ts";
import { createdAt, type Created } from "./judge.ts";
import type { UnixSeconds } from "./policy.ts";

import { ruleFor, type Subject } from "./scope.ts";
import type { View } from "./view.ts";

/** So many genuine overrides that are over are judged, to tell why they do not apply. */
const mostOver = 8;

export interface Candidates {
  /** Genuine, in log order. */
  readonly created: readonly Created[];
  /** How many older ones were not looked at: each says itself that it is over. */
  readonly passedOver: number;
}

/**
 * The overrides of the subject's stage that can change a decision or explain it. What is passed over
 * could at most have been rejected, and never is when nothing else was.
 */
export function candidatesFor(view: View, subject: Subject, clock: Clock): Candidates {
  const pendingSeconds = ruleFor(view.policy, subject)?.approvals?.pendingSeconds ?? 0;
  const newestFirst: Created[] = [];
  let over = 0;
  let passedOver = 0;
  for (const reading of view.where("stage", subject.stage).toReversed()) {
    if (reading.claim?.kind !== "override.created") continue;
    const isOver = isOverBy(reading.claim, pendingSeconds, clock.earliest);
    if (isOver && over >= mostOver) {
      passedOver += 1;
      continue;
    }
    const created = createdAt(view, reading);
    if (created === null) continue;
    newestFirst.push(created);
    if (isOver) over += 1;
  }
  return { created: newestFirst.reverse(), passedOver };
}

/** Whether an override that says this cannot be in force any more, should it be genuine. */
function isOverBy(claim: Claim, pendingSeconds: number, earliest: UnixSeconds): boolean {
  const { iat, nbf, duration, until } = claim;
  if (iat === null || nbf === null || duration === null) return false;
  // its time begins anew with the last approval, which comes before the wait for it is over
  const latestStart = Math.max(nbf, iat + pendingSeconds);
  return earliest >= Math.min(latestStart + duration, until ?? Infinity);
}
