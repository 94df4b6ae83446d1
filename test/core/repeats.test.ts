/** Which overrides say that a stage is opted out of again and again. */
import { describe, expect, it } from "vitest";
import { recentlyMade, repeatWithinSeconds } from "../../src/core/repeats.ts";
import { day, hour, t0, World } from "../support/world.ts";

const made = (world: World, stage = "lint"): number[] =>
  recentlyMade(world.view(), stage, t0 + world.clock, "main").map(({ reading }) => reading.seq);

describe("what counts as opted out again", () => {
  it("is every override of the stage of the last 14 days, expired and revoked ones too", () => {
    const world = new World();
    const first = world.created("alice", {}, { at: 0 });
    const second = world.created("dora", { action: "allow-failure" }, { at: 5 * day });
    world.created("alice", { target: { type: "stage", name: "unit-tests" } });
    const third = world.created("alice");
    world.clock += 60;
    world.revoked("alice", third);

    expect(made(world)).toEqual([first.seq, second.seq, third.seq]);
  });

  it("ends after 14 days to the second", () => {
    const world = new World();
    const { seq } = world.created("alice", {}, { at: 0 });

    world.clock = repeatWithinSeconds - 1;
    expect(made(world)).toEqual([seq]);
    world.clock = repeatWithinSeconds;
    expect(made(world)).toEqual([]);
  });

  it("is none that waits for approvals, and none that was denied", () => {
    const world = new World();
    const gate = {
      target: { type: "stage", name: "prod-gate" },
      scope: { branches: ["main"], environment: "production" },
    };
    world.created("alice", gate);
    world.denied("bob", world.created("alice", gate), { at: world.clock - 1 });
    const approved = world.created("alice", gate);
    world.approved("bob", approved);
    world.approved("carol", approved);

    expect(made(world, "prod-gate")).toEqual([approved.seq]);
  });

  it("is no force, and none that has not begun", () => {
    const world = new World();
    world.created("alice", { action: "force" });
    world.created("alice", { nbf: t0 + hour });

    expect(made(world)).toEqual([]);
    world.clock = hour;
    expect(made(world)).toHaveLength(1);
  });

  it("is no hold, no extension, and nothing that the policy does not allow", () => {
    const world = new World();
    const { id, seq } = world.created("alice");
    world.created("alice", { supersedes: id, nbf: t0 + hour });
    world.created("erin");
    world.created("alice", { action: "hold", target: { type: "stage", name: "release" } });

    expect(made(world)).toEqual([seq]);
    expect(made(world, "release")).toEqual([]);
  });
});
