/**
 * An error for people and for programs. Both go to stderr; neither shows a secret.
 */
import type { OptoutError } from "../core/errors.ts";
import { forTerminal, forTerminalBlock } from "./escape.ts";
import { marked, type Paint } from "./paint.ts";
import { redact } from "./redact.ts";

/** `✗ message` and its hint, indented; ends with a newline. */
export function failureText(error: OptoutError, paint: Paint): string {
  const [first = "", ...rest] = redact(error.message).split("\n");
  const lines = [
    marked(paint, "violation", forTerminal(first)),
    ...indented(rest.join("\n")),
    ...indented(redact(error.hint ?? "")),
  ];
  return `${lines.join("\n")}\n`;
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
