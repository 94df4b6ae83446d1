/** A policy that `policy diff` calls tighter never permits more: random policies, random logs. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { decide } from "../../src/core/decide.ts";
import type { Policy } from "../../src/core/policy.ts";
import { viewOf } from "../../src/core/view.ts";
import { diffPolicies } from "../../src/operations/policy-diff.ts";
import { moments, play, randomActs, subjects, type Played } from "../support/random-world.ts";
import { t0, World } from "../support/world.ts";

/** `OPTOUT_RUNS=20 npx vitest run test/properties` tries so many times more. */
const runs = (usual: number): number => usual * Number(process.env["OPTOUT_RUNS"] ?? 1);

/** Parts of the world's policy, each with what may stand there instead. */
const parts: readonly (readonly [part: string, ...others: readonly string[]])[] = [
  ["alice: { roles: [oncall]", "alice: { roles: [oncall, release-manager]", "alice: { roles: []"],
  ["keys: [KEY(bob), KEY(bob:second)]", "keys: [KEY(bob)]"],
  [
    "dora: { roles: [oncall, release-manager]",
    "dora: { roles: [oncall]",
    "dora: { roles: [developer]",
  ],
  ["erin: { roles: [developer]", "erin: { roles: [release-manager]", "erin: { roles: [lifter]"],
  [
    "  uma: { roles: [lifter], keys: [KEY(uma)] }\n",
    "  uma: { roles: [], keys: [KEY(uma)] }\n",
    "",
  ],
  ["  carol: { roles: [release-manager], keys: [KEY(carol)] }\n", ""],
  ["license:     { kind: quality, never: [skip, allow-failure] }", "license: { kind: quality }"],
  ["prod-gate:   { kind: gate,", "prod-gate:   { kind: gate, never: [skip],"],
  ["deploy-prod: { kind: deploy,", "deploy-prod: { kind: deploy, when_unreachable: run,"],
  [
    "  - id: quality\n",
    "  - { id: first, match: { stages: lint, branches: main }, actions: [force, hold], who: [oncall], longest: 2h }\n  - id: quality\n",
  ],
  ["actions: [skip, allow-failure, force]\n", "actions: [skip, hold]\n", "actions: [force]\n"],
  ["longest: 4h", "longest: 20m", "longest: 8h"],
  ["min: 10, codes: [broken-gate, flaky],", "min: 10,", "min: 30, codes: [flaky],"],
  [', ticket: "^(INC|OPS)-[0-9]+$" }', " }", ', ticket: "^INC-[0-9]+$" }'],
  ['branches: [main, "release/*"]', "branches: [main]", 'branches: ["**"]'],
  [
    "{ count: 2, from: [release-manager], pending: 2h }",
    "{ count: 1, from: [release-manager], pending: 2h }",
    "{ count: 2, from: [release-manager, developer], pending: 20m }",
    "[{ count: 3, from: [release-manager, oncall] }, { count: 1, from: [release-manager], when: { ticket: true } }]",
  ],
  [
    "emergency: { who: [oncall], longest: 30m,",
    "emergency: { who: [oncall], longest: 15m,",
    "emergency: { who: [developer], longest: 2h,",
  ],
  [
    "match:   { kind: deploy }\n    actions: [skip, allow-failure, force, hold]",
    "match:   { kind: deploy }\n    actions: [skip]",
    "match:   { kind: deploy }\n    actions: [hold]",
  ],
  [
    "approvals: { count: 1, from: [release-manager], pending: 1h }\n    may_revoke: [lifter]",
    "may_revoke: [lifter]",
    "approvals: { count: 1, from: [release-manager], pending: 1h }",
  ],
  [", record_use: required", ""],
  [", announce: required", ""],
  ["may_revoke: [security]", "may_revoke: []"],
  ["  - { to: slack }\n", "  - { to: teams }\n", ""],
  [
    "notify:\n",
    'freezes: [{ id: days, weekly: "mon 00:00 to sat 00:00", match: { kind: quality }, except: { stages: scan } }]\nnotify:\n',
    'freezes: [{ id: year, from: "2029-12-31T00:00Z", until: "2030-02-01T00:00Z", match: {} }]\nnotify:\n',
  ],
];

type Choice = readonly number[];

/** For each part which text stands there; mostly the world's own. */
const choices: fc.Arbitrary<Choice> = fc.tuple(
  ...parts.map(([, ...others]) =>
    fc.oneof(
      { arbitrary: fc.constant(0), weight: 5 },
      { arbitrary: fc.nat(others.length), weight: 1 },
    ),
  ),
);

/** The other policy differs in few parts, so that it is often nothing but tighter. */
const changes: fc.Arbitrary<readonly (readonly [part: number, other: number])[]> = fc.array(
  fc.tuple(fc.nat(parts.length - 1), fc.nat(3)),
  { minLength: 1, maxLength: 2 },
);

