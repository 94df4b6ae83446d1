/**
 * The program: finds the command, opens what it asks for, turns failures into exit statuses.
 */
import type { Ahead } from "./ahead.ts";
import { fastParse } from "./commands/fast-parse.ts";
import { missingIn, type Call, type Run } from "./commands/command.ts";
import { jobCommands } from "./commands/job-table.ts";
import type { Openers } from "./commands/openers.ts";
import { asOptoutError, OptoutError } from "./core/errors.ts";
import { openersFor } from "./open.ts";
import { failureJson, failureText } from "./output/failure.ts";
import { processIo, type Io } from "./output/io.ts";
import { printJsonLine } from "./output/json.ts";

/**
 * Runs one command line. The exit status; never throws.
 * @param ahead what was asked of the remote already
 */
export async function runLine(argv: readonly string[], ahead: Ahead | null): Promise<number> {
  const io = processIo();
  try {
    const fast = fastCall(argv);
    if (fast !== null) return await start(fast, io, ahead);
    const { runProgram } = await import("./commands/program.ts");
    return await runProgram(argv, io, (call) => start(call, io, ahead));
  } catch (thrown) {
    return await fail(thrown, argv, io);
  } finally {
    // where nobody wanted it: a line that is wrong waits for no host
    ahead?.limit.interrupt(new OptoutError("interrupted", "nobody waits any more"));
  }
}

/** The commands that run thousands of times a day, when their line is a plain one. */
function fastCall(argv: readonly string[]): Call | null {
  const [name, ...words] = argv;
  const command = jobCommands.find((row) => row.name === name);
  return command === undefined ? null : fastParse(command, words);
}

async function start(call: Call, io: Io, ahead: Ahead | null): Promise<number> {
  if (call.has("debug")) (await import("./commands/trace.ts")).trace(io);
  const run: Run = await call.command.load();
  const open = openersFor(call, io, ahead);
  try {
    return await run(await wholeCall(call, io, open), io, open);
  } catch (thrown) {
    throw await advised(thrown, call);
  } finally {
    open.close();
  }
}

/** The call; where it lacks an argument, with what somebody at a terminal says. */
async function wholeCall(call: Call, io: Io, open: Openers): Promise<Call> {
  const missing = missingIn(call.command, call.args);
  if (missing === undefined) return call;
  const { withArgument } = await import("./commands/ask-argument.ts");
  return withArgument(call, missing, io, open);
}

/** A wrong line ends with what to do next, if only its page; what is said for `-R` or `-C` goes on there. */
async function advised(thrown: unknown, call: Call): Promise<unknown> {
  if (!(thrown instanceof OptoutError)) return thrown;
  const { code, message, cause } = thrown;
  let hint = thrown.hint ?? (code === "usage" ? `optout help ${call.command.name}` : undefined);
  if (hint !== undefined && (call.has("repo") || call.has("chdir"))) {
    hint = (await import("./commands/typed.ts")).inSamePlace(hint, call);
  }
  // --debug tells where an error arose
  return hint === thrown.hint || hint === undefined
    ? thrown
    : Object.assign(new OptoutError(code, message, { hint, cause }), { stack: thrown.stack });
}

async function fail(thrown: unknown, argv: readonly string[], io: Io): Promise<number> {
  const error = asOptoutError(thrown);
  const flags = argv.slice(0, argv.includes("--") ? argv.indexOf("--") : undefined);
  if (flags.includes("--json") || flags.includes("--jsonl")) {
    printJsonLine({ out: (text) => io.err(text) }, failureJson(error));
  } else {
    const { openPaint } = await import("./output/color.ts");
    const paint = await openPaint({
      flag: colorIn(flags),
      env: io.env,
      isTerminal: io.stderrIsTerminal,
    });
    const fit = io.stderrIsTerminal ? (await import("./output/wrap.ts")).fitFor(io) : undefined;
    io.err(failureText(error, paint, fit));
  }
  if (flags.includes("--debug") && thrown instanceof Error) io.err(`${thrown.stack ?? ""}\n`);
  return error.exit;
}

/** What `--color` says in a line that may not have been understood. */
function colorIn(flags: readonly string[]): string | undefined {
  const at = flags.findIndex((word) => word === "--color" || word.startsWith("--color="));
  if (at < 0) return undefined;
  return flags[at] === "--color" ? flags[at + 1] : flags[at]?.slice("--color=".length);
}
