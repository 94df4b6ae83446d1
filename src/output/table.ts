/**
 * Tables: aligned on a terminal and never wider than it, tab-separated values in a pipe.
 *
 * A pipe gets what a program needs (`exact`: whole ids, ISO times), one row a line, no heading.
 */
import { displayWidth, truncate } from "./display-width.ts";
import { forTerminal, forTsv } from "./escape.ts";
import type { Io } from "./io.ts";
import type { Paint, Tone } from "./paint.ts";

export interface Column<Row> {
  readonly heading: string;
  /** For people. */
  readonly text: (row: Row) => string;
  /** For programs, where it differs. */
  readonly exact?: (row: Row) => string;
  readonly tone?: (row: Row) => Tone;
  /** Free text: the first to be cut where the terminal is narrow. */
  readonly free?: true;
}

const gap = "  ";
/** Free text is not cut below this before other columns are. */
const leastFree = 12;

/** Writes the rows as a table or as tab-separated values, by what stdout is. */
export function printTable<Row>(
  io: Pick<Io, "out" | "stdoutIsTerminal" | "columns">,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  paint: Paint,
): void {
  io.out(
    io.stdoutIsTerminal ? tableText(columns, rows, io.columns, paint) : tsvText(columns, rows),
  );
}

/** Aligned columns under headings; each line ends with a newline and fits the terminal. */
export function tableText<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  width: number,
  paint: Paint,
): string {
  const heading: Line = columns.map((column) => ({ text: column.heading, tone: "faint" }));
  const body = rows.map((row): Line =>
    columns.map(({ text, tone }) => ({ text: forTerminal(text(row)), tone: tone?.(row) })),
  );
  const lines = [heading, ...body];
  const widths = fit(columns, lines, width);
  return lines.map((line) => `${lineText(line, widths, paint)}\n`).join("");
}

/** One row a line, cells in the order of the columns. */
export function tsvText<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const lineFor = (row: Row): string =>
    columns.map((column) => forTsv((column.exact ?? column.text)(row))).join("\t");
  return rows.map((row) => `${lineFor(row)}\n`).join("");
}

type Line = readonly { readonly text: string; readonly tone: Tone | undefined }[];

/** Pads outside of the colour, and leaves no space at the end. */
function lineText(line: Line, widths: readonly number[], paint: Paint): string {
  const last = line.findLastIndex(({ text }) => text !== "");
  return line
    .slice(0, last + 1)
    .map(({ text, tone }, index) => {
      const width = widths[index] ?? 0;
      const shown = truncate(text, width);
      const colored = tone === undefined || shown === "" ? shown : paint(tone, shown);
      return index === last ? colored : colored + " ".repeat(width - displayWidth(shown));
    })
    .join(gap);
}

/** Widths that fit: the widest free column gives way first, then the widest of all. */
function fit<Row>(
  columns: readonly Column<Row>[],
  lines: readonly Line[],
  available: number,
): readonly number[] {
  const widths = columns.map((_, index) =>
    lines.reduce((most, line) => Math.max(most, displayWidth(line[index]?.text ?? "")), 0),
  );
  const room = Math.max(available, 0) - gap.length * (columns.length - 1);
  const leastOf = (index: number): number => (columns[index]?.free === true ? leastFree : Infinity);
  return shrink(shrink(widths, room, leastOf), room, () => 0);
}

/** Takes from the widest column that is above its least, one by one, until all fit or none is. */
function shrink(
  widths: readonly number[],
  room: number,
  leastOf: (index: number) => number,
): readonly number[] {
  const shrunk = [...widths];
  let excess = widths.reduce((sum, width) => sum + width, 0) - room;
  while (excess > 0) {
    const candidates = shrunk.flatMap((width, index) => (width > leastOf(index) ? [index] : []));
    const [first, ...others] = candidates;
    if (first === undefined) break;
    const widest = others.reduce(
      (best, index) => ((shrunk[index] ?? 0) > (shrunk[best] ?? 0) ? index : best),
      first,
    );
    shrunk[widest] = (shrunk[widest] ?? 0) - 1;
    excess -= 1;
  }
  return shrunk;
}
