/**
 * What a change of the policy loosens and what it tightens. Found by asking both policies the same in
 * every world at which either makes a difference; only what asking cannot show is compared as it is
 * written, and what cannot be compared counts as looser.
 */
import type { Objection } from "../core/objection.ts";
import { actions, type Policy } from "../core/policy.ts";
import type { Difference, Remark, Side } from "../core/policy-difference.ts";
import { ruleFor } from "../core/scope.ts";
import {
  answerIn,
  permitsMore,
  withFittingTickets,
  type Cell,
  type WorldAnswer,
} from "./policy-answers.ts";
import { remarksOn } from "./policy-remarks.ts";
import {
  circumstancesFor,
  crowdsOf,
  inShort,
  stagesOf,
  worldPlaces,
  type Circumstance,
  type Crowd,
  type Pair,
  type WorldPlace,
} from "./policy-worlds.ts";

export interface PolicyDifferences {
  readonly differences: readonly Difference[];
  readonly remarks: readonly Remark[];
  /** Whether anything is looser. */
  readonly loosens: boolean;
}

/** Compares the policy of before with the one of now. */
export function diffPolicies(old: Policy, now: Policy, defaultBranch: string): PolicyDifferences {
  const pair = { old: withFittingTickets(old), now: withFittingTickets(now) };
  const crowds = crowdsOf(pair);
  const differences = merged(
    stagesOf(pair).flatMap((stage) => {
      const places = worldPlaces(pair, stage, defaultBranch);
      const all = places.flatMap(({ names }) => names);
      const found = places.flatMap((place) =>
        cellsOf(pair, place, defaultBranch).flatMap((cell) =>
          crowds.flatMap((crowd) => differencesIn(pair, cell, crowd)),
        ),
      );
      return mergedBy(found, "places").map((one) => ({ ...one, places: inShort(one.places, all) }));
    }),
  );
  const remarks = remarksOn({ old, now }, defaultBranch);
  const loosens = [...differences, ...remarks].some(({ direction }) => direction === "loosens");
  return { differences, remarks, loosens };
}

function cellsOf({ old, now }: Pair, place: WorldPlace, defaultBranch: string): readonly Cell[] {
  const knowsEmergency = [old, now].some(
    (policy) => (ruleFor(policy, place.subject)?.emergency ?? null) !== null,
  );
  return actions.flatMap((action) =>
    (knowsEmergency ? [false, true] : [false]).map((emergency) => ({
      action,
      emergency,
      place,
      defaultBranch,
    })),
  );
}

interface World {
  readonly circumstance: Circumstance;
  readonly was: WorldAnswer;
  readonly now: WorldAnswer;
}

function differencesIn(pair: Pair, cell: Cell, crowd: Crowd): readonly Difference[] {
  const { action, emergency, place } = cell;
  const worldIn = (circumstance: Circumstance): World => ({
    circumstance,
    was: answerIn(pair.old, crowd.old, cell, circumstance),
    now: answerIn(pair.now, crowd.now, cell, circumstance),
  });
  const [first, ...others] = circumstancesFor(pair, place.subject);
  if (first === undefined) return [];
  const nearest = worldIn(first);
  // most questions end here: nobody but a few may do anything to a stage
  if (isHopeless(nearest.was) && isHopeless(nearest.now)) return [];
  const worlds = [nearest, ...others.map(worldIn)];
  const looser = worlds.some(({ was, now }) => permitsMore(now, was, cell));
  const tighter = worlds.some(({ was, now }) => permitsMore(was, now, cell));
  if (!looser && !tighter) return [];
  const told = {
    stage: place.subject.stage,
    people: crowd.ids,
    actions: [action],
    emergency,
    places: place.names,
    was: sideOf(worlds, "was", cell),
    now: sideOf(worlds, "now", cell),
  };
  return [
    ...(looser ? [{ ...told, direction: "loosens" as const }] : []),
    ...(tighter ? [{ ...told, direction: "tightens" as const }] : []),
  ];
}

/** Refused for what no circumstance changes. */
const always: ReadonlySet<string> = new Set([
  "never",
  "no-rule",
  "action",
  "who",
  "no-emergency",
  "irreversible",
]);

function isHopeless(answer: WorldAnswer): boolean {
  if (answer.kind !== "refused") return false;
  return answer.objections.length === 0 || answer.objections.some(({ code }) => always.has(code));
}

// --- in words that a person can compare

function sideOf(worlds: readonly World[], which: "was" | "now", cell: Cell): Side {
  const permitted = worlds.flatMap((world) => {
    const answer = world[which];
    return answer.kind === "permitted" ? [{ ...world.circumstance, answer }] : [];
  });
  const [first] = permitted;
  if (first === undefined) return { terms: null, objections: fewestObjections(worlds, which) };
  const { rule } = first.answer;
  const codes = [...new Set(permitted.map(({ reason }) => reason.code))];
  const asked = new Set(worlds.map(({ circumstance }) => circumstance.reason.code));
  const patient = permitted.find(({ answer }) => answer.approvals !== null);
  return {
    objections: [],
    terms: {
      rule: { id: rule.id, line: rule.line },
      longestSeconds: Math.max(...permitted.map(({ duration }) => duration)),
      reason: Math.min(...permitted.map(({ reason }) => reason.text.length)),
      codes: codes.length === asked.size ? null : codes,
      ticket: rule.reason.ticket?.source ?? null,
      // as the rule says it, with the conditions of its alternatives
      approvals: patient === undefined ? null : (rule.approvals ?? patient.answer.approvals),
      signedIn: permitted.every(({ signedIn }) => signedIn) && rule.forgeAccount,
      recordUse: rule.recordUse,
      announce: rule.announce,
      reviewWithinSeconds: cell.emergency ? (rule.emergency?.reviewWithinSeconds ?? null) : null,
    },
  };
}

/** Of the world that came nearest. */
function fewestObjections(worlds: readonly World[], which: "was" | "now"): readonly Objection[] {
  const all = worlds.flatMap((world) => {
    const answer = world[which];
    return answer.kind === "refused" ? [answer.objections] : [];
  });
  const [first = [], ...others] = all;
  return others.reduce((a, b) => (b.length < a.length ? b : a), first);
}

/** What is the same of several people and actions is told once. */
function merged(all: readonly Difference[]): readonly Difference[] {
  return mergedBy(mergedBy(all, "people"), "actions");
}

function mergedBy<K extends "places" | "people" | "actions">(
  all: readonly Difference[],
  member: K,
): readonly Difference[] {
  const found = new Map<string, Difference>();
  for (const one of all) {
    const key = JSON.stringify({ ...one, [member]: null });
    const known = found.get(key);
    const both =
      known === undefined ? one[member] : [...new Set([...known[member], ...one[member]])];
    found.set(key, { ...one, [member]: both });
  }
  return [...found.values()];
}
