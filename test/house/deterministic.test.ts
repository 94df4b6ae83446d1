/**
 * The same statements, policy and time give the same answer on every machine: nothing in core and log
 * looks at a clock, a locale or chance. The linter refuses the global names; this refuses what it
 * cannot see.
 */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "..", "..");
const REFUSED = [
  /\bnew Date\(\s*\)/,
  /\bDate\(\s*\)/,
  /\btoLocale[A-Z]\w*\(/,
  /\blocaleCompare\(/,
  /\bIntl\.DateTimeFormat\(\s*\)/,
  /\bglobalThis\b/,
];

function files(room: string): string[] {
  const folder = join(ROOT, "src", room);
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => join(folder, file));
}

it.each(["core", "log"])("nothing in %s reads a clock or a locale", (room) => {
  const found = files(room).filter((file) => {
    const source = readFileSync(file, "utf8");
    return REFUSED.some((pattern) => pattern.test(source));
  });

  expect(found).toEqual([]);
});
