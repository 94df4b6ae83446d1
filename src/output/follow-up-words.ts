/**
 * What a statement about an override would do to it: revoke, approve, deny, review, note.
 */
import { formatDuration } from "../core/duration.ts";
import type { Standing } from "../core/state.ts";
import type { UnixSeconds } from "../core/policy.ts";
import type { Statement } from "../core/statement.ts";
import { scopeWords } from "./scope-words.ts";
import { clockWords } from "./times.ts";
import { actionWords } from "./words.ts";

interface FollowUp {
  readonly lines: readonly string[];
  readonly ends: string;
  /** Null where nothing takes it back. */
  readonly undo: string | null;
}

interface Context {
  readonly now: UnixSeconds;
  readonly zone: string;
}

/** @param statement what would be recorded; null where nothing would */
export function followUpLines(
  { judged, state }: Standing,
  statement: Statement | null,
  { now, zone }: Context,
): FollowUp {
  const { seq, end } = judged;
  const { target, action, scope, duration } = judged.statement;
  const what = `${target.name} ${actionWords(action)} on ${scopeWords(scope)} (#${seq}, ${state})`;
  const until = `at ${clockWords(end, now, zone)}`;
  const stands =
    state === "pending" ? `${formatDuration(duration)} after the last approval` : until;
  if (statement === null) {
    return { lines: [`nothing would change: ${what}`], ends: stands, undo: null };
  }
  const { kind } = statement;
  if (kind === "override.revoked" || kind === "override.denied") {
    const verb = kind === "override.revoked" ? "revoke" : "deny";
    return { lines: [`would ${verb}: ${what}`], ends: "now", undo: null };
  }
  if (kind === "override.approved") {
    const { ends, lines } = approvedWords(judged, { now, zone });
    return { lines: [`would approve: ${what}`, ...lines], ends, undo: `optout revoke ${seq}` };
  }
  const verb = kind === "override.reviewed" ? "review" : "note on";
  return { lines: [`would ${verb}: ${what}`], ends: stands, undo: null };
}

function approvedWords(
  { objections, statement }: Standing["judged"],
  { now, zone }: Context,
): Pick<FollowUp, "lines" | "ends"> {
  const missing = objections.find((one) => one.code === "approvals");
  const left = missing === undefined ? 0 : missing.needed - missing.have - 1;
  if (left > 0) {
    return {
      lines: [`${left} approval${left === 1 ? "" : "s"} would still be missing`],
      ends: `${formatDuration(statement.duration)} after the last approval`,
    };
  }
  const start = Math.max(statement.nbf, now);
  const end = Math.min(start + statement.duration, statement.until ?? Infinity);
  return {
    lines: ["it is the last approval that is needed"],
    ends: `at ${clockWords(end, now, zone)}`,
  };
}
