/** Which emergencies await a review, and what an overdue one costs. */
import { describe, expect, it } from "vitest";
import type { Rule } from "../../src/core/policy.ts";
import {
  canBeRaised,
  dueOf,
  dueReviews,
  overdueUnder,
  reviewHorizon,
  type DueReview,
} from "../../src/core/reviews.ts";
import { createdIn } from "../../src/core/judge.ts";
import { maxLeadSeconds } from "../../src/core/statement.ts";
import { day, t0, World, type Appended } from "../support/world.ts";

const emergency = {
  target: { type: "stage", name: "prod-gate" },
  scope: { branches: ["main"], environment: "production" },
  emergency: true,
  duration: 600,
};

const due = (world: World): readonly DueReview[] => dueReviews(world.view(), "main");
const seqs = (all: readonly DueReview[]): number[] => all.map(({ created }) => created.reading.seq);

function reviewed(world: World, who: string, { id }: Appended, outcome = "ok"): Appended {
  const members = { kind: "override.reviewed", override: id, outcome, note: "it was needed" };
  return world.append(who, members);
}

function ruleOf(world: World, id: string): Rule {
  const rule = world.policy.rules.find((one) => one.id === id);
  if (rule === undefined) throw new Error(`no rule ${id}`);
  return rule;
}

describe("a review", () => {
  it("is due of an emergency, from its beginning for as long as the rule says", () => {
    const world = new World();
    const one = world.created("alice", emergency);
    world.created("alice");
    world.created("alice", { ...emergency, emergency: undefined });

    expect(due(world)).toMatchObject([
      { created: { reading: { seq: one.seq } }, rules: ["gates"], at: t0 + day },
    ]);
  });

  it("is due once, by the shortest time of the rules of its places", () => {
    const strict = `  - id: mainline
    match:   { kind: gate, branches: [main] }
    actions: [skip]
    who:     [oncall]
    longest: 1h
    approvals: { count: 1, from: [security], pending: 2h }
    emergency: { who: [oncall], longest: 30m, review_within: 1h }
  - id: gates
`;
    const world = new World({ policy: (text) => text.replace("  - id: gates\n", strict) });
    const scope = { branches: ["release/1", "main"], environment: "production" };
    world.created("alice", { ...emergency, scope });

    expect(due(world)).toMatchObject([{ rules: ["gates", "mainline"], at: t0 + 3600 }]);
  });

  it("is not due where the rule asks for none, or did not allow the emergency", () => {
    const world = new World();
    world.created("alice", emergency);
    const [created] = createdIn(world.view());
    world.setPolicy((text) => text.replace(", review_within: 24h", ""));
    expect(due(world)).toEqual([]);
    expect(created === undefined ? undefined : dueOf(world.policy, created, "main")).toBeNull();
    expect(reviewHorizon(world.policy)).toBe(0);

    const other = new World();
    other.created("erin", emergency);
    other.created("alice", { ...emergency, duration: 3600 });
    expect(due(other)).toEqual([]);
  });

  it("is given by another person, whatever its outcome", () => {
    const world = new World();
    const [mine, hers, theirs] = [
      world.created("alice", emergency),
      world.created("dora", emergency),
      world.created("alice", emergency),
    ];
    reviewed(world, "alice", mine);
    reviewed(world, "alice:second", mine);
    reviewed(world, "ci", hers);
    reviewed(world, "erin", theirs, "misuse");

    expect(seqs(due(world))).toEqual([mine.seq, hers.seq]);
  });

  it("is none where another statement is about the override", () => {
    const world = new World();
    const one = world.created("alice", emergency);
    world.approved("bob", one);
    world.revoked("dora", one);

    expect(seqs(due(world))).toEqual([one.seq]);
  });

  it("is looked for as far back as one may be overdue", () => {
    expect(reviewHorizon(new World().policy)).toBe(day + 30 * day + maxLeadSeconds);
  });
});

describe("an overdue review", () => {
  it("counts from the second on which it was due, for thirty days, under its rule alone", () => {
    const world = new World();
    world.created("alice", emergency);
    const all = due(world);
    const gates = ruleOf(world, "gates");
    const at = t0 + day;

    expect(overdueUnder(all, gates, at - 1)).toEqual([]);
    expect(overdueUnder(all, gates, at)).toEqual(all);
    expect(overdueUnder(all, gates, at + 30 * day - 1)).toEqual(all);
    expect(overdueUnder(all, gates, at + 30 * day)).toEqual([]);
    expect(overdueUnder(all, ruleOf(world, "deploys"), at)).toEqual([]);
  });
});

describe("one approval more", () => {
  const raisable = (world: World, rule: string, author: string): boolean => {
    const principal = world.policy.principals.get(author);
    if (principal === undefined) throw new Error(`no ${author}`);
    return canBeRaised(world.policy, ruleOf(world, rule).approvals, principal);
  };

  it("can be asked for where enough others have the role", () => {
    const world = new World();

    // bob, carol and dora are release managers
    expect(raisable(world, "gates", "alice")).toBe(true);
    expect(raisable(world, "gates", "dora")).toBe(false);
    expect(raisable(world, "deploys", "dora")).toBe(true);
  });

  it("cannot be given by an identity of CI, nor by who has no key", () => {
    const without = new World({
      policy: (text) =>
        text.replace(/^ {2}carol:.*$/m, "  carol: { roles: [release-manager], keys: [] }"),
    });

    expect(raisable(without, "gates", "alice")).toBe(false);
  });

  it("cannot be asked for where the rule names nobody who approves", () => {
    const world = new World();

    expect(raisable(world, "quality", "alice")).toBe(false);
  });
});
