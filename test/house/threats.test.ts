/** The tests that docs/threats.md names are there, under their titles. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "..", "..");

const rows = readFileSync(join(ROOT, "docs/threats.md"), "utf8")
  .split("\n")
  .map((line) => line.split("|").map((cell) => cell.trim()))
  .flatMap(([, row = "", , , file = "", title = ""]) => {
    const [, path] = /^`(\S+\.test\.ts)`$/.exec(file) ?? [];
    return path === undefined ? [] : [{ row, path, title }];
  });

describe("docs/threats.md", () => {
  it("names tests that exist, each under its title", () => {
    const missing = rows.filter(({ path, title }) => {
      const file = join(ROOT, "test", path);
      if (title === "" || !existsSync(file)) return true;
      const source = readFileSync(file, "utf8");
      return !source.includes(`"${title}"`);
    });

    expect(missing).toEqual([]);
    expect(rows.length).toBeGreaterThan(70);
  });

  it("has a row for every threat that is said to be tried", () => {
    const range = (from: number, to: number): readonly number[] =>
      Array.from({ length: to - from + 1 }, (_, index) => from + index);
    const promised = range(1, 42);
    const told = rows.map(({ row }) => row).filter((row) => row !== "");

    expect(told).toEqual(promised.map(String));
  });
});
