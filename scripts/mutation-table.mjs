/*
 * The table of docs/mutation.md: what was tried now takes the place of what stood there, and a file
 * that is gone loses its row.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { ROOT } from "./run.mjs";

const PAGE = join(ROOT, "docs", "mutation.md");
const [BEGIN, END] = ["<!-- figures -->\n", "<!-- /figures -->"];
const HEADER = ["file", "mutants", "not noticed", "score"];

/** Per cent of the mutants that a test noticed. */
export const score = ({ detected, missed }) =>
  ((100 * detected) / Math.max(1, detected + missed)).toFixed(1);

/**
 * @param tried how many mutants of a file were detected and missed
 * @param known every file there is
 */
export function writeTable(tried, known) {
  const page = readFileSync(PAGE, "utf8");
  const [start, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (start < 0 || end < 0) throw new Error("docs/mutation.md has no place for the figures");
  const rows = new Map(figuresIn(page.slice(start, end)).map((one) => [one.file, one]));
  rows.set(tried.file, tried);
  const all = known.flatMap((file) => rows.get(file) ?? []);
  const without = known.filter((file) => !rows.has(file)).map((file) => `\`${file}\``);
  const text = `
Written on ${new Date().toISOString().slice(0, 10)}, each file as it was when it was last tried:

${table([...all.map((one) => ({ ...one, name: `\`${one.file}\`` })), totalOf(all)])}

Of types alone, or not tried: ${without.join(", ")}.

`;
  writeFileSync(PAGE, page.slice(0, start) + BEGIN + text + page.slice(end));
}

/** The figures of several files together. */
export function totalOf(all) {
  const sum = (member) => all.reduce((total, one) => total + one[member], 0);
  return { name: "all of these", detected: sum("detected"), missed: sum("missed") };
}

function figuresIn(text) {
  return [...text.matchAll(/^\| `(.+?)` +\| (\d+) +\| (\d+) /gm)].map(
    ([, file, mutants, missed]) => ({
      file,
      detected: Number(mutants) - Number(missed),
      missed: Number(missed),
    }),
  );
}

function table(figures) {
  const cells = figures.map((one) => [
    one.name,
    `${one.detected + one.missed}`,
    `${one.missed}`,
    `${score(one)} %`,
  ]);
  const widths = HEADER.map((name, i) =>
    Math.max(...[HEADER, ...cells].map((row) => row[i].length)),
  );
  const line = (row) => `| ${row.map((cell, i) => cell.padEnd(widths[i])).join(" | ")} |`;
  const rule = widths.map((width) => "-".repeat(width));
  return [HEADER, rule, ...cells].map(line).join("\n");
}