const changed = (choice: Choice, all: readonly (readonly [number, number])[]): Choice =>
  all.reduce((now, [part, other]) => now.with(part, other % (parts[part]?.length ?? 1)), choice);

const textOf =
  (choice: Choice) =>
  (text: string): string =>
    parts.reduce(
      (now, [part, ...others], index) =>
        now.replace(part, () => [part, ...others][choice[index] ?? 0] ?? part),
      text,
    );

interface Permitted {
  readonly permits: readonly string[];
  readonly holds: readonly string[];
  /** Those that have ended, and waited for approvals before they began. */
  readonly over: readonly string[];
}

function permittedBy(policy: Policy, { world }: Played, moment: number): readonly Permitted[] {
  const view = viewOf(policy, 0, world.positions);
  return subjects.map((subject) => {
    const decision = decide({ view, subject, now: t0 + world.clock + moment });
    if (decision.kind === "integrity") return { permits: [], holds: [], over: [] };
    const inForce = decision.inForce.map(({ statement }) => statement);
    const holds = inForce.filter(({ action }) => action === "hold").map(({ id }) => id);
    const others = inForce.filter(({ action }) => action !== "hold").map(({ id }) => id);
    const over = decision.rejected
      .filter(
        ({ approvals, objections }) =>
          approvals.length > 0 && objections.every(({ code }) => code === "expired"),
      )
      .map(({ statement }) => statement.id);
    return { permits: decision.outcome === "hold" ? [] : others, holds, over };
  });
}

/** What the second permits beyond the first; an approval that counts no more may begin the time later. */
function moreIn(after: readonly Permitted[], before: readonly Permitted[]): readonly string[] {
  return after.flatMap(({ permits, holds }, index) => {
    const old = before[index] ?? { permits: [], holds: [], over: [] };
    return [
      ...permits.filter((id) => !old.permits.includes(id) && !old.over.includes(id)),
      ...old.holds.filter((id) => !holds.includes(id)),
    ];
  });
}

/** Comparing policies takes longer than deciding, so each pair is tried on several logs. */
const worlds = fc.record({
  base: choices,
  change: changes,
  logs: fc.array(fc.tuple(randomActs, moments), { minLength: 8, maxLength: 8 }),
});

interface Compared {
  readonly loosens: boolean;
  readonly differs: boolean;
  /** What the one after permits and the one before does not. */
  readonly more: readonly string[];
}

type Given = typeof worlds extends fc.Arbitrary<infer G> ? G : never;

interface Tried {
  readonly old: Policy;
  readonly now: Policy;
  /** What each permits and the other does not, in all the logs. */
  readonly risen: readonly string[];
  readonly fallen: readonly string[];
}

function tryBoth({ base, change, logs }: Given): Tried {
  const texts = [textOf(base), textOf(changed(base, change))] as const;
  const [old, now] = texts.map((text) => new World({ policy: text }).policy);
  if (old === undefined || now === undefined) throw new Error("no policies");
  const tried = logs.map(([acts, moment]) => {
    const entries = acts.map((act) => ({ act }));
    const played = play(new World({ policy: texts[0] }), entries);
    return { was: permittedBy(old, played, moment), is: permittedBy(now, played, moment) };
  });
  const risen = tried.flatMap(({ was, is }) => moreIn(is, was));
  const fallen = tried.flatMap(({ was, is }) => moreIn(was, is));
  return { old, now, risen, fallen };
}

/** Both directions. */
function compare(given: Given): readonly Compared[] {
  const { old, now, risen, fallen } = tryBoth(given);
  return [
    { before: old, after: now, more: risen },
    { before: now, after: old, more: fallen },
  ].map(({ before, after, more }) => {
    const { loosens, differences, remarks } = diffPolicies(before, after, "main");
    return { loosens, differs: differences.length + remarks.length > 0, more };
  });
}

describe("a pair of random policies", () => {
  it("often permits different things, so that the property can fail", () => {
    const tried = fc.sample(worlds, { numRuns: 40, seed: 7 }).map(tryBoth);

    const different = tried.filter(({ risen, fallen }) => risen.length + fallen.length > 0);
    expect(different.length).toBeGreaterThan(1);
  });
});

describe("a policy that diff calls tighter", () => {
  it("permits no more than the other, of anything that stands in the log", () => {
    let tighter = 0;
    fc.assert(
      fc.property(worlds, (given) => {
        for (const { loosens, differs, more } of compare(given)) {
          if (loosens) continue;
          if (differs) tighter += 1;
          expect(more).toEqual([]);
        }
      }),
      { numRuns: runs(60) },
    );
    expect(tighter).toBeGreaterThan(3);
  }, 300_000);
});
