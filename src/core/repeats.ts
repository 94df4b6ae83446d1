/**
 * Repeats: a stage that is opted out of again and again is a gate to fix or to drop.
 */
import { createdIn, type Created } from "./judge.ts";
import type { Action, UnixSeconds } from "./policy.ts";
import { timeSpansOf } from "./time-used.ts";
import type { View } from "./view.ts";

/** So many overrides of a stage, */
export const repeatCount = 3;
/** made within so many seconds, say that the gate is no good. */
export const repeatWithinSeconds: number = 14 * 86_400;

/** What opts a stage out: neither a hold nor a force does. */
export function optsOut(action: Action): boolean {
  return action === "skip" || action === "allow-failure";
}

/**
 * The overrides of the stage that were made since then and opted it out, in log order, as far as the
 * view reaches. Neither extensions, nor what was not in force yet, or never was.
 */
export function recentlyMade(
  view: View,
  stage: string,
  now: UnixSeconds,
  defaultBranch: string | null,
): readonly Created[] {
  return createdIn(view, stage).filter((created) => {
    const { iat, supersedes, action } = created.statement;
    if (iat <= now - repeatWithinSeconds || supersedes !== undefined) return false;
    if (!optsOut(action)) return false;
    return timeSpansOf(view, created, defaultBranch).some(
      ({ start, waitsUntil }) => waitsUntil === null && start <= now,
    );
  });
}
