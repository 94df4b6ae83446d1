/**
 * The text of a policy file, before it is YAML: bounded, UTF-8, and showing all that it holds.
 *
 * A character that does not show can hide a line from the eye that reviews it, or end a line for
 * one reader and not for another. Such characters are refused in comments too.
 */
import { decodeUtf8 } from "./json.ts";

/** A place in the text, both counted from 1; columns in UTF-16 units, as editors do. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Takes what is wrong: a clause without a full stop. */
export type Report = (place: Place, message: string) => void;

const maxBytes = 256 * 1024;

/** Control characters, what some break lines at, what reorders text, and byte order marks. */
const invisible =
  // eslint-disable-next-line no-control-regex -- they are what is looked for
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069\ufeff]/;

/** The text, or null after what is wrong was reported. */
export function readText(bytes: Uint8Array, report: Report): string | null {
  const start = { line: 1, column: 1 };
  if (bytes.length > maxBytes) {
    report(start, `the file is larger than ${maxBytes / 1024} KiB`);
    return null;
  }
  const text = decodeUtf8(bytes);
  if (text === null) {
    report(start, "the file is not well-formed UTF-8");
    return null;
  }
  const hidden = invisible.exec(text);
  if (hidden === null) return text;
  report(placeOf(text, hidden.index), hiddenComplaint(hidden));
  return null;
}

function hiddenComplaint({ 0: character, index }: RegExpExecArray): string {
  const codePoint = character.codePointAt(0) ?? 0;
  if (codePoint === 0xfeff && index === 0) return "the file begins with a byte order mark";
  const hex = codePoint.toString(16).toUpperCase().padStart(4, "0");
  return `the file holds the invisible character U+${hex}`;
}

function placeOf(text: string, offset: number): Place {
  const lines = text.slice(0, offset).split(/\r\n?|\n/);
  return { line: lines.length, column: (lines.at(-1) ?? "").length + 1 };
}
