/**
 * The whole line of commits, streamed: 100,000 positions need no more memory than one.
 */
import { join } from "node:path";

import { isThere } from "../system/files.ts";
import { GitTrouble, gitTrouble, pipeGit, runGit } from "../system/git.ts";
import { BatchReader, readObjects } from "../system/git-objects.ts";
import type { OwnPlace } from "../system/own-repository.ts";
import { parseCommit, type LogCommit } from "./git-commit.ts";
import { fetchLog, type LogBranch } from "./git-fetch.ts";
import { assertNoMerge } from "./git-line.ts";

/**
 * Makes sure that the repository holds the line back to its first commit.
 * @throws `unreachable`, `timeout`, `GitTrouble`
 */
export async function fetchAll(place: OwnPlace, log: LogBranch): Promise<void> {
  if (isThere(join(place.gitDir, "shallow"))) await fetchLog(place, log, { kind: "everything" });
}

/**
 * How many commits lead to `tip`, which must all be in the repository.
 * @throws `timeout`; `GitTrouble` when the history is cut somewhere
 */
export async function countToBeginning(place: OwnPlace, tip: string): Promise<number> {
  const result = await runGit(["rev-list", "--first-parent", tip], place);
  if (result.status !== 0) throw gitTrouble(result, "git rev-list");
  const ids = result.stdout.toString("latin1").trimEnd().split("\n");
  const [first] = await readObjects(place, ids.slice(-1));
  if (
    first === undefined ||
    first === null ||
    parseCommit(first.id, first.body).parents.length > 0
  ) {
    throw new GitTrouble("the history of the log does not reach its beginning");
  }
  return ids.length;
}

/**
 * The last `count` commits up to `tip`, oldest first.
 * @throws `log-merge`, `limit`, `timeout`; `GitTrouble` when they are not all there
 */
export async function* streamLine(
  place: OwnPlace,
  tip: string,
  count: number,
): AsyncGenerator<LogCommit, void, void> {
  const reader = new BatchReader();
  let previous: string | null = null;
  let seen = 0;
  const list = ["rev-list", "--first-parent", "--reverse", `--max-count=${count}`, tip];
  for await (const chunk of pipeGit(list, ["cat-file", "--batch", "--buffer"], place)) {
    for (const object of reader.push(chunk)) {
      if (object?.type !== "commit") throw new GitTrouble("a commit of the log cannot be read");
      const commit = parseCommit(object.id, object.body);
      assertNoMerge(commit);
      if (previous !== null && commit.parents[0] !== previous) {
        throw new GitTrouble(`commit ${commit.id} does not follow ${previous}`);
      }
      previous = commit.id;
      seen += 1;
      yield commit;
    }
  }
  if (seen !== count) throw new GitTrouble(`${seen} of ${count} commits are there`);
}
