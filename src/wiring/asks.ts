/**
 * Where a script asks optout about a stage, and which scripts of `package.json` it runs.
 */
import { isStageId } from "../core/ids.ts";
import { actions, type Action } from "../core/policy.ts";
import { commandsIn, type ShellCommand } from "./shell.ts";
import type { AskForm } from "./wiring.ts";

/** What variables stand for, where that can be told; several values for those of a matrix. */
export type Values = ReadonlyMap<string, readonly string[]>;

export interface ScriptAsk {
  readonly stage: string | null;
  readonly form: AskForm;
  readonly action?: Action;
  /** Counted from 0, within the text. */
  readonly line: number;
}

const valueFlags = new Set(
  "action branch head tag sha pr env when-unreachable when format output pipeline skip-exit-code repo chdir timeout color"
    .split(" ")
    .map((name) => `--${name}`)
    .concat("-C", "-R"),
);

/** Whether a flag of `run`, `check` or `gate` takes the next word as its value. */
export const takesValue = (flag: string): boolean => valueFlags.has(flag);

/** What may stand before the program in a command. */
const launchers =
  /^(?:npx|pnpx|bunx|pnpm|yarn|npm|bun|exec|dlx|node|sudo|env|time|command|if|then|else|elif|do|while|until|!|\{|-.*|[A-Za-z_]\w*=.*)$/;
const program = /(?:^|[/\\])optout(?:\.cjs|\.cmd)?(?:@[^/]*)?$/;

export function asksIn(script: string, values: Values = new Map()): readonly ScriptAsk[] {
  return commandsIn(script).flatMap((command) => asksOf(command, values));
}

function asksOf({ words, end, line }: ShellCommand, values: Values): readonly ScriptAsk[] {
  const at = words.findIndex((word) => program.test(word));
  if (at < 0 || !words.slice(0, at).every((word) => launchers.test(word))) return [];
  const after = words.slice(at + 1);
  const plain = positionals(after);
  const [verb, ...stages] = plain;
  if (verb !== "run" && verb !== "check" && verb !== "gate") return [];
  const form = verb === "check" && end === "||" ? "check-or" : verb;
  const action = verb === "check" ? actionIn(after) : undefined;
  const wanted = action === undefined ? {} : { action };
  const named = verb === "gate" ? stages : stages.slice(0, 1);
  return named
    .flatMap((word) => expand(word, values))
    .flatMap((word) => (verb === "gate" ? word.split(/\s+/) : [word]))
    .map((stage) => ({ stage: isStageId(stage) ? stage : null, form, line, ...wanted }));
}

function actionIn(words: readonly string[]): Action | undefined {
  const at = words.findIndex((word) => /^--action(?:=|$)/.test(word));
  const named = words[at]?.split("=")[1] ?? words[at + 1];
  return actions.find((one) => one === named);
}

/** The words that are no flags, up to `--`. */
function positionals(words: readonly string[]): readonly string[] {
  const found: string[] = [];
  for (let i = 0; i < words.length; i += 1) {
    const word = words[i] ?? "";
    if (word === "--") break;
    if (takesValue(word)) i += 1;
    else if (!word.startsWith("-")) found.push(word);
  }
  return found;
}

/** `$NAME`, `${NAME}`, `${{ matrix.name }}` and the like; a word without them is itself. */
export function expand(word: string, values: Values): readonly string[] {
  const [whole, name] =
    /\$\{\{\s*([\w.-]+)\s*\}\}|\$\{(\w+)\}|\$(\w+)/
      .exec(word)
      ?.filter((part) => part !== undefined) ?? [];
  if (whole === undefined || name === undefined) return [word];
  return (values.get(name) ?? ["$"]).map((value) => word.replace(whole, () => value));
}

/** The scripts of `package.json` that the script runs. */
export function scriptsRunIn(script: string): readonly string[] {
  return commandsIn(script).flatMap(({ words }) => {
    const at = words.findIndex((word) => /^(?:npm|pnpm|yarn|bun)$/.test(word));
    if (at < 0 || !words.slice(0, at).every((word) => launchers.test(word))) return [];
    const [first, second] = positionals(words.slice(at + 1));
    if (first === undefined) return [];
    if (first === "run" || first === "run-script") return second === undefined ? [] : [second];
    if (first === "t" || first === "tst") return ["test"];
    return words[at] === "npm" && first !== "test" && first !== "start" ? [] : [first];
  });
}
