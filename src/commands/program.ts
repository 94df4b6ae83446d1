/**
 * Any command line: parsed by commander, then help, the version, or the command that it names.
 *
 * Prints help and the version itself; a command is started by the composition.
 */
import { exitStatus } from "../core/exit.ts";
import type { Io } from "../output/io.ts";
import type { Call } from "./command.ts";
import { parseLine } from "./parse.ts";
import { version } from "./version.ts";

/**
 * Runs one command line.
 * @param start runs a command; its exit status is the program's
 * @throws `usage` with a hint, and what the command throws
 */
export async function runProgram(
  argv: readonly string[],
  io: Io,
  start: (call: Call) => Promise<number>,
): Promise<number> {
  const line = parseLine(argv);
  switch (line.kind) {
    case "version":
      io.out(`${version()}\n`);
      return exitStatus("ok");
    case "help": {
      const { helpPage } = await import("./help.ts");
      const { isCommandLine, linesFor } = await import("../output/wrap.ts");
      io.out(linesFor(io, helpPage(line.topic).replace(/\n$/, "").split("\n"), isCommandLine));
      return exitStatus("ok");
    }
    case "call":
      return start(line.call);
    case "alone":
      return startAlone(line.call, io, start);
  }
}

/** The state first, like `git status`; then, for people, what could come next. */
async function startAlone(
  call: Call,
  io: Io,
  start: (call: Call) => Promise<number>,
): Promise<number> {
  const status = await start(call);
  if (call.has("json") || call.has("quiet")) return status;
  const { nextText } = await import("./help.ts");
  const { isCommandLine, talkFor } = await import("../output/wrap.ts");
  io.err(talkFor(io, ["", ...nextText().split("\n")], isCommandLine));
  return status;
}
