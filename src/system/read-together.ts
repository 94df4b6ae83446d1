/**
 * The trusted ref and the log in one trip, with one fetch and one read.
 *
 * Works where both were read here lately, which is nearly always so on a developer's machine: then
 * only what is new is asked for, and two refs cost what one does. Whatever is in the way (a first
 * run, a shallow clone, a host that fails) makes the answer null, and each is read by itself.
 */
import { readdirSync } from "node:fs";
import { join, relative } from "node:path";

import { requireRemote, type Clone } from "./clone.ts";
import { isThere, readBytesIfThere, readTextIfThere, writeFileAtomic } from "./files.ts";
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
  /** How many commits of it to read. */
  readonly count: number;
  /** The file on the trusted ref. */
  readonly path: string;
}

export interface Together {
  /** The trusted ref's commit, and the file in it. */
  readonly trusted: { readonly commit: string; readonly file: TreeFile };
  readonly log: {
    /** The one that was read here before. */
    readonly branch: string;
    readonly tip: string;
    /** Its last commits, newest first; null for what is not at hand. */
    readonly objects: readonly (GitObject | null)[];
  };
}

/**
 * Reads both, or neither. Touches nothing where the last reading is not recent.
 * @throws `timeout`, `no-git`, `limit`
 */
export async function readTogether(
  request: TogetherRequest,
  options: AskOptions,
): Promise<Together | null> {
  const { clone } = request;
  if (clone.remote === null || clone.isShallow) return null;
  try {
    const branch = knownBranch(ownDirectory(clone, "repo"));
    if (branch === null || !isRecent(ownDirectory(clone, "trusted"))) return null;
    const place = keptRepository({ clone, ...trustedRepository, ...options });
    return await fetchAndRead(place, request, branch);
  } catch (error) {
    if (isTrouble(error)) return null;
    throw error;
  }
}

/**
 * The branch of the log that was read in this clone before, if it was one. So nothing needs to be
 * read, and no policy parsed, before the remote is asked.
 */
function knownBranch(gitDir: string): string | null {
  const refs = join(gitDir, logRef(""));
  if (!isThere(refs)) return null;
  const entries = readdirSync(refs, { recursive: true, withFileTypes: true });
  const branches = entries.filter((entry) => entry.isFile() && !entry.name.endsWith(".lock"));
  const [only] = branches;
  if (only === undefined || branches.length > 1) return null;
  return relative(refs, join(only.parentPath, only.name));
}

async function fetchAndRead(
  place: OwnPlace,
  request: TogetherRequest,
  branch: string,
): Promise<Together | null> {
  const { clone, path } = request;
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
    log: { branch, tip, objects: objects.slice(isFile) },
  };
}

/**
 * Our own refs are near enough to what the remote has; asking the lenders' is a process each. No
 * command is one that git cannot start, which it reports and passes over.
 */
const noBorrowedTips: readonly string[] = ["-c", "core.alternateRefsCommand="];

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
  if (isFinal(objects)) {
    writeFileAtomic(cache, Buffer.concat([Buffer.from(key), batch]), { durable: false });
  }
  return objects;
}

/** What is missing today may be there tomorrow, unless nothing comes before the log's first commit. */
function isFinal(objects: readonly (GitObject | null)[]): boolean {
  const missing = objects.indexOf(null);
  if (missing < 0) return true;
  const first = objects[missing - 1];
  if (first === null || first === undefined) return false;
  return first.type === "commit" && /^tree [0-9a-f]+\nauthor /.test(first.body.toString("latin1"));
}

const logRef = (branch: string): string => `refs/o/heads/${branch}`;
const logRefFile = (gitDir: string, branch: string): string => join(gitDir, logRef(branch));
