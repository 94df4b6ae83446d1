/**
 * For how long a stage was, is or may be opted out of: what the policy's limit on a stage is held
 * against. Writers and audits share it.
 */
import { pendingEndOf } from "./approvals.ts";
import { certain } from "./clock.ts";
import { createdIn, judge, type Created, type Judged } from "./judge.ts";
import type { ObjectionCode } from "./objection.ts";
import type { UnixSeconds } from "./policy.ts";
import { placesOf } from "./scope.ts";
import type { View } from "./view.ts";

/** When an override applies at a place of its scope. */
export interface TimeSpan {
  readonly start: UnixSeconds;
  /** Exclusive, and after the start. */
  readonly end: UnixSeconds;
  /** Exclusive: it still waits for approvals, and counts until it can get none. */
  readonly waitsUntil: UnixSeconds | null;
}

/** What is summed up: the overrides of a stage since `now - within`, in seconds. */
export interface TimeAsked {
  readonly stage: string;
  readonly now: UnixSeconds;
  readonly within: number;
  readonly defaultBranch: string | null;
}

/**
 * Seconds for which overrides of the stage were, are, will or may be in force since `now - within`;
 * holds are not counted. Two at the same time count twice: each was asked for.
 */
export function overriddenSeconds(view: View, asked: TimeAsked): number {
  const { stage, now, within, defaultBranch } = asked;
  return createdIn(view, stage)
    .map((created) => secondsOf(timeSpansOf(view, created, defaultBranch), now, within))
    .reduce((sum, seconds) => sum + seconds, 0);
}

/** The seconds of one override that count: those of the place where they are most. */
export function secondsOf(spans: readonly TimeSpan[], now: UnixSeconds, within: number): number {
  const seconds = spans
    .filter(({ waitsUntil }) => waitsUntil === null || now < waitsUntil)
    .map(({ start, end }) => end - Math.max(start, now - within));
  return Math.max(0, ...seconds);
}

/** The different spans of one override in the places that its scope names; none of a hold. */
export function timeSpansOf(
  view: View,
  created: Created,
  defaultBranch: string | null,
): readonly TimeSpan[] {
  const { statement } = created;
  if (statement.action === "hold") return [];
  const at = statement.iat;
  const clock = certain(at);
  const spans = placesOf(statement.target.name, statement.scope, defaultBranch)
    .flatMap(({ subjects }) => subjects)
    .flatMap((subject) => timeSpanOf(view, judge(view, created, subject, clock)) ?? []);
  return spans.filter((span, index) => spans.findIndex((one) => isSame(one, span)) === index);
}

const isSame = (a: TimeSpan, b: TimeSpan): boolean =>
  a.start === b.start && a.end === b.end && a.waitsUntil === b.waitsUntil;

/** What only an override has that was never in force and never will be. */
const neverInForce: ReadonlySet<ObjectionCode> = new Set<ObjectionCode>([
  "not-seen",
  "no-rule",
  "never",
  "action",
  "who",
  "no-emergency",
]);

function timeSpanOf(view: View, judged: Judged): TimeSpan | null {
  const { start, objections, rule, statement } = judged;
  if (objections.some(({ code }) => neverInForce.has(code))) return null;
  const stopped = objections.flatMap((one) =>
    one.code === "revoked" || one.code === "denied"
      ? [view.at(one.seq)?.claim?.iat ?? Infinity]
      : [],
  );
  const end = Math.min(judged.end, ...stopped);
  if (end <= start) return null;
  const waits = objections.some(
    ({ code }) => code === "approvals" || code === "approvals-too-late",
  );
  const needed = waits ? (rule?.approvals ?? null) : null;
  return { start, end, waitsUntil: needed === null ? null : pendingEndOf(statement, needed) };
}
