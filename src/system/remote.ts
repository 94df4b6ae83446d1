/**
 * What a remote says about its refs, asked from the user's clone; no repository of ours takes part.
 *
 * Slower than a fetch on hosts with many refs, so it is the second question: is it the host that
 * does not answer, or is it our cache that is in trouble?
 */
import { OptoutError } from "../core/errors.ts";
import { placeOfClone, requireRemote, type Clone } from "./clone.ts";
import type { Deadline } from "./deadline.ts";
import { runGit, type GitResult } from "./git.ts";
import { failureWords } from "./git-words.ts";

export interface AskOptions {
  readonly interactive: boolean;
  readonly deadline?: Deadline | undefined;
}

export interface RemoteHead {
  /** Null when the remote has no commits. */
  readonly commit: string | null;
  /** The branch that HEAD names; null when it is detached, or the host too old to tell. */
  readonly branch: string | null;
}

/**
 * The commit of a branch, or null when the remote has no such branch.
 * @throws `unreachable`, `no-remote`, `timeout`, `no-git`
 */
export async function readRemoteBranch(
  clone: Clone,
  branch: string,
  options: AskOptions,
): Promise<string | null> {
  const lines = await listRefs(clone, ["--heads"], `refs/heads/${branch}`, options);
  return lines.get(`refs/heads/${branch}`) ?? null;
}

/**
 * Whether the remote has a ref of this full name.
 * @throws `unreachable`, `no-remote`, `timeout`, `no-git`
 */
export async function isOnRemote(clone: Clone, ref: string, options: AskOptions): Promise<boolean> {
  return (await listRefs(clone, [], ref, options)).has(ref);
}

/**
 * The commit of the remote's HEAD and the branch that it names.
 * @throws `unreachable`, `no-remote`, `timeout`, `no-git`
 */
export async function readRemoteHead(clone: Clone, options: AskOptions): Promise<RemoteHead> {
  const lines = await listRefs(clone, ["--symref"], "HEAD", options);
  const target = lines.get("symref HEAD") ?? "";
  return {
    commit: lines.get("HEAD") ?? null,
    branch: target.startsWith("refs/heads/") ? target.slice("refs/heads/".length) : null,
  };
}

/** Refs that end in `pattern`, by name. A symbolic ref stands under `symref NAME` too. */
async function listRefs(
  clone: Clone,
  flags: readonly string[],
  pattern: string,
  options: AskOptions,
): Promise<ReadonlyMap<string, string>> {
  const { name } = requireRemote(clone);
  const args = ["ls-remote", "--quiet", ...flags, name, pattern];
  const place = placeOfClone(clone, options);
  const result = await runGit(args, place);
  if (result.status !== 0)
    throw unreachable(clone, failureWords(result.stderr) ?? "git gave no reason");
  const refs = readRefs(result);
  if (refs.size > 0) return refs;
  // git also says "no refs" and 0 when an answer over http breaks off among its headers. That nothing
  // is there counts only once its trace shows that the other side has spoken git's protocol.
  const again = await runGit(args, { ...place, env: { ...place.env, GIT_TRACE_PACKET: "1" } });
  if (again.status === 0 && /\bpacket: +\S+< /.test(again.stderr)) return readRefs(again);
  throw unreachable(clone, "its answer broke off");
}

function readRefs(result: GitResult): ReadonlyMap<string, string> {
  const lines = result.stdout.toString("utf8").split("\n");
  return new Map(
    lines.flatMap((line): readonly (readonly [string, string])[] => {
      const [value = "", ref] = line.split("\t");
      if (ref === undefined) return [];
      return value.startsWith("ref: ") ? [[`symref ${ref}`, value.slice(5)]] : [[ref, value]];
    }),
  );
}

/** The remote cannot be reached, in git's own words. A named repository has no remote that a user knows. */
function unreachable(clone: Clone, words: string): OptoutError {
  const { name, url } = requireRemote(clone);
  const named = clone.isOwn === true ? url.replace(/\/\/[^/]*@/, "//") : name;
  const what = clone.isOwn === true ? named : `the remote ${named}`;
  return new OptoutError("unreachable", `${what} cannot be reached: ${words}`, {
    hint: `git ls-remote ${/^[\w./:@~+-]+$/.test(named) ? named : "URL"} HEAD`,
  });
}
