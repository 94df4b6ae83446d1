/**
 * Which overrides wait for approvals, and whose would count.
 */
import { clockOf } from "./clock.ts";
import { mayApprove } from "./approvals.ts";
import { createdIn, judgeIn, type Judged } from "./judge.ts";
import type { Objection } from "./objection.ts";
import type { Principal, UnixSeconds } from "./policy.ts";
import { stateOf } from "./state.ts";
import type { View } from "./view.ts";

type ApprovalsMissing = Extract<Objection, { code: "approvals" }>;

/** An override that waits for approvals, in the place of its scope where most are missing. */
export interface Awaited {
  readonly judged: Judged;
  readonly missing: ApprovalsMissing;
}

/** Every override in view that would be nearer to being in force with one approval more, in log order. */
export function awaitedIn(
  view: View,
  now: UnixSeconds,
  defaultBranch: string | null,
): readonly Awaited[] {
  const clock = clockOf(view, now, null);
  return createdIn(view).flatMap((created) => {
    const [first, ...others] = judgeIn(view, created, clock, defaultBranch).flatMap(
      (judged) => awaitedOf(judged) ?? [],
    );
    if (first === undefined) return [];
    return [others.reduce((a, b) => (lacking(b) > lacking(a) ? b : a), first)];
  });
}

/** What the override waits for in one place; null where approvals would change nothing. */
function awaitedOf(judged: Judged): Awaited | null {
  const missing = judged.objections.find((one) => one.code === "approvals");
  return missing !== undefined && stateOf(judged) === "pending" ? { judged, missing } : null;
}

const lacking = ({ missing }: Awaited): number => missing.needed - missing.have;

/** The roles of which an approval would count. */
export function rolesOf({ from, or = [] }: ApprovalsMissing): readonly string[] {
  return [...new Set([from, ...or.map((one) => one.from)].flat())];
}

/** Whether an approval by the principal would count, and has not been given yet. */
export function isAwaitedFrom({ judged, missing }: Awaited, principal: Principal): boolean {
  return (
    mayApprove(principal, judged.author, rolesOf(missing)) &&
    !judged.approvals.some(({ by }) => by === principal.id)
  );
}
