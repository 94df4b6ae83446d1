/**
 * Who may do what to a stage: an access review of one policy. Everybody is asked for, by the function
 * that decides what may be recorded; and the policy of a day is the one that the log holds.
 */
import type { PersonsAccess, PlaceAccess } from "../core/access.ts";
import { mayDeny, mayRevoke } from "../core/judge.ts";
import {
  actions,
  type Action,
  type Approvals,
  type Policy,
  type UnixSeconds,
} from "../core/policy.ts";
import { readPosition } from "../core/reading.ts";
import { ruleFor } from "../core/scope.ts";
import type { View } from "../core/view.ts";
import { PoliciesOfThen, type PolicyHistory } from "../log/audit-policies.ts";
import { answerIn, withFittingTickets } from "./policy-answers.ts";
import { circumstancesFor, inShort, worldPlaces, type WorldPlace } from "./policy-worlds.ts";
import { stranger } from "./stranger.ts";

/** A policy that somebody recorded in the log. */
export interface RecordedPolicy {
  readonly policy: Policy;
  readonly seq: number;
  readonly by: string;
  readonly at: UnixSeconds;
  /** Of the trusted ref, where the text stands too. */
  readonly commit: string;
}

/**
 * The policy that was recorded last at that time, as far as the trusted ref bears it out; null where
 * there is none. Positions that are no proof of it are passed to `doubt`.
 * @param view the whole log
 */
export async function policyAt(
  view: View,
  history: PolicyHistory,
  at: UnixSeconds,
  doubt: (seq: number, what: string) => void,
): Promise<RecordedPolicy | null> {
  const report = (code: string, seq: number, detail: string): void =>
    doubt(seq, `${code}: ${detail}`);
  const then = new PoliciesOfThen(view.policy, history, report);
  let last: RecordedPolicy | null = null;
  for (const reading of view.where("kind", "policy.recorded")) {
    const { seq, bytes, claim } = reading;
    const policy = await then.learn(reading);
    if (policy.digest !== claim?.policy || (claim.iat ?? Infinity) > at) continue;
    const previous = view.hashAt(seq - 1) ?? null;
    const verdict = readPosition(bytes, { seq, previous }, policy).verdict();
    if (verdict.kind !== "genuine" || verdict.statement.kind !== "policy.recorded") continue;
    const { by, iat, policy_at: commit } = verdict.statement;
    last = { policy, seq, by, at: iat, commit };
  }
  return last;
}

/** Who may do what to the stage, in every place that the policy tells apart. */
export function accessTo(
  policy: Policy,
  stage: string,
  defaultBranch: string,
): readonly PlaceAccess[] {
  const asked = withFittingTickets(policy);
  const places = worldPlaces({ old: asked, now: asked }, stage, defaultBranch);
  const all = places.flatMap(({ names }) => names);
  const merged = mergedByRule(
    places.map((place) => ({
      places: place.names,
      rule: ruleFor(policy, place.subject),
      people: [...policy.principals.values()]
        .filter(({ kind }) => kind === "person")
        .map(({ id }) => accessOf(asked, id, place, defaultBranch))
        .filter(mayAnything),
    })),
  );
  return merged.map((one) => ({ ...one, places: inShort(one.places, all) }));
}

function accessOf(
  policy: Policy,
  id: string,
  place: WorldPlace,
  defaultBranch: string,
): PersonsAccess {
  const who = policy.principals.get(id) ?? null;
  const rule = ruleFor(policy, place.subject);
  const author = stranger("");
  const permitted = (emergency: boolean): readonly (readonly [Action, Approvals | null])[] =>
    actions.flatMap((action) => {
      const cell = { action, emergency, place, defaultBranch };
      const answers = circumstancesFor({ old: policy, now: policy }, place.subject).map((one) =>
        answerIn(policy, who, cell, one),
      );
      const first = answers.find(({ kind }) => kind === "permitted");
      return first?.kind === "permitted" ? [[action, first.approvals] as const] : [];
    });
  const plain = permitted(false);
  return {
    id,
    name: who?.name ?? null,
    line: who?.line ?? 0,
    actions: plain.map(([action]) => action),
    approvals: plain.some(([, approvals]) => approvals !== null) ? (rule?.approvals ?? null) : null,
    emergency: permitted(true).map(([action]) => action),
    approves: who !== null && mayDeny(who, author, rule),
    revokes: who !== null && rule !== null && mayRevoke(who, author, rule),
  };
}

const mayAnything = ({ actions: own, emergency, approves, revokes }: PersonsAccess): boolean =>
  own.length + emergency.length > 0 || approves || revokes;

/** Places that a freeze tells apart, or an environment, are one where the same may do the same. */
function mergedByRule(all: readonly PlaceAccess[]): readonly PlaceAccess[] {
  const found = new Map<string, PlaceAccess>();
  for (const one of all) {
    const key = JSON.stringify([one.rule?.id, one.people]);
    const known = found.get(key);
    const places = [...new Set([...(known?.places ?? []), ...one.places])];
    found.set(key, { ...one, places });
  }
  return [...found.values()];
}
