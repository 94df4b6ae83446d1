/**
 * What is wrong with a command line, each with one thing to do about it.
 */
import { OptoutError } from "../core/errors.ts";
import { isStageId } from "../core/ids.ts";
import { closest } from "../core/suggest.ts";
import { flagsOf, globalFlags, type Argument, type Command, type Flag } from "./command.ts";
import { commands } from "./table.ts";

/** Whether a word is meant as a flag; `-` alone is a value. */
export function isFlagLike(word: string): boolean {
  return word.length > 1 && word.startsWith("-");
}

/** Never a guess: what was probably meant is named, not done. */
export function unknownCommand(words: readonly string[]): OptoutError {
  const [first = "", ...others] = words;
  const message = `unknown command ${JSON.stringify(first)}`;
  const near = closestCommand(first);
  if (near !== null) return usage(message, `did you mean \`optout ${near}\`?`);
  const [second] = others;
  const isStage = isStageId(first) && (second === undefined || isFlagLike(second));
  return usage(message, isStage ? `did you mean \`optout skip ${first}\`?` : "optout help");
}

/** Also the second word of a command alone: `can-i` is `policy can-i`. */
function closestCommand(word: string): string | null {
  const names = commands.map(({ name }) => name);
  const whole = names.find((name) => name.endsWith(` ${word}`));
  return (
    whole ?? likely(word, [...new Set(names.map((name) => name.split(" ", 1)[0] ?? name)), "help"])
  );
}

/** Two slips in a short word make nearly any word of another (`lint`, `init`): one letter must stay. */
function likely(word: string, words: readonly string[]): string | null {
  const near = closest(word, words);
  const isLikely = word.length > 5 || near?.charAt(0) === word.charAt(0).toLowerCase();
  return isLikely ? near : null;
}

/** `optout keys`, `optout keys crate`. */
export function missingSubcommand(
  name: string,
  rows: readonly Command[],
  words: readonly string[],
): OptoutError {
  const known = rows.map((row) => row.name.slice(name.length + 1));
  const [first] = words;
  if (first === undefined) {
    return usage(`optout ${name} needs one of ${known.join(", ")}`, `optout help ${name}`);
  }
  if (isFlagLike(first)) return unknownFlag(first, null);
  const near = likely(first, known);
  return usage(
    `optout ${name} knows no ${JSON.stringify(first)}, only ${known.join(", ")}`,
    near === null ? `optout help ${name}` : `did you mean \`optout ${name} ${near}\`?`,
  );
}

/** @param command null where no command was reached */
export function unknownFlag(word: string, command: Command | null): OptoutError {
  const [flag = word] = word.split("=", 1);
  const flags = command === null ? globalFlags : flagsOf(command);
  const known = flags.map(({ name }) => `--${name}`);
  if (flag !== word && known.includes(flag)) return usage(`${flag} takes no value`, flag);
  const near = flag.startsWith("--") ? closest(flag, [...known, "--help", "--version"]) : null;
  const page = command === null ? "optout help" : `optout help ${command.name}`;
  return usage(`unknown flag ${flag}`, near === null ? page : `did you mean ${near}?`);
}

/** A flag that other commands have, before a command that has it not. */
export function foreignFlag(name: string, command: Command): OptoutError {
  return usage(`optout ${command.name} has no --${name}`, `optout help ${command.name}`);
}

export function notAChoice({ name, choices = [] }: Flag, given: string): OptoutError {
  const near = closest(given, choices);
  const message = `--${name} ${JSON.stringify(given)} is not one of ${choices.join(", ")}`;
  return usage(message, `--${name} ${near ?? choices[0] ?? ""}`);
}

export function missingArgument(command: Command, argument: Argument): OptoutError {
  const [example] = command.examples;
  return usage(
    `optout ${command.name} needs ${argument.name.toUpperCase()}`,
    example === undefined ? `optout help ${command.name}` : `such as: ${example.line}`,
  );
}

/** @param hasRest whether a `--` with something behind it was there */
export function excessArgument(
  command: Command,
  args: readonly string[],
  hasRest: boolean,
): OptoutError {
  const { length } = command.args;
  // what is too much there is probably the token
  if (command.flags.some(({ name }) => name === "with-token")) {
    const message = `optout ${command.name} takes no argument: a token is read from standard input`;
    return usage(message, `optout ${command.name} --with-token < token.txt`);
  }
  const surplus = args[length] ?? "";
  const message = `optout ${command.name} takes ${countWords(length)}, so ${JSON.stringify(surplus)} is too much`;
  if (command.takesCommand !== true || hasRest) {
    return usage(message, `optout help ${command.name}`);
  }
  return usage(message, commandLine(command, args.slice(0, length), args.slice(length)));
}

export function missingCommand(command: Command, args: readonly string[]): OptoutError {
  return usage(
    `optout ${command.name} needs a command after --`,
    commandLine(command, args, ["COMMAND"]),
  );
}

const commandLine = ({ name }: Command, args: readonly string[], rest: readonly string[]): string =>
  `optout ${[name, ...args, "--", ...rest].join(" ")}`;

function countWords(count: number): string {
  if (count === 0) return "no argument";
  return count === 1 ? "one argument" : `${count} arguments`;
}

const usage = (message: string, hint: string): OptoutError =>
  new OptoutError("usage", message, { hint });
