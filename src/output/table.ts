/**
 * Tables: aligned on a terminal and never wider than it, tab-separated values in a pipe.
 *
 * A pipe gets what a program needs (`exact`: whole ids, ISO times), one row a line, no heading.
 */
import { displayWidth, truncate } from "./display-width.ts";
import { forTerminal, forTsv } from "./escape.ts";
import type { Io } from "./io.ts";
import type { Paint, Tone } from "./paint.ts";
import { wrapped } from "./wrap.ts";

export interface Column<Row> {
  readonly heading: string;
  /** For people. */
  readonly text: (row: Row) => string;
  /** For programs, where it differs. */
  readonly exact?: (row: Row) => string;
  readonly tone?: (row: Row) => Tone;
  /** Free text, which is cut where the terminal is narrow. */
  readonly free?: true;
  /** Left out where the terminal is narrow, for another column tells it too. */
  readonly spare?: true;
}

const gap = "  ";
/** Free text is not cut below this: columns that are spare go first. */
const goodFree = 24;
/** Nor below this: then each row is told in lines of its own. */
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

/**
 * Aligned columns under headings, without those that say nothing; where they do not fit, each row with
 * its headings before its cells. Each line ends with a newline and fits the terminal.
 */
export function tableText<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  width: number,
  paint: Paint,
): string {
  const told = columns.filter(({ text }) => rows.some((row) => text(row) !== ""));
  const brief = told.filter(({ spare }) => spare !== true);
  const lines =
    aligned(told, rows, { width, least: goodFree, paint }) ??
    aligned(brief, rows, { width, least: leastFree, paint }) ??
    rows.flatMap((row) => rowLines(brief, row, paint)).flatMap((line) => wrapped(line, width));
  return lines.map((line) => `${line}\n`).join("");
}

interface Fitting {
  readonly width: number;
  /** What is left of free text. */
  readonly least: number;
  readonly paint: Paint;
}

/** Null where they do not fit. */
function aligned<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  { width, least, paint }: Fitting,
): readonly string[] | null {
  const heading: Line = columns.map((column) => ({ text: column.heading, tone: "faint" }));
  const body = rows.map((row): Line =>
    columns.map(({ text, tone }) => ({ text: forTerminal(text(row)), tone: tone?.(row) })),
  );
  const lines = [heading, ...body];
  const widths = fit(columns, lines, { width, least });
  return widths === null ? null : lines.map((line) => lineText(line, widths, paint));
}

/** `#412  when 5m ago  state in-force`, and free text in lines of its own, so that it can imitate none. */
function rowLines<Row>(columns: readonly Column<Row>[], row: Row, paint: Paint): readonly string[] {
  const cells = columns.flatMap(({ heading, text, tone, free }, index) => {
    const shown = forTerminal(text(row));
    if (shown === "") return [];
    const own = tone?.(row);
    const colored = own === undefined ? shown : paint(own, shown);
    const label = index === 0 ? "" : `${paint("faint", heading.toLowerCase())} `;
    return [{ free, cell: `${label}${free === true ? `"${colored}"` : colored}` }];
  });
  const [first, ...others] = [false, true].map((isFree) =>
    cells.filter(({ free }) => (free === true) === isFree).map(({ cell }) => cell),
  );
  return [(first ?? []).join(gap), ...others.flat().map((cell) => `  ${cell}`)];
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

/** Widths that fit, the widest free column giving way first; null where there are none. */
function fit<Row>(
  columns: readonly Column<Row>[],
  lines: readonly Line[],
  { width, least }: Pick<Fitting, "width" | "least">,
): readonly number[] | null {
  const widths = columns.map((_, index) =>
    lines.reduce((most, line) => Math.max(most, displayWidth(line[index]?.text ?? "")), 0),
  );
  let excess = sum(widths) + gap.length * (columns.length - 1) - width;
  while (excess > 0) {
    const free = widths.flatMap((own, index) =>
      columns[index]?.free === true && own > least ? [index] : [],
    );
    const widest = free.toSorted((a, b) => (widths[b] ?? 0) - (widths[a] ?? 0))[0];
    if (widest === undefined) return null;
    widths[widest] = (widths[widest] ?? 0) - 1;
    excess -= 1;
  }
  return widths;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);
