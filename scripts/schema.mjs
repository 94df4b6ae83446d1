/*
 * Writes the JSON Schemas of the policy and of the outputs to `schema/`, as the built program prints
 * them. A test holds the files against the program.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { ROOT } from "./run.mjs";

const optout = (...args) => {
  const command = [join(ROOT, "bin", "optout.cjs"), ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { encoding: "utf8" });
  if (status !== 0) throw new Error(`optout ${args.join(" ")}: ${stderr}`);
  return stdout;
};

// the kinds of statements have a dot in their names: they are in the log, which the program writes
const names = optout("schema")
  .trimEnd()
  .split("\n")
  .filter((name) => !name.includes("."));

mkdirSync(join(ROOT, "schema"), { recursive: true });
for (const name of names) {
  writeFileSync(join(ROOT, "schema", `${name}.schema.json`), optout("schema", name));
}
