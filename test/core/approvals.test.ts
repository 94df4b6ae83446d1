/** Alternatives of approvals: the first that is met suffices, and each may be for some overrides only. */
import { describe, expect, it } from "vitest";

import { policyProblems } from "../../src/core/policy-parse.ts";
import { day, hour, production, t0, World, type Appended, type Members } from "../support/world.ts";

const gate: Members = {
  target: { type: "stage", name: "prod-gate" },
  scope: { branches: ["main"], environment: "production" },
  duration: hour,
};

const outage: Members = {
  ...gate,
  reason: { code: "upstream-outage", text: "the registry is down" },
  tickets: ["INC-1"],
};

/** Two release managers; or one from security, for an outage with a ticket. */
const alternatives = (text: string): string =>
  text.replace(
    "approvals: { count: 2, from: [release-manager], pending: 2h }",
    "approvals: [{ count: 2, from: [release-manager], pending: 2h }, { count: 1, from: [security], when: { code: [upstream-outage], ticket: true }, pending: 1h }]",
  );

const make = (): World => new World({ policy: alternatives });
const approve = (world: World, who: string, of: Appended, at?: number): Appended =>
  world.approved(who, of, at === undefined ? {} : { at });

describe("alternatives of approvals", () => {
  it("are not met by one approval that counts for the other overrides only", () => {
    const world = make();
    const override = world.created("alice", gate);
    approve(world, "sven", override);

    const { objections } = world.judge(override, production);

    expect(objections).toEqual([
      { code: "approvals", needed: 2, have: 0, from: ["release-manager"] },
    ]);
  });

  it.each([
    ["another code", { reason: { code: "flaky", text: "the registry is down" } }],
    ["no ticket", { tickets: [] }],
  ])("ask for both conditions: %s", (_title, own) => {
    const world = make();
    const override = world.created("alice", { ...outage, ...own });
    approve(world, "sven", override);

    expect(world.objections(override, production)).toEqual(["approvals"]);
  });

  it("tell all that would suffice, each with how much of it there is", () => {
    const world = make();
    const override = world.created("alice", outage);
    approve(world, "bob", override);

    expect(world.judge(override, production).objections).toEqual([
      {
        code: "approvals",
        needed: 2,
        have: 1,
        from: ["release-manager"],
        or: [{ needed: 1, have: 0, from: ["security"] }],
      },
    ]);
  });

  it("are met by the one that is complete first, and the time begins with it", () => {
    const world = make();
    const override = world.created("alice", outage, { at: 0 });
    const first = approve(world, "sven", override, 100);
    const before = world.judge(override, production);
    approve(world, "bob", override, 200);
    approve(world, "carol", override, 300);
    const after = world.judge(override, production);

    expect(before.objections).toEqual([]);
    expect(after).toMatchObject({ start: before.start, end: before.end, objections: [] });
    expect(after.approvals.map(({ seq }) => seq)).toEqual([first.seq]);
  });

  it("are met by the one that is complete first, whichever the rule names first", () => {
    const world = make();
    const override = world.created("alice", outage, { at: 0 });
    const seqs = [approve(world, "bob", override, 100), approve(world, "carol", override, 200)];
    const before = world.judge(override, production);
    approve(world, "sven", override, 300);
    const after = world.judge(override, production);

    expect(after).toMatchObject({ start: before.start, end: before.end, objections: [] });
    expect(after.approvals.map(({ seq }) => seq)).toEqual(seqs.map(({ seq }) => seq));
  });

  it("do not begin the time with an approval that counts for another of them only", () => {
    const world = make();
    const override = world.created("alice", outage, { at: 0 });
    approve(world, "bob", override, 100);
    approve(world, "sven", override, 200);

    const { start, end } = world.judge(override, production, 300);

    expect([start - t0, end - t0]).toEqual([200, 200 + hour]);
  });

  it("wait with all approvals that one of them counts, in the order of the log", () => {
    const world = new World({
      policy: (text) =>
        text.replace(
          "approvals: { count: 2, from: [release-manager], pending: 2h }",
          "approvals: [{ count: 2, from: [release-manager] }, { count: 2, from: [security] }]",
        ),
    });
    const override = world.created("alice", gate, { at: 0 });
    const seqs = [approve(world, "sven", override).seq, approve(world, "bob", override).seq];

    const { approvals, start, end } = world.judge(override, production);

    expect(approvals.map(({ seq }) => seq)).toEqual(seqs);
    expect([start - t0, end - t0]).toEqual([0, hour]);
  });

  it("do not add up", () => {
    const world = new World({
      policy: (text) =>
        text.replace(
          "approvals: { count: 2, from: [release-manager], pending: 2h }",
          "approvals: [{ count: 2, from: [release-manager] }, { count: 2, from: [security, lifter] }]",
        ),
    });
    const override = world.created("alice", gate);
    approve(world, "bob", override);
    approve(world, "sven", override);

    expect(world.objections(override, production)).toEqual(["approvals"]);
    approve(world, "uma", override);
    expect(world.objections(override, production)).toEqual([]);
  });

  it("wait as long as the most patient of them", () => {
    const world = make();
    const override = world.created("alice", outage, { at: 0 });
    approve(world, "sven", override, hour + 1);

    expect(world.objections(override, production)).toEqual([]);
    expect(world.objections(world.created("alice", outage, { at: 0 }), production, day)).toContain(
      "approvals-too-late",
    );
  });

  it("let whoever may approve by one of them deny", () => {
    const world = make();
    const override = world.created("alice", gate);
    world.denied("sven", override);

    expect(world.objections(override, production)).toContain("denied");
  });

  it("are an error where none is for all overrides", () => {
    const text = make().policy.text.replace(
      "[{ count: 2, from: [release-manager], pending: 2h }, ",
      "[",
    );

    expect(policyProblems(Buffer.from(text)).map(({ message }) => message)).toEqual([
      "rules[1].approvals needs one without when, for all other overrides",
    ]);
  });
});
