/** The states of an override as people speak of them. */
import { describe, expect, it } from "vitest";
import { isOpen, standings, states, stateOf } from "../../src/core/state.ts";
import { day, hour, production, t0, World, type Appended, type Members } from "../support/world.ts";

const gate: Members = {
  target: { type: "stage", name: "prod-gate" },
  scope: { branches: ["main"], environment: "production" },
};

/** The state of the override as status tells it. */
function stateIn(
  world: World,
  of: Appended,
  now: number = world.clock,
  branch: string | null = "main",
): string {
  const found = standings(world.view(), t0 + now, branch).find(
    ({ judged }) => judged.seq === of.seq,
  );
  return found?.state ?? "not there";
}

describe("an override is", () => {
  it("in-force", () => {
    const world = new World();

    expect(stateIn(world, world.created("alice"))).toBe("in-force");
  });

  it("pending while approvals are missing, though its duration is shorter than the wait", () => {
    const world = new World();
    const override = world.created("alice", { ...gate, duration: 60 }, { at: 0 });

    expect(stateIn(world, override, 10)).toBe("pending");
    expect(stateIn(world, override, hour)).toBe("pending");
  });

  it("pending while its announcement is", () => {
    const world = new World();
    const override = world.created("alice", { target: { type: "stage", name: "release" } });

    expect(stateIn(world, override)).toBe("pending");
  });

  it("pending where it is both pending and for later", () => {
    const world = new World();
    const override = world.created("alice", { ...gate, nbf: t0 + day });

    expect(stateIn(world, override)).toBe("pending");
  });

  it("scheduled before it starts", () => {
    const world = new World();

    expect(stateIn(world, world.created("alice", { nbf: t0 + day }))).toBe("scheduled");
  });

  it("expired after its end", () => {
    const world = new World();

    expect(stateIn(world, world.created("alice"), day)).toBe("expired");
  });

  it("expired when approvals did not come in time", () => {
    const world = new World();

    expect(stateIn(world, world.created("alice", gate), day)).toBe("expired");
  });

  it("revoked, and stays so when its time is over", () => {
    const world = new World();
    const override = world.created("alice");
    world.revoked("alice", override);

    expect([stateIn(world, override), stateIn(world, override, day)]).toEqual([
      "revoked",
      "revoked",
    ]);
  });

  it("revoked when doubt ends it", () => {
    const world = new World();
    const override = world.created("alice");
    world.revoked("mallory", override);

    expect(stateIn(world, override)).toBe("revoked");
  });

  it("denied", () => {
    const world = new World();
    const override = world.created("alice", gate);
    world.denied("bob", override);

    expect(stateIn(world, override)).toBe("denied");
  });

  it("used-up", () => {
    const world = new World();
    const override = world.created("alice", { once: true });
    world.used("ci", override);

    expect(stateIn(world, override)).toBe("used-up");
  });

  it.each([
    ["the policy refuses it", "erin", {}],
    [
      "it is not of a place that any rule fits",
      "alice",
      { ...gate, scope: { branches: ["dev"], environment: "production" } },
    ],
  ])("void when %s", (_what, who, own) => {
    const world = new World();

    expect(stateIn(world, world.created(who, own))).toBe("void");
  });

  it("void, not pending, when it waits for approvals that cannot help it", () => {
    const world = new World();

    expect(stateIn(world, world.created("erin", gate))).toBe("void");
  });
});

describe("an override stands as it does in the best of its places", () => {
  it("though a rule is missing for one of them", () => {
    const world = new World();
    const scope = { branches: ["dev", "main"], environment: "production" };
    const override = world.created("alice", { ...gate, scope, emergency: true, duration: 60 });

    expect(stateIn(world, override)).toBe("in-force");
    expect(world.objections(override, { ...production, branch: "dev" })).toEqual(["no-rule"]);
  });

  it("though a rule is missing for the last of them", () => {
    const world = new World();
    const scope = { branches: ["main", "dev"], environment: "production" };
    const override = world.created("alice", { ...gate, scope, emergency: true, duration: 60 });

    expect(stateIn(world, override)).toBe("in-force");
  });

  it("though no rule fits the first of them, and it was denied in another", () => {
    const world = new World();
    const scope = { branches: ["dev", "main"], environment: "production" };
    const override = world.created("alice", { ...gate, scope });
    world.denied("bob", override);

    expect(stateIn(world, override, day)).toBe("denied");
  });

  it("for a head by its push or by its pull request into the default branch", () => {
    const world = new World();
    const scope = { heads: ["fix"], environment: "production" };
    const override = world.created("alice", { ...gate, scope, emergency: true, duration: 60 });

    expect(stateIn(world, override, 1, "main")).toBe("in-force");
    expect(stateIn(world, override, 1, "trunk")).toBe("void");
  });

  it("for all branches on the default branch", () => {
    const world = new World();
    const scope = { branches: "*", environment: "production" };
    const override = world.created("alice", { ...gate, scope, emergency: true, duration: 60 });

    expect(stateIn(world, override, 1, "main")).toBe("in-force");
    expect(stateIn(world, override, 1, null)).toBe("void");
  });
});

it("what waits, is in force or will be is open, and nothing else", () => {
  expect(states.filter(isOpen)).toEqual(["pending", "in-force", "scheduled"]);
});

it("the standings are of every genuine override in view, in log order", () => {
  const world = new World();
  const [one, other] = [world.created("alice"), world.created("dora", gate)];
  world.created("mallory");

  const all = standings(world.view(), t0, "main");

  expect(all.map(({ judged }) => judged.seq)).toEqual([one.seq, other.seq]);
  expect(all.map(({ judged, state }) => state === stateOf(judged))).toEqual([true, true]);
});
