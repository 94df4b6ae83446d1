/**
 * The log's line of commits, from its last commit back as far as it has been read.
 */
import { OptoutError } from "../core/errors.ts";
import { GitTrouble } from "../system/git.ts";
import { readObjects, type GitObject } from "../system/git-objects.ts";
import type { OwnPlace } from "../system/own-repository.ts";
import { parseCommit, type LogCommit } from "./git-commit.ts";
import { fetchedTip, fetchLog, type LogBranch } from "./git-fetch.ts";

/** Grows backwards; what is in it never changes. */
export interface Line {
  /** The last commit; null for a log that does not exist. */
  readonly tip: string | null;
  /** Newest first. */
  readonly commits: LogCommit[];
}

/** Commits asked for at once: `id~n` costs git n steps. */
const maxAtOnce = 512;

/** A line of which nothing has been read. */
export const newLine = (tip: string | null): Line => ({ tip, commits: [] });

/** Whether the line has been read back to the log's first commit. */
export function isComplete(line: Line): boolean {
  return line.tip === null || line.commits.at(-1)?.parents.length === 0;
}

/**
 * Reads back until the line holds `count` commits or is complete, out of what is in the repository.
 * @returns whether it got there; false when the repository's history ends before
 * @throws `log-merge`, `limit`, `timeout`, `GitTrouble`
 */
async function readBack(place: OwnPlace, line: Line, count: number): Promise<boolean> {
  while (line.commits.length < count && !isComplete(line)) {
    const missing = Math.min(count - line.commits.length, maxAtOnce);
    const read = await readOlder(place, line, missing);
    line.commits.push(...read);
    if (read.length < missing && !isComplete(line)) return false;
  }
  return true;
}

/**
 * The same, fetching more history where the repository's ends.
 * @throws `unreachable`, `log-merge`, `limit`, `timeout`, `GitTrouble`
 */
export async function reachBack(
  place: OwnPlace,
  log: LogBranch,
  line: Line,
  count: number,
): Promise<void> {
  let before = -1;
  while (!(await readBack(place, line, count))) {
    const have = line.commits.length;
    if (have === before) throw new GitTrouble(`the history before ${have} commits is missing`);
    before = have;
    const isThere = fetchedTip(place, log) !== null;
    const more = Math.max(count - have, have);
    await fetchLog(
      place,
      log,
      isThere ? { kind: "further", by: more } : { kind: "news", depth: have + more },
    );
  }
}

/** Up to `count` commits before the oldest that was read, newest first. */
async function readOlder(place: OwnPlace, line: Line, count: number): Promise<LogCommit[]> {
  const oldest = line.commits.at(-1);
  const start = oldest?.id ?? line.tip ?? "";
  const offset = oldest === undefined ? 0 : 1;
  const names = Array.from({ length: count }, (_, index) => `${start}~${index + offset}`);
  const next = oldest === undefined ? line.tip : oldest.parents[0];
  return chainOf(await readObjects(place, names), next ?? null);
}

/**
 * The commits in these objects, each of which must be the parent of the one before; up to the first
 * object that is not there.
 * @param first id that the first of them must have; null when there can be none
 * @throws `log-merge`, `GitTrouble`
 */
export function chainOf(objects: readonly (GitObject | null)[], first: string | null): LogCommit[] {
  const commits: LogCommit[] = [];
  let expected = first;
  for (const object of objects) {
    // Past the first commit, or past the history that is here.
    if (object === null || expected === null) break;
    if (object.type !== "commit" || object.id !== expected) {
      throw new GitTrouble(`commit ${expected} cannot be read`);
    }
    const commit = parseCommit(object.id, object.body);
    assertNoMerge(commit);
    commits.push(commit);
    expected = commit.parents[0] ?? null;
  }
  return commits;
}

/** @throws `log-merge` */
export function assertNoMerge(commit: LogCommit): void {
  if (commit.parents.length < 2) return;
  throw new OptoutError("log-merge", `commit ${commit.id} in the log has two parents`, {
    hint: "ask an admin to take the merge off the log's branch, and to protect it with linear history",
  });
}
