/**
 * Makes the commit of a new position, pushes it, and says whether it became part of the log.
 */
import { writeObject } from "../system/git-write.ts";
import type { OwnPlace } from "../system/own-repository.ts";
import type { LogCommit } from "./git-commit.ts";
import { fetchedTip, fetchLog, type LogBranch } from "./git-fetch.ts";
import { isComplete, newLine, reachBack } from "./git-line.ts";
import { newObjects, type NewPosition } from "./git-new-commit.ts";
import { pushPosition, rehearsePush } from "./git-push.ts";

/** What became of an append. */
export type Appended =
  /** The commit is the last of the log. */
  | { readonly kind: "created"; readonly commit: LogCommit }
  /** The commit is in the log, which has gone on since. */
  | { readonly kind: "overtaken" }
  | { readonly kind: "taken" };

/** Commits fetched at once, and those after which a push that was overtaken is looked for no more. */
const window = 64;
const maxWindow = 4096;

/**
 * @throws `append-refused`, `unreachable`, `log-merge`, `timeout`, `GitTrouble`
 */
export async function appendPosition(
  place: OwnPlace,
  log: LogBranch,
  position: NewPosition,
): Promise<Appended> {
  const { parent } = position;
  // To push a child, its parent must be here; a throw-away repository starts with nothing.
  if (parent !== null && fetchedTip(place, log) !== parent) {
    await fetchLog(place, log, { kind: "news", depth: window });
  }
  const commit = writeCommit(place, log, position);
  const pushed = await pushPosition(place, log, { id: commit.id, parent });
  if (pushed === "created") return { kind: "created", commit };
  const isThere = pushed === "unknown" && (await isInLog(place, log, commit));
  return { kind: isThere ? "overtaken" : "taken" };
}

/**
 * Asks the host whether it would take a child of `parent`; null when it would, else its words.
 * @throws `timeout`, the error of the file system
 */
export async function rehearseAppend(
  place: OwnPlace,
  log: LogBranch,
  parent: string | null,
): Promise<string | null> {
  const bytes = new Uint8Array();
  const { id } = writeCommit(place, log, { parent, bytes, title: "rehearsal", time: 0 });
  return rehearsePush(place, log, { id, parent });
}

function writeCommit(place: OwnPlace, log: LogBranch, position: NewPosition): LogCommit {
  const { clone } = log;
  const ids = newObjects(position, clone).map((object) =>
    writeObject(place.gitDir, object, clone.objectFormat),
  );
  const parents = position.parent === null ? [] : [position.parent];
  return { id: ids.at(-1) ?? "", parents, bytes: new Uint8Array(position.bytes) };
}

/** Whether the commit stands in the log, which has moved on from the commit's parent. */
async function isInLog(place: OwnPlace, log: LogBranch, commit: LogCommit): Promise<boolean> {
  const line = newLine(await fetchLog(place, log, { kind: "news", depth: window }));
  for (let count = window; count <= maxWindow; count *= 4) {
    await reachBack(place, log, line, count);
    if (line.commits.some(({ id }) => id === commit.id)) return true;
    if (isComplete(line) || line.commits.some(({ id }) => id === commit.parents[0])) return false;
  }
  return false;
}
