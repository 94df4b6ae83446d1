/**
 * Extensions: an override that names the one that it goes on from. It is judged like any other; what it
 * adds up to with those before it is a matter of the policy's limits.
 */
import { certain } from "./clock.ts";
import { createdIn, judgeIn, type Created } from "./judge.ts";
import type { Objection, ObjectionCode } from "./objection.ts";
import type { Policy, UnixSeconds } from "./policy.ts";
import { maxLeadSeconds, type OverrideCreated, type Scope } from "./statement.ts";
import { secondsOf, timeSpansOf } from "./time-used.ts";
import type { View } from "./view.ts";

/** What an extension has in common with what it extends. */
export type OptOut = Pick<OverrideCreated, "action" | "target" | "scope">;

/** Whether both opt the same out, in the same places. */
export function isSameOptOut(one: OptOut, other: OptOut): boolean {
  return (
    one.action === other.action &&
    one.target.name === other.target.name &&
    scopeKey(one.scope) === scopeKey(other.scope)
  );
}

function scopeKey({ branches, heads, tags, sha, pr, environment, forks }: Scope): string {
  const places = [branches, heads, tags].map((names) =>
    typeof names === "object" ? names.toSorted() : (names ?? null),
  );
  return JSON.stringify([places, sha ?? null, pr ?? null, environment ?? null, forks === true]);
}

/** Whether someone ended it in every place of its scope: then there is nothing to go on from. */
export function isEnded(
  view: View,
  created: Created,
  at: UnixSeconds,
  defaultBranch: string | null,
): boolean {
  const clock = certain(at);
  return judgeIn(view, created, clock, defaultBranch).every(({ objections }) =>
    objections.some(({ code }) => endings.has(code)),
  );
}

const endings: ReadonlySet<ObjectionCode> = new Set<ObjectionCode>(["revoked", "denied", "doubt"]);

/** The override of that id, what it extends and what extends any of them, in log order. */
function lineOf(all: readonly Created[], id: string): readonly Created[] {
  const known = new Map<string, { readonly created: Created; readonly first: string }>();
  for (const created of all) {
    const { id: own, supersedes } = created.statement;
    const before = known.get(supersedes ?? "");
    const goesOn =
      before !== undefined && isSameOptOut(before.created.statement, created.statement);
    known.set(own, { created, first: goesOn ? before.first : own });
  }
  const first = known.get(id)?.first;
  return all.filter(({ statement }) => known.get(statement.id)?.first === first);
}

/** So many extensions are looked for where the policy limits their time alone. */
const unlimitedCount = 4;

/** How far back a writer must look to see all that an override extends; 0 where nothing limits it. */
export function extensionHorizon({ limits, rules }: Policy): number {
  if (limits.extensions === null) return 0;
  const { most, totalSeconds } = limits.extensions;
  const count = (most ?? unlimitedCount) + 1;
  const longest = Math.max(0, ...rules.map(({ longestSeconds }) => longestSeconds));
  // each may have waited, or begun later, for as long as there is
  return Math.min(totalSeconds ?? Infinity, count * longest) + count * maxLeadSeconds;
}

/** An extension that is asked for. */
export interface AskedExtension extends OptOut {
  readonly supersedes: string;
  /** Seconds. */
  readonly duration: number;
}

/** What stands against extending it: the override itself, and the policy's limits. */
export function objectionsToExtension(
  view: View,
  asked: AskedExtension,
  now: UnixSeconds,
  defaultBranch: string | null,
): readonly Objection[] {
  const all = createdIn(view);
  const old = all.find(({ statement }) => statement.id === asked.supersedes);
  if (old === undefined) return [{ code: "not-extendable", why: "unknown" }];
  if (!isSameOptOut(old.statement, asked)) return [{ code: "not-extendable", why: "other" }];
  if (isEnded(view, old, now, defaultBranch)) return [{ code: "not-extendable", why: "ended" }];
  if (asked.action === "hold") return [];
  const line = lineOf(all, asked.supersedes).map((created) =>
    secondsOf(timeSpansOf(view, created, defaultBranch), now, Infinity),
  );
  return objectionsToLine(view.policy, line, asked.duration);
}

/**
 * The policy's limits on one override and what extends it.
 * @param line seconds of each that was, is or may be in force, the first one first
 * @param more seconds of another extension
 */
export function objectionsToLine(
  { limits }: Policy,
  line: readonly number[],
  more: number,
): readonly Objection[] {
  if (limits.extensions === null) return [];
  const { most, totalSeconds: longest } = limits.extensions;
  const made = line.slice(1).filter((seconds) => seconds > 0).length;
  const taken = line.reduce((sum, seconds) => sum + seconds, 0);
  const found: Objection[] = [];
  if (most !== null && made >= most) found.push({ code: "too-many-extensions", most, made });
  if (longest !== null && taken + more > longest) {
    found.push({ code: "extended-too-long", longest, taken });
  }
  return found;
}
