/** Reading a view: what stops it, how far back it reaches, what it remembers. */
import { beforeEach, describe, expect, it } from "vitest";
import { decide } from "../../src/core/decide.ts";
import { horizonSeconds, readView, type ReadRequest } from "../../src/log/read.ts";
import type { View } from "../../src/core/view.ts";
import { testKey } from "../support/keys.ts";
import { headMemory } from "../support/memory.ts";
import { memoryStore, offline, type MemoryStore } from "../support/memory-store.ts";
import {
  day,
  hour,
  outcomeOf,
  production,
  subjectOf,
  t0,
  World,
  type Appended,
} from "../support/world.ts";

let world: World;
let store: MemoryStore;

beforeEach(() => {
  world = new World();
  store = memoryStore(world.positions);
});

/** Late enough for everything before to be over. */
const later = 30 * day;

function read(own: Partial<ReadRequest> = {}): Promise<View> {
  const now = t0 + world.clock;
  return readView({ store, policy: world.policy, now, memory: headMemory(), ...own });
}

function flood(count: number, bytes: Uint8Array = Buffer.from("garbage")): void {
  for (let i = 0; i < count; i += 1) world.raw(bytes);
}

/** A person's statement that means nothing, now. */
const remarkBy = (who: string, at: number): Appended =>
  world.append(who, { kind: "policy.recorded", text: world.policy.text }, { at });

/** Two people's: the word of one does not end a view. The second one's position. */
function remark(at: number): Appended {
  remarkBy("alice", at);
  return remarkBy("erin", at);
}

describe("the log is refused", () => {
  it("when it is missing or empty", async () => {
    await expect(read({ store: memoryStore() })).rejects.toMatchObject({
      code: "log-missing",
      message: "memory is missing or empty",
    });
  });

  it("when it begins otherwise than the policy says", async () => {
    const other = new World({ policy: (text) => `${text}# another\n` });
    world.positions[0] = Buffer.from("another beginning");

    await expect(read()).rejects.toMatchObject({ code: "wrong-log" });
    await expect(read({ store: memoryStore(other.positions.slice(1)) })).rejects.toMatchObject({
      code: "wrong-log",
    });
  });

  it("when its beginning comes into view only further back, and is another", async () => {
    flood(300);
    world.positions[0] = Buffer.from("another beginning");

    await expect(read()).rejects.toMatchObject({ code: "wrong-log" });
  });

  it("when it is shorter than what this machine has seen", async () => {
    const { seq, hash } = world.created("alice");
    world.positions.pop();

    await expect(read({ memory: headMemory({ seq, hash }) })).rejects.toMatchObject({
      code: "log-rewound",
      message: "memory was rewritten: it ends at #1, this machine has seen #2",
    });
  });

  it("not for a tail that was read before another process here saw more", async () => {
    const tail = await store.tail(store.readsAtOnce);
    const { seq, hash } = world.created("alice");

    const view = await read({ tail, memory: headMemory({ seq, hash }) });

    expect(view.size).toBe(seq + 1);
  });

  it("not for what another process here saw while the tail was read", async () => {
    const memory = headMemory();
    const slow: MemoryStore = {
      ...store,
      tail: async (count) => {
        const tail = await store.tail(count);
        const { seq, hash } = world.created("alice");
        memory.remember("", { seq, hash });
        return tail;
      },
    };

    expect((await read({ store: slow, memory })).size).toBe(2);
  });

  it("when it differs from what this machine has seen", async () => {
    const { seq, hash } = world.created("alice");
    world.positions.pop();
    world.created("alice");

    await expect(read({ memory: headMemory({ seq, hash }) })).rejects.toMatchObject({
      code: "log-rewound",
      message: "memory was rewritten: #2 is not what this machine has seen",
    });
  });

  it("when it differs in what this machine has seen long before the view begins", async () => {
    flood(20);
    const memory = headMemory({ seq: 5, hash: "h".repeat(43) });
    remark(0);
    world.clock = later;
    flood(250);

    await expect(read({ memory })).rejects.toMatchObject({ code: "log-rewound" });
  });

  it("when the policy names no log", async () => {
    const policy = { ...world.policy, log: { ...world.policy.log, id: null } };

    await expect(read({ policy })).rejects.toMatchObject({ code: "policy-invalid" });
  });

  it("when more than 8,192 positions may still matter", async () => {
    flood(8_192);

    await expect(read()).rejects.toMatchObject({ code: "limit" });
  });

  it("when more than 16 MiB may still matter", async () => {
    flood(300, Buffer.alloc(70_000, 0x20));

    await expect(read()).rejects.toMatchObject({ code: "limit" });
  });

  it("when the store cannot be reached, and the store's own error is told", async () => {
    store.mishaps.fails = (method) => (method === "tail" ? offline() : null);
    await expect(read()).rejects.toMatchObject({ code: "unreachable" });

    flood(300);
    store.mishaps.fails = (method) => (method === "before" ? offline() : null);
    await expect(read()).rejects.toMatchObject({ code: "unreachable" });
  });
});

