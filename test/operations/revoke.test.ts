/** Revoking: by whom, of what, and what has ended already. */
import { beforeEach, describe, expect, it } from "vitest";
import { standings, type Standing } from "../../src/core/state.ts";
import { revoke } from "../../src/operations/revoke.ts";
import { memoryStore, type MemoryStore } from "../support/memory-store.ts";
import { day, production, t0, World, type Appended, type Members } from "../support/world.ts";
import { writerFor } from "../support/writer.ts";

let world: World;
let store: MemoryStore;

beforeEach(() => {
  world = new World();
  store = memoryStore(world.positions);
});

const gate: Members = {
  target: { type: "stage", name: "prod-gate" },
  scope: { branches: ["main"], environment: "production" },
};

function standingOf({ seq }: Appended): Standing {
  const all = standings(world.view(), t0 + world.clock, "main");
  const found = all.find(({ judged }) => judged.seq === seq);
  if (found === undefined) throw new Error(`#${seq} is not an override`);
  return found;
}

const ask = (who: string, of: Appended, note: string | null = null): ReturnType<typeof revoke> =>
  revoke(writerFor(world, store, who), world.view(), standingOf(of), {
    note,
    title: () => "a title",
  });

describe("a revocation is refused", () => {
  it("by one whom neither authorship nor the rule entitles; it is told who may", async () => {
    const override = world.created("alice", gate);

    await expect(ask("erin", override)).rejects.toMatchObject({
      code: "refused",
      message: "erin may not revoke #2: alice may, or anyone who is lifter or release-manager",
    });
    expect(store.calls).toEqual([]);
  });

  it("naming a role once that may approve and revoke", async () => {
    world = new World({
      policy: (text) =>
        text.replaceAll("may_revoke: [lifter]", "may_revoke: [lifter, release-manager]"),
    });
    store = memoryStore(world.positions);

    await expect(ask("erin", world.created("alice", gate))).rejects.toMatchObject({
      message: "erin may not revoke #2: alice may, or anyone who is lifter or release-manager",
    });
  });

  it("by a ci key, whatever its roles", async () => {
    await expect(ask("ci", world.created("alice"))).rejects.toMatchObject({ code: "refused" });
  });

  it("on a log that contradicts itself", async () => {
    const override = world.created("alice");
    const standing = standingOf(override);
    world.append("erin", { kind: "override.blessed" });

    await expect(
      revoke(writerFor(world, store, "alice"), world.view(), standing, {
        note: null,
        title: () => "",
      }),
    ).rejects.toMatchObject({ code: "unknown-version" });
  });
});

describe("nothing is recorded of what has ended for good:", () => {
  it.each([
    ["revoked", (of: Appended) => world.revoked("alice", of)],
    ["denied", (of: Appended) => world.denied("bob", of)],
    ["expired", () => (world.clock = day)],
  ])("%s", async (_what, end) => {
    const override = world.created("alice", { ...gate, emergency: true, duration: 60 });
    end(override);
    store.calls.length = 0;

    expect(await ask("alice", override)).toBe("already-over");
    expect(store.calls).toEqual([]);
  });

  it("never approved in time", async () => {
    const override = world.created("alice", gate);
    world.clock = day;

    expect(await ask("alice", override)).toBe("already-over");
  });
});

describe("an override is revoked", () => {
  it.each(["alice", "alice:second", "uma", "bob"])("by %s", async (who) => {
    const override = world.created("alice", gate);
    world.approved("carol", override);
    world.approved("dora", override);

    expect(await ask(who, override, "it is over")).toMatchObject({
      kind: "placed",
      statement: { kind: "override.revoked", override: override.id, note: "it is over" },
    });
    expect(world.objections(override, production)).toEqual(["revoked"]);
  });

  it("without a note where none is given", async () => {
    const written = await ask("alice", world.created("alice"));

    expect(written !== "already-over" && Object.hasOwn(written.statement, "note")).toBe(false);
  });

  it("while it waits and before it starts", async () => {
    const [waits, starts] = [
      world.created("alice", gate),
      world.created("alice", { nbf: t0 + day }),
    ];

    await ask("alice", waits);
    await ask("alice", starts);

    expect([standingOf(waits).state, standingOf(starts).state]).toEqual(["revoked", "revoked"]);
  });

  it("though it is used up, for the run that used it could go on using it", async () => {
    const override = world.created("alice", { once: true });
    world.used("ci", override);
    expect(standingOf(override).state).toBe("used-up");

    expect(await ask("alice", override)).toMatchObject({ kind: "placed" });
    expect(world.objections(override)).toEqual(["revoked"]);
  });

  it("though doubt has ended it, for a change of the policy could end the doubt", async () => {
    const override = world.created("alice");
    world.revoked("mallory", override);
    expect(standingOf(override).state).toBe("revoked");

    expect(await ask("alice", override)).toMatchObject({ kind: "placed" });
    expect(world.objections(override)).toEqual(["doubt", "revoked"]);
  });

  it("after what others wrote meanwhile", async () => {
    const override = world.created("alice");
    let done = false;
    store.mishaps.beforeAppend = () => {
      if (done) return;
      done = true;
      world.created("dora");
    };

    expect(await ask("alice", override)).toMatchObject({ seq: 4 });
  });

  it("and a hold is lifted by it", async () => {
    const target = { type: "stage", name: "deploy-prod" };
    const held = world.created("alice", { ...gate, target, action: "hold" });

    await ask("bob", held);

    expect(world.objections(held, production)).toEqual(["revoked"]);
  });
});
