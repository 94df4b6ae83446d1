/**
 * Sealed segments: a full group's thousand positions once more, as the lines of one object, so that an
 * audit of a long log takes two requests a group. Checks never read them.
 *
 * Those who create the first positions of the next group write one, if that can be done soon. It is a copy and proves nothing: it
 * is believed as far as each line is, by the server's own digest, what stands at its position now.
 */
import { OptoutError } from "../core/errors.ts";
import { inParallel } from "../system/in-parallel.ts";
import type { S3Client } from "./s3-client.ts";
import { md5Of } from "./s3-digest.ts";
import { connections } from "./s3-http.ts";
import { list } from "./s3-list.ts";
import { createHeaders, groupSize, type BucketPlace, type Keys } from "./s3-place.ts";

const lineFeed = 0x0a;

export interface Sealing {
  readonly client: S3Client;
  readonly keys: Keys;
  readonly place: BucketPlace;
  /** The bytes at a position. */
  readonly read: (seq: number, signal: AbortSignal) => Promise<Uint8Array>;
  /** Milliseconds to spend on it at most. */
  readonly patience: number;
}

/** Writes the segment of a full group, where there is none and it can. Never throws. */
export async function sealGroup(
  { client, keys, place, read, patience }: Sealing,
  group: number,
): Promise<void> {
  const signal = AbortSignal.timeout(patience);
  const key = keys.segment(group);
  try {
    for await (const { names } of list(client, { prefix: key, most: 1 })) {
      if (names.includes(key)) return;
    }
    const positions = await inParallel(groupSize, connections, (index, end) =>
      read(group * groupSize + index, AbortSignal.any([signal, end])),
    );
    // what is no line cannot be one of many
    if (positions.some((bytes) => bytes.includes(lineFeed))) return;
    const body = Buffer.concat(positions.flatMap((bytes) => [bytes, Buffer.of(lineFeed)]));
    const headers = createHeaders(place);
    await client.send({ method: "PUT", key, headers, body, signal });
  } catch {
    // an audit reads the positions one by one
  }
}

/**
 * The positions of a full group by its segment; null where there is none that can be believed.
 * @throws `timeout`, and whatever else ends a command
 */
export async function readSegment(
  client: S3Client,
  keys: Keys,
  group: number,
): Promise<readonly Uint8Array[] | null> {
  try {
    const [answer, digests] = await Promise.all([
      client.send({ method: "GET", key: keys.segment(group) }),
      digestsIn(client, keys, group),
    ]);
    const lines = answer.status === 200 ? linesIn(answer.body) : [];
    const isWhole = lines.length === groupSize && digests.size === groupSize;
    const isTrue = lines.every((line, index) => {
      return isDigestOf(line, digests.get(group * groupSize + index) ?? null);
    });
    return isWhole && isTrue ? lines : null;
  } catch (error) {
    if (error instanceof OptoutError && error.code === "unreachable") return null;
    throw error;
  }
}

function linesIn(body: Buffer): readonly Uint8Array[] {
  const lines: Uint8Array[] = [];
  let start = 0;
  for (let end = body.indexOf(lineFeed); end >= 0; end = body.indexOf(lineFeed, start)) {
    lines.push(body.subarray(start, end));
    start = end + 1;
  }
  return lines;
}

/** The server's digests of the objects that stand at the group's positions now. */
async function digestsIn(
  client: S3Client,
  keys: Keys,
  group: number,
): Promise<ReadonlyMap<number, string>> {
  const found = new Map<number, string>();
  for await (const { names, digests } of list(client, { prefix: keys.group(group) })) {
    for (const [index, name] of names.entries()) {
      const [seq, digest] = [keys.seqOf(name), digests[index] ?? null];
      if (seq !== null && digest !== null) found.set(seq, digest);
    }
  }
  return found;
}

/** MD5, unless the server encrypts with a key of its own. A final LF is not part of a position. */
function isDigestOf(line: Uint8Array, digest: string | null): boolean {
  if (digest === null) return false;
  const forms = [[line], [line, Buffer.of(lineFeed)]];
  return forms.some((parts) => md5Of(parts)?.toString("hex") === digest);
}
