/**
 * What the documents say of the code is what the code says: error codes, exit statuses, and files
 * that they point to.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { describe, expect, it } from "vitest";

import { errorCodes } from "../../src/core/errors.ts";
import { exitCodes } from "../../src/core/exit.ts";
import { kinds } from "../../src/core/statement-shape.ts";
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

describe("docs/format.md", () => {
  const rows = new Map(
    tableUnder("Statement", read("docs/format.md")).map(([kind = "", own = ""]) => [kind, own]),
  );
  const common = new Set("v kind id by iat log policy policy_at saw".split(" "));

  it("has a row for every kind of statement", () => {
    expect([...rows.keys()]).toEqual(Object.keys(kinds).map((kind) => `\`${kind}\``));
  });

  it.each(Object.entries(kinds))(
    "names the members of %s, and which may be left out",
    (kind, shape) => {
      const { properties, required } = shape.jsonSchema() as {
        readonly properties: object;
        readonly required: readonly string[];
      };
      const own = Object.keys(properties).filter((name) => !common.has(name));
      const written = own.map((name) => `\`${name}\`${required.includes(name) ? "" : "?"}`);
      const row = rows.get(`\`${kind}\``) ?? "";

      expect(written.filter((name) => !`${row},`.includes(name))).toEqual([]);
      expect(row.match(/`\?/g)?.length ?? 0).toBe(
        written.filter((name) => name.endsWith("?")).length,
      );
    },
  );
});

describe("the comments", () => {
  const sources = ["src", "test", "scripts", "bench", "bin"].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
      .filter(
        (name) => /[.](?:ts|mjs|cjs)$/.test(name) && !/(?:^|[\\/])node_modules[\\/]/.test(name),
      )
      .map((name) => join(folder, name)),
  );

  it("name only pages that are in the repository", () => {
    const named = sources.flatMap((file) => {
      const lines = read(file)
        .split("\n")
        .map((line) => /^\s*(?:\/?\*|\/\/).*|\s\/\/ .*/.exec(line)?.[0] ?? "");
      return lines
        .flatMap((line) => line.match(/[\w./-]+[.]md\b/g) ?? [])
        .map((page) => ({ file, page }));
    });

    expect(named.length).toBeGreaterThan(10);
    expect(named.filter(({ page }) => !existsSync(join(ROOT, page)))).toEqual([]);
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
