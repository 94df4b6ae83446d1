/**
 * The reason of an override: `-m`, standard input for `-m -`, a question on a terminal.
 */
import { OptoutError } from "../core/errors.ts";
import type { Io } from "../output/io.ts";
import { askText, canPrompt } from "../output/prompt.ts";
import { redact } from "../output/redact.ts";
import type { Call } from "./command.ts";
import type { Openers } from "./openers.ts";
import { typedLine, withAnswer } from "./typed.ts";

/** @throws `usage` with the whole command to copy when it is missing and nobody can be asked */
export async function reasonOf(call: Call, io: Io, open: Openers): Promise<string> {
  const given = call.text("reason");
  if (given === "-") return tidy(await io.readStdin(), call);
  if (given !== undefined) return tidy(given, call);
  if (!canPrompt(io, { noInput: call.has("no-input") })) {
    const hint = typedLine(call, ['-m "why"']);
    throw new OptoutError("usage", "a reason is missing", { hint });
  }
  return open.paused(() => askText(io, "Why?", { read: (typed) => tidy(typed, call) }));
}

/** A note that may be left out. @throws `usage` when it is empty or holds a secret */
export async function noteOf(call: Call, io: Io): Promise<string | null> {
  const given = call.text("reason");
  if (given === undefined) return null;
  return tidy(given === "-" ? await io.readStdin() : given, call);
}

function tidy(text: string, call: Call): string {
  // what is copied from a terminal has tabs, which the log does not take
  const reason = text.replaceAll("\r\n", "\n").replaceAll("\t", " ").trim();
  if (reason === "")
    throw new OptoutError("usage", "the reason is empty", {
      hint: typedLine(withAnswer(call, "reason", "why")),
    });
  if (redact(reason) !== reason) {
    throw new OptoutError("usage", "the reason seems to hold a secret; the log keeps it for ever", {
      hint: "say it without the token, password or URL with credentials",
    });
  }
  return reason;
}
