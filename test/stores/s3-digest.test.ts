/**
 * Digests of uploads: a bucket with Object Lock and a retention takes none without.
 */
import { createHash } from "node:crypto";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { digestHeaders, md5Of, type MakeHash } from "../../src/stores/s3-digest.ts";
import { openS3Store } from "../../src/stores/s3.ts";
import { cephBuckets } from "../support/ceph-buckets.ts";
import { hasCeph } from "../support/ceph.ts";
import { demandDigests, type DemandingGate } from "../support/demanding-gate.ts";
import { makeBucket, positionKey, type Bucket } from "../support/s3-world.ts";

const text = (value: string): Uint8Array => new Uint8Array(Buffer.from(value));

/** As node:crypto answers where FIPS is enforced. */
const withoutMd5: MakeHash = (algorithm) => {
  if (algorithm === "md5") throw new Error("error:0308010C:digital envelope routines::unsupported");
  return createHash(algorithm);
};

describe("the digest of an upload", () => {
  it("is its MD5, which every server knows", () => {
    expect(digestHeaders(text("p0"))).toEqual({ "Content-MD5": "QpN9Bkg2LKrgDFQxatvwgw==" });
  });

  it("is its SHA-256 where MD5 is forbidden", () => {
    expect(digestHeaders(text("p0"), withoutMd5)).toEqual({
      "x-amz-sdk-checksum-algorithm": "SHA256",
      "x-amz-checksum-sha256": createHash("sha256").update("p0").digest("base64"),
    });
    expect(md5Of([text("p0")], withoutMd5)).toBeNull();
  });
});

describe.skipIf(!hasCeph)("a bucket that takes no upload without a digest (radosgw)", () => {
  const on = cephBuckets();
  let gate: DemandingGate;
  let bucket: Bucket;

  beforeAll(async () => {
    gate = await demandDigests(on.ceph);
    bucket = await makeBucket(gate);
  });

  afterAll(() => gate.stop());

  it("is fit", async () => {
    expect(await openS3Store(bucket.options()).probe()).toMatchObject({ appendable: true });
    expect(gate.refused).toEqual([]);
  });

  it("takes every upload: positions, and the copy of a full group", async () => {
    for (let seq = 0; seq < 1000; seq += 1) {
      await bucket.ask({ method: "PUT", key: positionKey(seq), body: text(`p${seq}`) });
    }
    const store = openS3Store(bucket.options({ sealing: 60_000 }));

    expect(await store.append(1000, text("p1000"), "")).toBe("created");

    const key = "team/optout/segments/000000000.ndjson";
    expect((await bucket.ask({ method: "GET", key })).status).toBe(200);
    expect(gate.refused).toEqual([]);
  });
});

describe.skipIf(!hasCeph)("a bucket with Object Lock and a retention (radosgw)", () => {
  const on = cephBuckets();

  it("retains every position from the start", async () => {
    const bucket = await makeBucket(on.ceph, {}, { "x-amz-bucket-object-lock-enabled": "true" });
    const retention = "<Mode>GOVERNANCE</Mode><Days>1</Days>";
    const rule = `<Rule><DefaultRetention>${retention}</DefaultRetention></Rule>`;
    const { status } = await bucket.ask({
      method: "PUT",
      key: null,
      query: { "object-lock": "" },
      body: text(
        `<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled>${rule}</ObjectLockConfiguration>`,
      ),
    });
    expect(status).toBe(200);

    expect(await openS3Store(bucket.options()).append(0, text("p0"), "")).toBe("created");

    const { headers } = await bucket.ask({ method: "GET", key: positionKey(0) });
    expect(headers["x-amz-object-lock-mode"]).toBe("GOVERNANCE");
  });
});
