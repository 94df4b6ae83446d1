import { stripVTControlCharacters } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { displayWidth, truncate } from "../../src/output/display-width.ts";
import { plainPaint } from "../../src/output/paint.ts";
import { chalkPaint } from "../../src/output/style.ts";
import { printTable, tableText, tsvText, type Column } from "../../src/output/table.ts";
import { hostileTexts } from "../support/hostile.ts";

interface Row {
  readonly seq: number;
  readonly id: string;
  readonly reason: string;
  readonly by: string;
}

const columns: readonly Column<Row>[] = [
  { heading: "", text: (row) => `#${row.seq}`, exact: (row) => row.id, tone: () => "suspended" },
  { heading: "BY", text: (row) => row.by },
  { heading: "REASON", text: (row) => row.reason, free: true },
  { heading: "UNTIL", text: () => "17:00Z", exact: () => "2026-11-21T17:00:00Z" },
];

const rows: readonly Row[] = [
  { seq: 412, id: "ovr_7k2m9q4x8c3t5v0b", reason: "eslint crash on TS 7", by: "alice" },
  { seq: 9, id: "ovr_0000000000000000", reason: "漢字が壊れた 🔥", by: "bob" },
];

const table = (width: number, all: readonly Row[] = rows): readonly string[] =>
  tableText(columns, all, width, plainPaint).split("\n");

describe("a table on a terminal", () => {
  it("is aligned by what is seen, not by what is stored", () => {
    expect(table(80)).toEqual([
      "      BY     REASON                UNTIL",
      "#412  alice  eslint crash on TS 7  17:00Z",
      "#9    bob    漢字が壊れた 🔥       17:00Z",
      "",
    ]);
  });

  it("cuts the free text where the terminal is narrow, and nothing else", () => {
    expect(table(36)).toEqual([
      "      BY     REASON           UNTIL",
      "#412  alice  eslint crash o…  17:00Z",
      "#9    bob    漢字が壊れた 🔥  17:00Z",
      "",
    ]);
  });

  it("leaves out what another column tells too before it cuts free text by much", () => {
    const withId = [...columns, { heading: "ID", text: ({ id }: Row) => id, spare: true as const }];

    expect(tableText(withId, rows, 70, plainPaint)).toContain(
      "TS 7  17:00Z  ovr_7k2m9q4x8c3t5v0b\n",
    );
    expect(tableText(withId, rows, 60, plainPaint)).toBe(tableText(columns, rows, 60, plainPaint));
  });

  it("leaves out what no row has", () => {
    const empty: Column<Row> = { heading: "TICKETS", text: () => "" };

    expect(tableText([...columns, empty], rows, 80, plainPaint)).toBe(
      tableText(columns, rows, 80, plainPaint),
    );
    expect(tsvText([...columns, empty], rows)).toContain("17:00:00Z\t\n");
  });

  it("tells each row in lines of its own where the columns do not fit, free text apart", () => {
    expect(table(26)).toEqual([
      "#412  by alice  until",
      "  17:00Z",
      '  reason "eslint crash on',
      '    TS 7"',
      "#9  by bob  until 17:00Z",
      '  reason "漢字が壊れた 🔥"',
      "",
    ]);
  });

  it("never wraps, whatever the text and however wide the terminal is", () => {
    const text = fc.oneof(
      fc.string({ unit: "grapheme" }),
      fc.constantFrom(...hostileTexts.map((one) => one.text)),
    );
    const row = fc.record({ seq: fc.nat(), id: text, reason: text, by: text });

    fc.assert(
      fc.property(fc.array(row), fc.integer({ min: 20, max: 200 }), (all, width) => {
        expect(table(width, all).filter((line) => displayWidth(line) > width)).toEqual([]);
      }),
    );
  });

  it("is aligned with colour as without", () => {
    const colored = tableText(columns, rows, 80, chalkPaint(1));

    expect(colored).toContain("\u001B[33m#9\u001B[39m    bob");
    expect(stripVTControlCharacters(colored)).toBe(tableText(columns, rows, 80, plainPaint));
  });
});

describe("a table in a pipe", () => {
  it("is tab-separated, with whole ids and times, and without a heading", () => {
    expect(tsvText(columns, rows)).toBe(
      "ovr_7k2m9q4x8c3t5v0b\talice\teslint crash on TS 7\t2026-11-21T17:00:00Z\n" +
        "ovr_0000000000000000\tbob\t漢字が壊れた 🔥\t2026-11-21T17:00:00Z\n",
    );
  });

  it("has one line a row and one cell a column, whatever the text", () => {
    const all = hostileTexts.map(({ text }, seq) => ({ seq, id: "x", reason: text, by: text }));
    const lines = tsvText(columns, all).split("\n").slice(0, -1);

    expect(lines).toHaveLength(all.length);
    expect(lines.filter((line) => line.split("\t").length !== columns.length)).toEqual([]);
  });

  it("is what stdout gets when it is no terminal", () => {
    const written: string[] = [];
    const io = { out: (text: string) => void written.push(text), columns: 80 };
    printTable({ ...io, stdoutIsTerminal: false }, columns, rows, plainPaint);
    printTable({ ...io, stdoutIsTerminal: true }, columns, rows, plainPaint);

    expect(written).toEqual([tsvText(columns, rows), tableText(columns, rows, 80, plainPaint)]);
  });
});

describe("the width of a text", () => {
  it.each([
    ["", 0],
    ["lint", 4],
    ["Überlauf", 8],
    ["U\u0308ber", 4],
    ["漢字", 4],
    ["ｶﾅ", 2],
    ["Ａ１", 4],
    ["한국어", 6],
    ["\u1112\u1161\u11AB", 2],
    ["🔥", 2],
    ["👍🏽", 2],
    ["🇩🇪", 2],
    ["✓ ✗ ! …", 7],
    ["नमस्ते", 4],
    ["का", 2],
  ])("is what a terminal shows: %s", (text, width) => {
    expect(displayWidth(text)).toBe(width);
  });
});

describe("truncated text", () => {
  it.each([
    ["abcdef", 6, "abcdef"],
    ["abcdef", 5, "abcd…"],
    ["漢字漢字", 6, "漢字…"],
    ["漢字漢字", 5, "漢字…"],
    ["👍🏽👍🏽", 3, "👍🏽…"],
    ["abc", 1, "…"],
    ["abc", 0, ""],
  ])("%s in %d columns is %s", (text, width, shown) => {
    expect(truncate(text, width)).toBe(shown);
  });
});
