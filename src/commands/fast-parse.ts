/**
 * The light parser, for the commands that run thousands of times a day. It understands the plain
 * forms of the table's rows and hands anything unusual to commander, so the two cannot drift.
 */
import { callOf, globalFlags, jsonFlag, type Call, type Command, type Flag } from "./command.ts";

/** The call, or null where the line has anything but plain, complete, known words. */
export function fastParse(command: Command, words: readonly string[]): Call | null {
  const end = words.indexOf("--");
  const own = end === -1 ? words : words.slice(0, end);
  const rest = end === -1 ? [] : words.slice(end + 1);
  const read = readWords(command, own);
  if (read === null || !fits(command, read.args, rest)) return null;
  return callOf(command, read.args, rest, read.flags);
}

interface ReadWords {
  readonly args: readonly string[];
  readonly flags: ReadonlyMap<string, readonly string[]>;
}

function readWords(command: Command, words: readonly string[]): ReadWords | null {
  const known = [
    ...command.flags,
    ...globalFlags,
    ...(command.json === undefined ? [] : [jsonFlag]),
  ];
  const flags = new Map<string, readonly string[]>();
  const args: string[] = [];
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? "";
    if (!word.startsWith("-")) {
      args.push(word);
      continue;
    }
    const flag = flagOf(known, word);
    if (flag === undefined || (flags.has(flag.name) && flag.repeatable === undefined)) return null;
    const value = flag.value === undefined ? "" : words[(index += 1)];
    if (value === undefined || !isPlainValue(flag, value)) return null;
    flags.set(flag.name, [...(flags.get(flag.name) ?? []), value]);
  }
  return { args, flags };
}

function flagOf(known: readonly Flag[], word: string): Flag | undefined {
  return known.find(
    ({ name, short }) => word === `--${name}` || (short !== undefined && word === `-${short}`),
  );
}

const isPlainValue = (flag: Flag, value: string): boolean =>
  !value.startsWith("-") && (flag.choices === undefined || flag.choices.includes(value));

function fits(command: Command, args: readonly string[], rest: readonly string[]): boolean {
  const required = command.args.filter((arg) => arg.required === true).length;
  const most = command.args.some((arg) => arg.many === true) ? Infinity : command.args.length;
  const commandFits = command.takesCommand === true ? rest.length > 0 : rest.length === 0;
  return commandFits && args.length >= required && args.length <= most;
}
