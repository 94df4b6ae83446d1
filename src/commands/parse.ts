/**
 * The whole parser, made from the table by commander: every form that a flag may have, flags of all
 * commands before and after the command, and an error with a hint for what is wrong.
 *
 * It prints nothing and ends nothing: a line becomes a value or an `OptoutError`.
 */
import { Command as Parser, CommanderError, Option } from "commander";

import { OptoutError } from "../core/errors.ts";
import { overrideMembers } from "../output/override-members.ts";
import {
  callOf,
  flagsOf,
  globalFlags,
  jsonFlag,
  missingIn,
  type Argument,
  type Call,
  type Command,
  type Flag,
} from "./command.ts";
import {
  excessArgument,
  foreignFlag,
  isFlagLike,
  missingArgument,
  missingCommand,
  missingSubcommand,
  notAChoice,
  unknownCommand,
  unknownFlag,
} from "./parse-errors.ts";
import { commands } from "./table.ts";

/** What a command line asks for. */
export type Line =
  | { readonly kind: "call"; readonly call: Call }
  /** No command at all: the state, and what could come next. */
  | { readonly kind: "alone"; readonly call: Call }
  /** A command, a topic, or nothing for the main page. */
  | { readonly kind: "help"; readonly topic: readonly string[] }
  | { readonly kind: "version" };

const helpFlag: Flag = { name: "help", short: "h", help: "show help" };
const versionFlag: Flag = { name: "version", short: "V", help: "print the version" };

/**
 * Parses a command line. What follows the first `--` is left as it is.
 * @throws `usage` with a hint
 */
export function parseLine(argv: readonly string[]): Line {
  const end = argv.indexOf("--");
  const own = end === -1 ? argv : argv.slice(0, end);
  const rest = end === -1 ? [] : argv.slice(end + 1);
  const parsing: Parsing = { given: new Map(), rest, line: null };
  try {
    programFor(parsing).parse([...own], { from: "user" });
  } catch (thrown) {
    throw thrown instanceof CommanderError ? usageOf(thrown) : thrown;
  }
  if (parsing.line !== null) return parsing.line;
  throw new OptoutError("unexpected", "the command line was not understood");
}

/** What is known of the line so far; commander fills it in while it reads. */
interface Parsing {
  readonly given: Map<string, readonly string[]>;
  readonly rest: readonly string[];
  line: Line | null;
}

function programFor(parsing: Parsing): Parser {
  const program = new Parser("optout")
    .exitOverride()
    .configureOutput({ writeOut: () => undefined, writeErr: () => undefined })
    .showSuggestionAfterError(false)
    .helpOption(false)
    .helpCommand(false)
    .enablePositionalOptions();
  addFlags(program, [helpFlag, versionFlag, jsonFlag, ...globalFlags], parsing);
  onWords(program, parsing, (words) => rootLine(words, parsing));
  const help = program.command("help");
  addFlags(help, [helpFlag, ...globalFlags], parsing);
  onWords(help, parsing, (words) => ({ kind: "help", topic: words }));
  for (const name of new Set(commands.map((row) => firstWord(row.name)))) {
    const rows = commands.filter((row) => firstWord(row.name) === name);
    addCommand(program.command(name), name, rows, parsing);
  }
  return program;
}

/** A command, or a word with commands of its own under it (`keys create`). */
function addCommand(
  parser: Parser,
  name: string,
  rows: readonly Command[],
  parsing: Parsing,
): void {
  const [only] = rows;
  if (only !== undefined && only.name === name) {
    addFlags(parser, [...flagsOf(only), helpFlag], parsing);
    onWords(parser, parsing, (words) => callLine(only, words, parsing));
    return;
  }
  addFlags(parser, [jsonFlag, ...globalFlags, helpFlag], parsing);
  onWords(parser, parsing, (words) => groupLine(name, rows, words, parsing));
  for (const row of rows) {
    addCommand(parser.command(row.name.slice(name.length + 1)), row.name, [row], parsing);
  }
}

const firstWord = (name: string): string => name.split(" ", 1)[0] ?? name;

/** Unknown flags come among the words, so that the words before them can be judged first. */
function onWords(parser: Parser, parsing: Parsing, read: (words: readonly string[]) => Line): void {
  parser
    .allowUnknownOption()
    .argument("[words...]")
    .action((words: readonly string[]) => {
      parsing.line = read(words);
    });
}

function addFlags(parser: Parser, flags: readonly Flag[], parsing: Parsing): void {
  for (const flag of flags) {
    const short = flag.short === undefined ? "" : `-${flag.short}, `;
    const value = flag.value === undefined ? "" : ` <${flag.value}>`;
    const option = new Option(`${short}--${flag.name}${value}`);
    parser.addOption(option.argParser((text: string | undefined) => take(flag, text, parsing)));
  }
}

