/** Placing a signed statement when others write, answers get lost, and stores lie. */
import { beforeEach, describe, expect, it } from "vitest";
import { decodePosition, noPrevious } from "../../src/core/position.ts";
import { viewOf, type View } from "../../src/core/view.ts";
import { place, type Patience, type Placed, type PlaceRequest } from "../../src/log/place.ts";
import { memoryStore, offline, type MemoryStore } from "../support/memory-store.ts";
import { World } from "../support/world.ts";

let world: World;
let store: MemoryStore;
let slept: number[];

beforeEach(() => {
  world = new World();
  store = memoryStore(world.positions);
  slept = [];
});

function patience(own: Partial<Patience> = {}): Patience {
  return {
    elapsed: () => slept.reduce((sum, one) => sum + one, 0),
    sleep: (milliseconds) => {
      slept.push(milliseconds);
      return Promise.resolve();
    },
    random: () => 1,
    maxMilliseconds: 60_000,
    maxTries: Infinity,
    ...own,
  };
}

const see = (): View => viewOf(world.policy, 0, store.positions);

/** What alice signed, not yet placed. */
function signed(): string {
  return world.sign(
    "alice",
    world.statement("alice", { kind: "key.revoked", kid: "k".repeat(43) }),
  );
}

function request(jws: string, own: Partial<PlaceRequest> = {}): PlaceRequest {
  return {
    store,
    jws,
    title: "a test (alice)",
    view: see(),
    read: () => Promise.resolve(see()),
    stillAllowed: () => true,
    patience: patience(),
    ...own,
  };
}

/** Another writer is quicker, so many times. */
function overtakenTimes(times: number, write: () => void = () => world.raw("quicker")): void {
  let left = times;
  store.mishaps.beforeAppend = () => {
    if (left === 0) return;
    left -= 1;
    write();
  };
}

const timesOf = (jws: string): number =>
  store.positions.filter((bytes) => decodePosition(bytes)?.statement === jws).length;

describe("a statement is not placed when", () => {
  it("somebody was quicker and the log no longer allows it; then nothing is written", async () => {
    overtakenTimes(1);
    const jws = signed();

    const outcome = await place(request(jws, { stillAllowed: (view) => view.size < 3 }));

    expect(outcome).toMatchObject({ kind: "withdrawn", view: { size: 3 } });
    expect(timesOf(jws)).toBe(0);
  });

  it("others were quicker for a minute", async () => {
    overtakenTimes(Infinity);

    await expect(place(request(signed()))).rejects.toMatchObject({
      code: "conflict",
      retryable: true,
    });
    expect(patience().elapsed()).toBeGreaterThanOrEqual(60_000);
  });

  it("others were quicker three times and it is not worth more", async () => {
    overtakenTimes(Infinity);

    await expect(
      place(request(signed(), { patience: patience({ maxTries: 3 }) })),
    ).rejects.toMatchObject({
      message: "others wrote to memory 3 times in between",
    });
    expect(store.calls.filter((call) => call.startsWith("append"))).toHaveLength(3);
  });

  it("the store refuses the append; its error is told", async () => {
    store.mishaps.fails = (method) => (method === "append" ? offline() : null);

    await expect(place(request(signed()))).rejects.toMatchObject({ code: "unreachable" });
  });

  it("what is read back is not what was written", async () => {
    store.mishaps.spoils = () => Buffer.from("something else");

    await expect(place(request(signed()))).rejects.toMatchObject({
      code: "log-rewound",
      message: "#2 was accepted by memory and is not there",
    });
  });

  it("nothing at all is there afterwards", async () => {
    store.mishaps.spoils = () => null;

    await expect(place(request(signed()))).rejects.toMatchObject({ code: "log-rewound" });
  });
});

