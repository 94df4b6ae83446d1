/**
 * Where the line of positions ends: at the last one before the first gap.
 *
 * What lies after a gap was not put there by a writer of the log, and is passed over. A gap that
 * opens later, below what was read, is not: see `s3.ts`.
 */
import { OptoutError } from "../core/errors.ts";
import type { S3Client } from "./s3-client.ts";
import { list, type ListRequest } from "./s3-list.ts";
import { groupSize, type Keys } from "./s3-place.ts";

export interface Line {
  /** How many positions there are. */
  readonly size: number;
  /** How many names were passed over: after a gap, or not of the log's form. */
  readonly strays: number;
}

export interface Found extends Pick<Line, "size"> {
  /** Whether segments were believed, which do not prove that no position is missing before. */
  readonly isGuess: boolean;
}

/** Positions of a log that is found by one listing. */
const short = 64;

/** Pages that are followed before the groups are listed, which some servers do slowly. */
const followed = 3;

/**
 * Finds the end by listings at the same time: of the first positions, which suffices for a short log, and
 * of the segments, which say how many groups were full some time ago, and then of what follows the last
 * position known by them, which must be there itself. Where that is not plain, `wholeLine`.
 */
export async function findLine(client: S3Client, keys: Keys): Promise<Found> {
  const [first, beyond] = await Promise.all([
    follow(client, keys, { from: 0, prefix: keys.entries, most: short, pages: 1 }),
    beyondSegments(client, keys),
  ]);
  if (first.isWhole) return { size: first.size, isGuess: false };
  if (beyond !== null) return { size: beyond, isGuess: true };
  const found = await followFrom(client, keys, first.size);
  return { size: found ?? (await wholeLine(client, keys)).size, isGuess: false };
}

/** Null where there are no segments, or they lead nowhere. */
async function beyondSegments(client: S3Client, keys: Keys): Promise<number | null> {
  const sealed = await sealedGroups(client, keys);
  return sealed === 0 ? null : followFrom(client, keys, sealed * groupSize - 1);
}

/** The end behind a position that must be there; null where it is not plain. */
async function followFrom(client: S3Client, keys: Keys, from: number): Promise<number | null> {
  if (from === 0) return null;
  const after = keys.position(from - 1);
  const request = { from, prefix: keys.entries, after, pages: followed };
  const { size, strays, isWhole } = await follow(client, keys, request);
  return isWhole && size > from && strays === 0 ? size : null;
}

/** The end by the groups and the last of them, which believes nothing but names. */
export async function wholeLine(client: S3Client, keys: Keys): Promise<Line> {
  let { last, strays } = await lastGroup(client, keys);
  for (; last >= 0; last -= 1) {
    const from = last * groupSize;
    const found = await follow(client, keys, { from, prefix: keys.group(last) });
    strays += found.strays;
    if (found.size > from) return { size: found.size, strays };
  }
  return { size: 0, strays };
}

/** The end, when positions before `size` are known to be there. */
export async function followLine(client: S3Client, keys: Keys, size: number): Promise<number> {
  const after = keys.position(size - 1);
  return (await follow(client, keys, { from: size, prefix: keys.entries, after })).size;
}

/** How many groups have a segment, from the first on; none where the credential may not list them. */
async function sealedGroups(client: S3Client, keys: Keys): Promise<number> {
  const names: string[] = [];
  try {
    for await (const page of list(client, { prefix: keys.segments })) names.push(...page.names);
  } catch (error) {
    if (!(error instanceof OptoutError) || error.code !== "store-denied") throw error;
  }
  return names.reduce((sealed, name) => sealed + (name === keys.segment(sealed) ? 1 : 0), 0);
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

interface Follow extends Pick<ListRequest, "prefix" | "after" | "most"> {
  readonly from: number;
  /** To look at, at most. */
  readonly pages?: number;
}

interface Followed extends Line {
  /** Whether there is no further page. */
  readonly isWhole: boolean;
}

async function follow(
  client: S3Client,
  keys: Keys,
  { from, pages = Infinity, ...request }: Follow,
): Promise<Followed> {
  let line: Followed = { size: from, strays: 0, isWhole: false };
  let seen = 0;
  for await (const { names, isLast } of list(client, request)) {
    const page = lineIn(names, keys, line.size);
    line = { size: page.size, strays: line.strays + page.strays, isWhole: isLast };
    if ((seen += 1) >= pages) break;
  }
  return line;
}

/** How far names that are in order go on from `from`. */
function lineIn(names: readonly string[], keys: Keys, from: number): Line {
  let size = from;
  for (const name of names) if (keys.seqOf(name) === size) size += 1;
  return { size, strays: names.length - (size - from) };
}
