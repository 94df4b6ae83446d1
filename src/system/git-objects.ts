/**
 * Reads objects of a repository through `git cat-file --batch`, many with one process.
 */
import { OptoutError } from "../core/errors.ts";
import { GitTrouble, gitTrouble, runGit, type GitPlace } from "./git.ts";

export interface GitObject {
  readonly id: string;
  readonly type: string;
  readonly body: Buffer;
}

/** One entry of a tree. */
export interface TreeEntry {
  /** `100644`, `100755`, `120000` (symlink), `40000` (tree), `160000` (commit). */
  readonly mode: string;
  readonly name: string;
  readonly id: string;
}

/**
 * The objects that the names stand for (gitrevisions(7)), in their order; null for one that is not
 * there. The names must not hold line breaks.
 * @throws `GitTrouble`, `limit`, `timeout`, `no-git`
 */
export async function readObjects(
  place: GitPlace,
  names: readonly string[],
): Promise<readonly (GitObject | null)[]> {
  const batch = await readBatch(place, names);
  const objects = parseBatch(batch);
  if (objects.length === names.length) return objects;
  throw new GitTrouble(`git cat-file answers ${objects.length} of ${names.length} names`);
}

/**
 * What `git cat-file --batch` writes about the names, for `parseBatch`.
 * @throws `GitTrouble`, `limit`, `timeout`, `no-git`
 */
export async function readBatch(place: GitPlace, names: readonly string[]): Promise<Buffer> {
  const input = names.map((name) => `${name}\n`).join("");
  const result = await runGit(["cat-file", "--batch", "--buffer"], { ...place, input });
  if (result.status !== 0) throw gitTrouble(result, "git cat-file");
  return result.stdout;
}

/**
 * The objects in a whole batch, in the order of the names; null for one that is missing.
 * @throws `limit`
 */
export function parseBatch(batch: Buffer): readonly (GitObject | null)[] {
  return [...new BatchReader().push(batch)];
}

/** Bytes of one object beyond which it is refused: more than any host takes, and memory has an end. */
const maxObjectBytes: number = 64 * 1024 * 1024;

/** Cuts what `git cat-file --batch` writes into objects, in whatever chunks it comes. */
export class BatchReader {
  #chunks: Buffer[] = [];
  #size = 0;
  #wanted = 1;

  /**
   * The objects that this chunk completes; null for one that is missing.
   * @throws `limit` for an object over 64 MiB
   */
  *push(chunk: Buffer): Generator<GitObject | null, void, void> {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    if (this.#size < this.#wanted) return;
    let rest = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks);
    this.#wanted = 1;
    for (;;) {
      const end = rest.indexOf(0x0a);
      if (end < 0) break;
      const header = readHeader(rest.toString("latin1", 0, end));
      const length = header === null ? end + 1 : end + header.size + 2;
      if (rest.length < length) {
        this.#wanted = length;
        break;
      }
      yield header === null
        ? null
        : { id: header.id, type: header.type, body: rest.subarray(end + 1, length - 1) };
      rest = rest.subarray(length);
    }
    this.#chunks = rest.length === 0 ? [] : [rest];
    this.#size = rest.length;
  }
}

/** `<id> <type> <size>`, or null: `<name> missing`, `<name> ambiguous`. */
function readHeader(line: string): { id: string; type: string; size: number } | null {
  const [, id = "", type = "", digits = ""] = /^([0-9a-f]{40,64}) (\w+) (\d+)$/.exec(line) ?? [];
  if (digits === "") return null;
  const size = Number(digits);
  if (size <= maxObjectBytes) return { id, type, size };
  throw new OptoutError("limit", `object ${id} is larger than ${maxObjectBytes} bytes`);
}

/** The entries of a tree's body; ids are 20 bytes, or 32 in a sha256 repository. */
export function parseTree(body: Buffer, idBytes: number): readonly TreeEntry[] {
  const entries: TreeEntry[] = [];
  let at = 0;
  while (at < body.length) {
    const space = body.indexOf(0x20, at);
    const nul = body.indexOf(0x00, space);
    if (space < 0 || nul < 0) break;
    entries.push({
      mode: body.toString("latin1", at, space),
      name: body.toString("utf8", space + 1, nul),
      id: body.toString("hex", nul + 1, nul + 1 + idBytes),
    });
    at = nul + 1 + idBytes;
  }
  return entries;
}
