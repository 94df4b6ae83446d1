/**
 * The contract of stores over a bucket of Ceph's gateway.
 */
import { afterAll, beforeAll, describe } from "vitest";

import { hasCeph, startCeph, type Ceph } from "../support/ceph.ts";
import { bucketWorld } from "../support/s3-world.ts";
import { storeContract } from "./store.ts";

describe.skipIf(!hasCeph)("with Debian's radosgw, ceph-mon and ceph-osd", () => {
  let ceph: Ceph;

  beforeAll(async () => {
    ceph = await startCeph();
  });

  afterAll(() => ceph.stop());

  storeContract("s3, Ceph's gateway", () => bucketWorld(ceph));
});
