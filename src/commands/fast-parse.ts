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
    const [spelt, joined] = splitOnce(word);
    const flag = flagOf(known, spelt);
    if (flag === undefined || (flags.has(flag.name) && flag.repeatable === undefined)) return null;
    const takesNext = flag.value !== undefined && joined === null;
    const value = valueOf(flag, joined, takesNext ? words[(index += 1)] : "");
    if (value === null) return null;
    flags.set(flag.name, [...(flags.get(flag.name) ?? []), value]);
  }
  return { args, flags };
}

function flagOf(known: readonly Flag[], word: string): Flag | undefined {
  return known.find(
    ({ name, short }) => word === `--${name}` || (short !== undefined && word === `-${short}`),
  );
}

/**
 * @param joined what stands behind "=", as the doors of CI write it; it may begin with a dash
 * @param next the next word, where the flag takes it
 */
function valueOf(flag: Flag, joined: string | null, next: string | undefined): string | null {
  const isWhole =
    joined === null ? next?.startsWith("-") === false : joined !== "" && flag.value !== undefined;
  const value = joined ?? next ?? "";
  return isWhole && flag.choices?.includes(value) !== false ? value : null;
}

/** A long flag and the value that is joined to it; null where none is. */
function splitOnce(word: string): readonly [string, string | null] {
  const at = word.startsWith("--") ? word.indexOf("=") : -1;
  return at === -1 ? [word, null] : [word.slice(0, at), word.slice(at + 1)];
}

function fits(command: Command, args: readonly string[], rest: readonly string[]): boolean {
  const required = command.args.filter((arg) => arg.required === true).length;
  const most = command.args.some((arg) => arg.many === true) ? Infinity : command.args.length;
  const commandFits = command.takesCommand === true ? rest.length > 0 : rest.length === 0;
  return commandFits && args.length >= required && args.length <= most;
}
