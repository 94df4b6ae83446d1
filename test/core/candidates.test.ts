/** Of overrides that are over only the newest are judged; the decision is as if all were. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clockOf } from "../../src/core/clock.ts";
import { checkExit, decide, type Decision } from "../../src/core/decide.ts";
import { createdIn, judge, type Judged } from "../../src/core/judge.ts";
import type { Subject } from "../../src/core/scope.ts";
import { day, hour, production, subjectOf, t0, World } from "../support/world.ts";

type Decided = Extract<Decision, { kind: "decided" }>;

function decided(world: World, own: Partial<Subject> = {}, now?: number): Decided {
  const decision = world.decide(own, now);
  if (decision.kind === "integrity") throw new Error(decision.detail);
  return decision;
}

const inProduction = { branches: ["main"], ...production };
const seqs = (judged: readonly Judged[]): readonly number[] => judged.map(({ seq }) => seq);

describe("of the overrides of a stage that are over", () => {
  it("the newest eight are judged, and the others counted", () => {
    const world = new World();
    const all = Array.from({ length: 20 }, (_, at) => world.created("alice", {}, { at }));

    const { rejected, passedOver } = decided(world, {}, 2 * hour);

    expect(seqs(rejected)).toEqual(seqs(rejected).toSorted((a, b) => a - b));
    expect(seqs(rejected)).toEqual(all.slice(-8).map(({ seq }) => seq));
    expect(passedOver).toBe(12);
  });

  it("eight genuine ones are judged, however many forged ones are newer", () => {
    const world = new World();
    const genuine = world.created("alice", {}, { at: 0 });
    for (let at = 1; at <= 20; at += 1) {
      world.created("alice", {}, { at, signature: (bytes) => bytes.toReversed() });
    }

    const decision = decided(world, {}, 2 * hour);

    expect(seqs(decision.rejected)).toEqual([genuine.seq]);
    expect(checkExit(decision, "skip")).toBe("rejected");
  });
});

describe("eight that are over", () => {
  const eight = (world: World): void => {
    for (let at = 10; at < 18; at += 1) world.created("alice", { duration: 60 }, { at });
  };

  it("are enough to pass over one that ends this very second, and no sooner", () => {
    const world = new World();
    const { seq } = world.created("alice", {}, { at: 0 });
    eight(world);

    expect(decided(world, {}, hour)).toMatchObject({ passedOver: 1, inForce: [] });
    expect(decided(world, {}, hour - 1)).toMatchObject({ passedOver: 0, inForce: [{ seq }] });
  });

  it.each(["iat", "nbf", "duration"])("do not count what does not say its %s as over", (member) => {
    const world = new World();
    world.created("mallory", { [member]: "soon" }, { at: 0 });
    eight(world);

    expect(decided(world, {}, day)).toMatchObject({ passedOver: 0 });
  });

  it("are those that are over alone, whatever is in force beside them", () => {
    const world = new World();
    const over = world.created("alice", { duration: 60 }, { at: 0 });
    for (let at = 1; at < 10; at += 1) world.created("alice", {}, { at });

    const { rejected, inForce, passedOver } = decided(world, {}, 600);

    expect([seqs(rejected), inForce.length, passedOver]).toEqual([[over.seq], 9, 0]);
  });

  it("are told of where no rule judges the subject", () => {
    const world = new World();
    world.setPolicy((text) =>
      text.replace("match:   { kind: quality }", "match:   { kind: other }"),
    );
    eight(world);

    expect(decided(world, {}, day).rejected).toHaveLength(8);
  });
});

describe("an override is judged, though many newer ones are over,", () => {
  const bury = (world: World): void => {
    for (let at = 10; at < 30; at += 1) world.created("alice", { duration: 60 }, { at });
  };

  it("when it is in force", () => {
    const world = new World();
    const { seq } = world.created("alice", {}, { at: 0 });
    bury(world);

    expect(seqs(decided(world, {}, 600).inForce)).toEqual([seq]);
  });

  it("when its time begins anew with its approval", () => {
    const world = new World();
    const target = { type: "stage", name: "deploy-prod" };
    const deploy = { target, scope: inProduction, duration: 600 };
    const waiting = world.created("alice", deploy, { at: 0 });
    for (let at = 1; at < 20; at += 1) world.created("alice", { ...deploy, duration: 1 }, { at });
    world.approved("bob", waiting, { at: 3000 });

    const all = judgeAll(world, { stage: "deploy-prod", ...production }, 3500);
    const decision = decided(world, { stage: "deploy-prod", ...production }, 3500);

    expect(seqs(decision.inForce)).toEqual([waiting.seq]);
    expect(seqs(decision.inForce)).toEqual(seqs(all.filter(isInForce)));
  });

  it("when it is a hold and the clock is in doubt", () => {
    const world = new World();
    const deploy = { target: { type: "stage", name: "deploy-prod" }, scope: inProduction };
    const { seq } = world.created("alice", { ...deploy, action: "hold" }, { at: 0 });
    for (let at = 1; at < 20; at += 1) world.created("alice", { ...deploy, duration: 1 }, { at });
    const subject = subjectOf({ stage: "deploy-prod", ...production });

    const now = t0 + 365 * day;
    const decision = decide({ view: world.view(), subject, now, storeTime: t0 + 60 });

    expect(decision).toMatchObject({ outcome: "hold", inForce: [{ seq }] });
  });
});

it("the outcome, what is in force and the exit status are as if all were judged", () => {
  const override = fc.record({
    who: fc.constantFrom("alice", "erin", "mallory", "robot"),
    action: fc.constantFrom("skip", "force", "hold", "allow-failure"),
    at: fc.integer({ min: 0, max: 2 * hour }),
    later: fc.integer({ min: 0, max: hour }),
    duration: fc.integer({ min: 1, max: hour }),
    cut: fc.boolean(),
    stage: fc.constantFrom("lint", "deploy-prod"),
    approvedAfter: fc.option(fc.integer({ min: 1, max: hour }), { nil: null }),
  });
  fc.assert(
    fc.property(
      fc.array(override, { minLength: 5, maxLength: 30 }),
      fc.integer({ min: 0, max: 4 * hour }),
      (overrides, now) => {
        const world = new World();
        for (const one of overrides) {
          const { at, later, duration, action, stage } = one;
          const nbf = t0 + at + later;
          const environment = stage === "deploy-prod" ? production : {};
          const own = {
            action,
            target: { type: "stage", name: stage },
            scope: { branches: ["main"], ...environment },
            nbf,
            duration,
            ...(one.cut ? { until: nbf + Math.ceil(duration / 2) } : {}),
          };
          const created = world.created(one.who, own, { at });
          if (one.approvedAfter !== null) {
            world.approved("bob", created, { at: at + one.approvedAfter });
          }
        }
        for (const own of [{}, { stage: "deploy-prod", ...production }]) {
          const all = judgeAll(world, own, now);
          const decision = decided(world, own, now);
          expect(seqs(decision.inForce).toSorted((a, b) => a - b)).toEqual(
            seqs(all.filter(isInForce)),
          );
          expect(checkExit(decision, "skip") === "enforced").toBe(all.length === 0);
        }
      },
    ),
    { numRuns: 60 },
  );
});

function judgeAll(world: World, own: Partial<Subject>, now: number): readonly Judged[] {
  const view = world.view();
  const subject = subjectOf(own);
  const clock = clockOf(view, t0 + now, null);
  return createdIn(view, subject.stage).map((created) => judge(view, created, subject, clock));
}

const isInForce = ({ objections }: Judged): boolean => objections.length === 0;