describe("a statement is placed", () => {
  it("at the head, naming the hash of the position before", async () => {
    const jws = signed();
    const before = world.head;

    const placed = await place(request(jws));

    expect(placed).toMatchObject({ kind: "placed", seq: before.seq + 1, hash: world.head.hash });
    expect(decodePosition(store.positions.at(-1) ?? new Uint8Array())).toEqual({
      seq: before.seq + 1,
      prev: before.hash,
      statement: jws,
    });
  });

  it("with a line for people that names its number", async () => {
    await place(request(signed()));

    expect(store.titles.get(2)).toBe("#2 a test (alice)");
  });

  it("at position 0 of a new log", async () => {
    store = memoryStore();

    const placed = await place(request(signed(), { store, view: null }));

    expect(placed).toMatchObject({ seq: 0 });
    expect(decodePosition(store.positions[0] ?? new Uint8Array())?.prev).toBe(noPrevious);
  });

  it("after what others wrote meanwhile, with the same signature", async () => {
    overtakenTimes(3);
    const jws = signed();

    const placed = await place(request(jws));

    expect(placed).toMatchObject({ seq: 5 });
    expect(timesOf(jws)).toBe(1);
  });

  it("after garbage that a stranger pushed into its place", async () => {
    overtakenTimes(1, () => world.raw(Buffer.alloc(10, 0xff)));

    const placed = await place(request(signed()));

    expect(placed).toMatchObject({ seq: 3 });
    expect(see().at(3)?.fault).toBeNull();
  });

  it("once, though the answer was lost", async () => {
    store.mishaps.losesAnswer = () => true;
    const jws = signed();

    const placed = await place(request(jws));

    expect(placed).toMatchObject({ kind: "placed", seq: 2 });
    expect(timesOf(jws)).toBe(1);
  });

  it("once, though the store calls its own position taken", async () => {
    store.mishaps.losesAnswer = (seq) => seq === 2;
    store.mishaps.deniesOwn = () => true;
    const jws = signed();

    const placed = await place(request(jws, { stillAllowed: () => false }));

    expect(placed).toMatchObject({ kind: "placed", seq: 2, hash: world.hashAt(2) });
    expect(timesOf(jws)).toBe(1);
  });

  it("once, though the store calls it taken at the last try", async () => {
    store.mishaps.losesAnswer = (seq) => seq === 2;
    store.mishaps.deniesOwn = () => true;

    const placed = await place(request(signed(), { patience: patience({ maxTries: 1 }) }));

    expect(placed).toMatchObject({ kind: "placed", seq: 2 });
  });

  it("again, where it stands at a void position only", async () => {
    const jws = signed();
    overtakenTimes(1, () => world.place(jws, { position: { prev: "x".repeat(43) } }));

    const placed = await place(request(jws));

    expect(placed).toMatchObject({ seq: 3 });
  });

  it("and read back, though others wrote many positions at once after it", async () => {
    const busy: MemoryStore = {
      ...store,
      append: async (...given) => {
        const answer = await store.append(...given);
        for (let i = 0; i < 40; i += 1) world.raw("more");
        return answer;
      },
    };

    await expect(place(request(signed(), { store: busy }))).resolves.toMatchObject({ seq: 2 });
  });
});

describe("waiting for one's turn", () => {
  it.each([
    ["a slow store", 300, [50, 100, 200, 400, 800, 1000, 1000, 1000, 1000]],
    ["a quick store", 20, [20, 40, 80, 160, 320, 640, 1000, 1000, 1000]],
    ["a store that takes no time", 0, [5, 10, 20, 40, 80, 160, 320, 640, 1000]],
  ] as const)(
    "is random, counts in tries, and grows to two seconds at most: %s",
    async (_store, took, waits) => {
      let now = 0;
      overtakenTimes(9, () => {
        now += took;
        world.raw("quicker");
      });
      const clock = { random: () => 0.5, elapsed: () => now };

      await place(request(signed(), { patience: patience(clock) }));

      expect(slept).toEqual(waits);
    },
  );

  it("comes before reading again, so that what is decided on is fresh when it is tried", async () => {
    overtakenTimes(1);
    const order: string[] = [];

    await place(
      request(signed(), {
        patience: patience({ sleep: () => Promise.resolve(void order.push("sleep")) }),
        read: () => {
          order.push("read");
          return Promise.resolve(see());
        },
      }),
    );

    expect(order).toEqual(["sleep", "read"]);
  });

  it("lets 50 writers at once write each of them exactly once, in one chain", async () => {
    const all = Array.from({ length: 50 }, () => signed());
    store.mishaps.beforeAppend = () => new Promise((resolve) => setImmediate(resolve));
    store.mishaps.losesAnswer = (seq) => seq % 3 === 0;
    store.mishaps.deniesOwn = (seq) => seq % 6 === 0;
    let seed = 1;
    const random = (): number => (seed = (seed * 16807) % 2147483647) / 2147483647;
    const sleep = (milliseconds: number): Promise<void> =>
      new Promise((resolve) => setTimeout(resolve, milliseconds / 50));
    const waits = patience({ random, sleep, elapsed: () => 0 });

    const placed = await Promise.all(all.map((jws) => place(request(jws, { patience: waits }))));

    const seqs = placed.map((one) => (one as Placed).seq).sort((a, b) => a - b);
    expect(seqs).toEqual(Array.from({ length: 50 }, (_, i) => i + 2));
    expect(all.every((jws) => timesOf(jws) === 1)).toBe(true);
    expect(see().readings.every(({ fault }) => fault === null)).toBe(true);
  });
});
