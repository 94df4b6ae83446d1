/**
 * An error for people and for programs. Both go to stderr; neither shows a secret.
 */
import type { OptoutError } from "../core/errors.ts";
import { forTerminal, forTerminalBlock } from "./escape.ts";
import { marked, type Paint } from "./paint.ts";
import { redact } from "./redact.ts";

/** Brings lines to the width of a terminal; a hint that is a command stays in one line. */
export type Fit = (lines: readonly string[], isHint: boolean) => string;

const asTheyAre: Fit = (lines) => lines.map((line) => `${line}\n`).join("");

/**
 * `✗ message` and its hint, indented; ends with a newline.
 * @param fit for a terminal; light without it, for jobs load this
 */
export function failureText(error: OptoutError, paint: Paint, fit: Fit = asTheyAre): string {
  const [first = "", ...rest] = redact(error.message).split("\n");
  const message = [marked(paint, "violation", forTerminal(first)), ...indented(rest.join("\n"))];
  const hint = indented(redact(error.hint ?? ""));
  return `${fit(message, false)}${fit(hint, true)}`;
}

const indented = (text: string): readonly string[] =>
  text.trim() === "" ? [] : [forTerminalBlock(text, "  ")];

export interface FailureJson {
  readonly error: {
    /** Of `errorCodes`. */
    readonly code: string;
    readonly exit: number;
    readonly message: string;
    readonly hint: string | null;
    readonly retryable: boolean;
  };
}

/** The one object that stands on stderr when `--json` was asked for. */
export function failureJson(error: OptoutError): FailureJson {
  const { code, exit, message, hint, retryable } = error;
  return {
    error: {
      code,
      exit,
      message: redact(message),
      hint: hint === undefined ? null : redact(hint),
      retryable,
    },
  };
}
