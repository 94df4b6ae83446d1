/**
 * Runs the `git` of the machine, without a shell.
 *
 * Promises: nothing out of a work tree and no hook is executed, replaced objects are not believed,
 * git never asks on the terminal unless that is wanted, and when the deadline fires the whole family
 * of processes is gone. No secret stands in an argument or in an error.
 *
 * That git ends with a status other than 0 is a value: what it means is for the caller to say.
 */
import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { existsSync } from "node:fs";
import type { Readable } from "node:stream";

import { OptoutError } from "../core/errors.ts";
import { assertInTime, deadlineError, type Deadline } from "./deadline.ts";
import { systemErrorCode } from "./files.ts";
import { gitEnvironment, guardedArguments, type PassedSettings } from "./git-guard.ts";
import { traceGit } from "./git-trace.ts";
import { failureWords } from "./git-words.ts";

/** Where git works, and as what. */
export interface GitPlace {
  /** Absolute. Relative remotes and key files are resolved against it. */
  readonly cwd: string;
  /** A bare repository of our own, absolute; null for the user's clone around `cwd`. */
  readonly gitDir: string | null;
  /** What a repository of our own must know of the user's clone; null in the clone itself. */
  readonly settings: PassedSettings | null;
  /** Whether git and ssh may ask for a password on the terminal. */
  readonly interactive: boolean;
  readonly deadline?: Deadline | undefined;
  /** Variables on top of those of this process. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface GitCall extends GitPlace {
  /** For its standard input. */
  readonly input?: Uint8Array | string;
  /** Bytes of standard output beyond which the call fails with `limit`; 64 MiB when absent. */
  readonly maxBytes?: number;
}

export interface GitResult {
  /** Exit status; 128 when a signal ended it. */
  readonly status: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** git failed in a repository that is only a cache: in another one it may do better. */
export class GitTrouble extends Error {
  override readonly name = "GitTrouble";
}

/** A failure as trouble, in git's own words where it had any. */
export function gitTrouble(result: Omit<GitResult, "stdout">, doing: string): GitTrouble {
  return new GitTrouble(failureWords(result.stderr) ?? `${doing} ended with ${result.status}`);
}

const defaultMaxBytes: number = 64 * 1024 * 1024;
/** Milliseconds between asking a git that is out of time to end, and making it. */
const graceMilliseconds = 300;
/** A helper that lives on may hold standard error open; milliseconds to wait for last words. */
const lastWordsMilliseconds = 100;

/**
 * Runs git to its end and collects what it wrote.
 * @throws `timeout`, `no-git`, `limit`
 */
export async function runGit(args: readonly string[], call: GitCall): Promise<GitResult> {
  const git = startGit(args, call);
  const maxBytes = call.maxBytes ?? defaultMaxBytes;
  const chunks: Buffer[] = [];
  let size = 0;
  git.stdout.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size <= maxBytes) chunks.push(chunk);
    else git.stop(new OptoutError("limit", `git ${args[0]} answers more than ${maxBytes} bytes`));
  });
  git.stdin.end(call.input ?? "");
  const ended = await git.ended;
  return { ...ended, stdout: Buffer.concat(chunks) };
}

/**
 * Runs two gits, the output of the first being the input of the second, and yields the output of the
 * second as it comes. Both are gone when the caller stops early.
 * @throws `timeout`, `no-git`; `GitTrouble` when one of them fails
 */
export async function* pipeGit(
  first: readonly string[],
  second: readonly string[],
  call: GitPlace,
): AsyncGenerator<Buffer, void, void> {
  const source = startGit(first, call);
  const sink = startGit(second, call);
  const ends = Promise.all([source.ended, sink.ended]);
  // Awaited below; until then a failure must not count as unhandled.
  ends.catch(() => undefined);
  source.stdin.end();
  source.stdout.pipe(sink.stdin);
  try {
    for await (const chunk of readChunks(sink.stdout)) yield chunk;
    for (const ended of await ends) if (ended.status !== 0) throw gitTrouble(ended, "git");
  } finally {
    source.stop(new GitTrouble("stopped"));
    sink.stop(new GitTrouble("stopped"));
  }
}

async function* readChunks(stream: Readable): AsyncGenerator<Buffer, void, void> {
  for await (const chunk of stream) if (Buffer.isBuffer(chunk)) yield chunk;
}

