/**
 * Repeats: a stage that is opted out of again and again is a gate to fix or to drop.
 */
import { createdIn, type Created } from "./judge.ts";
import type { UnixSeconds } from "./policy.ts";
import { timeSpansOf } from "./time-used.ts";
import type { View } from "./view.ts";

/** So many overrides of a stage, */
export const repeatCount = 3;
/** made within so many seconds, say that the gate is no good. */
export const repeatWithinSeconds: number = 14 * 86_400;

/**
 * The overrides of the stage that were made since then, in log order, as far as the view reaches.
 * Neither holds, nor extensions, nor what never was in force and never will be.
 */
export function recentlyMade(
  view: View,
  stage: string,
  now: UnixSeconds,
  defaultBranch: string | null,
): readonly Created[] {
  return createdIn(view, stage).filter((created) => {
    const { iat, supersedes } = created.statement;
    if (iat <= now - repeatWithinSeconds || supersedes !== undefined) return false;
    return timeSpansOf(view, created, defaultBranch).length > 0;
  });
}
