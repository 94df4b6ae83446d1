/**
 * Where the line of positions ends: at the last one before the first gap.
 *
 * What lies after a gap was not put there by a writer of the log, and is passed over. A gap that
 * opens later, below what was read, is not: see `s3.ts`.
 */
import type { S3Client } from "./s3-client.ts";
import { list } from "./s3-list.ts";
import { groupSize, type Keys } from "./s3-place.ts";

export interface Line {
  /** How many positions there are. */
  readonly size: number;
  /** How many names were passed over: after a gap, or not of the log's form. */
  readonly strays: number;
}

/** Finds the end by two listings: of the groups, and of the last of them. */
export async function findLine(client: S3Client, keys: Keys): Promise<Line> {
  const groups = await lastGroup(client, keys);
  let { strays } = groups;
  for (let group = groups.last; group >= 0; group -= 1) {
    const from = group * groupSize;
    const found = await follow(client, keys, { from, prefix: keys.group(group) });
    strays += found.strays;
    if (found.size > from) return { size: found.size, strays };
  }
  return { size: 0, strays };
}

/** The end, when positions before `size` are known to be there. */
export async function followLine(client: S3Client, keys: Keys, size: number): Promise<Line> {
  const after = keys.position(size - 1);
  return follow(client, keys, { from: size, prefix: keys.entries, after });
}

async function lastGroup(
  client: S3Client,
  keys: Keys,
): Promise<{ readonly last: number; readonly strays: number }> {
  let last = -1;
  let strays = 0;
  for await (const { names } of list(client, { prefix: keys.entries, delimiter: "/" })) {
    for (const name of names) {
      if (keys.groupOf(name) === last + 1) last += 1;
      else strays += 1;
    }
  }
  return { last, strays };
}

interface Follow {
  readonly from: number;
  readonly prefix: string;
  readonly after?: string;
}

async function follow(client: S3Client, keys: Keys, { from, ...request }: Follow): Promise<Line> {
  let size = from;
  let strays = 0;
  for await (const { names } of list(client, request)) {
    for (const name of names) {
      if (keys.seqOf(name) === size) size += 1;
      else strays += 1;
    }
  }
  return { size, strays };
}
