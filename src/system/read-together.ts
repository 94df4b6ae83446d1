/**
 * The trusted ref and the log in one trip, with one fetch and one read.
 *
 * Works where both were read here lately, which is nearly always so on a developer's machine: then
 * only what is new is asked for, and two refs cost what one does. Whatever is in the way (a first
 * run, a shallow clone, a host that fails) makes the answer null, and each is read by itself.
 */
import { join } from "node:path";

import { requireRemote, type Clone } from "./clone.ts";
import { readBytesIfThere, readTextIfThere, writeFileAtomic } from "./files.ts";
import { GitTrouble, runGit } from "./git.ts";
import { parseBatch, readBatch, type GitObject } from "./git-objects.ts";
import { isTrouble, keptRepository, ownDirectory, type OwnPlace } from "./own-repository.ts";
import type { AskOptions } from "./remote.ts";
import { fileOf, objectNames, type FilePlace, type TreeFile } from "./tree-file.ts";
import {
  asPartial,
  fetchedCommit,
  isRecent,
  markRecent,
  trustedFetch,
  trustedRefspec,
  trustedRepository,
} from "./trusted-fetch.ts";

export interface TogetherRequest {
  readonly clone: Clone;
  /** The log's branch. */
  readonly branch: string;
  /** How many commits of it to read. */
  readonly count: number;
  /** The file on the trusted ref. */
  readonly path: string;
}

export interface Together {
  /** The trusted ref's commit, and the file in it. */
  readonly trusted: { readonly commit: string; readonly file: TreeFile };
  /** The log's last commits, newest first; null after the first that is not at hand. */
  readonly log: { readonly tip: string; readonly objects: readonly (GitObject | null)[] };
}

/**
 * Reads both, or neither. Touches nothing where the last reading is not recent.
 * @throws `timeout`, `no-git`, `limit`
 */
export async function readTogether(
  request: TogetherRequest,
  options: AskOptions,
): Promise<Together | null> {
  const { clone, branch } = request;
  if (clone.remote === null || clone.isShallow) return null;
  try {
    const hasLog = readTextIfThere(logRefFile(ownDirectory(clone, "repo"), branch)) !== null;
    if (!hasLog || !isRecent(ownDirectory(clone, "trusted"))) return null;
    const place = keptRepository({ clone, ...trustedRepository, ...options });
    return await fetchAndRead(place, request);
  } catch (error) {
    if (isTrouble(error)) return null;
    throw error;
  }
}

async function fetchAndRead(place: OwnPlace, request: TogetherRequest): Promise<Together | null> {
  const { clone, branch, path } = request;
  const { name } = requireRemote(clone);
  const refspecs = [trustedRefspec, `refs/heads/${branch}:${logRef(branch)}`];
  const fetched = await runGit(
    [...noBorrowedTips, ...trustedFetch, name, ...refspecs],
    asPartial(place, name),
  );
  if (fetched.status !== 0) return null;
  markRecent(place.gitDir);
  const commit = fetchedCommit(place.gitDir);
  const tip = readTextIfThere(logRefFile(place.gitDir, branch))?.trim();
  if (commit === null || tip === undefined) throw new GitTrouble("git fetch left no ref");
  const file = { commit, path };
  const objects = await readAll(place, request, { file, tip });
  const isFile = objectNames(file).length;
  return {
    trusted: { commit, file: fileOf(objects.slice(0, isFile), file) },
    log: { tip, objects: objects.slice(isFile) },
  };
}

/** Our own refs are near enough to what the remote has; asking the lenders' is a process each. */
const noBorrowedTips: readonly string[] = ["-c", "core.alternateRefsCommand=true"];

/**
 * Ids name what never changes, so the answer for the same two commits is kept in a file: where
 * nothing is new, no second git is started.
 */
async function readAll(
  place: OwnPlace,
  { count }: TogetherRequest,
  { file, tip }: { readonly file: FilePlace; readonly tip: string },
): Promise<readonly (GitObject | null)[]> {
  const cache = join(place.gitDir, "last-read");
  const key = `${file.commit}:${file.path} ${tip}~${count}\n`;
  const cached = readBytesIfThere(cache);
  if (cached?.subarray(0, key.length).toString("utf8") === key) {
    return parseBatch(cached.subarray(key.length));
  }
  const commits = Array.from({ length: count }, (_, index) => `${tip}~${index}`);
  const batch = await readBatch(place, [...objectNames(file), ...commits]);
  const objects = parseBatch(batch);
  // What is missing today may be there tomorrow.
  if (!objects.includes(null)) {
    writeFileAtomic(cache, Buffer.concat([Buffer.from(key), batch]), { durable: false });
  }
  return objects;
}

const logRef = (branch: string): string => `refs/o/heads/${branch}`;
const logRefFile = (gitDir: string, branch: string): string => join(gitDir, logRef(branch));