function take(flag: Flag, text: string | undefined, { given }: Parsing): boolean {
  const before = given.get(flag.name) ?? [];
  if (before.length > 0 && flag.repeatable === undefined) {
    throw new OptoutError("usage", `--${flag.name} is given twice`);
  }
  if (text !== undefined && flag.choices?.includes(text) === false) throw notAChoice(flag, text);
  given.set(flag.name, [...before, text ?? ""]);
  return true;
}

// --- what the words of a line mean

function rootLine(words: readonly string[], { given, rest }: Parsing): Line {
  if (given.has("version")) return { kind: "version" };
  const [first] = words;
  if (first !== undefined && isFlagLike(first)) throw unknownFlag(first, null);
  if (given.has("help")) return { kind: "help", topic: words };
  if (first !== undefined || rest.length > 0) throw unknownCommand([...words, ...rest]);
  const status = commands.find(({ name }) => name === "status");
  if (status === undefined) return { kind: "help", topic: [] };
  return { kind: "alone", call: callOf(status, [], [], given) };
}

function groupLine(
  name: string,
  rows: readonly Command[],
  words: readonly string[],
  { given }: Parsing,
): Line {
  if (given.has("help")) return { kind: "help", topic: [name] };
  throw missingSubcommand(name, rows, words);
}

function callLine(command: Command, words: readonly string[], { given, rest }: Parsing): Line {
  if (given.has("help")) return { kind: "help", topic: command.name.split(" ") };
  const unknown = words.find(isFlagLike);
  if (unknown !== undefined) throw unknownFlag(unknown, command);
  const known = new Set(flagsOf(command).map(({ name }) => name));
  const foreign = [...given.keys()].find((name) => !known.has(name));
  if (foreign !== undefined) throw foreignFlag(foreign, command);
  assertJson(given);
  const takes = command.takesCommand === true;
  const args = takes ? words : [...words, ...rest];
  assertFits(command, args, rest);
  return { kind: "call", call: callOf(command, args, takes ? rest : [], given) };
}

/** `--jsonl` is JSON too, and `--fields` chooses members of it. */
function assertJson(given: Map<string, readonly string[]>): void {
  if (given.has("jsonl")) {
    if (given.has("json")) throw new OptoutError("usage", "--json and --jsonl exclude each other");
    given.set("json", [""]);
  }
  if (!given.has("fields")) return;
  if (!given.has("json")) {
    throw new OptoutError("usage", "--fields chooses members of the JSON", {
      hint: "add --json or --jsonl",
    });
  }
  if (given.has("dry-run")) throw noOverride();
  const fields = given.get("fields")?.at(-1)?.split(",") ?? [];
  const unknown = fields.find((field) => !overrideMembers.includes(field));
  if (unknown !== undefined) throw unknownMember(unknown);
}

// before anything is recorded
const noOverride = (): OptoutError =>
  new OptoutError("usage", "--fields chooses members of an override, and a dry run prints none", {
    hint: "leave out --fields",
  });

function unknownMember(field: string): OptoutError {
  return new OptoutError("usage", `--fields: an override has no member ${JSON.stringify(field)}`, {
    hint: `one of ${overrideMembers.join(",")}`,
  });
}

function assertFits(command: Command, args: readonly string[], rest: readonly string[]): void {
  const most = command.args.some((arg) => arg.many === true) ? Infinity : command.args.length;
  const missing = missingIn(command, args);
  if (missing !== undefined && !isAsked(command, missing)) throw missingArgument(command, missing);
  if (args.length > most) throw excessArgument(command, args, rest.length > 0);
  if (command.takesCommand === true && rest.length === 0) throw missingCommand(command, args);
}

/** Whether somebody at a terminal is asked for it; jobs have nobody to ask. */
const isAsked = ({ group }: Command, { name }: Argument): boolean =>
  group !== "IN CI" && (name === "stage" || name === "override");

/** What is left for commander to find: a flag without its value. */
function usageOf(error: CommanderError): OptoutError {
  const [, flags] = /^error: option '(?:-\w, )?(.+)' argument missing$/.exec(error.message) ?? [];
  if (flags === undefined) return new OptoutError("usage", error.message.replace(/^error: /, ""));
  const [name = flags, value = "a value"] = flags.split(" ", 2);
  const what = value.replaceAll(/[<>]/g, "");
  return new OptoutError("usage", `${name} needs a value: ${name} ${what}`, {
    hint: "optout help",
  });
}
