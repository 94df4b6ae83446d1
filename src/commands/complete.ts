/**
 * What could come next on a line, from the table of commands alone.
 */
import { actions } from "../core/policy.ts";
import { shells, type Candidate } from "../output/completion-scripts.ts";
import { flagsOf, globalFlags, type Argument, type Command, type Flag } from "./command.ts";
import { topics } from "./help-topics.ts";

/** An override as it was when the log was last read. */
export interface KnownOverride {
  readonly seq: number;
  readonly id: string;
  readonly states: readonly NonNullable<Argument["among"]>[number][];
  readonly help: string;
}

/** What is known here, without asking anybody. */
export interface AtHand {
  stages(): Promise<readonly string[]>;
  /** Newest first. */
  overrides(): Promise<readonly KnownOverride[]>;
}

/** Whether it is one that the argument may mean. */
export const isAmong =
  ({ among }: Argument) =>
  ({ states }: KnownOverride): boolean =>
    among === undefined || states.some((state) => among.includes(state));

/** More than these nobody reads on a terminal; of older ones the number can be typed. */
export const maxOverrides = 40;

type Table = readonly Command[];

/** The words so far and what is known of them. */
interface Typed {
  readonly command: Command | null;
  /** Words that are neither flags nor their values, without the command's name. */
  readonly args: readonly string[];
  readonly given: ReadonlySet<string>;
  /** The flag whose value is being typed. */
  readonly open: Flag | null;
}

/**
 * Candidates for the last word, which may be empty.
 * @param words what follows `optout`; bash makes three words of `--flag=value`
 */
export async function candidatesFor(
  words: readonly string[],
  commands: Table,
  atHand: AtHand,
): Promise<readonly Candidate[]> {
  const joined = words.filter((word, i) => word !== "=" || i === words.length - 1);
  const before = joined.slice(0, -1);
  const last = joined.at(-1) ?? "";
  const current = last === "=" ? "" : last;
  if (before.includes("--")) return [];
  const typed = typedIn(before, commands);
  const all =
    typed.command === null && typed.open === null && !current.startsWith("-")
      ? nextWords(typed.args, commands)
      : await candidates(typed, current, atHand);
  return all.filter(({ word }) => word.startsWith(current));
}

async function candidates(
  typed: Typed,
  current: string,
  atHand: AtHand,
): Promise<readonly Candidate[]> {
  if (typed.open !== null) return plain(await valuesOf(typed.open, atHand));
  if (current.startsWith("-")) return flagCandidates(typed);
  const args = typed.command?.args ?? [];
  const argument = args[typed.args.length] ?? args.find(({ many }) => many === true);
  if (argument === undefined) return [];
  const values = await argumentValues(argument, current, atHand);
  return values.filter(({ word }) => !typed.args.includes(word));
}

const plain = (words: readonly string[]): readonly Candidate[] =>
  words.map((word) => ({ word, help: "" }));

function typedIn(before: readonly string[], commands: Table): Typed {
  const args: string[] = [];
  const given = new Set<string>();
  let open: Flag | null = null;
  for (const word of before) {
    if (open !== null) {
      open = null;
      continue;
    }
    if (!word.startsWith("-")) {
      args.push(word);
      continue;
    }
    const flag = flagCalled(word, commandIn(args, commands));
    if (flag === null) continue;
    given.add(flag.name);
    open = flag.value === undefined || word.includes("=") ? null : flag;
  }
  const command = commandIn(args, commands);
  const depth = command === null ? 0 : command.name.split(" ").length;
  return { command, args: args.slice(depth), given, open };
}

function commandIn(args: readonly string[], commands: Table): Command | null {
  const [first = "", second = ""] = args;
  return commands.find(({ name }) => name === first || name === `${first} ${second}`) ?? null;
}

function flagCalled(word: string, command: Command | null): Flag | null {
  const [name] = word.replace(/^--?/, "").split("=", 1);
  const known = command === null ? globalFlags : flagsOf(command);
  return known.find((flag) => (word.startsWith("--") ? flag.name : flag.short) === name) ?? null;
}

function flagCandidates({ command, given }: Typed): readonly Candidate[] {
  const known = command === null ? globalFlags : flagsOf(command);
  return known
    .filter(({ name, repeatable }) => repeatable === true || !given.has(name))
    .map(({ name, help }) => ({ word: `--${name}`, help }));
}

async function valuesOf({ name, choices }: Flag, atHand: AtHand): Promise<readonly string[]> {
  return choices ?? (name === "stage" ? atHand.stages() : []);
}

/** Commands, or what follows the first word of a command of two. */
function nextWords(args: readonly string[], commands: Table): readonly Candidate[] {
  const [first] = args;
  if (args.length > 1) return [];
  if (first === "help") {
    const topicNames = topics.map(({ name, summary }) => ({ word: name, help: summary }));
    return [...nextWords([], commands), ...topicNames];
  }
  if (first !== undefined) {
    return commands
      .filter(({ name }) => name.startsWith(`${first} `))
      .map(({ name, summary }) => ({ word: name.slice(first.length + 1), help: summary }));
  }
  const rows = commands.map(({ name, summary }) => {
    const [word = name] = name.split(" ", 1);
    return { word, help: word === name ? summary : "" };
  });
  const help = { word: "help", help: "a page about a command or a topic" };
  return [...rows, help].filter(
    ({ word }, i, all) => all.findIndex((one) => one.word === word) === i,
  );
}

async function argumentValues(
  argument: Argument,
  current: string,
  atHand: AtHand,
): Promise<readonly Candidate[]> {
  const { name } = argument;
  if (name === "stage") return plain(await atHand.stages());
  if (name === "override") return overrideCandidates(argument, current, atHand);
  if (name === "kind") return plain((await import("./schema.ts")).schemaKinds);
  const fixed: Readonly<Record<string, readonly string[]>> = {
    action: actions,
    shell: shells,
  };
  return plain(fixed[name] ?? []);
}

/** By number, by the stage that it is for, and by id once its beginning is typed. */
async function overrideCandidates(
  argument: Argument,
  current: string,
  atHand: AtHand,
): Promise<readonly Candidate[]> {
  const [stages, known] = await Promise.all([atHand.stages(), atHand.overrides()]);
  const fitting = known.filter(isAmong(argument)).slice(0, maxOverrides);
  const numbers = fitting.map(({ seq, help }) => ({ word: String(seq), help }));
  const ids = fitting.map(({ id, help }) => ({ word: id, help }));
  return [...numbers, ...plain(stages), ...(/^ovr?_?/.test(current) ? ids : [])];
}
