/**
 * Fetching the trusted ref into a repository of our own.
 *
 * The host itself is asked, never the clone's idea of it. Fetched is one commit without large files;
 * what the clone has already is borrowed.
 */
import { utimesSync } from "node:fs";
import { join } from "node:path";

import { requireRemote, type Clone } from "./clone.ts";
import { ageOf, isThere, readTextIfThere } from "./files.ts";
import { GitTrouble, gitTrouble, runGit, type GitPlace } from "./git.ts";
import type { OwnPlace, OwnRepositoryOptions } from "./own-repository.ts";
import { readRemoteHead, type AskOptions } from "./remote.ts";

/** Larger files are not fetched, except the one that is asked for. */
const filter = "blob:limit=65536";
export const trustedRef = "refs/o/trusted";
/** HEAD is the trusted ref because the host says so; it may move anywhere, so it is forced. */
export const trustedRefspec: string = `+HEAD:${trustedRef}`;
/** Borrows the log too, so that `readTogether` finds new in it only what is new to both. */
export const trustedRepository: Pick<OwnRepositoryOptions, "name" | "borrows"> = {
  name: "trusted",
  borrows: ["clone", "repo"],
};
/** Milliseconds for which what was fetched before is near enough to fetch only what is new. */
const recentMilliseconds: number = 12 * 3_600_000;

/** A repository of ours in which every missing object can be fetched when it is needed. */
export function asPartial(place: GitPlace, remote: string): GitPlace {
  const added = [
    { key: `remote.${remote}.promisor`, value: "true" },
    { key: `remote.${remote}.partialclonefilter`, value: filter },
  ];
  const { entries, carrier } = place.settings ?? { entries: [], carrier: "count" };
  return { ...place, settings: { entries: [...entries, ...added], carrier } };
}

/**
 * The commits of the clone that a remote is told of, so that it sends what is new. Every ref would
 * be too many in a large clone; the commit checked out is nearly always near.
 */
export function borrowedTips(clone: Clone): readonly string[] {
  const command = clone.head === null ? ":" : `echo ${clone.head}; :`;
  return ["-c", `core.alternateRefsCommand=${command}`];
}

/** What every fetch of the trusted ref has in common. */
export const trustedFetch: readonly string[] = [
  "fetch",
  "--quiet",
  "--no-tags",
  "--no-write-fetch-head",
  "--no-auto-maintenance",
  "--refmap=",
  `--filter=${filter}`,
];

/**
 * Fetches the trusted ref and returns its commit; null when the remote has no commit at all.
 * @throws `unreachable`, `timeout`, `no-remote`, `GitTrouble`
 */
export async function fetchTrusted(
  place: OwnPlace,
  clone: Clone,
  options: AskOptions,
): Promise<string | null> {
  const { name } = requireRemote(clone);
  // Without a depth an unchanged ref costs one request less. But a shallow clone may then be sent
  // the whole history of a branch that was merged, and so may one that was away for long.
  const isNear = !clone.isShallow && isRecent(place.gitDir);
  const depth = isNear ? [] : ["--depth=1"];
  const result = await runGit(
    [...borrowedTips(clone), ...trustedFetch, ...depth, name, trustedRefspec],
    asPartial(place, name),
  );
  if (result.status !== 0) {
    if ((await readRemoteHead(clone, options)).commit === null) return null;
    throw gitTrouble(result, "git fetch");
  }
  const commit = fetchedCommit(place.gitDir);
  if (commit === null) throw new GitTrouble("git fetch left no ref");
  markRecent(place.gitDir);
  return commit;
}

/** The commit that the last fetch found; null when there was none. */
export function fetchedCommit(gitDir: string): string | null {
  return readTextIfThere(join(gitDir, trustedRef))?.trim() ?? null;
}

/** Whether the trusted ref was confirmed lately: the time of its file tells. */
export function isRecent(gitDir: string): boolean {
  const file = join(gitDir, trustedRef);
  return isThere(file) && Math.abs(ageOf(file)) < recentMilliseconds;
}

/** Best effort: without the mark the next fetch is a slower one. */
export function markRecent(gitDir: string): void {
  const now = new Date();
  try {
    utimesSync(join(gitDir, trustedRef), now, now);
  } catch {
    // It keeps its old time.
  }
}
