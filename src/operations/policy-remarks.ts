/**
 * What asking for overrides does not show of a change: who may end them, freezes, limits, keys, and
 * members of the policy that are compared as they are written.
 */
import { certain } from "../core/clock.ts";
import { freezeFor } from "../core/freeze.ts";
import { mayDeny, mayRevoke } from "../core/judge.ts";
import type { Freeze, Limits, Policy, Rule } from "../core/policy.ts";
import { ruleFor } from "../core/scope.ts";
import { secondsAhead } from "../core/time.ts";
import { nothing, type Remark } from "../core/policy-difference.ts";
import { keyRevokerRemarks, principalRemarks } from "./policy-remarks-people.ts";
import { stagesOf, worldPlaces, type Pair, type WorldPlace } from "./policy-worlds.ts";
import { stranger } from "./stranger.ts";

/** Everything of this kind that differs between the two. */
export function remarksOn(pair: Pair, defaultBranch: string): readonly Remark[] {
  return [
    ...stagesOf(pair).flatMap((stage) => [
      ...stageRemarks(pair, stage),
      ...distinct(
        worldPlaces(pair, stage, defaultBranch).flatMap((place) => [
          ...endRemarks(pair, place),
          ...freezeRemarks(pair, place),
          ...ruleRemarks(pair, place),
        ]),
      ),
    ]),
    ...principalRemarks(pair),
    ...wholeRemarks(pair),
  ];
}

function distinct(remarks: readonly Remark[]): readonly Remark[] {
  const byText = new Map(remarks.map((remark) => [JSON.stringify(remark), remark]));
  return [...byText.values()];
}

// --- stages

const comparedOfStage = new Set([
  "id",
  "line",
  "kind",
  "environment",
  "never",
  "prefer",
  "irreversible",
  "rollback",
]);

function stageRemarks({ old, now }: Pair, id: string): readonly Remark[] {
  const [was, is] = [old.stages.get(id), now.stages.get(id)];
  if (was === undefined || is === undefined) return [];
  const own = { ...nothing, stage: id, line: is.line };
  const found: Remark[] = [];
  // for a deploy another one of several overrides wins
  if ((was.kind === "deploy") !== (is.kind === "deploy")) {
    found.push({ ...own, direction: "loosens", code: "kind", was: was.kind, now: is.kind });
  }
  if (was.whenUnreachable !== is.whenUnreachable) {
    const direction = is.whenUnreachable === "run" ? "loosens" : "tightens";
    const texts = { was: was.whenUnreachable, now: is.whenUnreachable };
    found.push({ ...own, direction, code: "when-unreachable", ...texts });
  }
  const known = new Set([...comparedOfStage, "whenUnreachable"]);
  if (restOf(was, known) !== restOf(is, known)) {
    found.push({ ...own, direction: "loosens", code: "stage" });
  }
  return found;
}

/** What is left of a part of the policy, as one text. */
function restOf(part: object, known: ReadonlySet<string>): string {
  return JSON.stringify(Object.entries(part).filter(([name]) => !known.has(name)));
}

// --- rules

/** Members of a rule that the questions show, or that say nothing of what is permitted. */
const shownOfRule = new Set([
  "id",
  "line",
  "match",
  "actions",
  "who",
  "longestSeconds",
  "defaultSeconds",
  "reason",
  "approvals",
  "emergency",
  "mayRevoke",
  "recordUse",
  "announce",
  "forgeAccount",
]);

/** A member that is newer than this comparison is not passed over in silence. */
function ruleRemarks({ old, now }: Pair, { subject }: WorldPlace): readonly Remark[] {
  const [was, is] = [ruleFor(old, subject), ruleFor(now, subject)];
  if (was === null || is === null || restOf(was, shownOfRule) === restOf(is, shownOfRule))
    return [];
  const { stage } = subject;
  return [{ ...nothing, direction: "loosens", code: "rule", stage, now: is.id, line: is.line }];
}

/** Who may end an override: fewer loosens, but for holds, where more does. */
function endRemarks({ old, now }: Pair, { subject }: WorldPlace): readonly Remark[] {
  const [was, is] = [ruleFor(old, subject), ruleFor(now, subject)];
  if (was === null || is === null) return [];
  const [before, after] = [endersBy(old, was), endersBy(now, is)];
  // of whom the policy does not know any more, the end stays as a doubt
  const lost = before.filter((end) => !after.includes(end) && now.principals.has(whoOf(end)));
  const gained = after.filter((end) => !before.includes(end));
  const remark = (
    direction: Remark["direction"],
    code: "may-end" | "may-lift",
    ends: readonly string[],
    yes: Pick<Remark, "was"> | Pick<Remark, "now">,
  ): readonly Remark[] => {
    if (ends.length === 0) return [];
    const people = [...new Set(ends.map(whoOf))];
    return [{ ...nothing, stage: subject.stage, line: is.line, direction, code, ...yes, people }];
  };
  const holds = was.actions.includes("hold");
  return [
    ...remark("loosens", "may-end", lost, { was: "yes" }),
    ...remark("tightens", "may-end", gained, { now: "yes" }),
    ...(holds ? remark("loosens", "may-lift", gained, { now: "yes" }) : []),
    ...(holds ? remark("tightens", "may-lift", lost, { was: "yes" }) : []),
  ];
}

