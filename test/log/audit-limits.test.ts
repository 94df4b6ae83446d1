/** The limit on a stage: the audit finds what adding everything up anew at every override finds. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { clockOf } from "../../src/core/clock.ts";
import { createdIn, judge, type Judged } from "../../src/core/judge.ts";
import { placesOf } from "../../src/core/scope.ts";
import type { View } from "../../src/core/view.ts";
import { audit } from "../../src/log/audit.ts";
import { memoryStore } from "../support/memory-store.ts";
import { hour, production, t0, World, type Appended } from "../support/world.ts";

const limits = (total: number, within: number): string =>
  `limits: { per_stage: { total: ${total}h, within: ${within}h } }\n`;
const strict =
  "  - { id: dev, match: { kind: quality, branches: [dev] }, actions: [skip], who: [oncall], longest: 4h, approvals: { count: 1, from: [release-manager], pending: 1h } }\n";

const stages = ["lint", "unit-tests", "prod-gate"] as const;
const step = fc.record({
  does: fc.constantFrom("create", "create", "create", "approve", "revoke", "deny", "policy"),
  who: fc.constantFrom("alice", "alice", "dora", "bob", "uma"),
  stage: fc.constantFrom(...stages),
  branches: fc.constantFrom(["main"], ["dev"], ["dev", "main"]),
  duration: fc.integer({ min: 60, max: hour }),
  lead: fc.constantFrom(0, 0, 900),
  of: fc.nat(5),
  pass: fc.integer({ min: -100, max: 600 }),
});
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** What stands in the log, and by which policy each override was made. */
interface Written {
  readonly world: World;
  readonly made: readonly { readonly seq: number; readonly stage: string; readonly now: number }[];
  readonly views: readonly View[];
}

function write(steps: readonly Step[]): Written {
  const world = new World({
    policy: (text) => `${text.replace("rules:\n", `rules:\n${strict}`)}${limits(1, 3)}`,
  });
  const made: Written["made"][number][] = [];
  const views: View[] = [];
  const overrides: Appended[] = [];
  for (const { does, who, stage, branches, duration, lead, of, pass } of steps) {
    world.clock += pass;
    const one = overrides[overrides.length - 1 - of];
    if (does === "create") {
      const environment = stage === "prod-gate" ? production : {};
      const now = t0 + world.clock;
      const target = { type: "stage", name: stage };
      const scope = { branches, ...environment };
      const override = world.created(who, { target, scope, duration, nbf: now + lead });
      overrides.push(override);
      made.push({ seq: override.seq, stage, now });
      views.push(world.view());
    } else if (does === "policy") {
      const other = world.policy.text.includes("total: 1h") ? limits(2, 2) : limits(1, 3);
      world.setPolicy((text) => text.replace(/limits: .*\n/, other));
      world.recorded("alice");
    } else if (one !== undefined) {
      if (does === "approve") world.approved(who, one);
      if (does === "deny") world.denied(who, one);
      if (does === "revoke") world.revoked(who, one);
    }
  }
  return { world, made, views };
}

/** All overrides of the stage, each judged at the time itself in all its places. */
function naive(view: View, stage: string, now: number, within: number): number {
  const never = ["not-seen", "no-rule", "never", "action", "who", "no-emergency"];
  const seconds = ({ start, end, objections }: Judged): number => {
    const isNever = objections.some(({ code }) => [...never, "approvals-too-late"].includes(code));
    const stops = objections.flatMap((one) =>
      one.code === "revoked" || one.code === "denied"
        ? [view.readings[one.seq]?.claim?.iat ?? 0]
        : [],
    );
    return isNever ? 0 : Math.max(0, Math.min(end, ...stops) - Math.max(start, now - within));
  };
  return createdIn(view, stage)
    .map((created) =>
      placesOf(stage, created.statement.scope, "main")
        .flatMap(({ subjects }) => subjects)
        .map((subject) => seconds(judge(view, created, subject, clockOf(view, now, null)))),
    )
    .reduce((sum, all) => sum + Math.max(0, ...all), 0);
}

it("is passed at the same overrides, by the same time", async () => {
  let found = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 15, maxLength: 40 }), async (steps) => {
      const { world, made, views } = write(steps);
      const expected = made.flatMap(({ seq, stage, now }, index) => {
        const view = views[index] ?? world.view();
        const { totalSeconds, withinSeconds } = view.policy.limits.perStage ?? {};
        const total = naive(view, stage, now, withinSeconds ?? 0);
        if (total <= (totalSeconds ?? 0)) return [];
        return [`#${seq} ${stage}: ${total} s of ${totalSeconds ?? 0} s`];
      });
      const { findings } = await audit({
        positions: memoryStore(world.positions).scan(0),
        from: 0,
        policy: world.policy,
        history: { defaultBranch: "main", holds: () => Promise.resolve("yes") },
        anchors: [],
        now: t0 + world.clock,
      });
      found += expected.length;
      expect(
        findings.flatMap(({ code, seq, detail }) =>
          code === "LIMIT_EXCEEDED" ? [`#${seq} ${detail}`] : [],
        ),
      ).toEqual(expected);
    }),
    { numRuns: 100 },
  );
  expect(found).toBeGreaterThan(50);
});
