/**
 * Where a log in a bucket is: the server, the way to name the bucket to it, and the names of objects.
 *
 * `<prefix>/entries/<group, 9 digits>/<seq, 12 digits>.json`, a thousand positions to a group, so that
 * the head of a long log is found by few listings. No object is ever written twice.
 */
import { OptoutError } from "../core/errors.ts";
import type { LogPlace } from "../core/policy.ts";

/** As the policy names it. */
export type BucketPlace = Omit<Extract<LogPlace, { readonly store: "s3" }>, "store" | "id">;

/** What requests to a bucket begin with. */
export interface BucketServer {
  readonly isSecure: boolean;
  /** Without brackets. */
  readonly hostname: string;
  readonly port: number | null;
  /** As the `Host` header has it. */
  readonly host: string;
  /** Path of the bucket; never ends with a slash. */
  readonly path: string;
}

/** Positions to a group. */
export const groupSize = 1000;

/** The first positions of a group, whose writers look whether the one before is sealed. */
const sealers = 4;

/** The full group that whoever created this position should seal; null for most positions. */
export function groupToSeal(seq: number): number | null {
  return seq >= groupSize && seq % groupSize < sealers ? Math.floor(seq / groupSize) - 1 : null;
}

/** The server of a bucket. @param region already known to be a plain word */
export function serverOf(place: BucketPlace, region: string): BucketServer {
  const { bucket, endpoint } = place;
  const domain = region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  const url = new URL(endpoint ?? `https://s3.${region}.${domain}`);
  const byPath = isByPath(place);
  const base = url.pathname.replace(/\/+$/, "");
  return {
    isSecure: url.protocol === "https:",
    hostname: `${byPath ? "" : `${bucket}.`}${url.hostname.replace(/^\[|\]$/g, "")}`,
    port: url.port === "" ? null : Number(url.port),
    host: `${byPath ? "" : `${bucket}.`}${url.host}`,
    path: byPath ? `${base}/${bucket}` : base,
  };
}

/** A name with dots is in no certificate of AWS's; other servers seldom have a name for each bucket. */
function isByPath({ addressing, endpoint, bucket }: BucketPlace): boolean {
  if (addressing !== null) return addressing === "path";
  return endpoint !== null || bucket.includes(".");
}

/** For people: `s3:bucket/prefix`. */
export function nameOf({ bucket, prefix }: BucketPlace): string {
  return prefix === "" ? `s3:${bucket}` : `s3:${bucket}/${prefix}`;
}

/** Headers of the PUT that creates an object, and never replaces one. */
export function createHeaders({ sse, kmsKey }: BucketPlace): Readonly<Record<string, string>> {
  return {
    "If-None-Match": "*",
    "Content-Type": "application/json",
    ...(sse === null ? {} : { "x-amz-server-side-encryption": sse }),
    ...(kmsKey === null ? {} : { "x-amz-server-side-encryption-aws-kms-key-id": kmsKey }),
  };
}

/** The names of a log's objects. */
export class Keys {
  /** What all positions begin with. */
  readonly entries: string;
  /** An object outside of the log, for the probe. */
  readonly probe: string;
  /** What the copies of full groups begin with. */
  readonly segments: string;

  constructor(prefix: string) {
    const base = prefix === "" ? "" : `${prefix}/`;
    this.entries = `${base}entries/`;
    this.probe = `${base}probe.json`;
    this.segments = `${base}segments/`;
  }

  group(group: number): string {
    return `${this.entries}${digits(group, 9)}/`;
  }

  /** The copy of a full group, for audits. */
  segment(group: number): string {
    return `${this.segments}${digits(group, 9)}.ndjson`;
  }

  position(seq: number): string {
    return `${this.group(Math.floor(seq / groupSize))}${digits(seq, 12)}.json`;
  }

  /** The group of exactly that name, else null. */
  groupOf(name: string): number | null {
    const group = Number(/([0-9]{9})\/$/.exec(name)?.[1] ?? NaN);
    return name === this.group(group) ? group : null;
  }

  /** The position of exactly that name, else null. */
  seqOf(key: string): number | null {
    const seq = Number(/([0-9]{12})\.json$/.exec(key)?.[1] ?? NaN);
    return key === this.position(seq) ? seq : null;
  }
}

const digits = (value: number, count: number): string => String(value).padStart(count, "0");

/**
 * The region that requests are signed for: the policy's, else the environment's, else what servers
 * that are not AWS take.
 * @returns null where nothing but a profile can tell
 * @throws `config-invalid` for a variable that names no region
 */
export function regionOf(
  { region, endpoint }: BucketPlace,
  env: Readonly<Record<string, string | undefined>>,
): string | null {
  if (region !== null) return region;
  for (const name of ["AWS_REGION", "AWS_DEFAULT_REGION"]) {
    const found = env[name] ?? "";
    if (found !== "") return plainRegion(found, name);
  }
  return endpoint === null ? null : "us-east-1";
}

/** @throws `config-invalid`: it becomes part of a host's name */
export function plainRegion(region: string, source: string): string {
  if (/^[a-z0-9-]{1,40}$/.test(region)) return region;
  throw new OptoutError("config-invalid", `${source} does not name a region`, {
    hint: `export ${source}=eu-central-1`,
  });
}
