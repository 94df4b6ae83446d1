/**
 * The state of an override as people speak of it, told by the same judgement that decides.
 */
import { clockOf, type Clock } from "./clock.ts";
import { createdIn, judgeIn, type Created, type Judged } from "./judge.ts";
import type { ObjectionCode } from "./objection.ts";
import type { UnixSeconds } from "./policy.ts";
import type { View } from "./view.ts";

export const states = [
  "pending",
  "in-force",
  "scheduled",
  "expired",
  "revoked",
  "denied",
  "used-up",
  "void",
] as const;
export type State = (typeof states)[number];

/** Which objection names the state, the most final first; any other makes it void. */
const telling: readonly (readonly [ObjectionCode, State])[] = [
  ["revoked", "revoked"],
  ["denied", "denied"],
  ["doubt", "revoked"],
  ["used-up", "used-up"],
  ["expired", "expired"],
  ["approvals-too-late", "expired"],
];
const waiting: readonly (readonly [ObjectionCode, State])[] = [
  ["approvals", "pending"],
  ["not-announced", "pending"],
  ["not-started", "scheduled"],
];

/** What a person looks after: it has an effect, or may come to have one. */
export const openStates: readonly State[] = ["in-force", "pending", "scheduled"];

/** Whether it waits, is in force or will be. */
export function isOpen(state: State): boolean {
  return openStates.includes(state);
}

export interface Standing {
  readonly judged: Judged;
  readonly state: State;
}

/** The state that a judgement amounts to. */
export function stateOf(judged: Judged): State {
  const codes = new Set(judged.objections.map((objection) => objection.code));
  if (codes.size === 0) return "in-force";
  const final = telling.find(([code]) => codes.has(code));
  if (final !== undefined) return final[1];
  const waits = waiting.filter(([code]) => codes.has(code));
  return waits.length === codes.size ? (waits[0]?.[1] ?? "void") : "void";
}

/**
 * Every genuine override in view with its state, in log order. Each is judged in the places that
 * its own scope names; it stands as it does in the best of them.
 */
export function standings(
  view: View,
  now: UnixSeconds,
  defaultBranch: string | null,
): readonly Standing[] {
  const clock = clockOf(view, now, null);
  return createdIn(view).map((created) => standingOf(view, created, clock, defaultBranch));
}

/** The same of one of them. */
export function standingOf(
  view: View,
  created: Created,
  clock: Clock,
  defaultBranch: string | null,
): Standing {
  const judgements = judgeIn(view, created, clock, defaultBranch);
  const best = judgements.reduce((a, b) => (distance(b) < distance(a) ? b : a));
  return { judged: best, state: stateOf(best) };
}

/** How far from being in force; where no rule fits, nothing can bring it about. */
const distance = ({ rule, objections }: Judged): number =>
  rule === null ? Infinity : objections.length;
