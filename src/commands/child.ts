/**
 * Runs the command that optout wraps: with this process's streams, its exit status, its signals.
 */
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { forTerminal } from "../output/escape.ts";
import type { Io } from "../output/io.ts";

const signalNumbers: Readonly<Record<string, number>> = constants.signals;
const forwarded: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];

/**
 * Runs a command to its end; 127 when it is not found, as a shell does, and 128 + n when signal n
 * ended it. A signal to this process is passed on, and what the command makes of it counts.
 */
export function runChild([file = "", ...args]: readonly string[], io: Io): Promise<number> {
  return new Promise((resolve) => {
    const pass = (signal: NodeJS.Signals): void => {
      // a terminal sends its Ctrl-C to both
      if (signal !== "SIGINT" || !io.stdinIsTerminal) child.kill(signal);
    };
    // before the command starts: a signal in between would end this process alone
    for (const signal of forwarded) process.on(signal, pass);
    const child = spawn(file, args, { stdio: "inherit" });
    const end = (status: number): void => {
      for (const signal of forwarded) process.off(signal, pass);
      resolve(status);
    };
    child.on("error", (error: NodeJS.ErrnoException) => {
      const missing = error.code === "ENOENT";
      io.err(
        `✗ cannot run ${forTerminal(file)}: ${missing ? "not found" : forTerminal(error.message)}\n`,
      );
      end(missing ? 127 : 126);
    });
    child.on("close", (code, signal) => end(code ?? 128 + (signalNumbers[signal ?? ""] ?? 0)));
  });
}
