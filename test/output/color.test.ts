import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";

import { states } from "../../src/core/state.ts";
import { colorLevel, openPaint, type ColorRequest } from "../../src/output/color.ts";
import { glyphs, marked, plainPaint, stateTones } from "../../src/output/paint.ts";
import { chalkPaint } from "../../src/output/style.ts";

const on = { flag: undefined, env: {}, isTerminal: true };
const off = { flag: undefined, env: {}, isTerminal: false };

const rows: readonly (readonly [string, 0 | 1, ColorRequest])[] = [
  ["a terminal is coloured", 1, on],
  ["a pipe is not coloured", 0, off],
  ["--color auto is the same as no flag", 1, { ...on, flag: "auto" }],
  ["--color never wins over a terminal", 0, { ...on, flag: "never" }],
  ["--color never wins over FORCE_COLOR", 0, { ...on, flag: "never", env: { FORCE_COLOR: "1" } }],
  ["--color always colours a pipe", 1, { ...off, flag: "always" }],
  ["--color always wins over NO_COLOR", 1, { ...off, flag: "always", env: { NO_COLOR: "1" } }],
  ["NO_COLOR switches colour off", 0, { ...on, env: { NO_COLOR: "1" } }],
  ["NO_COLOR counts whatever its value", 0, { ...on, env: { NO_COLOR: "0" } }],
  ["an empty NO_COLOR is not set", 1, { ...on, env: { NO_COLOR: "" } }],
  ["NO_COLOR wins over FORCE_COLOR", 0, { ...on, env: { NO_COLOR: "1", FORCE_COLOR: "3" } }],
  ["FORCE_COLOR colours a pipe", 1, { ...off, env: { FORCE_COLOR: "1" } }],
  ["FORCE_COLOR=true colours a pipe", 1, { ...off, env: { FORCE_COLOR: "true" } }],
  ["FORCE_COLOR=0 switches colour off", 0, { ...on, env: { FORCE_COLOR: "0" } }],
  ["FORCE_COLOR=false switches colour off", 0, { ...on, env: { FORCE_COLOR: "false" } }],
  ["an empty FORCE_COLOR is not set", 0, { ...off, env: { FORCE_COLOR: "" } }],
  ["FORCE_COLOR wins over TERM=dumb", 1, { ...on, env: { TERM: "dumb", FORCE_COLOR: "1" } }],
  ["CLICOLOR_FORCE colours a pipe", 1, { ...off, env: { CLICOLOR_FORCE: "1" } }],
  ["CLICOLOR_FORCE=0 forces nothing", 0, { ...off, env: { CLICOLOR_FORCE: "0" } }],
  ["NO_COLOR wins over CLICOLOR_FORCE", 0, { ...off, env: { NO_COLOR: "1", CLICOLOR_FORCE: "1" } }],
  ["TERM=dumb is not coloured", 0, { ...on, env: { TERM: "dumb" } }],
];

describe("the decision to colour", () => {
  it.each(rows)("%s", (_title, level, request) => {
    expect(colorLevel(request)).toBe(level);
  });
});

describe("paint", () => {
  const colors = chalkPaint(1);

  it("shows what is suspended in yellow, never in green", () => {
    expect(colors("suspended", "x")).toBe("\u001B[33mx\u001B[39m");
    expect(stateTones["in-force"]).toBe("suspended");
  });

  it("shows restored green, violation red and waiting cyan", () => {
    expect(colors("restored", "x")).toBe("\u001B[32mx\u001B[39m");
    expect(colors("violation", "x")).toBe("\u001B[31mx\u001B[39m");
    expect(colors("waiting", "x")).toBe("\u001B[36mx\u001B[39m");
  });

  it("is the same text without its colours", () => {
    const text = marked(colors, "violation", "refused");

    expect(stripVTControlCharacters(text)).toBe(marked(plainPaint, "violation", "refused"));
    expect(stripVTControlCharacters(text)).toBe("✗ refused");
  });

  it("has a glyph of its own for every meaning", () => {
    expect(new Set(Object.values(glyphs)).size).toBe(4);
  });

  it("has a tone for every state", () => {
    expect(Object.keys(stateTones).toSorted()).toEqual([...states].toSorted());
  });

  it("is plain where there is no colour", async () => {
    expect(await openPaint(off)).toBe(plainPaint);
  });

  it("is coloured where there is, whatever chalk thinks of the terminal", async () => {
    const paint = await openPaint({ ...off, flag: "always", env: { NO_COLOR: "1", TERM: "dumb" } });

    expect(paint("violation", "x")).toBe("\u001B[31mx\u001B[39m");
  });
});
