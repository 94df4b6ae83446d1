/**
 * Lines that fit the terminal. Wrapped by us and not by the terminal: what goes on stays indented, so
 * that no foreign text can reach the margin and read as a line of ours.
 */
import { displayWidth } from "./display-width.ts";
import type { Fit } from "./failure.ts";
import type { Io } from "./io.ts";

const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });
// eslint-disable-next-line no-control-regex -- our own colours, which take no room
const color = /(\u001B\[\d+m)/;

/** Every line with its end; as they are where nobody looks at a terminal. */
export function linesFor(
  io: Pick<Io, "stdoutIsTerminal" | "columns">,
  lines: readonly string[],
  isWhole?: IsWhole,
): string {
  return fitting(lines, io.stdoutIsTerminal ? io.columns : null, isWhole);
}

/** The same for stderr. */
export function talkFor(
  io: Pick<Io, "stderrIsTerminal" | "columns">,
  lines: readonly string[],
  isWhole?: IsWhole,
): string {
  return fitting(lines, io.stderrIsTerminal ? io.columns : null, isWhole);
}

/** What is left to the terminal, so that it can be copied; never a line with foreign text. */
type IsWhole = (line: string) => boolean;

/** A command line that is to be run now, alone in its line or behind what it is for. */
export const isCommandLine: IsWhole = (line) =>
  /^\s*(?:[a-z][a-z ]*:\s+)?(?:\$ )?(?:optout|git|gh|glab|ssh-add|npm) /.test(
    line.replaceAll(new RegExp(color, "g"), ""),
  );

/** For a failure that is told on the terminal. */
export function fitFor({ columns }: Pick<Io, "columns">): Fit {
  return (lines, isHint) => fitting(lines, columns, isHint ? isCommandLine : undefined);
}

function fitting(
  lines: readonly string[],
  columns: number | null,
  isWhole: IsWhole = () => false,
): string {
  const single = lines.flatMap((line) => line.split("\n"));
  return single
    .flatMap((line) => (columns === null || isWhole(line) ? [line] : wrapped(line, columns)))
    .map((line) => `${line}\n`)
    .join("");
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
      pieces.push(piece.slice(0, end).trimEnd());
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
