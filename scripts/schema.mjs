/*
 * Writes the JSON Schemas of the policy and of the outputs to `schema/`, as the built program prints
 * them. A test holds the files against the program.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { ROOT } from "./run.mjs";

const names = [
  "policy",
  "override",
  "preview",
  "decision",
  "gate",
  "verdict",
  "requests",
  "status",
  "history",
  "verify",
  "stages",
  "doctor",
  "can-i",
  "policy-explain",
  "policy-check",
  "init",
  "key",
  "keys",
  "whoami",
  "login",
  "rerun",
  "notify-test",
  "notify-flush",
  "policy-test",
  "policy-diff",
  "policy-who",
  "notify",
  "notice",
  "error",
];

mkdirSync(join(ROOT, "schema"), { recursive: true });
for (const name of names) {
  const program = join(ROOT, "bin", "optout.cjs");
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, "schema", name], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`optout schema ${name}: ${stderr}`);
  writeFileSync(join(ROOT, "schema", `${name}.schema.json`), stdout);
}
