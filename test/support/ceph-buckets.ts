/**
 * For a block of tests: one Ceph, and a bucket of its own for each test.
 */
import { afterAll, beforeAll, beforeEach } from "vitest";

import { startCeph, type Ceph } from "./ceph.ts";
import { makeBucket, type Bucket } from "./s3-world.ts";

export interface CephBuckets {
  readonly ceph: Ceph;
  /** That of the test that runs. */
  readonly bucket: Bucket;
}

/** Called where the block begins, before hooks that need a bucket. */
export function cephBuckets(): CephBuckets {
  let ceph: Ceph;
  let bucket: Bucket;

  beforeAll(async () => {
    ceph = await startCeph();
  });

  afterAll(() => ceph.stop());

  beforeEach(async () => {
    bucket = await makeBucket(ceph);
  });

  return {
    get ceph() {
      return ceph;
    },
    get bucket() {
      return bucket;
    },
  };
}
