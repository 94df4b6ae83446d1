import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { displayWidth } from "../../src/output/display-width.ts";
import { forTerminal } from "../../src/output/escape.ts";
import { linesFor, wrapped } from "../../src/output/wrap.ts";
import { hostileTexts } from "../support/hostile.ts";

describe("a line that is wider than the terminal", () => {
  it("goes on between words, indented", () => {
    expect(wrapped("  alice: linter image answers 500", 20)).toEqual([
      "  alice: linter",
      "    image answers",
      "    500",
    ]);
  });

  it("is cut where a word does not fit by itself", () => {
    expect(wrapped(`x ${"y".repeat(14)}`, 10)).toEqual(["x yyyyyyyy", "  yyyyyy"]);
  });

  it("keeps its colours, which take no room", () => {
    expect(wrapped("\u001B[33m!\u001B[39m lint is skipped", 9)).toEqual([
      "\u001B[33m!\u001B[39m lint is",
      "  skipped",
    ]);
  });

  it("never reaches the margin again, whatever it holds", () => {
    const text = fc.oneof(
      fc.constantFrom(...hostileTexts.map((one) => one.text)),
      fc.string({ unit: "grapheme", maxLength: 300 }),
    );
    fc.assert(
      fc.property(text, fc.integer({ min: 20, max: 120 }), (reason, columns) => {
        const pieces = wrapped(`! ${forTerminal(reason)}`, columns);

        expect(Math.max(...pieces.map(displayWidth))).toBeLessThanOrEqual(columns);
        expect(pieces.slice(1).filter((piece) => !piece.startsWith("  "))).toEqual([]);
      }),
    );
  });

  it("stays as it is where nobody looks at a terminal", () => {
    const line = "x ".repeat(60);

    expect(linesFor({ stdoutIsTerminal: false, columns: 80 }, [line])).toBe(`${line}\n`);
  });
});
