/**
 * What a command may touch of the world around it: two streams, the environment, the clock.
 * stdout is the answer, stderr is talk.
 */
import { writeSync } from "node:fs";
import { OptoutError } from "../core/errors.ts";
import type { UnixSeconds } from "../core/policy.ts";

export interface Io {
  /** Writes to stdout exactly what is given. */
  out(text: string): void;
  /** Writes to stderr exactly what is given. */
  err(text: string): void;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly stdinIsTerminal: boolean;
  readonly stdoutIsTerminal: boolean;
  readonly stderrIsTerminal: boolean;
  /** Columns of the terminal; 80 where there is none. */
  readonly columns: number;
  /** IANA name of the local time zone. */
  readonly zone: string;
  now(): UnixSeconds;
  /** All of stdin as text, for `-m -`. */
  readStdin(): Promise<string>;
}

const fullPipeMilliseconds = 5;

/**
 * The process's own world. The streams of Node are touched only when somebody asks whether they are
 * terminals: making them costs a job as much as reading its policy.
 */
export function processIo(): Io {
  return {
    out: (text) => writeAll(1, text),
    err: (text) => writeAll(2, text),
    env: process.env,
    cwd: process.cwd(),
    get stdinIsTerminal() {
      return process.stdin.isTTY;
    },
    get stdoutIsTerminal() {
      return process.stdout.isTTY;
    },
    get stderrIsTerminal() {
      return process.stderr.isTTY;
    },
    get columns() {
      // a terminal that was told no size says 0
      return process.stdout.columns || process.stderr.columns || 80;
    },
    get zone() {
      return Intl.DateTimeFormat().resolvedOptions().timeZone;
    },
    now: () => Math.floor(Date.now() / 1000),
    readStdin,
  };
}

/** Writes to the end, whatever the descriptor is; that nobody reads any more is no failure. */
function writeAll(descriptor: 1 | 2, text: string): void {
  let rest: Uint8Array = Buffer.from(text, "utf8");
  while (rest.byteLength > 0) {
    try {
      rest = rest.subarray(writeSync(descriptor, rest));
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : null;
      if (code === "EPIPE") return;
      if (code !== "EAGAIN") throw unwritable(descriptor, error);
      // a pipe that another program made non-blocking, and that is full
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, fullPipeMilliseconds);
    }
  }
}

/** What a command did before it answers is done all the same. */
function unwritable(descriptor: 1 | 2, cause: unknown): unknown {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "no reason given";
  if (descriptor === 2) return cause;
  return new OptoutError("unexpected", `the answer cannot be printed (${code})`, {
    cause,
    hint: "optout status   (what was recorded before that stands)",
  });
}

async function readStdin(): Promise<string> {
  process.stdin.setEncoding("utf8");
  let text = "";
  for await (const chunk of process.stdin) text += String(chunk);
  return text;
}