/** The first word of `bob revoke`. */
const whoOf = (end: string): string => end.split(" ", 1)[0] ?? end;

/** `bob revoke` and `bob deny`: everybody who may end what somebody else wrote. */
function endersBy({ principals }: Policy, rule: Rule): readonly string[] {
  const author = stranger("");
  return [...principals.values()].flatMap((person) => [
    ...(mayRevoke(person, author, rule) ? [`${person.id} revoke`] : []),
    ...(mayDeny(person, author, rule) ? [`${person.id} deny`] : []),
  ]);
}

// --- freezes

const weekSeconds = 7 * 86_400;
/** Monday 2026-01-05, 00:00 UTC. */
const someMonday = 1_767_571_200;

function freezeRemarks({ old, now }: Pair, { subject }: WorldPlace): readonly Remark[] {
  const moments = [...new Set([...old.freezes, ...now.freezes].flatMap(edgesOf))];
  const idAt = (policy: Policy, at: number): Freeze | null =>
    freezeFor(policy, subject, certain(at));
  const changed = moments.map((at) => ({ was: idAt(old, at), now: idAt(now, at) }));
  const lifted = changed.find(({ was, now: is }) => was !== null && is === null);
  const added = changed.find(({ was, now: is }) => was === null && is !== null);
  const own = { ...nothing, stage: subject.stage, code: "freeze" as const };
  return [
    ...(lifted === undefined
      ? []
      : [{ ...own, direction: "loosens" as const, was: lifted.was?.id ?? null }]),
    ...(added === undefined
      ? []
      : [
          {
            ...own,
            direction: "tightens" as const,
            now: added.now?.id ?? null,
            line: added.now?.line ?? null,
          },
        ]),
  ];
}

/** Moments just before and at each edge of its times; of a weekly one in 104 weeks. */
function edgesOf({ times, zone }: Freeze): readonly number[] {
  return times.flatMap(({ kind, from, until }) => {
    if (kind === "span") return [from - 1, from, until - 1, until];
    const weeks = Array.from({ length: 104 }, (_, week) => someMonday + week * weekSeconds);
    return weeks.flatMap((monday) =>
      [from, until].flatMap((minute) => {
        const wall = monday + minute * 60;
        const at = wall - secondsAhead(zone, wall);
        return [at - 1, at];
      }),
    );
  });
}

// --- the policy as a whole

const shownOfPolicy = new Set([
  "version",
  "log",
  "principals",
  "keys",
  "stages",
  "rules",
  "mayRevoke",
  "limits",
  "signInClientId",
  "notify",
  "freezes",
  "digest",
  "text",
  "warnings",
]);

function wholeRemarks({ old, now }: Pair): readonly Remark[] {
  const found: Remark[] = [...limitRemarks(old, now), ...keyRevokerRemarks(old, now)];
  if (JSON.stringify(old.log) !== JSON.stringify(now.log)) {
    found.push({ ...nothing, direction: "loosens", code: "log" });
  }
  if (restOf(old, shownOfPolicy) !== restOf(now, shownOfPolicy)) {
    found.push({ ...nothing, direction: "loosens", code: "policy" });
  }
  return found;
}

/** Limits that all allow no more than before, or one that allows more; of a member unknown here too. */
function limitRemarks(old: Policy, now: Policy): readonly Remark[] {
  if (JSON.stringify(old.limits) === JSON.stringify(now.limits)) return [];
  const [before, after] = [mostIn(old.limits), mostIn(now.limits)];
  const [was = 0, is = 0] = [old, now].map(({ limits }) => limits.perStage?.withinSeconds ?? 0);
  const isTighter =
    restOf(old.limits, shownOfLimits) === restOf(now.limits, shownOfLimits) &&
    (old.limits.perStage === null || is >= was) &&
    after.every((most, index) => most <= (before[index] ?? Infinity));
  return isTighter
    ? [{ ...nothing, direction: "tightens", code: "limits", now: "yes" }]
    : [{ ...nothing, direction: "loosens", code: "limits" }];
}

const shownOfLimits = new Set(["perStage", "openPerStage", "openPerPerson", "extensions"]);

const mostIn = ({ perStage, openPerStage, openPerPerson, extensions }: Limits): readonly number[] =>
  [
    perStage?.totalSeconds,
    openPerStage,
    openPerPerson,
    extensions?.most,
    extensions?.totalSeconds,
  ].map((most) => most ?? Infinity);
