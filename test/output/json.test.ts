import { describe, expect, it } from "vitest";

import { printJson, printJsonLine } from "../../src/output/json.ts";

function written(print: (io: { out(text: string): void }) => void): string {
  const parts: string[] = [];
  print({ out: (text) => void parts.push(text) });
  return parts.join("");
}

describe("JSON on stdout", () => {
  it("is one indented document that ends with a newline", () => {
    expect(written((io) => printJson(io, { a: [1] }))).toBe('{\n  "a": [\n    1\n  ]\n}\n');
  });

  it("is one line for each object with --jsonl", () => {
    expect(written((io) => printJsonLine(io, { a: [1] }))).toBe('{"a":[1]}\n');
  });

  it("moves no cursor and starts no command of a CI, and says the same", () => {
    const value = { reason: "\u009B2J\u202E ##[stop-commands]x\u2028" };
    const text = written((io) => printJsonLine(io, value));

    expect(text).toBe(`${String.raw`{"reason":"\u009b2J\u202e #\u0023[stop-commands]x\u2028"}`}\n`);
    expect(JSON.parse(text)).toEqual(value);
  });
});
