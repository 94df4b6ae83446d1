/**
 * Lines that fit the terminal. Wrapped by us and not by the terminal: what goes on stays indented, so
 * that no foreign text can reach the margin and read as a line of ours.
 */
import { displayWidth } from "./display-width.ts";
import type { Io } from "./io.ts";

const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });
// eslint-disable-next-line no-control-regex -- our own colours, which take no room
const color = /(\u001B\[\d+m)/;

/** Every line with its end; as they are where nobody looks at a terminal. */
export function linesFor(
  io: Pick<Io, "stdoutIsTerminal" | "columns">,
  lines: readonly string[],
): string {
  const single = lines.flatMap((line) => line.split("\n"));
  const fitting = io.stdoutIsTerminal
    ? single.flatMap((line) => wrapped(line, io.columns))
    : single;
  return fitting.map((line) => `${line}\n`).join("");
}

/** The line in pieces of at most `columns`, between words where it can be. */
export function wrapped(line: string, columns: number): readonly string[] {
  const lead = /^ */.exec(line)?.[0].length ?? 0;
  const indent = " ".repeat(Math.min(lead + 2, Math.floor(columns / 2)));
  const pieces: string[] = [];
  let piece = "";
  let width = 0;
  let blank = { index: 0, width: 0 };
  for (const part of partsOf(line)) {
    const more = color.test(part) ? 0 : displayWidth(part);
    if (width > indent.length && width + more > columns) {
      const isWordsEnd = part === " " || blank.width <= indent.length;
      const end = isWordsEnd ? piece.length : blank.index;
      pieces.push(piece.slice(0, end));
      piece = `${indent}${piece.slice(end).trimStart()}`;
      width = displayWidth(piece.replace(new RegExp(color, "g"), ""));
      blank = { index: 0, width: 0 };
      if (part === " ") continue;
    }
    if (part === " ") blank = { index: piece.length, width };
    piece += part;
    width += more;
  }
  return [...pieces, piece];
}

function partsOf(line: string): readonly string[] {
  return line
    .split(color)
    .flatMap((part) =>
      color.test(part) ? [part] : Array.from(segmenter.segment(part), ({ segment }) => segment),
    );
}
