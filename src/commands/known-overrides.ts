/**
 * Overrides to choose from, each in a few words.
 */
import { dueReviews } from "../core/reviews.ts";
import { standings } from "../core/state.ts";
import type { UnixSeconds } from "../core/policy.ts";
import { viewOf, type View } from "../core/view.ts";
import { forTerminal } from "../output/escape.ts";
import type { KnownOverride } from "./complete.ts";
import type { KnownLog } from "./openers.ts";

/**
 * Those in what this clone knows of the log, newest first: judged by the policy as it was last read, and
 * perhaps older than what the remote holds.
 */
export function knownOverrides(
  { policy, tail, defaultBranch }: KnownLog,
  now: UnixSeconds,
): readonly KnownOverride[] {
  return overridesIn(viewOf(policy, tail.first, tail.bytes), now, defaultBranch);
}

/** Newest first. */
export function overridesIn(
  view: View,
  now: UnixSeconds,
  defaultBranch: string | null,
): readonly KnownOverride[] {
  const due = new Set(dueReviews(view, defaultBranch).map(({ created }) => created.statement.id));
  return standings(view, now, defaultBranch)
    .map(({ judged: { seq, statement, author }, state }): KnownOverride => {
      const { id, action, target } = statement;
      const help = forTerminal(`${action} ${target.name} (${author.id}, ${state})`);
      return { seq, id, states: due.has(id) ? [state, "review-due"] : [state], help };
    })
    .toReversed();
}
