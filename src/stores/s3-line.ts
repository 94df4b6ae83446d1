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

/** Positions of a log that is found by one listing. */
const short = 64;

/**
 * Finds the end by two listings, of the groups and of the last of them; at the same time by one of
 * all there is, which suffices for a short log and costs a long one no time.
 */
export async function findLine(client: S3Client, keys: Keys): Promise<Line> {
  const [whole, groups] = await Promise.all([shortLine(client, keys), lastGroup(client, keys)]);
  if (whole !== null) return whole;
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

/** Null for a log that is not so short. */
async function shortLine(client: S3Client, keys: Keys): Promise<Line | null> {
  for await (const { names, isLast } of list(client, { prefix: keys.entries, most: short })) {
    return isLast ? lineIn(names, keys, 0) : null;
  }
  return null;
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
  let line: Line = { size: from, strays: 0 };
  for await (const { names } of list(client, request)) {
    const page = lineIn(names, keys, line.size);
    line = { size: page.size, strays: line.strays + page.strays };
  }
  return line;
}

/** How far names that are in order go on from `from`. */
function lineIn(names: readonly string[], keys: Keys, from: number): Line {
  let size = from;
  for (const name of names) if (keys.seqOf(name) === size) size += 1;
  return { size, strays: names.length - (size - from) };
}
