/**
 * What this clone already holds of the log's branch, for whoever would rather know little than wait:
 * nobody is asked, nothing is fetched, made or repaired.
 */
import type { Clone } from "../system/clone.ts";
import type { Deadline } from "../system/deadline.ts";
import { readObjects } from "../system/git-objects.ts";
import { ownDirectory } from "../system/own-repository.ts";
import { fetchedTip } from "./git-fetch.ts";
import { chainOf, isComplete } from "./git-line.ts";
import { numberLine, recallNumber } from "./git-numbering.ts";
import type { Tail } from "./store.ts";

export interface KnownLine {
  readonly clone: Clone;
  readonly branch: string;
  readonly count: number;
  readonly deadline?: Deadline | undefined;
}

/**
 * The last positions as the last reading left them; null where there was none.
 * @throws `log-merge`, `limit`, `timeout`, `GitTrouble`
 */
export async function readKnownTail({
  clone,
  branch,
  count,
  deadline,
}: KnownLine): Promise<Tail | null> {
  const gitDir = ownDirectory(clone, "repo");
  const place = { cwd: clone.cwd, gitDir, settings: null, interactive: false, deadline };
  const tip = fetchedTip({ gitDir }, { branch });
  if (tip === null) return null;
  const names = Array.from({ length: count }, (_, index) => `${tip}~${index}`);
  const commits = chainOf(await readObjects(place, names), tip);
  const numbering = numberLine(commits, isComplete({ tip, commits }), recallNumber(clone, branch));
  if (numbering === null) return null;
  const bytes = commits.map((commit) => commit.bytes).toReversed();
  return { first: numbering.size - bytes.length, bytes, size: numbering.size };
}
