/** How the runs ended that used an override. */
import { describe, expect, it } from "vitest";
import { resultsOf, type Results } from "../../src/core/results.ts";
import { World, type Appended } from "../support/world.ts";

const results = (world: World, of: Appended): Results => resultsOf(world.view(), world.judge(of));

describe("the results of an override", () => {
  it("are those that jobs recorded, each run once", () => {
    const world = new World();
    const override = world.created("alice", { action: "allow-failure" });
    for (const [run, result] of [
      ["1", 0],
      ["2", 7],
      ["3", 0],
    ] as const) {
      world.used("ci", override, { run });
      world.used("ci", override, { run, result });
    }
    world.used("ci", override, { run: "4" });
    world.used("ci", override, { run: "3", forge: "gitlab", result: 1 });

    expect(results(world, override)).toEqual({ recorded: 4, passed: 2 });
  });

  it("say of a run that it failed where any of its results does, in either order", () => {
    const world = new World();
    const override = world.created("alice");
    world.used("ci", override, { run: "1", result: 0 });
    world.used("ci", override, { run: "1", result: 1 });
    world.used("ci", override, { run: "2", result: 1 });
    world.used("ci", override, { run: "2", result: 0 });

    expect(results(world, override)).toEqual({ recorded: 2, passed: 0 });
  });

  it("are none of another override, of another text, or that cannot be verified", () => {
    const world = new World();
    const override = world.created("alice");
    const other = world.created("alice");
    world.used("ci", other, { run: "1", result: 0 });
    world.used("ci", { ...override, digest: other.digest }, { run: "2", result: 0 });
    const spoilt = { signature: (genuine: Uint8Array) => genuine.toReversed() };
    world.used("ci", override, { run: "3", result: 0 }, spoilt);

    expect(results(world, override)).toEqual({ recorded: 0, passed: 0 });
  });
});
