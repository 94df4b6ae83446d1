/**
 * The overrides in what this clone knows of the log, as hints for whoever types: judged by the policy
 * as it was last read, and perhaps older than what the remote holds.
 */
import { dueReviews } from "../core/reviews.ts";
import { standings } from "../core/state.ts";
import type { UnixSeconds } from "../core/policy.ts";
import { viewOf } from "../core/view.ts";
import { forTerminal } from "../output/escape.ts";
import type { KnownOverride } from "./complete.ts";
import type { KnownLog } from "./openers.ts";

/** Newest first. */
export function knownOverrides(
  { policy, tail, defaultBranch }: KnownLog,
  now: UnixSeconds,
): readonly KnownOverride[] {
  const view = viewOf(policy, tail.first, tail.bytes);
  const due = new Set(dueReviews(view, defaultBranch).map(({ created }) => created.statement.id));
  return standings(view, now, defaultBranch)
    .map(({ judged: { seq, statement, author }, state }): KnownOverride => {
      const { id, action, target } = statement;
      const help = forTerminal(`${action} ${target.name} (${author.id}, ${state})`);
      return { seq, id, states: due.has(id) ? [state, "review-due"] : [state], help };
    })
    .toReversed();
}