describe("the view", () => {
  it("holds the whole log where it is short", async () => {
    world.created("alice");

    const view = await read();

    expect([view.first, view.size]).toEqual([0, 3]);
    expect(store.calls).toEqual(["tail 256"]);
  });

  it("is made of the tail that was read already", async () => {
    const tail = await store.tail(256);
    store.calls.length = 0;

    await read({ tail });

    expect(store.calls).toEqual([]);
  });

  it("ends where a person signed longer ago than anything may be in force", async () => {
    flood(1000);
    remark(0);
    const recent = remark(later);
    flood(200);

    const view = await read();

    expect(view.first).toBe(view.size - 256);
    expect(view.at(recent.seq)).toBeDefined();
  });

  it("reaches further back as long as everything in it is recent", async () => {
    remark(0);
    flood(10);
    const old = remark(0);
    flood(20);
    for (let i = 0; i < 600; i += 1) world.noticed("ci", old);
    world.clock = later;
    remark(later);

    const view = await read();

    expect(view.first).toBeLessThanOrEqual(old.seq - 1);
  });

  it("doubles until it reaches far enough", async () => {
    flood(2_000);

    await read();

    expect(store.calls).toEqual([
      "tail 256",
      "before 1746 256",
      "before 1490 512",
      "before 978 978",
    ]);
  });

  it("looks back as long as the longest override, its wait and its lead", () => {
    expect(horizonSeconds(world.policy)).toBe(4 * hour + 2 * hour + 7 * day);
  });

  it("looks back further where more is asked for", async () => {
    flood(300);
    remark(0);
    flood(300);
    remark(later - 20 * day);
    remark(later);

    const [usual, more] = [await read(), await read({ atLeastSeconds: 25 * day })];

    expect(usual.first).toBeGreaterThan(0);
    expect(more.first).toBeLessThan(usual.first);
  });

  it.each([
    ["further gladly", 300, Buffer.from("garbage"), true],
    ["no further gladly over large positions", 60, new Uint8Array(60_000), false],
  ])("looks back %s", async (_what, count, bytes, isFurther) => {
    flood(300);
    remark(0);
    flood(300);
    remark(later - 20 * day);
    flood(count, bytes);
    remark(later - 8 * day);
    remark(later);

    const [usual, gladly] = [await read(), await read({ gladlySeconds: 25 * day })];

    expect(usual.first).toBeGreaterThan(0);
    expect(gladly.first < usual.first).toBe(isFurther);
  });

  it("looks back gladly over a thousand positions, and no more", async () => {
    remark(0);
    flood(1500);
    remark(later - 8 * day);
    remark(later);

    expect((await read({ gladlySeconds: 25 * day })).readings).toHaveLength(1024);
    expect((await read({ atLeastSeconds: 25 * day })).first).toBe(0);
  });

  it("takes the word of a person only for how far back it is, not a ci key's or a stranger's", async () => {
    flood(500);
    const override = world.created("alice", {}, { at: later });
    world.noticed("ci", override, {}, { at: 0 });
    world.append("mallory", { kind: "key.revoked", kid: "k".repeat(43) }, { at: 0 });
    world.clock = later;

    const view = await read();

    expect(view.first).toBe(0);
  });

  describe("is not cut short by an old time that is written now", () => {
    it.each<[string, () => void]>([
      [
        "by one person, after noise",
        () => {
          flood(300);
          remarkBy("erin", 0);
          remarkBy("erin", 0);
        },
      ],
      [
        "by a second one whose key is revoked",
        () => {
          flood(300);
          remark(0);
          world.append("erin", { kind: "key.revoked", kid: testKey("erin").kid }, { at: later });
        },
      ],
      [
        "behind what is newer",
        () => {
          flood(200);
          remarkBy("bob", later);
          remark(0);
          flood(200);
        },
      ],
    ])("%s", async (_how, write) => {
      flood(300);
      const target = { type: "stage", name: "deploy-prod" };
      const scope = { branches: ["main"], environment: "production" };
      world.created("alice", { action: "hold", target, scope }, { at: later });
      write();
      world.clock = later;

      const view = await read();

      const subject = subjectOf({ stage: "deploy-prod", ...production });
      expect(outcomeOf(decide({ view, subject, now: t0 + later + 60 }))).toBe("hold");
    });
  });

  it("holds what a permitting statement saw, though it was long before", async () => {
    flood(400);
    const seen = world.head;
    remark(0);
    flood(400);
    remark(0);
    world.created("alice", {}, { at: later, saw: seen });

    const view = await read();

    expect(view.hashAt(seen.seq)).toBe(seen.hash);
  });

  it("is not dragged back by an old creation that is placed again", async () => {
    const { jws } = world.created("alice", {}, { at: 0 });
    flood(9_000);
    remark(0);
    remark(later);
    world.place(jws, { at: later });

    const view = await read();

    expect(view.first).toBeGreaterThan(0);
    expect(outcomeOf(decide({ view, subject: subjectOf(), now: t0 + later }))).toBe("enforced");
  });

  it("is not cut short by an old statement that is placed again before garbage", async () => {
    const { jws } = remark(0);
    const held = world.created(
      "alice",
      {
        action: "hold",
        target: { type: "stage", name: "deploy-prod" },
        scope: { branches: ["main"], environment: "production" },
      },
      { at: later },
    );
    world.place(jws, { at: later });
    flood(255);

    const view = await read();

    const subject = subjectOf({ stage: "deploy-prod", ...production });
    expect(view.at(held.seq)).toBeDefined();
    expect(outcomeOf(decide({ view, subject, now: t0 + later + 60 }))).toBe("hold");
  });

  it("may hold 8,192 positions, however it grew so large", async () => {
    flood(3_000);
    remark(0);
    const pace = (later / 4_500) * 2;
    for (let i = 1; i < 4_500; i += 100) {
      flood(99);
      remark(later - 7 * day + i * pace);
    }
    world.clock = later;

    const view = await read();

    expect(view.readings.length).toBeGreaterThan(4_096);
    expect(view.readings.length).toBeLessThanOrEqual(8_192);
  });
});

