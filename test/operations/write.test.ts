/** Writing: one statement, built on what was decided on, signed once, placed. */
import { beforeEach, describe, expect, it } from "vitest";
import {
  complete,
  recordPolicy,
  write,
  type Act,
  type OwnMembers,
} from "../../src/operations/write.ts";
import { memoryStore, offline, type MemoryStore } from "../support/memory-store.ts";
import { commit, keyOf, t0, World } from "../support/world.ts";
import { writerFor } from "../support/writer.ts";

let world: World;
let store: MemoryStore;

beforeEach(() => {
  world = new World();
  store = memoryStore(world.positions);
});

const kid = "k".repeat(42) + "A";

function act(own: OwnMembers = { kind: "key.revoked", kid }): Act {
  return {
    own: () => own,
    title: (statement) => `${statement.kind} by ${statement.by}`,
    stillAllowed: () => true,
  };
}

describe("nothing is written when", () => {
  it("the log is empty", async () => {
    world.positions.length = 0;

    await expect(
      write(writerFor(world, store, "alice"), world.view(), act()),
    ).rejects.toMatchObject({
      code: "log-missing",
    });
  });

  it("there is no log to build the statement on", () => {
    const writer = writerFor(world, store, "alice");
    world.positions.length = 0;

    expect(() => complete(writer, world.view(), act().own)).toThrow("memory is empty");
  });

  it("the log contradicts itself", async () => {
    const { seq } = world.append("erin", { kind: "override.blessed" });

    await expect(
      write(writerFor(world, store, "alice"), world.view(), act()),
    ).rejects.toMatchObject({
      code: "unknown-version",
      hint: "upgrade optout",
    });
    expect(world.positions).toHaveLength(seq + 1);
  });

  it("the log has come to contradict itself while others were quicker", async () => {
    let others = 0;
    store.mishaps.beforeAppend = () => {
      others += 1;
      if (others === 1) world.append("erin", { kind: "note.x" }, { saw: { seq: 1, hash: kid } });
    };

    await expect(
      write(writerFor(world, store, "alice"), world.view(), act()),
    ).rejects.toMatchObject({
      code: "contradiction",
      hint: "optout verify",
    });
    expect(world.positions).toHaveLength(3);
  });

  it("no reader would accept the statement", async () => {
    const wrong = act({ kind: "key.revoked", kid: "short" });

    await expect(
      write(writerFor(world, store, "alice"), world.view(), wrong),
    ).rejects.toMatchObject({
      code: "usage",
      message: "key.revoked cannot be signed: kid is not valid",
    });
    expect(store.calls).toEqual([]);
  });

  it("the statement is too large for the log", async () => {
    const text = "😀".repeat(2000);
    const large = act({
      kind: "override.created",
      action: "skip",
      target: { type: "stage", name: "lint" },
      scope: { branches: Array.from({ length: 16 }, () => "b".repeat(250)) },
      reason: { code: "other", text },
      tickets: [],
      nbf: t0,
      duration: 60,
    });

    await expect(
      write(writerFor(world, store, "alice"), world.view(), large),
    ).rejects.toMatchObject({
      code: "usage",
      message: "override.created is too large for the log (16384 bytes)",
    });
  });

  it("the signer cannot sign", async () => {
    const writer = writerFor(world, store, "alice");
    const signer = { ...writer.signer, sign: () => Promise.reject(offline()) };

    await expect(write({ ...writer, signer }, world.view(), act())).rejects.toMatchObject({
      code: "unreachable",
    });
    expect(world.positions).toHaveLength(2);
  });
});

describe("a statement", () => {
  it("says who wrote it when, under which policy, and what was seen", async () => {
    const writer = writerFor(world, store, "alice:second");
    const { head } = world;

    const written = await write(writer, world.view(), act());

    expect(written).toMatchObject({
      kind: "placed",
      seq: 2,
      statement: {
        v: 1,
        kind: "key.revoked",
        log: world.logId,
        by: "alice",
        iat: t0,
        policy: world.policy.digest,
        policy_at: commit,
        saw: head,
        kid,
      },
    });
    expect(world.view().at(2)?.verdict()).toMatchObject({
      kind: "genuine",
      key: { kid: keyOf("alice:second").kid },
    });
  });

  it("is told to people by its title", async () => {
    await write(writerFor(world, store, "alice"), world.view(), act());

    expect(store.titles.get(2)).toBe("#2 key.revoked by alice");
  });

  it("is signed once, however often others are quicker", async () => {
    const writer = writerFor(world, store, "alice");
    let signatures = 0;
    const signer = {
      ...writer.signer,
      sign: (input: Uint8Array) => {
        signatures += 1;
        return writer.signer.sign(input);
      },
    };
    let left = 3;
    store.mishaps.beforeAppend = () => {
      if (left === 0) return;
      left -= 1;
      world.raw("quicker");
    };

    await expect(write({ ...writer, signer }, world.view(), act())).resolves.toMatchObject({
      seq: 5,
    });
    expect(signatures).toBe(1);
  });

  it("has an id of its kind", () => {
    const writer = writerFor(world, store, "alice");
    const revoked = complete(writer, world.view(), act().own);
    const noted = complete(writer, world.view(), act().own);

    expect(revoked.id).toMatch(/^stm_[0-9a-hjkmnp-tv-z]{16}$/);
    expect(noted.id).not.toBe(revoked.id);
  });
});

describe("the policy is recorded", () => {
  it("not when it is the last one recorded in view", async () => {
    const view = world.view();

    expect(await recordPolicy(writerFor(world, store, "alice"), view)).toBe(view);
    expect(store.calls).toEqual([]);
  });

  it("when the log has not seen it", async () => {
    world.setPolicy((text) => `${text}# new\n`);

    const view = await recordPolicy(writerFor(world, store, "alice"), world.view());

    expect(view.at(2)?.verdict()).toMatchObject({
      kind: "genuine",
      statement: { kind: "policy.recorded", text: world.policy.text, policy: world.policy.digest },
    });
  });

  it("when another was recorded since, so that an audit sees that it is valid again", async () => {
    const first = world.policy.text;
    world.setPolicy((text) => `${text}# new\n`);
    world.recorded("alice");
    world.setPolicy(() => first);

    const view = await recordPolicy(writerFor(world, store, "alice"), world.view());

    expect(view.size).toBe(4);
  });

  it("once, though somebody else records it at the same time", async () => {
    world.setPolicy((text) => `${text}# new\n`);
    let done = false;
    store.mishaps.beforeAppend = () => {
      if (done) return;
      done = true;
      world.recorded("dora");
    };

    const view = await recordPolicy(writerFor(world, store, "alice"), world.view());

    expect(view.size).toBe(3);
    expect(world.positions).toHaveLength(3);
  });
});
