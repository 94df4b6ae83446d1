/**
 * Where the line of positions in a bucket ends: found behind the groups that were sealed, and never
 * by the word of a segment alone.
 */
import { describe, expect, it } from "vitest";

import { S3Client } from "../../src/stores/s3-client.ts";
import { findLine, wholeLine } from "../../src/stores/s3-line.ts";
import { Keys } from "../../src/stores/s3-place.ts";
import { openS3Store } from "../../src/stores/s3.ts";
import { inParallel } from "../../src/system/in-parallel.ts";
import { cephBuckets } from "../support/ceph-buckets.ts";
import { hasCeph } from "../support/ceph.ts";
import { positionKey } from "../support/s3-world.ts";

describe.skipIf(!hasCeph)("the end of the line (radosgw)", () => {
  const on = cephBuckets();
  const keys = new Keys("team/optout");
  const client = (): S3Client => new S3Client(on.bucket.options());

  /** Puts positions; `range(2, 5)` are three of them. */
  async function put(...ranges: readonly (readonly number[])[]): Promise<void> {
    const all = ranges.flat();
    await inParallel(all.length, 32, (index) => {
      const seq = all[index] ?? 0;
      const body = Buffer.from(`position ${seq}`);
      return on.bucket.ask({ method: "PUT", key: positionKey(seq), body });
    });
  }
  const range = (from: number, end: number): readonly number[] =>
    Array.from({ length: end - from }, (_, index) => from + index);

  async function seal(...groups: readonly number[]): Promise<void> {
    for (const group of groups) {
      await on.bucket.ask({ method: "PUT", key: keys.segment(group), body: Buffer.from("") });
    }
  }

  const tail = async (count: number): Promise<{ size: number; texts: readonly string[] }> => {
    const { size, bytes } = await openS3Store(on.bucket.options()).tail(count);
    return { size, texts: bytes.map((one) => Buffer.from(one).toString()) };
  };

  it.each([0, 1, 63, 64, 65, 999, 1000, 1001, 2500])(
    "of %i positions without a segment is found by either way",
    async (size) => {
      await put(range(0, size));

      expect(await findLine(client(), keys)).toEqual({ size, isGuess: false });
      expect((await wholeLine(client(), keys)).size).toBe(size);
    },
  );

  it("is looked for behind the sealed groups, whose positions are not asked about", async () => {
    await put(range(0, 70), range(2999, 3005));
    await seal(0, 1, 2);

    expect(await tail(3)).toEqual({
      size: 3005,
      texts: ["position 3002", "position 3003", "position 3004"],
    });
  });

  it("is found where the last full groups were never sealed", async () => {
    await put(range(0, 2100));
    await seal(0);

    expect(await findLine(client(), keys)).toEqual({ size: 2100, isGuess: true });
  });

  it("is not moved by segments of what is not there", async () => {
    await put(range(0, 70));
    await seal(0, 1, 2, 3, 4);

    expect((await tail(1)).size).toBe(70);
  });

  it("is not moved by segments and a position that somebody put there for them", async () => {
    await put(range(0, 70), [1999]);
    await seal(0, 1);

    expect(await tail(2)).toEqual({ size: 70, texts: ["position 68", "position 69"] });
  });

  it("is found again by the groups for an audit, however much was put there", async () => {
    await put(range(0, 70), range(1960, 2000));
    await seal(0, 1);
    const store = openS3Store(on.bucket.options());
    expect((await store.tail(16)).size).toBe(2000);

    let read = 0;
    for await (const bytes of store.scan(0)) {
      expect(Buffer.from(bytes).toString()).toBe(`position ${read}`);
      read += 1;
    }

    expect(read).toBe(70);
  });

  it("does not move back for a position that goes missing after it was seen", async () => {
    await put(range(0, 70));
    const store = openS3Store(on.bucket.options());
    await store.tail(1);
    await on.bucket.ask({ method: "DELETE", key: positionKey(68) });

    await expect(store.tail(2)).rejects.toMatchObject({ code: "log-rewound" });
  });
});
