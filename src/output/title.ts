/**
 * One line for people about a statement: the subject of its commit in the log's branch, and its line
 * in history. Light, and never read by a program.
 */
import { formatDuration } from "../core/duration.ts";
import type { OverrideCreated, OverrideUsed, Statement } from "../core/statement.ts";
import { formatUtcMinute } from "../core/time.ts";
import { forCommitSubject } from "./escape.ts";
import { scopeTitle } from "./scope-words.ts";

/** The number of a statement, where it is known; its id stands for it otherwise. */
export type SeqOf = (id: string) => number | null;

/** `skip lint on main until 2026-11-21T17:00Z (alice)`, safe as the subject of a commit. */
export function titleOf(statement: Statement, seqOf: SeqOf = () => null): string {
  const name = (id: string): string => {
    const seq = seqOf(id);
    return seq === null ? id : `#${seq}`;
  };
  return forCommitSubject(`${plainTitle(statement, name)} (${statement.by})`);
}

/** A claim says `failed` too, for until it is delivered it is not. */
const deliveries = { delivered: "delivered", failed: "not delivered" } as const;

function plainTitle(statement: Statement, name: (id: string) => string): string {
  switch (statement.kind) {
    case "log.created":
      return "log created";
    case "policy.recorded":
      return "policy recorded";
    case "override.created":
      return createdTitle(statement);
    case "override.approved":
      return `approve ${name(statement.override)}`;
    case "override.denied":
      return `deny ${name(statement.override)}`;
    case "override.revoked":
      return `revoke ${name(statement.override)}`;
    case "override.used":
      return usedTitle(statement, name(statement.override));
    case "override.reviewed":
      return `review of ${name(statement.override)}: ${statement.outcome}`;
    case "note.added":
      return `note on ${name(statement.override)}${statement.tickets.map((one) => ` ${one}`).join("")}`;
    case "notice.sent":
      return `notice of ${name(statement.about)} to ${statement.channel} ${deliveries[statement.status]}`;
    case "key.revoked":
      return `revoke key ${statement.kid}`;
  }
}

function createdTitle(statement: OverrideCreated): string {
  const { action, target, scope, emergency } = statement;
  const what = `${action} ${target.name} on ${scopeTitle(scope)} ${timeTitle(statement)}`;
  return emergency === true ? `emergency: ${what}` : what;
}

/** When it ends cannot be told of one that starts with its approval. */
function timeTitle({ nbf, duration, until, pending_until: pending }: OverrideCreated): string {
  if (pending !== undefined) return `for ${formatDuration(duration)} once approved`;
  return `until ${formatUtcMinute(Math.min(nbf + duration, until ?? Infinity))}`;
}

function usedTitle({ context, result }: OverrideUsed, override: string): string {
  const use = `use of ${override} by run ${context.run}`;
  return result === undefined ? use : `${use}: exit ${result}`;
}
