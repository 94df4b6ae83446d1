/**
 * The log in a bucket of Ceph's gateway, under races, faults and wrong credentials.
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { openS3Store, type S3StoreOptions } from "../../src/stores/s3.ts";
import type { Store } from "../../src/stores/store.ts";
import { cephBuckets } from "../support/ceph-buckets.ts";
import { hasCeph } from "../support/ceph.ts";
import { startFaultProxy, type Fault, type FaultProxy } from "../support/fault-proxy.ts";
import { problemOf } from "../support/problem.ts";
import { positionKey } from "../support/s3-world.ts";

const isSoak = process.env["OPTOUT_SOAK"] === "1";
const text = (value: string): Uint8Array => new Uint8Array(Buffer.from(value));
/** Soon enough for a test, and with as many tries. */
const quick = { tries: 4, silence: 400, longestWait: 50 };

async function scanned(store: Store): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const bytes of store.scan(0)) found.push(Buffer.from(bytes).toString("utf8"));
  return found;
}

describe.skipIf(!hasCeph)("the log in a bucket (radosgw)", () => {
  const on = cephBuckets();

  const open = (more: Partial<S3StoreOptions> = {}): Store => openS3Store(on.bucket.options(more));

  it("lets one of forty racers create a position, five times", async () => {
    const stores = Array.from({ length: 40 }, () => open());
    for (let seq = 0; seq < 5; seq += 1) {
      await Promise.all(stores.map((store) => store.tail(1)));
      const outcomes = await Promise.all(
        stores.map((store, n) => store.append(seq, text(`${seq} by ${n}`), "")),
      );
      const winners = outcomes.flatMap((outcome, n) => (outcome === "created" ? [n] : []));
      expect(winners).toHaveLength(1);
      expect((await scanned(open()))[seq]).toBe(`${seq} by ${winners[0]}`);
    }
  });

  it("finds the end behind a full group, in the next one", async () => {
    const body = text("old");
    // more than a short log has; what lies between is not read by this test
    const there = [...Array.from({ length: 65 }, (_, seq) => seq), 998, 999, 1000, 1001];
    for (const seq of there) await on.bucket.ask({ method: "PUT", key: positionKey(seq), body });
    const store = open();

    expect(await store.tail(3)).toMatchObject({ first: 999, size: 1002 });
    expect(await store.append(1002, text("next"), "")).toBe("created");
    expect(await open().tail(1)).toMatchObject({ first: 1002, size: 1003 });
  });

  it("tells the time of the server once it was asked", async () => {
    const store = open();
    expect(store.time()).toBeNull();

    await store.tail(1);

    expect(Math.abs((store.time() ?? 0) - Date.now() / 1000)).toBeLessThan(5);
  });

  it("reads many positions at the same time before a deadline, without a warning", async () => {
    for (let seq = 0; seq < 16; seq += 1) {
      await on.bucket.ask({ method: "PUT", key: positionKey(seq), body: text("p") });
    }
    const warnings: string[] = [];
    const listen = (warning: Error): unknown => warnings.push(warning.message);
    process.on("warning", listen);

    const { bytes } = await open({ deadline: AbortSignal.timeout(60_000) }).tail(16);
    await new Promise((resolve) => setTimeout(resolve, 10));
    process.off("warning", listen);

    expect(bytes).toHaveLength(16);
    expect(warnings).toEqual([]);
  });

  it("goes on after garbage of 100 kB", async () => {
    await on.bucket.ask({ method: "PUT", key: positionKey(0), body: Buffer.alloc(100_000, 1) });

    expect(await open().append(1, text("p1"), "")).toBe("created");
    expect((await scanned(open()))[1]).toBe("p1");
  });

  describe("over a network that fails", () => {
    let proxy: FaultProxy;

    beforeEach(async () => {
      proxy = await startFaultProxy(on.ceph.port);
    });

    afterEach(() => proxy.close());

    const through = (more: Partial<S3StoreOptions> = {}): Store => {
      const endpoint = `http://127.0.0.1:${proxy.port}`;
      return open({ place: { ...on.bucket.place, endpoint }, persistence: quick, ...more });
    };

    it("knows that it created a position whose answer was lost", async () => {
      const store = through();
      await store.tail(1);
      proxy.set({ kind: "lost answer", match: "PUT " }, 1);

      expect(await store.append(0, text("mine"), "")).toBe("created");
      expect(proxy.struck).toBe(1);
      expect(await scanned(open())).toEqual(["mine"]);
    });

    it("knows that another was quicker though its own answer was lost", async () => {
      const store = through();
      await store.tail(1);
      await open().append(0, text("theirs"), "");
      proxy.set({ kind: "lost answer", match: "PUT " }, 1);

      expect(await store.append(0, text("mine"), "")).toBe("taken");
      expect(proxy.struck).toBe(1);
      expect(await scanned(open())).toEqual(["theirs"]);
    });

    it("reads what stands there when every answer to its PUT is lost", async () => {
      const store = through();
      await store.tail(1);
      proxy.set({ kind: "lost answer", match: "PUT " });

      expect(await store.append(0, text("mine"), "")).toBe("created");
      expect(proxy.struck).toBe(quick.tries);
    });

    const faults: readonly Fault[] = [
      { kind: "reset" },
      { kind: "black hole" },
      { kind: "cut", bytes: 40 },
      { kind: "lost answer", match: "GET " },
    ];

    it.each(faults.map((fault) => [fault.kind, fault] as const))(
      "says that it cannot be reached: %s",
      async (_kind, fault) => {
        proxy.set(fault);

        const error = await problemOf(through().tail(1));

        expect(error.code).toBe("unreachable");
        expect(error.message).toMatch(/^s3:\S+ cannot be reached: /);
        // two listings at the same time; the failure of one is the answer
        expect(proxy.struck).toBeGreaterThanOrEqual(quick.tries);
        expect(proxy.struck).toBeLessThanOrEqual(2 * quick.tries);
      },
    );

    it("ends with the deadline, however often it would try", async () => {
      proxy.set({ kind: "black hole" });
      const persistence = { ...quick, tries: 1000 };

      const error = await problemOf(
        through({ persistence, deadline: AbortSignal.timeout(300) }).tail(1),
      );

      expect(error.code).toBe("timeout");
    });

    const writers = isSoak ? 50 : 8;
    const each = isSoak ? 4 : 2;

    it(`loses and doubles nothing of ${writers} writers`, { timeout: 600_000 }, async () => {
      const kinds: readonly Fault[] = [
        { kind: "none" },
        { kind: "lost answer", match: "PUT " },
        { kind: "none" },
        { kind: "reset" },
        { kind: "none" },
        { kind: "cut", bytes: 30 },
      ];
      let turn = 0;
      const weather = setInterval(() => {
        turn += 1;
        proxy.set(kinds[turn % kinds.length] ?? { kind: "none" });
      }, 40);
      const persistence = { tries: 6, silence: 3000, longestWait: 100 };
      const write = async (writer: number): Promise<readonly string[]> => {
        const store = through({ persistence });
        const own = Array.from({ length: each }, (_, n) => `${writer}.${n}`);
        for (const value of own) await placeOnce(store, value);
        return own;
      };

      const written = await Promise.all(Array.from({ length: writers }, (_, n) => write(n)));
      clearInterval(weather);

      expect((await scanned(open())).toSorted()).toEqual(written.flat().toSorted());
    });
  });

  describe("with a credential that will not do", () => {
    const trouble = (more: Partial<S3StoreOptions>): Promise<unknown> =>
      problemOf(open({ persistence: quick, ...more }).tail(1));
    const named = (): string => `s3:${on.bucket.place.bucket}/team/optout`;

    it("names an unknown access key", async () => {
      const env = on.bucket.environment({
        accessKeyId: "nobody",
        secretAccessKey: "canary-secret",
      });

      expect(await trouble({ env })).toMatchObject({
        code: "store-denied",
        message: `${named()}: the access key is not known`,
        hint: "aws sts get-caller-identity   (shows whose credential it is)",
      });
    });

    it("names a wrong secret", async () => {
      const env = on.bucket.environment({ ...on.ceph.owner, secretAccessKey: "canary-secret" });

      const error = await trouble({ env });

      expect(error).toMatchObject({
        code: "store-denied",
        message: `${named()}: the secret key does not belong to the access key`,
      });
      expect(JSON.stringify(error)).not.toMatch(/canary|ownersecret|ownerkey|Signature=/);
    });

    it("may not list", async () => {
      const env = on.bucket.environment(
        await on.ceph.user(`guest${on.bucket.place.bucket.slice(7)}`),
      );

      expect(await trouble({ env })).toMatchObject({
        code: "store-denied",
        message: `${named()}: the credential may not list`,
        hint: "aws sts get-caller-identity   (shows whose credential it is); it needs s3:ListBucket there",
      });
    });

    it("names a bucket that is not there", async () => {
      const place = { ...on.bucket.place, bucket: "optout-nowhere" };

      expect(await trouble({ place })).toMatchObject({
        code: "log-missing",
        message: "s3:optout-nowhere/team/optout: there is no bucket optout-nowhere",
      });
    });
  });
});

/** Appends the text; after whatever failed the log is read before anything is repeated. */
async function placeOnce(store: Store, value: string): Promise<void> {
  for (;;) {
    try {
      const { size } = await store.tail(0);
      const before = await store.before(size, size);
      if (before.some((bytes) => Buffer.from(bytes).toString("utf8") === value)) return;
      if ((await store.append(size, text(value), "")) === "created") return;
    } catch {
      // the next reading tells
    }
  }
}
