/** Which overrides wait for approvals, and whose would count. */
import { describe, expect, it } from "vitest";
import type { Principal } from "../../src/core/policy.ts";
import { awaitedIn, isAwaitedFrom, rolesOf, type Awaited } from "../../src/core/requests.ts";
import { hour, t0, World } from "../support/world.ts";

const gate = {
  target: { type: "stage", name: "prod-gate" },
  scope: { branches: ["main"], environment: "production" },
};

const awaited = (world: World, now = world.clock): readonly Awaited[] =>
  awaitedIn(world.view(), t0 + now, "main");

function only(world: World): Awaited {
  const [one, ...others] = awaited(world);
  if (one === undefined || others.length > 0) throw new Error("not one override waits");
  return one;
}

function person(world: World, id: string): Principal {
  const found = world.policy.principals.get(id);
  if (found === undefined) throw new Error(`${id} is not in the policy`);
  return found;
}

describe("what waits for approvals", () => {
  it("is an override that lacks some, with how many it has", () => {
    const world = new World();
    world.created("alice");
    const waits = world.created("alice", gate);
    expect(only(world)).toMatchObject({
      judged: { seq: waits.seq },
      missing: { needed: 2, have: 0, from: ["release-manager"] },
    });

    world.approved("bob", waits);
    expect(only(world).missing).toMatchObject({ needed: 2, have: 1 });

    world.approved("carol", waits);
    expect(awaited(world)).toEqual([]);
  });

  it("is told in log order", () => {
    const world = new World();
    const first = world.created("alice", gate);
    const second = world.created("dora", gate);

    expect(awaited(world).map(({ judged }) => judged.seq)).toEqual([first.seq, second.seq]);
  });

  it("is none that was denied, revoked or waited too long, and no emergency", () => {
    const world = new World();
    world.denied("bob", world.created("alice", gate));
    world.revoked("alice", world.created("alice", gate));
    world.created("alice", { ...gate, emergency: true, duration: 600 });
    expect(awaited(world)).toEqual([]);

    const waits = world.created("alice", gate);
    const since = world.clock - 1;
    expect(awaited(world, since + 2 * hour - 1).map(({ judged }) => judged.seq)).toEqual([
      waits.seq,
    ]);
    expect(awaited(world, since + 2 * hour)).toEqual([]);
  });

  it("is told once, for the place of its scope where most are missing", () => {
    const split = `  - id: mainline
    match:   { kind: gate, branches: [main] }
    actions: [skip]
    who:     [oncall]
    longest: 1h
    approvals: { count: 1, from: [security], pending: 2h }
  - id: gates
`;
    const world = new World({ policy: (text) => text.replace("  - id: gates\n", split) });
    const scope = { branches: ["main", "release/1"], environment: "production" };
    world.created("alice", { ...gate, scope });
    expect(only(world).missing).toMatchObject({ needed: 2, from: ["release-manager"] });

    const other = new World({ policy: (text) => text.replace("  - id: gates\n", split) });
    const turned = { branches: ["release/1", "main"], environment: "production" };
    other.created("alice", { ...gate, scope: turned });
    expect(only(other).missing).toMatchObject({ needed: 2, from: ["release-manager"] });
  });
});

describe("an approval that would count", () => {
  it("is of a person with the role, who is not the author and has not approved yet", () => {
    const world = new World();
    const waits = world.created("dora", gate);
    world.approved("bob", waits);
    const one = only(world);

    const counting = [...world.policy.principals.values()].filter((each) =>
      isAwaitedFrom(one, each),
    );
    expect(counting.map(({ id }) => id)).toEqual(["carol"]);
    expect(isAwaitedFrom(one, person(world, "bob"))).toBe(false);
  });

  it("is of any role that an alternative names, each once", () => {
    const alternatives =
      "approvals: [{ count: 2, from: [release-manager], pending: 2h }, { count: 1, from: [security, release-manager], pending: 2h }]";
    const world = new World({
      policy: (text) =>
        text.replace("approvals: { count: 2, from: [release-manager], pending: 2h }", alternatives),
    });
    world.created("alice", gate);
    const one = only(world);

    expect(rolesOf(one.missing)).toEqual(["release-manager", "security"]);
    expect(isAwaitedFrom(one, person(world, "sven"))).toBe(true);
    expect(isAwaitedFrom(one, person(world, "uma"))).toBe(false);
  });
});
