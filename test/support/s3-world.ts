/**
 * A bucket for each test, on a server of this machine.
 */
import { randomBytes } from "node:crypto";

import { S3Client } from "../../src/stores/s3-client.ts";
import type { BucketAnswer, BucketRequest } from "../../src/stores/s3-client.ts";
import type { BucketPlace } from "../../src/stores/s3-place.ts";
import { openS3Store, type S3StoreOptions } from "../../src/stores/s3.ts";
import type { Keys } from "./ceph.ts";
import type { StoreWorld } from "./store-worlds.ts";

/** A server with buckets. */
export interface BucketServer {
  readonly endpoint: string;
  readonly owner: Keys;
}

export interface Bucket {
  readonly place: BucketPlace;
  /** Of a process that holds these keys. */
  environment(keys?: Keys): Readonly<Record<string, string>>;
  options(more?: Partial<S3StoreOptions>): S3StoreOptions;
  /** A request by hand, as its owner. */
  ask(request: BucketRequest): Promise<BucketAnswer>;
}

const plainPlace = { region: "us-east-1", addressing: null, sse: null, kmsKey: null } as const;

/** Makes a bucket with a name of its own. @param headers of the request that makes it */
export async function makeBucket(
  { endpoint, owner }: BucketServer,
  more: Partial<BucketPlace> = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<Bucket> {
  const bucket = `optout-${randomBytes(6).toString("hex")}`;
  const place = { ...plainPlace, bucket, prefix: "team/optout", endpoint, ...more };
  const environment = (keys: Keys = owner): Readonly<Record<string, string>> => ({
    AWS_ACCESS_KEY_ID: keys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
  });
  const options = (own: Partial<S3StoreOptions> = {}): S3StoreOptions => ({
    place,
    env: environment(),
    ...own,
  });
  const client = new S3Client(options());
  const ask = (request: BucketRequest): Promise<BucketAnswer> => client.send(request);
  const { status } = await ask({ method: "PUT", key: null, headers });
  if (status !== 200) throw new Error(`the bucket could not be made: ${status}`);
  return { place, environment, options, ask };
}

/** For the contract of stores. */
export async function bucketWorld(server: BucketServer): Promise<StoreWorld> {
  const bucket = await makeBucket(server);
  let planted = 0;
  return {
    open: () => Promise.resolve(openS3Store(bucket.options())),
    writerArguments: () => ["s3", JSON.stringify(bucket.options()), ""],
    plant: async (bytes) => {
      for (;;) {
        const answer = await bucket.ask({
          method: "PUT",
          key: positionKey(planted),
          headers: { "If-None-Match": "*" },
          body: bytes,
        });
        planted += 1;
        if (answer.status === 200) return;
      }
    },
    assertSound: () => undefined,
    close: () => Promise.resolve(),
  };
}

/** The name of a position's object, worked out by hand. */
export function positionKey(seq: number): string {
  const group = String(Math.floor(seq / 1000)).padStart(9, "0");
  return `team/optout/entries/${group}/${String(seq).padStart(12, "0")}.json`;
}
