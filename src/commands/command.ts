/**
 * What a command is: a row of data, and the function that it loads when it is called.
 *
 * Parsers, help, completion and the docs are all made from these rows.
 */
import type { State } from "../core/state.ts";
import type { Io } from "../output/io.ts";
import type { Openers } from "./openers.ts";

export interface Flag {
  /** Long name without dashes. */
  readonly name: string;
  readonly short?: string;
  /** Name of its value, in capitals; none for a switch. */
  readonly value?: string;
  readonly choices?: readonly string[];
  readonly repeatable?: true;
  readonly help: string;
}

export interface Argument {
  readonly name: string;
  readonly required?: true;
  readonly many?: true;
  /** Of an override: in which states shells offer it; in any where it is absent. */
  readonly among?: readonly (State | "review-due")[];
}

export interface Command {
  /** As typed: `skip`, `keys create`. */
  readonly name: string;
  readonly group: "OVERRIDE" | "FOLLOW UP" | "APPROVE" | "IN CI" | "LOOK BACK" | "SET UP" | "OTHER";
  readonly summary: string;
  /** More for its help page; plain paragraphs. */
  readonly about?: readonly string[];
  readonly args: readonly Argument[];
  readonly flags: readonly Flag[];
  /** Whether `-- COMMAND…` may follow. */
  readonly takesCommand?: true;
  readonly examples: readonly { readonly line: string; readonly does: string }[];
  /** `kind` of its JSON; none where `--json` is not offered. */
  readonly json?: string;
  /** After which it gives up, where it is not like the others. */
  readonly timeoutSeconds?: number;
  readonly load: () => Promise<Run>;
}

/** Runs a command; what it returns is the exit status. */
export type Run = (call: Call, io: Io, open: Openers) => Promise<number>;

/** A command line, parsed. */
export interface Call {
  readonly command: Command;
  readonly args: readonly string[];
  /** What followed `--`. */
  readonly rest: readonly string[];
  /** Whether somebody was asked for a part of it. */
  readonly isAsked?: true;
  has(flag: string): boolean;
  text(flag: string): string | undefined;
  texts(flag: string): readonly string[];
}

/** The first argument that must be there and is not. */
export const missingIn = ({ args }: Command, given: readonly string[]): Argument | undefined =>
  args.find(({ required }, i) => required === true && given.length <= i);

/** A call from plain values; both parsers end here. */
export function callOf(
  command: Command,
  args: readonly string[],
  rest: readonly string[],
  flags: ReadonlyMap<string, readonly string[]>,
): Call {
  return {
    command,
    args,
    rest,
    has: (flag) => flags.has(flag),
    text: (flag) => flags.get(flag)?.at(-1),
    texts: (flag) => flags.get(flag) ?? [],
  };
}

/** Flags that every command understands. */
export const globalFlags: readonly Flag[] = [
  {
    name: "repo",
    short: "R",
    value: "REPO",
    help: "OWNER/NAME, HOST/OWNER/NAME or a URL, instead of a clone",
  },
  { name: "chdir", short: "C", value: "DIR", help: "run as if started in DIR" },
  { name: "timeout", value: "DURATION", help: "give up after this long (check 10s, others 30s)" },
  { name: "quiet", short: "q", help: "print the answer only" },
  { name: "yes", short: "y", help: "do not ask for confirmation" },
  { name: "no-input", help: "never prompt; a missing value is an error" },
  {
    name: "color",
    value: "WHEN",
    choices: ["auto", "always", "never"],
    help: "colour: auto, always or never",
  },
  { name: "debug", help: "say on stderr which git and requests ran, and where an error arose" },
];

export const jsonFlag: Flag = { name: "json", help: "print JSON" };

/** Of commands that print overrides. */
const overrideFlags: readonly Flag[] = [
  { name: "jsonl", help: "print one JSON object a line" },
  { name: "fields", value: "a,b", help: "only these members of the JSON" },
];
const printsOverrides: ReadonlySet<string> = new Set([
  "optout/override",
  "optout/status",
  "optout/history",
]);

/** Flags of the form of a command's answer. */
export function jsonFlagsOf({ json }: Command): readonly Flag[] {
  if (json === undefined) return [];
  return [jsonFlag, ...(printsOverrides.has(json) ? overrideFlags : [])];
}

/** Every flag that a command understands, its own first. */
export function flagsOf(command: Command): readonly Flag[] {
  return [...command.flags, ...jsonFlagsOf(command), ...globalFlags];
}
