/**
 * Comma-separated values (RFC 4180): a heading, one row a line, CRLF, every cell in quotes.
 */
import { forCsv } from "./escape.ts";

export interface CsvColumn<Row> {
  readonly heading: string;
  readonly text: (row: Row) => string;
}

/** The whole file; without rows, its heading alone. */
export function csvText<Row>(columns: readonly CsvColumn<Row>[], rows: readonly Row[]): string {
  const heading = columns.map((column) => column.heading);
  const body = rows.map((row) => columns.map((column) => column.text(row)));
  return [heading, ...body].map((cells) => `${cells.map(forCsv).join(",")}\r\n`).join("");
}
