/**
 * Foreign text made harmless: one escaper for each place that text is written to.
 *
 * Reasons, names, messages of git and of servers are hostile input. What an escaper returns is text
 * and nothing but text in its sink: it moves no cursor, starts no command, opens no second line or
 * cell, and holds nothing that cannot be seen. Escaping is for showing; the exact text is in JSON.
 *
 * A new one is a function here and its promise in the test, which asks for it and runs the hostile
 * corpus through it.
 */

export type Escape = (text: string) => string;

/** Text that a line can take as it is, and by far the most common: it costs nothing. */
const harmless = /^(?! *::)(?!.*##)[\x20-\x7E]*$/;
const lineEnd = /\r?\n/;

/**
 * Controls, format characters (bidi, zero width, tags), surrogates without their half, private use,
 * line separators, all that a font is free not to draw, and the blank of Braille. Line feeds are
 * what the sinks know how to treat.
 */
const unseen = pattern(
  "(?!\\n)[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Co}\\p{Zl}\\p{Zp}\\p{Default_Ignorable_Code_Point}\\u2800]",
);

/**
 * What joins pictures into one picture. Left out, the parts stand side by side, and every terminal
 * agrees on how wide they are.
 */
const emojiJoiner = pattern(
  "(?<=\\p{Extended_Pictographic}[\\p{Emoji_Modifier}\\uFE0F]?)\\u200D(?=\\p{Extended_Pictographic})",
);
const emojiStyle = pattern("(?<=\\p{Emoji})[\\uFE0E\\uFE0F]");
const blank = pattern("[\\t\\p{Zs}]");

/**
 * What CI systems obey wherever a job prints it: `::` first in a line, `##[…]`, `##vso[…]` and
 * `##teamcity[…]` anywhere (`ActionCommand.cs` of actions/runner). Not the `#412` of our own.
 */
const ciCommand = /##(?=\w*\[)/g;
const ciCommandFirst = /^( *):(?=:)/;

/** More marks on one letter than any language stacks grow into the lines above and below. */
const stackedMarks = pattern("(\\p{M}{8})\\p{M}+");
const markFirst = pattern("^\\p{M}");

/**
 * A regular expression that is made at the first text that is not harmless: as literals, even unused
 * ones, these tables of Unicode took every job a millisecond.
 */
function pattern(source: string): () => RegExp {
  let made: RegExp | undefined;
  return () => (made ??= new RegExp(source, "gu"));
}

/** One line of a terminal; line ends read ` ⏎ `. */
export function forTerminal(text: string): string {
  if (harmless.test(text)) return text;
  return reveal(linesOf(text).join(" ⏎ "));
}

/** Several lines of a terminal, each indented. */
export function forTerminalBlock(text: string, indent: string): string {
  return linesOf(text)
    .map((line) => `${indent}${reveal(line)}`)
    .join("\n");
}

/**
 * The first line of a commit message: no comment, no mention of anybody, no word that a CI takes
 * for an order (`[skip ci]`, `***NO_CI***`).
 * @param maxLength in code points
 */
export function forCommitSubject(text: string, maxLength = 160): string {
  const subject = forTerminal(text)
    .replaceAll("[", "(")
    .replaceAll("]", ")")
    .replace(/\*{3,}/g, "*")
    .replace(/(?<!\w)@(?=\w)/g, "(at)")
    .replace(/^[#\s]+/, "");
  return shorten(subject, maxLength);
}

/** One cell of tab-separated values. A leading `'` keeps a spreadsheet from computing it. */
export function forTsv(text: string): string {
  const cell = reveal(text.replace(/\r?\n/g, "\\n").replaceAll("\t", "\\t"));
  return /^\s*[=+\-@＝＋－＠]./u.test(cell) ? `'${cell}` : cell;
}

/**
 * One cell of comma-separated values (RFC 4180), always in quotes; line feeds stay. A `'` stands
 * before whatever a spreadsheet would compute: at the beginning, on a line of the cell that a careless
 * reader takes for a row, and after a `;`, at which Excel parts cells where the comma is decimal.
 */
export function forCsv(text: string): string {
  const cell = text
    .split(lineEnd)
    .map(reveal)
    .join("\n")
    .replace(/(?<=^|;)(?=\s*[=+\-@＝＋－＠])/gmu, "'");
  return `"${cell.replaceAll('"', '""')}"`;
}

/** A whole JSON document: the same value, with what cannot be seen and what CI obeys escaped. */
export function forJson(document: string): string {
  return document
    .replace(ciCommand, "#\\u0023")
    .replace(unseen(), (found) =>
      Array.from({ length: found.length }, (_, index) => unitName(found.charCodeAt(index))).join(
        "",
      ),
    );
}

/** A plain text message of SARIF: no link, no placeholder (SARIF 2.1.0, sections 3.11.5, 3.11.6). */
export function forSarif(text: string): string {
  return forTerminal(text).replace(/[[{]/g, "(").replace(/[\]}]/g, ")");
}

/** Text of an element or of an attribute in quotes (XML 1.0, sections 2.2, 2.4). */
export function forXml(text: string): string {
  return forTerminal(text)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

const unitName = (unit: number): string => `\\u${unit.toString(16).padStart(4, "0")}`;

/** At most `maxLength` code points; what is left out reads `…`. */
export function shorten(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  const points = [...text];
  return points.length <= maxLength ? text : `${points.slice(0, maxLength - 1).join("")}…`;
}

function linesOf(text: string): readonly string[] {
  return text.replace(/^[\r\n]+|[\r\n]+$/g, "").split(lineEnd);
}

/** One line without anything that cannot be seen. */
function reveal(line: string): string {
  return line
    .replace(emojiJoiner(), "")
    .replace(emojiStyle(), "")
    .replace(blank(), " ")
    .replace(unseen(), (found) => `\\u{${(found.codePointAt(0) ?? 0).toString(16)}}`)
    .replace(ciCommand, "#\\u{23}")
    .replace(ciCommandFirst, "$1\\u{3a}")
    .replace(stackedMarks(), "$1…")
    .replace(markFirst(), "◌$&");
}
