/**
 * The pages of `optout help`, made from the table of commands. Examples come first.
 *
 * Loaded only when a page is asked for.
 */
import { OptoutError } from "../core/errors.ts";
import { closest } from "../core/suggest.ts";
import { globalFlags, jsonFlagsOf, type Argument, type Command, type Flag } from "./command.ts";
import { example, items, paragraph, section, type Item } from "./help-layout.ts";
import { topics } from "./help-topics.ts";
import { commands } from "./table.ts";

const helpFlag: Flag = { name: "help", short: "h", help: "show this page" };

/** In the order of the main page. */
const groups: readonly Command["group"][] = [
  "OVERRIDE",
  "FOLLOW UP",
  "APPROVE",
  "IN CI",
  "LOOK BACK",
  "SET UP",
  "OTHER",
];

/** What one could do next; shown under the state by `optout` alone. */
export function nextText(): string {
  return items([
    { term: 'optout skip STAGE -m "why"', text: "let jobs leave a stage out" },
    { term: "optout history", text: "who opted out of what, when and why" },
    { term: "optout help", text: "all commands" },
  ]);
}

/**
 * The page of a command, of a topic, or the main page for no words at all.
 * @throws `usage` when there is no such page
 */
export function helpPage(words: readonly string[]): string {
  if (words.length === 0) return mainPage();
  const name = words.join(" ");
  const command = commands.find((row) => row.name === name);
  if (command !== undefined) return commandPage(command);
  const rows = commands.filter((row) => row.name.startsWith(`${name} `));
  const topic = topics.find((one) => one.name === name);
  if (topic !== undefined) return join([...topic.blocks(), ...groupBlocks(rows)]);
  if (rows.length > 0) return join([`optout ${name}`, ...groupBlocks(rows)]);
  const near = closest(name, pageNames());
  throw new OptoutError("usage", `there is no help about ${JSON.stringify(name)}`, {
    hint: near === null ? "optout help" : `did you mean \`optout help ${near}\`?`,
  });
}

/** Everything that `optout help` has a page about, beside the main one. */
export function pageNames(): readonly string[] {
  const names = commands.map(({ name }) => name);
  return [...new Set([...names, ...names.map(firstWord), ...topics.map(({ name }) => name)])];
}

function mainPage(): string {
  const sections = groups.map((group) =>
    section(group, items(rowsOf(commands.filter((row) => row.group === group)))),
  );
  const examples = ["skip", "run", "revoke"].flatMap((name) => {
    const [first] = commands.find((row) => row.name === name)?.examples ?? [];
    return first === undefined ? [] : [example(first)];
  });
  return join([
    paragraph(
      "optout skips or forces one named stage of a pipeline: for a limited time, for a stated reason, on the record.",
    ),
    ...sections,
    section("EXAMPLES", examples.join("\n")),
    section("TOPICS", items(topics.map(({ name, summary }) => ({ term: name, text: summary })))),
    "optout help COMMAND, or COMMAND --help, tells the rest.",
  ]);
}

const rowsOf = (rows: readonly Command[]): readonly Item[] =>
  rows.map(({ name, summary }) => ({ term: name, text: summary }));

function groupBlocks(rows: readonly Command[]): readonly string[] {
  return rows.length === 0 ? [] : [section("COMMANDS", items(rowsOf(rows)))];
}

function commandPage(command: Command): string {
  return join([
    paragraph(`optout ${command.name}: ${command.summary}`),
    section("EXAMPLES", command.examples.map(example).join("\n")),
    section("USAGE", `  ${usageOf(command)}`),
    ...(command.about ?? []).map(paragraph),
    ...flagsSection("FLAGS", command.flags),
    ...flagsSection("GLOBAL FLAGS", [...jsonFlagsOf(command), ...globalFlags, helpFlag]),
    "Exit codes: optout help exit-codes",
  ]);
}

function usageOf(command: Command): string {
  const words = ["optout", command.name, ...command.args.map(argumentWords), "[flags]"];
  return [...words, ...(command.takesCommand === true ? ["-- COMMAND..."] : [])].join(" ");
}

function argumentWords({ name, required, many }: Argument): string {
  const word = `${name.toUpperCase()}${many === true ? "..." : ""}`;
  return required === true ? word : `[${word}]`;
}

function flagsSection(title: string, flags: readonly Flag[]): readonly string[] {
  if (flags.length === 0) return [];
  return [section(title, items(flags.map((flag) => ({ term: termOf(flag), text: textOf(flag) }))))];
}

function termOf({ name, short, value }: Flag): string {
  const long = value === undefined ? `--${name}` : `--${name} ${value}`;
  return short === undefined ? `    ${long}` : `-${short}, ${long}`;
}

/** Its help, with what the row says and the help does not. */
function textOf({ help, choices = [], repeatable }: Flag): string {
  const untold = choices.filter((choice) => !help.includes(choice));
  const oneOf = untold.length > 0 ? `: ${choices.join(", ")}` : "";
  return `${help}${oneOf}${repeatable === true ? " (may be repeated)" : ""}`;
}

const firstWord = (name: string): string => name.split(" ", 1)[0] ?? name;

const join = (blocks: readonly string[]): string => `${blocks.join("\n\n")}\n`;
