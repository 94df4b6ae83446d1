/**
 * Questions to a person: the only file that knows inquirer, which is loaded with the first question.
 *
 * They are drawn on stderr, because stdout is the answer. Nobody is asked unless `canPrompt` says
 * that somebody is there.
 */
import { asOptoutError, OptoutError } from "../core/errors.ts";
import { forTerminal } from "./escape.ts";
import type { Io } from "./io.ts";

type Terminal = Pick<Io, "env" | "stdinIsTerminal" | "stderrIsTerminal">;

/** Whether somebody is there to be asked. An empty `CI` counts as not set. */
export function canPrompt(io: Terminal, { noInput }: { readonly noInput: boolean }): boolean {
  const isCi = (io.env["CI"] ?? "") !== "";
  return io.stdinIsTerminal && io.stderrIsTerminal && !isCi && !noInput;
}

/**
 * One line of text. Enter alone gives the preset, where there is one.
 * @param read takes the answer; where it throws, that is said and asked again
 */
export async function askText<T>(
  io: Terminal,
  question: string,
  { preset, read }: { readonly preset?: string | undefined; readonly read: (typed: string) => T },
): Promise<T> {
  const validate = (typed: string): string | true => {
    try {
      read(typed);
      return true;
    } catch (thrown) {
      return asOptoutError(thrown).message;
    }
  };
  const answer = await ask(io, {
    type: "input",
    message: question,
    validate,
    ...(preset === undefined ? {} : { default: preset }),
  });
  return read(String(answer));
}

/** Yes or no; Enter alone is yes. */
export async function askConfirm(io: Terminal, question: string): Promise<boolean> {
  return (await ask(io, { type: "confirm", message: question, default: true })) === true;
}

export interface Choice {
  readonly name: string;
  readonly value: string;
  /** Whether it is chosen to begin with. */
  readonly checked: boolean;
}

/** Several of a few; at least one. */
export async function askChoices(
  io: Terminal,
  question: string,
  choices: readonly Choice[],
): Promise<readonly string[]> {
  const answer = await ask(io, {
    type: "checkbox",
    message: question,
    required: true,
    choices: choices.map((choice) => ({ ...choice })),
  });
  return Array.isArray(answer) ? answer.map(String) : [];
}

/** One of a few; its value. */
export async function askOne(
  io: Terminal,
  question: string,
  choices: readonly { readonly name: string; readonly value: string }[],
): Promise<string> {
  const named = choices.map((choice) => ({ ...choice }));
  return String(await ask(io, { type: "select", message: question, choices: named }));
}

/** A new passphrase, typed twice until both are the same. It is not shown. */
export async function askNewPassphrase(io: Terminal): Promise<string> {
  for (;;) {
    const first = await askHidden(io, "Passphrase for the new key:");
    const second = await askHidden(io, "The same again:");
    if (first === second && first !== "") return first;
    process.stderr.write(
      first === ""
        ? "  it is empty; for none: optout keys create --no-passphrase\n"
        : "  they differ\n",
    );
  }
}

/** The passphrase of a key that is locked. */
export async function askPassphrase(
  io: Terminal,
  { source, attempt }: { readonly source: string; readonly attempt: number },
): Promise<string> {
  const again = attempt > 1 ? "wrong, try again: " : "";
  return askHidden(io, `Passphrase (${again}${forTerminal(source)}):`);
}

/** Not even its length is shown. */
async function askHidden(io: Terminal, message: string): Promise<string> {
  return String(await ask(io, { type: "password", message, toggleMask: false }));
}

type Question =
  | {
      readonly type: "input";
      readonly message: string;
      readonly default?: string;
      readonly validate: (typed: string) => string | true;
    }
  | { readonly type: "confirm"; readonly message: string; readonly default: boolean }
  | { readonly type: "password"; readonly message: string; readonly toggleMask: boolean }
  | {
      readonly type: "checkbox";
      readonly message: string;
      readonly required: boolean;
      readonly choices: Choice[];
    }
  | {
      readonly type: "select";
      readonly message: string;
      readonly choices: { readonly name: string; readonly value: string }[];
    };

async function ask(io: Terminal, question: Question): Promise<unknown> {
  if (!canPrompt(io, { noInput: false })) {
    throw new OptoutError("usage", `there is nobody to ask: ${question.message}`);
  }
  const { default: inquirer } = await import("inquirer");
  const prompt = inquirer.createPromptModule({ input: process.stdin, output: process.stderr });
  try {
    const answers: Record<string, unknown> = await prompt([{ ...question, name: "answer" }]);
    return answers["answer"];
  } catch (thrown) {
    if (!isInterrupt(thrown)) throw thrown;
    throw new OptoutError("interrupted", "stopped; nothing was recorded", { cause: thrown });
  }
}

/** Ctrl-C, or the terminal went away. */
function isInterrupt(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.name === "ExitPromptError";
}
