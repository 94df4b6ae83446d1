/**
 * What `check` and `run` print in a job: their lines, and where the job is a forge's whatever that has
 * to make it seen. On GitHub one warning and a line of the step summary; details are folded on both.
 */
import type { Decision } from "../core/decide.ts";
import type { OptoutError } from "../core/errors.ts";
import type { ForgeName } from "../core/forge-name.ts";
import { headOf, type View } from "../core/view.ts";
import type { GateAnswer } from "../output/gate-words.ts";
import type { Io } from "../output/io.ts";

/** The forge whose job this is, by what it sets in every one. */
export function forgeOf({ env }: Pick<Io, "env">): ForgeName | null {
  if (env["GITHUB_ACTIONS"] === "true") return "github";
  return env["GITLAB_CI"] === "true" ? "gitlab" : null;
}

export interface JobTalk {
  readonly stage: string;
  readonly outcome: Extract<Decision, { kind: "decided" }>["outcome"];
  /** The first is the answer; what follows are its details. */
  readonly lines: readonly string[];
  /** Why nothing could be decided; the lines tell it already. */
  readonly trouble?: OptoutError;
  /** What was read; nothing in trouble. */
  readonly view?: View;
}

/** @param print where the lines belong; whatever the forge is told goes to stderr */
export async function talk(io: Io, print: (text: string) => void, told: JobTalk): Promise<void> {
  const forge = forgeOf(io);
  if (forge === null) return print(told.lines.map((line) => `${line}\n`).join(""));
  const { foldedText, gateSummary, warningCommand } = await import("../output/gate-words.ts");
  print(foldedText(forge, told.lines, io.now()));
  const [first = ""] = told.lines;
  if (forge === "gitlab" || (told.outcome === "enforced" && told.trouble === undefined)) return;
  io.err(warningCommand([first]));
  const { appendSummary } = await import("./step-summary.ts");
  const answer: GateAnswer = { ...told, lines: [first] };
  appendSummary(
    io,
    gateSummary({ answers: [answer], trouble: null, head: told.view ? headOf(told.view) : null }),
  );
}
