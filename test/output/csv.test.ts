/** Comma-separated values, read back by a parser of other people's. */
import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { csvText, type CsvColumn } from "../../src/output/csv.ts";
import { hostileTexts } from "../support/hostile.ts";

interface Row {
  readonly seq: number;
  readonly reason: string;
}

const columns: readonly CsvColumn<Row>[] = [
  { heading: "seq", text: ({ seq }) => `${seq}` },
  { heading: "reason", text: ({ reason }) => reason },
  { heading: "end", text: () => "end" },
];

/** RFC 4180 and nothing more lenient; every row must have as many cells as the first. */
function readBack(text: string): string[][] {
  return parse(text, { record_delimiter: "\r\n", relax_quotes: false, bom: false });
}

describe("comma-separated values", () => {
  it("have a heading, one row a line, CRLF and quotes", () => {
    const text = csvText(columns, [{ seq: 412, reason: 'a "big", red one\nand more' }]);

    expect(text).toBe('"seq","reason","end"\r\n"412","a ""big"", red one\nand more","end"\r\n');
  });

  it("are the heading alone where there is no row", () => {
    expect(csvText(columns, [])).toBe('"seq","reason","end"\r\n');
  });

  it("keep every text of the hostile corpus in its own cell, and none is a formula", () => {
    const rows = hostileTexts.map(({ text }, seq) => ({ seq, reason: text }));
    const [, ...found] = readBack(csvText(columns, rows));

    expect(found.map(([seq, , end]) => [seq, end])).toEqual(
      rows.map(({ seq }) => [`${seq}`, "end"]),
    );
    expect(found.filter(([, reason = ""]) => /^[=+\-@\t\r]/.test(reason))).toEqual([]);
  });

  it("keep any text in its own cell", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "binary" })), (texts) => {
        const rows = texts.map((reason, seq) => ({ seq, reason }));
        const [, ...found] = readBack(csvText(columns, rows));

        expect(found.map(([seq, , end]) => [seq, end])).toEqual(
          rows.map(({ seq }) => [`${seq}`, "end"]),
        );
      }),
    );
  });

  it("read back as what they were where nothing was dangerous", () => {
    const texts = ["eslint crash on TS 7", 'say "no", twice', "two\nlines", "Überlauf, naïve; ok"];
    const rows = texts.map((reason, seq) => ({ seq, reason }));
    const [, ...found] = readBack(csvText(columns, rows));

    expect(found.map(([, reason]) => reason)).toEqual(texts);
  });

  it.each([
    ["=1+1", "'=1+1"],
    ["-", "'-"],
    [" @SUM(A1)", "' @SUM(A1)"],
    ["\t=1", "' =1"],
    ["fine\n=1", "fine\n'=1"],
    ["fine;=1", "fine;'=1"],
  ])("put an apostrophe before what would be computed: %j", (reason, shown) => {
    expect(readBack(csvText(columns, [{ seq: 1, reason }]))[1]?.[1]).toBe(shown);
  });
});
