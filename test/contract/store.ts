/**
 * What every store promises, as tests. Each implementation runs all of them against a real
 * counterpart.
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { Store } from "../../src/stores/store.ts";
import { faultyStore } from "../support/faulty-store.ts";
import type { StoreWorld } from "../support/store-worlds.ts";
import { runWriters } from "../support/writers.ts";

const text = (value: string): Uint8Array => new Uint8Array(Buffer.from(value));
const texts = (values: readonly Uint8Array[]): readonly string[] =>
  values.map((bytes) => Buffer.from(bytes).toString("latin1"));

async function scanned(store: Store, from = 0): Promise<readonly string[]> {
  const found: Uint8Array[] = [];
  for await (const bytes of store.scan(from)) found.push(bytes);
  return texts(found);
}

/** Runs the contract over one implementation. */
export function storeContract(name: string, makeWorld: () => Promise<StoreWorld>): void {
  describe(`a store: ${name}`, () => {
    let world: StoreWorld;

    beforeEach(async () => {
      world = await makeWorld();
    });

    afterEach(async () => {
      world.assertSound();
      await world.close();
    });

    const filled = async (count: number): Promise<Store> => {
      const store = await world.open();
      for (let seq = 0; seq < count; seq += 1) {
        expect(await store.append(seq, text(entry(seq)), `#${seq} test`)).toBe("created");
      }
      return store;
    };

    it("is empty before its first position", async () => {
      const store = await world.open();

      expect(await store.tail(5)).toEqual({ first: 0, bytes: [], size: 0 });
      expect(await store.before(0, 5)).toEqual([]);
      expect(await store.before(9, 5)).toEqual([]);
      expect(await scanned(store)).toEqual([]);
    });

    it("gives back what was appended, byte for byte", async () => {
      const store = await filled(3);

      for (const reader of [store, await world.open(1)]) {
        const { first, bytes, size } = await reader.tail(2);
        expect({ first, size }).toEqual({ first: 1, size: 3 });
        expect(texts(bytes)).toEqual([entry(1), entry(2)]);
      }
    });

    it("gives all positions when asked for more than there are", async () => {
      const store = await filled(3);

      const { first, bytes, size } = await store.tail(100);

      expect({ first, size, length: bytes.length }).toEqual({ first: 0, size: 3, length: 3 });
    });

    it("tells the size without any position", async () => {
      const store = await filled(2);

      expect(await store.tail(0)).toEqual({ first: 2, bytes: [], size: 2 });
    });

    it("calls a position taken that is not the next one", async () => {
      const store = await filled(2);

      for (const seq of [0, 1, 3, 7]) {
        expect(await store.append(seq, text("other"), "other")).toBe("taken");
      }
      expect(await scanned(await world.open(1))).toEqual([entry(0), entry(1)]);
    });

    it("calls a position taken that somebody else created meanwhile", async () => {
      const mine = await filled(1);
      const theirs = await world.open(1);
      await mine.tail(1);
      expect(await theirs.append(1, text("theirs"), "#1 theirs")).toBe("created");

      expect(await mine.append(1, text("mine"), "#1 mine")).toBe("taken");
      const { first, size, bytes } = await mine.tail(1);
      expect({ first, size, bytes: texts(bytes) }).toEqual({
        first: 1,
        size: 2,
        bytes: ["theirs"],
      });
      expect(await mine.append(2, text("mine"), "#2 mine")).toBe("created");
    });

    it("lets exactly one of ten racing writers create a position", async () => {
      const stores = await Promise.all(Array.from({ length: 10 }, (_, n) => world.open(n)));

      for (const seq of [0, 1]) {
        const outcomes = await Promise.all(
          stores.map((store, n) => store.append(seq, text(`${seq} by ${n}`), `#${seq}`)),
        );
        const winners = outcomes.flatMap((outcome, n) => (outcome === "created" ? [n] : []));
        expect(winners).toHaveLength(1);
        await Promise.all(stores.map((store) => store.tail(1)));
        expect((await scanned(await world.open(11)))[seq]).toBe(`${seq} by ${winners[0]}`);
      }
    });

    it("keeps every acknowledged position of five racing processes, each once", async () => {
      const acknowledged = await runWriters(
        Array.from({ length: 5 }, (_, n) => world.writerArguments(n)),
        4,
      );

      const log = await scanned(await world.open(9));
      expect(acknowledged).toHaveLength(20);
      expect(log.toSorted()).toEqual(acknowledged.toSorted());
    });

    it("agrees with itself from wherever it is read", async () => {
      await filled(12);
      const all = Array.from({ length: 12 }, (_, seq) => entry(seq));

      for (const count of [1, 5, 11, 12, 13]) {
        const store = await world.open(1);
        const { first, bytes, size } = await store.tail(count);
        expect({ first, size }).toEqual({ first: Math.max(0, 12 - count), size: 12 });
        expect(texts(bytes)).toEqual(all.slice(-count));
        expect(texts(await store.before(first, 3))).toEqual(
          all.slice(Math.max(0, first - 3), first),
        );
        expect(texts(await store.before(7, 4))).toEqual(all.slice(3, 7));
        expect(texts(await store.before(12, 100))).toEqual(all);
        expect(await scanned(store, first)).toEqual(all.slice(first));
      }
      expect(await scanned(await world.open(2), 12)).toEqual([]);
      expect(await scanned(await world.open(2), 40)).toEqual([]);
    });

    it("keeps a position of 128 KiB", async () => {
      const store = await world.open();
      const large = "x".repeat(128 * 1024);

      expect(await store.append(0, text(large), "#0 large")).toBe("created");
      expect(texts((await (await world.open(1)).tail(1)).bytes)).toEqual([large]);
    });

    it("gives back garbage as it is, and goes on after it", async () => {
      await filled(2);
      const garbage = ["\u00ff\u00fe\u0080", "", "  { not json ", "\u001b]0;title\u0007", "#5 é"];
      for (const bytes of garbage) await world.plant(new Uint8Array(Buffer.from(bytes, "latin1")));
      const store = await world.open(1);

      const { size, bytes } = await store.tail(6);
      expect(size).toBe(7);
      expect(texts(bytes)).toEqual([entry(1), ...garbage]);
      expect(await store.append(7, text(entry(7)), "#7")).toBe("created");
      expect(await scanned(await world.open(2))).toEqual([
        entry(0),
        entry(1),
        ...garbage,
        entry(7),
      ]);
    });

    it("serves calls that are made together", async () => {
      const store = await filled(3);

      const [tail, before, appended] = await Promise.all([
        store.tail(1),
        store.before(2, 2),
        store.append(3, text(entry(3)), "#3"),
      ]);

      expect(tail.size).toBeGreaterThanOrEqual(3);
      expect(texts(before)).toEqual([entry(0), entry(1)]);
      expect(appended).toBe("created");
    });

    it("ends a scan that nobody wants to hear further", async () => {
      const store = await filled(5);

      for await (const bytes of store.scan(1)) {
        expect(texts([bytes])).toEqual([entry(1)]);
        break;
      }
      expect((await store.tail(1)).size).toBe(5);
    });

    it("says that a place is ready to be written to, and writes nothing", async () => {
      for (const count of [0, 2]) {
        const store = await (count === 0 ? world.open() : filled(count));
        expect(await store.probe()).toMatchObject({ readable: true, appendable: true });
        expect((await (await world.open(1)).tail(1)).size).toBe(count);
      }
    });

    it("holds every acknowledged position once though calls fail around it", async () => {
      const acknowledged = await Promise.all([0, 1, 2].map((n) => writeThroughFaults(world, n)));

      const log = await scanned(await world.open(9));
      expect(log.toSorted()).toEqual(acknowledged.flat().toSorted());
    });
  });
}

const entry = (seq: number): string =>
  `{"v":1,"seq":${seq},"prev":"${"p".repeat(43)}","statement":"s${seq}"}`;

/** Appends three texts; after a failure the log is read again before anything is repeated. */
async function writeThroughFaults(world: StoreWorld, writer: number): Promise<readonly string[]> {
  const faults = ["none", "after", "before", "late"] as const;
  let turn = writer;
  const store = faultyStore(await world.open(writer), (method) => {
    if (method !== "append") return "none";
    turn += 1;
    return faults[turn % faults.length] ?? "none";
  });
  const wanted = [0, 1, 2].map((n) => `${writer}.${n}`);
  for (const value of wanted) {
    for (;;) {
      const { size, bytes } = await store.tail(64);
      if (texts(bytes).includes(value)) break;
      await store.append(size, text(value), value).catch(() => "unknown");
    }
  }
  return wanted;
}
