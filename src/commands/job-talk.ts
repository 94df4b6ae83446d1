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
import { repainted } from "../output/paint.ts";
import type { Call } from "./command.ts";

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

/** @param stream where the lines belong; whatever the forge is told goes to stderr */
export async function talk(
  call: Call,
  io: Io,
  stream: "out" | "err",
  told: JobTalk,
): Promise<void> {
  const print = (text: string): void => (stream === "out" ? io.out(text) : io.err(text));
  const forge = forgeOf(io);
  if (forge === null) {
    const lines = await painted(call, io, stream, told.lines);
    return print(lines.map((line) => `${line}\n`).join(""));
  }
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

/** The answer with its glyph in colour on a terminal. What a job prints is plain, whatever its variables say. */
async function painted(
  call: Call,
  io: Io,
  stream: "out" | "err",
  lines: readonly string[],
): Promise<readonly string[]> {
  const isTerminal = stream === "out" ? io.stdoutIsTerminal : io.stderrIsTerminal;
  if (!isTerminal) return lines;
  try {
    const { paintErr, paintOut } = await import("./paint.ts");
    const paint = await (stream === "out" ? paintOut : paintErr)(call, io);
    const [head = "", ...details] = lines;
    return [repainted(paint, head), ...details];
  } catch {
    // what is decided does not wait for its colour
    return lines;
  }
}
