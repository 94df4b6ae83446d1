/**
 * Pushes one new position to the log's branch, and finds out what became of it.
 *
 * A plain push of a child of the commit that was read: no lease and no force, for a lease that
 * matches lets a whole log be replaced. Where git did not even try, because the branch has moved, the
 * position is taken. After any other failure the branch is read again, and what it then holds counts.
 * No words of a host are ever interpreted, only git's own keyword for the ref (git-push(1), "Output").
 */
import { OptoutError } from "../core/errors.ts";
import { requireRemote } from "../system/clone.ts";
import { sleep } from "../system/deadline.ts";
import { gitTrouble, runGit, type GitResult } from "../system/git.ts";
import { refusalWords, failureWords } from "../system/git-words.ts";
import type { OwnPlace } from "../system/own-repository.ts";
import { readRemoteBranch } from "../system/remote.ts";
import type { LogBranch } from "./git-fetch.ts";

/** A commit to push; its objects are in the repository. */
export interface Push {
  readonly id: string;
  /** Null for position 0. */
  readonly parent: string | null;
}

/** `unknown`: the branch has moved on, and what it holds now may contain the commit. */
export type Pushed = "created" | "taken" | "unknown";

/**
 * Milliseconds before a refused push is tried again: while another writer's push is under way the
 * host refuses ours although the branch has not moved yet.
 */
const waits: readonly number[] = [100, 300];

/**
 * @throws `append-refused` when the host says no and the branch has not moved
 * @throws `unreachable` when it cannot be found out; `GitTrouble` when the push got no answer
 */
export async function pushPosition(place: OwnPlace, log: LogBranch, push: Push): Promise<Pushed> {
  // A throw-away repository is there because a push from the kept one may have got lost.
  let mayHaveArrived = place.isSpare;
  for (let tries = 0; ; tries += 1) {
    const result = await runPush(place, log, push.id);
    if (result.status === 0) return "created";
    const answer = answerTo(result);
    if (answer === "rejected" && !mayHaveArrived) return "taken";
    mayHaveArrived ||= answer === null;
    const tip = await readRemoteBranch(log.clone, log.branch, place);
    if (tip === push.id) return "created";
    if (tip !== push.parent) return mayHaveArrived ? "unknown" : "taken";
    if (answer === null) throw await noAnswer(place, log, push, result);
    const wait = waits[tries];
    if (wait === undefined) throw refused(log, result);
    await sleep(wait, place.deadline, "the push was tried again");
  }
}

/**
 * Whether git itself refused to begin, because the host takes no push options: its words, said before
 * anything is sent (send-pack.c). Were they a host's lie and the commit had arrived, pushing it again
 * would find it there.
 */
function takesNoOptions({ status, stderr }: GitResult): boolean {
  return status !== 0 && /^fatal: the receiving end does not support push options$/m.test(stderr);
}

/** A host that lets nobody push in says so before it is told of any ref. */
async function noAnswer(
  place: OwnPlace,
  log: LogBranch,
  push: Push,
  result: GitResult,
): Promise<Error> {
  if (!place.isSpare) return gitTrouble(result, "git push");
  const rehearsal = await runPush(place, log, push.id, ["--dry-run"]);
  const isRefused = rehearsal.status !== 0 && answerTo(rehearsal) === null;
  return isRefused ? refused(log, result) : gitTrouble(result, "git push");
}

/**
 * Asks the host whether it would take the push, without pushing.
 * @returns null when it would, else its words
 */
export async function rehearsePush(
  place: OwnPlace,
  log: LogBranch,
  push: Push,
): Promise<string | null> {
  const result = await runPush(place, log, push.id, ["--dry-run"]);
  return result.status === 0 ? null : wordsOf(result);
}

/** Once more without push options, where the host takes none. */
async function runPush(
  place: OwnPlace,
  log: LogBranch,
  id: string,
  flags: readonly string[] = [],
): Promise<GitResult> {
  const { name } = requireRemote(log.clone);
  const what = [...flags, name, `${id}:refs/heads/${log.branch}`];
  const push = ["push", "--porcelain", "--no-verify"];
  const options = log.pushOptions.flatMap((option) => ["-o", option]);
  const result = await runGit([...push, ...options, ...what], place);
  if (!takesNoOptions(result)) return result;
  // the user's own settings may name some too
  return runGit(["-c", "push.pushOption=", ...push, ...what], place);
}

/**
 * What became of the ref: `rejected`, not even tried, because the branch is not what the commit
 * follows; `remote rejected`, refused by the host; null when nobody said anything.
 */
function answerTo(result: GitResult): "rejected" | "remote rejected" | null {
  const line = /^!\t[^\t]*\t\[(rejected|remote rejected)\]/m.exec(result.stdout.toString("utf8"));
  if (line === null) return null;
  return line[1] === "rejected" ? "rejected" : "remote rejected";
}

function refused(log: LogBranch, result: GitResult): OptoutError {
  const message = `the host refuses to append to ${log.branch}: ${wordsOf(result)}`;
  return new OptoutError("append-refused", message, {
    hint: `ask an admin of the remote who may push to ${log.branch}`,
  });
}

function wordsOf(result: GitResult): string {
  const refusal = refusalWords(result.stdout.toString("utf8"), result.stderr);
  return refusal ?? failureWords(result.stderr) ?? `git push ended with ${result.status}`;
}