type GitEnd = Omit<GitResult, "stdout">;

interface RunningGit {
  readonly stdin: ChildProcessWithoutNullStreams["stdin"];
  readonly stdout: Readable;
  /** Settles when the process and its output have ended. */
  readonly ended: Promise<GitEnd>;
  /** Ends the process and its children; then `ended` rejects with the reason, unless it has settled. */
  stop(reason: Error): void;
}

function startGit(args: readonly string[], call: GitPlace): RunningGit {
  const command = args.find((word, i) => !word.startsWith("-") && args[i - 1] !== "-c");
  const doing = `git ${command ?? ""} ran`;
  assertInTime(call.deadline, doing);
  const child = spawn("git", guardedArguments(args, call.gitDir), {
    cwd: call.cwd,
    env: gitEnvironment({ ...process.env, ...call.env }, call),
    // A family of its own, that can be ended as a whole and has no terminal to ask on.
    detached: !call.interactive && process.platform !== "win32",
    stdio: "pipe",
  });
  watch(child);
  child.stdin.on("error", () => undefined);
  let stopped: Error | null = null;
  const stop = (reason: Error): void => {
    stopped ??= reason;
    endFamily(child);
  };
  const onDeadline = (): void => {
    if (call.deadline !== undefined) stop(deadlineError(call.deadline, doing));
  };
  call.deadline?.addEventListener("abort", onDeadline, { once: true });
  const ended = endOf(child, call.cwd).then((end) => {
    if (stopped !== null) throw stopped;
    return end;
  });
  const forget = (): void => call.deadline?.removeEventListener("abort", onDeadline);
  ended.then(forget, forget);
  traceGit(args, ended);
  return { stdin: child.stdin, stdout: child.stdout, ended, stop };
}

function endOf(child: ChildProcessWithoutNullStreams, cwd: string): Promise<GitEnd> {
  const stderr: Buffer[] = [];
  child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
  let open = 2;
  const oneLess = (): void => {
    open -= 1;
    if (open === 0) setTimeout(() => child.stderr.destroy(), lastWordsMilliseconds).unref();
  };
  child.once("exit", oneLess);
  child.stdout.once("close", oneLess);
  return new Promise((resolve, reject) => {
    child.once("error", (error) => reject(startFailure(error, cwd)));
    child.once("close", (code) => {
      resolve({ status: code ?? 128, stderr: Buffer.concat(stderr).toString("utf8") });
    });
  });
}

function startFailure(error: Error, cwd: string): OptoutError {
  const cause = { cause: error };
  if (systemErrorCode(error) !== "ENOENT") {
    const code = systemErrorCode(error) ?? error.name;
    return new OptoutError("unexpected", `git cannot be started: ${code}`, cause);
  }
  if (!existsSync(cwd)) {
    return new OptoutError("not-a-repository", `there is no directory ${cwd}`, cause);
  }
  return new OptoutError("no-git", "git is not installed, or not on the PATH", {
    ...cause,
    hint: "install git 2.30 or newer",
  });
}

/** The gits that run now; they do not outlive this process. */
const running = new Set<ChildProcessWithoutNullStreams>();

function watch(child: ChildProcessWithoutNullStreams): void {
  if (running.size === 0) process.on("exit", endAll);
  running.add(child);
  const forget = (): void => {
    if (running.delete(child) && running.size === 0) process.off("exit", endAll);
  };
  child.once("error", forget);
  child.once("close", forget);
}

function endAll(): void {
  for (const child of running) sendSignal(child, "SIGTERM");
}

/** Asked first: a git that is asked to end removes its locks. */
function endFamily(child: ChildProcessWithoutNullStreams): void {
  if (!running.has(child)) return;
  sendSignal(child, "SIGTERM");
  setTimeout(() => {
    if (!running.has(child)) return;
    sendSignal(child, "SIGKILL");
    child.stdout.destroy();
    child.stderr.destroy();
  }, graceMilliseconds).unref();
}

function sendSignal(child: ChildProcessWithoutNullStreams, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    // A negative number is the group that `detached` made; without one only the child itself.
    process.kill(-child.pid, signal);
  } catch {
    child.kill(signal);
  }
}
