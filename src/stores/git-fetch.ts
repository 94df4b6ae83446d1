/**
 * Brings the log's branch into a repository of our own.
 *
 * The ref is moved forward only: a slower run beside this one cannot take it back to an older state,
 * and a history that was rewritten is read in a fresh repository instead.
 */
import { rmSync } from "node:fs";
import { join } from "node:path";

import { requireRemote, type Clone } from "../system/clone.ts";
import { readTextIfThere } from "../system/files.ts";
import { GitTrouble, gitTrouble, runGit, type GitResult } from "../system/git.ts";
import type { OwnPlace } from "../system/own-repository.ts";
import { readRemoteBranch } from "../system/remote.ts";

export interface LogBranch {
  readonly clone: Clone;
  readonly branch: string;
  /** Sent with every push, where the host takes such. */
  readonly pushOptions: readonly string[];
}

/** How much history to ask for. */
export type Reach =
  /** What is new; where nothing is there yet, the last `depth` commits. */
  | { readonly kind: "news"; readonly depth: number }
  /** `by` more commits before the ones that are there. */
  | { readonly kind: "further"; readonly by: number }
  | { readonly kind: "everything" };

/**
 * Fetches the branch and returns its last commit; null when the remote has no such branch.
 * @throws `unreachable`, `timeout`, `GitTrouble`
 */
export async function fetchLog(
  place: OwnPlace,
  log: LogBranch,
  reach: Reach,
): Promise<string | null> {
  const result = await runFetch(place, log, reach);
  if (result.status !== 0 && !(await existsThere(place, log))) {
    rmSync(refFile(place, log), { force: true });
    return null;
  }
  if (result.status !== 0) throw gitTrouble(result, "git fetch");
  const tip = fetchedTip(place, log);
  if (tip === null) throw new GitTrouble("git fetch left no ref");
  return tip;
}

/** The commit that an earlier fetch found; null when there was none. */
export function fetchedTip(
  place: Pick<OwnPlace, "gitDir">,
  log: Pick<LogBranch, "branch">,
): string | null {
  return readTextIfThere(refFile(place, log))?.trim() ?? null;
}

async function runFetch(place: OwnPlace, log: LogBranch, reach: Reach): Promise<GitResult> {
  const isFirst = fetchedTip(place, log) === null;
  // One pack at first; later a few loose commits at a time, for packs would pile up.
  const unpack = isFirst ? ["-c", "fetch.unpackLimit=1"] : [];
  const refspec = `refs/heads/${log.branch}:${refName(log)}`;
  const { name } = requireRemote(log.clone);
  const args = [...unpack, "fetch", ...quiet, ...depthArguments(reach, isFirst), name, refspec];
  return runGit(args, place);
}

const quiet: readonly string[] = [
  "--quiet",
  "--no-tags",
  "--no-write-fetch-head",
  "--no-auto-maintenance",
  // Nothing but the refspec on the command line.
  "--refmap=",
];

/** git's own word for all of it; unlike `--unshallow` it is no error where nothing is missing. */
const infinite = 2_147_483_647;

function depthArguments(reach: Reach, isFirst: boolean): readonly string[] {
  switch (reach.kind) {
    case "news":
      return isFirst ? [`--depth=${reach.depth}`] : [];
    case "further":
      return [`--deepen=${reach.by}`];
    case "everything":
      return [`--depth=${infinite}`];
  }
}

async function existsThere(place: OwnPlace, log: LogBranch): Promise<boolean> {
  return (await readRemoteBranch(log.clone, log.branch, place)) !== null;
}

type Named = Pick<LogBranch, "branch">;

const refName = ({ branch }: Named): string => `refs/o/heads/${branch}`;
const refFile = ({ gitDir }: Pick<OwnPlace, "gitDir">, log: Named): string =>
  join(gitDir, refName(log));
