/**
 * Sealed segments of a log in a bucket: who writes them, and how far an audit believes them.
 */
import { beforeEach, describe, expect, it } from "vitest";

import { openS3Store } from "../../src/stores/s3.ts";
import { inParallel } from "../../src/system/in-parallel.ts";
import { cephBuckets } from "../support/ceph-buckets.ts";
import { hasCeph } from "../support/ceph.ts";
import { startFaultProxy, type FaultProxy } from "../support/fault-proxy.ts";
import { positionKey } from "../support/s3-world.ts";

const segmentKey = "team/optout/segments/000000000.ndjson";
/** Long enough for a machine that is busy with other tests. */
const sealing = 60_000;
const bytesOf = (seq: number): Buffer => Buffer.from(`position ${seq}`);
const expected: readonly string[] = Array.from({ length: 1001 }, (_, seq) => `position ${seq}`);

describe.skipIf(!hasCeph)("the segment of a full group (radosgw)", () => {
  const on = cephBuckets();

  beforeEach(async () => {
    await inParallel(1000, 32, (seq) => put(positionKey(seq), bytesOf(seq)));
  });

  const put = (key: string, body: Buffer): Promise<unknown> =>
    on.bucket.ask({ method: "PUT", key, body });
  const get = async (key: string): Promise<{ status: number; text: string }> => {
    const { status, body } = await on.bucket.ask({ method: "GET", key });
    return { status, text: body.toString() };
  };
  const begin = (): Promise<string> =>
    openS3Store(on.bucket.options({ sealing })).append(1000, bytesOf(1000), "");
  const scanned = async (
    from = 0,
    endpoint = on.bucket.place.endpoint,
  ): Promise<readonly string[]> => {
    const store = openS3Store(on.bucket.options({ place: { ...on.bucket.place, endpoint } }));
    const found: string[] = [];
    for await (const bytes of store.scan(from)) found.push(Buffer.from(bytes).toString());
    return found;
  };

  /** What a scan finds when the answer to this very request is never given. */
  const scannedWithout = async (key: string): Promise<readonly string[]> => {
    const proxy: FaultProxy = await startFaultProxy(on.ceph.port);
    try {
      proxy.set({ kind: "lost answer", match: key });
      return await scanned(0, `http://127.0.0.1:${proxy.port}`);
    } finally {
      await proxy.close();
    }
  };

  it("is written by whoever begins the next group, and read in the place of its positions", async () => {
    expect(await begin()).toBe("created");

    expect((await get(segmentKey)).text).toBe(`${expected.slice(0, 1000).join("\n")}\n`);
    expect(await scannedWithout(positionKey(500))).toEqual(expected);
    expect(await scanned(998)).toEqual(expected.slice(998));
  });

  it("is no part of the log: positions are found and read without it", async () => {
    await begin();
    await on.bucket.ask({ method: "DELETE", key: segmentKey });

    expect(await scanned()).toEqual(expected);
    expect(await scannedWithout(segmentKey)).toEqual(expected);
    expect((await openS3Store(on.bucket.options()).tail(2)).size).toBe(1001);
  });

  it("hides nothing that became of a position", async () => {
    await begin();
    await put(positionKey(7), Buffer.from("overwritten"));

    expect((await scanned())[7]).toBe("overwritten");

    await on.bucket.ask({ method: "DELETE", key: positionKey(9) });

    await expect(scanned()).rejects.toMatchObject({ code: "log-rewound" });
  });

  it("is not believed with another line, a line less or more, or in another order", async () => {
    await begin();
    const { text } = await get(segmentKey);
    const forgeries = [
      text.replace("position 8\n", "position X\n"),
      text.replace("position 8\n", ""),
      `${text}position 1000\n`,
      text.split("\n").toSorted().join("\n"),
      "",
    ];
    for (const forged of forgeries) {
      await put(segmentKey, Buffer.from(forged));

      expect(await scanned()).toEqual(expected);
    }
  });

  it("is left out where a position is no single line", async () => {
    await put(positionKey(7), Buffer.from("two\nlines"));

    expect(await begin()).toBe("created");

    expect((await get(segmentKey)).status).toBe(404);
    expect((await scanned())[7]).toBe("two\nlines");
  });

  it("is nothing that a writer fails for", async () => {
    const proxy = await startFaultProxy(on.ceph.port);
    proxy.set({
      kind: "lost answer",
      match: `PUT /${on.bucket.place.bucket}/team/optout/segments`,
    });
    const endpoint = `http://127.0.0.1:${proxy.port}`;
    const persistence = { tries: 2, silence: 3000, longestWait: 10 };
    const store = openS3Store(
      on.bucket.options({ place: { ...on.bucket.place, endpoint }, persistence, sealing }),
    );

    expect(await store.append(1000, bytesOf(1000), "")).toBe("created");
    expect(proxy.struck).toBe(2);
    await proxy.close();
  });

  it("is written by one of those who come next, where the first could not", async () => {
    await put(positionKey(1000), bytesOf(1000));
    const store = openS3Store(on.bucket.options({ sealing }));

    expect(await store.append(1001, bytesOf(1001), "")).toBe("created");

    expect((await get(segmentKey)).status).toBe(200);
  });

  it("is given up where it takes long, and the position is recorded all the same", async () => {
    const store = openS3Store(on.bucket.options({ sealing: 1 }));

    expect(await store.append(1000, bytesOf(1000), "")).toBe("created");

    expect((await get(segmentKey)).status).toBe(404);
    expect(await scanned()).toEqual(expected);
  });

  it("never replaces one that is there", async () => {
    await put(segmentKey, Buffer.from("forged\n"));

    expect(await begin()).toBe("created");

    expect((await get(segmentKey)).text).toBe("forged\n");
    expect(await scanned()).toEqual(expected);
  });

  it("holds positions that were put with a final line feed", async () => {
    await put(positionKey(7), Buffer.from("position 7\n"));
    await begin();

    expect(await scannedWithout(positionKey(500))).toEqual(expected);
  });
});
