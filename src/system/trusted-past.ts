/**
 * Earlier texts of a file: on the trusted ref, and in what the clone has checked out. For those who
 * may tighten by them when the present text is of no use; nothing is ever permitted by one.
 *
 * Bounded: so many commits, so many texts, so long. Only the line of first parents is looked at: what
 * stood on a branch before it was merged was never the trusted ref's.
 */
import { OptoutError } from "../core/errors.ts";
import { placeOfClone, requireRemote, type Clone } from "./clone.ts";
import type { Deadline } from "./deadline.ts";
import { gitTrouble, runGit, type GitPlace } from "./git.ts";
import { OwnRepository } from "./own-repository.ts";
import { readFileInCommit } from "./tree-file.ts";
import {
  asPartial,
  borrowedTips,
  trustedFetch,
  trustedRef,
  trustedRefspec,
} from "./trusted-fetch.ts";

const maxCommits = 256;
const maxTexts = 16;
const limitMilliseconds = 10_000;

export interface PastRequest<T> {
  readonly path: string;
  /** What a text is good for; null for nothing, then an older one is asked for. */
  readonly read: (bytes: Uint8Array) => T | null;
  readonly deadline?: Deadline | undefined;
}

/** What the newest text of the trusted ref's past that is good for anything says; null for none. Never throws. */
export async function lastOnTrustedRef<T>(clone: Clone, wanted: PastRequest<T>): Promise<T | null> {
  const limit = AbortSignal.timeout(limitMilliseconds);
  const deadline =
    wanted.deadline === undefined ? limit : AbortSignal.any([wanted.deadline, limit]);
  // A shallow clone lacks the past, so nothing of it is borrowed.
  const borrows = clone.isShallow ? [] : (["clone"] as const);
  const own = new OwnRepository({ clone, name: "past", borrows, interactive: false, deadline });
  try {
    const { name } = requireRemote(clone);
    return await own.use(async (kept) => {
      const place = asPartial(kept, name);
      const depth = ["--filter=blob:none", `--depth=${maxCommits}`];
      const fetch = [...borrowedTips(clone), ...trustedFetch, ...depth, name, trustedRefspec];
      const fetched = await runGit(fetch, place);
      if (fetched.status !== 0) throw gitTrouble(fetched, "git fetch");
      return newest(place, trustedRef, wanted);
    });
  } catch {
    return null;
  }
}

/** The same for the commit that is checked out, without asking anybody. Never throws. */
export async function lastInClone<T>(clone: Clone, wanted: PastRequest<T>): Promise<T | null> {
  const place = placeOfClone(clone, { interactive: false, deadline: wanted.deadline });
  const env = { ...place.env, GIT_NO_LAZY_FETCH: "1" };
  try {
    return clone.head === null ? null : await newest({ ...place, env }, clone.head, wanted);
  } catch {
    return null;
  }
}

async function newest<T>(
  place: GitPlace,
  tip: string,
  { path, read }: PastRequest<T>,
): Promise<T | null> {
  const bounds = ["--first-parent", `--max-count=${maxTexts}`, "--format=%H"];
  const listed = await runGit(["log", ...bounds, tip, "--", path], place);
  if (listed.status !== 0) throw gitTrouble(listed, "git log");
  for (const commit of listed.stdout.toString().split("\n").filter(Boolean)) {
    const bytes = await textAt(place, commit, path);
    const found = bytes === null ? null : read(bytes);
    if (found !== null) return found;
  }
  return null;
}

/** One that is far too large is good for nothing, and must not hide those before it. */
async function textAt(place: GitPlace, commit: string, path: string): Promise<Uint8Array | null> {
  try {
    const file = await readFileInCommit(place, { commit, path });
    return file.kind === "file" ? file.bytes : null;
  } catch (thrown) {
    if (thrown instanceof OptoutError && thrown.code === "limit") return null;
    throw thrown;
  }
}