describe("this machine", () => {
  it("remembers the head that it has seen", async () => {
    const memory = headMemory();
    const { seq, hash } = world.created("alice");

    await read({ memory });

    expect(memory.head).toEqual({ seq, hash, from: 0, breaks: [] });
  });

  it("reads on where the log has grown since", async () => {
    const memory = headMemory();
    await read({ memory });
    const { seq, hash } = world.created("alice");

    await read({ memory });

    expect(memory.head).toEqual({ seq, hash, from: 0, breaks: [] });
  });

  it("remembers where a void position breaks the chain, which the head does not stand for", async () => {
    const memory = headMemory();
    const before = world.head;
    flood(1);
    const { seq, hash } = world.created("alice");
    await read({ memory });

    const breaks = [{ seq: before.seq + 1, hash: before.hash }];
    expect(memory.head).toEqual({ seq, hash, from: 0, breaks });
    flood(2);
    await expect(read({ memory })).resolves.toBeDefined();
    world.positions[before.seq] = Buffer.from("what stood there is gone");
    await expect(read({ memory })).rejects.toMatchObject({
      code: "log-rewound",
      message: `memory was rewritten: what stands before #${before.seq} is not what this machine has seen`,
    });
  });

  it("keeps the last broken places in mind, when there are very many", async () => {
    const memory = headMemory();
    flood(300);
    await read({ memory });

    expect(memory.head?.breaks).toHaveLength(256);
    expect(memory.head?.from).toBe(memory.head?.breaks?.[0]?.seq);
    await expect(read({ memory })).resolves.toBeDefined();
  });

  it("knows nothing of what is before a head that an earlier version wrote down", async () => {
    flood(1);
    const memory = headMemory(world.head);
    world.created("alice");

    await expect(read({ memory })).resolves.toBeDefined();
  });

  it("needs one position more, not the whole log, where it has not looked for long", async () => {
    const memory = headMemory(world.head);
    flood(10_000);
    remark(0);
    remark(later);

    const view = await read({ memory });

    expect(view.readings.length).toBe(256);
    expect(store.calls).toEqual(["tail 256", `before ${2} 1`]);
    expect(memory.head?.seq).toBe(view.size - 1);
  });

  it("does not remember a log that contradicts itself, so that it knows the true one again", async () => {
    const memory = headMemory();
    await read({ memory });
    const before = memory.head;
    world.append("erin", { kind: "note.x" }, { saw: { seq: 1, hash: "h".repeat(43) } });

    await read({ memory });

    expect(memory.head).toEqual(before);
  });

  it("does not remember what it refused", async () => {
    const memory = headMemory({ seq: 1, hash: "h".repeat(43) });

    await expect(read({ memory })).rejects.toMatchObject({ code: "log-rewound" });

    expect(memory.head).toEqual({ seq: 1, hash: "h".repeat(43) });
  });
});
