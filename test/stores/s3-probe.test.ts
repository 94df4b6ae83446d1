/**
 * The probe of a bucket, by real servers: one that keeps its promise, one that refuses it, one that
 * lies.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { openS3Store } from "../../src/stores/s3.ts";
import type { Store, StoreProbe } from "../../src/stores/store.ts";
import { cephBuckets } from "../support/ceph-buckets.ts";
import { hasCeph } from "../support/ceph.ts";
import { makeBucket, positionKey, type Bucket, type BucketServer } from "../support/s3-world.ts";
import { startS3rver, type S3rver } from "../support/s3rver.ts";
import { hasSwift, startSwift, type Swift } from "../support/swift.ts";

const text = (value: string): Uint8Array => new Uint8Array(Buffer.from(value));
const found = async (store: Store): Promise<readonly string[]> =>
  (await store.examine()).map(({ kind, seq, detail }) => `${kind} ${seq} ${detail}`);

async function filled(bucket: Bucket, count: number): Promise<Store> {
  const store = openS3Store(bucket.options());
  for (let seq = 0; seq < count; seq += 1) await store.append(seq, text(`p${seq}`), "");
  return store;
}

describe.skipIf(!hasCeph)("a bucket of Ceph's gateway (radosgw)", () => {
  const on = cephBuckets();

  const version = (status: string): Promise<unknown> =>
    on.bucket.ask({
      method: "PUT",
      key: null,
      query: { versioning: "" },
      body: text(`<VersioningConfiguration><Status>${status}</Status></VersioningConfiguration>`),
    });

  it("is fit, and what the credential may do beyond that is a warning", async () => {
    const store = await filled(on.bucket, 2);

    const probe = await store.probe();

    expect(probe).toMatchObject({
      readable: true,
      appendable: true,
      detail: "2 positions; conditional creates are honoured; versioning off; no object lock",
    });
    expect(probe.warnings?.map(({ message }) => message)).toEqual([
      "this credential may overwrite what is in the log",
      "this credential may delete what is in the log",
    ]);
    expect((await store.tail(9)).size).toBe(2);
  });

  it("is unfit while it is versioned, for then it ignores the condition", async () => {
    await version("Enabled");

    const probe = await openS3Store(on.bucket.options()).probe();

    expect(probe).toEqual({
      readable: true,
      appendable: false,
      code: "store-unfit",
      detail: `s3:${on.bucket.place.bucket}/team/optout: the bucket ignores the condition of a create (versioning on)`,
    });
  });

  it("names a missing bucket", async () => {
    const place = { ...on.bucket.place, bucket: "optout-nowhere" };

    expect(await openS3Store(on.bucket.options({ place })).probe()).toMatchObject({
      readable: false,
      appendable: false,
      code: "log-missing",
      detail: "s3:optout-nowhere/team/optout: there is no bucket optout-nowhere",
    });
  });

  it("passes over objects after a gap and of other names, and tells of them", async () => {
    const store = await filled(on.bucket, 3);
    const foreign = [positionKey(5), positionKey(2000), positionKey(1).replace(".json", ".txt")];
    for (const key of foreign) await on.bucket.ask({ method: "PUT", key, body: text("foreign") });
    const another = openS3Store(on.bucket.options());

    expect((await another.tail(9)).bytes.map(String)).toHaveLength(3);
    expect((await another.probe()).warnings?.[0]).toEqual({
      message: "3 objects are none of the positions, and are passed over",
      mend: "optout verify   (names them)",
    });
    expect(await found(store)).toEqual([
      `stray null ${positionKey(1).replace(".json", ".txt")}`,
      `stray null ${positionKey(5)}`,
      `stray null ${positionKey(2000)}`,
    ]);
    expect(await another.append(3, text("p3"), "")).toBe("created");
  });

  it("never passes over a position that was taken away", async () => {
    await filled(on.bucket, 5);
    await on.bucket.ask({ method: "DELETE", key: positionKey(1) });
    const store = openS3Store(on.bucket.options());

    // the line ends before the gap; whoever has seen more of it knows
    expect((await store.tail(9)).size).toBe(1);
    expect(await found(store)).toHaveLength(3);
  });

  it("does not read across a position that is taken away while it is read", async () => {
    const store = await filled(on.bucket, 3);
    await on.bucket.ask({ method: "DELETE", key: positionKey(1) });

    await expect(store.before(3, 3)).rejects.toMatchObject({
      code: "log-rewound",
      message: `#1 is missing in ${store.name}`,
    });
  });

  it("remembers an overwritten and a deleted position, where it is versioned", async () => {
    const store = await filled(on.bucket, 3);
    await version("Enabled");
    await on.bucket.ask({ method: "PUT", key: positionKey(1), body: text("other") });
    await on.bucket.ask({ method: "DELETE", key: positionKey(2) });

    const past = await store.examine();

    expect(past).toContainEqual({
      kind: "second-version",
      seq: 1,
      detail: "version null lies under a newer one",
    });
    expect(past.filter(({ kind }) => kind === "deleted")).toMatchObject([{ seq: 2 }]);
  });
});

describe.skipIf(!hasSwift)("a bucket of Swift (swift-proxy with s3api)", () => {
  let swift: Swift;

  beforeAll(async () => {
    swift = await startSwift();
  });

  afterAll(() => swift.stop());

  it("is unfit: the condition is refused", async () => {
    const { store, probe } = await probed(swift);

    expect(probe).toEqual(
      unfit(store, "the server refuses the condition of a create (501 NotImplemented)"),
    );
  });
});

describe("a bucket of s3rver", () => {
  let liar: S3rver;

  beforeAll(async () => {
    liar = await startS3rver();
  });

  afterAll(() => liar.stop());

  it("is unfit: the condition is taken and ignored", async () => {
    const { store, probe } = await probed(liar);

    expect(probe).toEqual(
      unfit(store, "the bucket ignores the condition of a create (versioning off)"),
    );
  });
});

async function probed(server: BucketServer): Promise<{ store: Store; probe: StoreProbe }> {
  const bucket = await makeBucket(server);
  const store = openS3Store(bucket.options());
  return { store, probe: await store.probe() };
}

const unfit = ({ name }: Store, why: string): StoreProbe => ({
  readable: true,
  appendable: false,
  code: "store-unfit",
  detail: `${name}: ${why}`,
});
