/**
 * Every surface gives the same decision: what a job is told by `check`, `run` and the gate, what
 * `status` and `history` list, and what `verify` holds against a recorded use.
 */
import fc from "fast-check";
import { expect, it } from "vitest";
import { decide } from "../../src/core/decide.ts";
import { OptoutError } from "../../src/core/errors.ts";
import { placesOf } from "../../src/core/scope.ts";
import { standings } from "../../src/core/state.ts";
import { viewUpTo } from "../../src/core/view.ts";
import { audit } from "../../src/log/audit.ts";
import { readView } from "../../src/log/read.ts";
import { check } from "../../src/operations/check.ts";
import { headMemory } from "../support/memory.ts";
import { memoryStore } from "../support/memory-store.ts";
import {
  anyAct,
  answersIn,
  moments,
  play,
  randomActs,
  subjects,
  type Act,
  type Played,
} from "../support/random-world.ts";
import { commit, day, subjectOf, t0, World } from "../support/world.ts";

/** `OPTOUT_RUNS=20 npx vitest run test/properties` tries so many times more. */
const runs = (usual: number): number => usual * Number(process.env["OPTOUT_RUNS"] ?? 1);

const played = (acts: readonly Act[]): Played =>
  play(
    new World(),
    acts.map((act) => ({ act })),
  );

it("status and history call in force exactly what a job in a place of its scope is told", () => {
  fc.assert(
    fc.property(randomActs, moments, (acts, moment) => {
      const { world } = played(acts);
      const view = world.view();
      const now = t0 + world.clock + moment;
      for (const { judged, state } of standings(view, now, "main")) {
        const { target, scope, id } = judged.statement;
        const told = placesOf(target.name, scope, "main")
          .flatMap((place) => place.subjects)
          .map((subject) => decide({ view, subject, now }))
          .some((one) => one.kind === "decided" && one.inForce.some(isOf(id)));
        expect({ id, inForce: state === "in-force" }).toEqual({ id, inForce: told });
      }
    }),
    { numRuns: runs(100) },
  );
});

const isOf =
  (id: string) =>
  ({ statement }: { readonly statement: { readonly id: string } }): boolean =>
    statement.id === id;

it("check, run and the gate grant what is decided, but for what needs a use and gets none", async () => {
  await fc.assert(
    fc.asyncProperty(randomActs, moments, async (acts, moment) => {
      const { world } = played(acts);
      const view = world.view();
      const now = t0 + world.clock + moment;
      for (const subject of subjects) {
        const decided = decide({ view, subject, now });
        const granted = await check({
          view,
          subject,
          now: () => now,
          storeTime: () => null,
          recorder: () => Promise.reject(new OptoutError("no-key", "no key")),
        });
        if (decided.kind === "integrity" || granted.kind === "integrity") throw new Error("honest");
        const counts = decided.inForce.filter(
          ({ seq, needsUse }) => !needsUse || granted.inForce.some((one) => one.seq === seq),
        );
        expect(granted.inForce.map(({ seq }) => seq)).toEqual(counts.map(({ seq }) => seq));
        expect(granted.outcome).toBe(counts[0]?.statement.action ?? "enforced");
      }
    }),
    { numRuns: runs(40) },
  );
});

it("verify reports a use exactly where the job was not told that the override is in force", async () => {
  let uses = 0;
  await fc.assert(
    fc.asyncProperty(randomActs, async (acts) => {
      const { world } = played(acts);
      const report = await audit({
        positions: memoryStore(world.positions).scan(0),
        from: 0,
        policy: world.policy,
        history: {
          defaultBranch: "main",
          holds: (at, digest) =>
            Promise.resolve(at === commit && digest === world.policy.digest ? "yes" : "no"),
        },
        anchors: [],
        now: t0 + world.clock,
      });
      const reported = report.findings
        .filter(({ code }) => code.startsWith("USE_"))
        .map(({ seq }) => seq);
      const view = world.view();
      const told = view.where("kind", "override.used").flatMap((reading) => {
        const verdict = reading.verdict();
        if (verdict.kind !== "genuine" || verdict.statement.kind !== "override.used") return [];
        const { context, override, iat } = verdict.statement;
        uses += 1;
        const { stage, run, environment = null } = context;
        const subject = subjectOf({ stage, run, environment });
        const decision = decide({ view: viewUpTo(view, reading.seq), subject, now: iat });
        const isGranted = decision.kind === "decided" && decision.inForce.some(isOf(override));
        return isGranted ? [] : [reading.seq];
      });

      expect([...new Set(reported)]).toEqual(told);
    }),
    { numRuns: runs(150) },
  );
  expect(uses).toBeGreaterThan(50);
});

/** Days apart, so that a view need not reach to the beginning. What it need not see is a revoked key. */
const slow = fc.array(
  fc.tuple(
    anyAct.filter(({ kind }) => kind !== "key-revoked"),
    fc.oneof({ arbitrary: fc.constant(0), weight: 4 }, fc.integer({ min: 1, max: 9 * day })),
  ),
  { minLength: 5, maxLength: 24, size: "max" },
);

it("a view that reaches back as far as is needed decides as the whole log does", async () => {
  let short = 0;
  await fc.assert(
    fc.asyncProperty(slow, moments, fc.integer({ min: 1, max: 6 }), async (said, moment, count) => {
      const { world } = played(said.map(([act, more]) => ({ ...act, after: act.after + more })));
      const now = t0 + world.clock + moment;
      const store = memoryStore(world.positions);
      const tail = await store.tail(count);
      const view = await readView({ store, policy: world.policy, memory: headMemory(), now, tail });
      if (view.first > 0) short += 1;

      expect(answersIn(view, now)).toEqual(answersIn(world.view(), now));
    }),
    { numRuns: runs(120) },
  );
  expect(short).toBeGreaterThan(10);
});
