/**
 * What the documents say of the code is what the code says: error codes, exit statuses, and files
 * that they point to.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { describe, expect, it } from "vitest";

import { errorCodes } from "../../src/core/errors.ts";
import { exitCodes } from "../../src/core/exit.ts";
import { findingCodes } from "../../src/log/findings.ts";

const ROOT = join(import.meta.dirname, "..", "..");

const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");

/** The rows of the table under a heading, cells as they are written. */
function tableUnder(heading: string, text: string): readonly (readonly string[])[] {
  const [, section = ""] = text.split(`\n## ${heading}\n`);
  const [own = ""] = section.split("\n## ");
  const rows = own.split("\n").filter((line) => line.startsWith("|"));
  return rows.slice(2).map((row) =>
    row
      .slice(1, -1)
      .split("|")
      .map((cell) => cell.trim()),
  );
}

describe("docs/errors.md", () => {
  const page = read("docs/errors.md");

  it("lists every error code with its exit status, whether to try again, and its meaning", () => {
    const rows = Object.entries(errorCodes).map(([code, { exit, retryable, meaning }]) => [
      `\`${code}\``,
      `${exitCodes[exit].status}`,
      retryable ? "yes" : "",
      meaning,
    ]);

    expect(tableUnder("Error codes", page)).toEqual(rows);
  });

  it("lists every exit status with its name and meaning", () => {
    const rows = Object.entries(exitCodes).map(([name, { status, meaning }]) => [
      `${status}`,
      name,
      meaning,
    ]);

    expect(tableUnder("Exit statuses", page)).toEqual(rows);
  });
});

describe("docs/findings.md", () => {
  it("lists every finding of an audit with its weight and its meaning", () => {
    const rows = Object.entries(findingCodes).map(([code, { weight, meaning }]) => [
      `\`${code}\``,
      weight,
      meaning,
    ]);

    expect(tableUnder("Findings", read("docs/findings.md"))).toEqual(rows);
  });
});

describe("the documents", () => {
  const documents = [
    "README.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "CHANGELOG.md",
    ...readdirSync(join(ROOT, "docs"), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".md"))
      .map((name) => join("docs", name)),
  ];

  it.each(documents)("point to files that exist: %s", (file) => {
    const links = [...read(file).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map(([, to = ""]) => to);
    const local = links.filter((to) => !/^[a-z]+:/.test(to));

    expect(local.filter((to) => !existsSync(join(ROOT, dirname(file), to)))).toEqual([]);
  });
});
