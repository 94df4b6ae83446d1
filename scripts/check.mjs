/*
 * Everything that can be said about the project without running it: one line a check, all of them
 * run, non-zero when one fails. Names as arguments run only those: `npm run check -- types lint`.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";

import { ROOT } from "./run.mjs";

const BINARIES = join(ROOT, "node_modules", ".bin");

const CHECKS = {
  types: ["tsc"],
  lint: ["oxlint", "--type-aware", "--deny-warnings"],
  format: ["prettier", "--check", "--log-level", "warn", "."],
  "dead code": ["knip"],
  // what tests alone import is dead as well
  production: ["knip", "--config", "scripts/knip-production.json", "--production"],
  imports: ["depcruise", "src"],
  build: [process.execPath, "scripts/build.mjs"],
  publint: ["publint", "--strict"],
  package: [process.execPath, "scripts/package-shape.mjs"],
};

function check(name, [program, ...args]) {
  const start = Date.now();
  const file = program === process.execPath ? program : join(BINARIES, program);
  const shell = process.platform === "win32" && file !== program;
  const result = spawnSync(file, args, { cwd: ROOT, encoding: "utf8", shell });
  const passed = result.status === 0;
  const seconds = ((Date.now() - start) / 1000).toFixed(1);
  console.log(`${passed ? "✓" : "✗"} ${name.padEnd(10)} ${seconds.padStart(5)} s`);
  if (!passed || name === "package") {
    const output = [result.stdout, result.stderr, result.error?.message].join("");
    // Some tools colour their output whenever CI is set.
    console.log(stripVTControlCharacters(output).trimEnd());
  }
  return passed;
}

function select(names) {
  if (names.length === 0) return Object.entries(CHECKS);
  const unknown = names.filter((name) => !Object.hasOwn(CHECKS, name));
  if (unknown.length > 0) {
    throw new Error(`no check ${unknown.join(", ")}; there are: ${Object.keys(CHECKS).join(", ")}`);
  }
  return names.map((name) => [name, CHECKS[name]]);
}

const failed = select(process.argv.slice(2)).filter(([name, command]) => !check(name, command));
process.exitCode = failed.length === 0 ? 0 : 1;
