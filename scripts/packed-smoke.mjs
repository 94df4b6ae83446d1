/*
 * Uses an installed optout as a stranger would: `node scripts/packed-smoke.mjs NODE BIN`, where NODE
 * is the node binary to run it under and BIN the installed program. Ends non-zero at the first
 * answer that is not the expected one.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const [nodeBinary, program] = process.argv.slice(2);
assert(nodeBinary !== undefined && program !== undefined, "usage: packed-smoke.mjs NODE BIN");

const manifest = JSON.parse(readFileSync(join(import.meta.dirname, "..", "package.json"), "utf8"));
const folder = mkdtempSync(join(tmpdir(), "optout-smoke-"));

try {
  answersItsVersion();
  console.log(`${run(nodeBinary, ["--version"]).stdout.trim()}: ok`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function answersItsVersion() {
  assert.equal(optout("--version").stdout, `${manifest.version}\n`);
}

/** Runs the installed program; its exit status must be 0 unless told otherwise. */
function optout(...args) {
  const result = run(nodeBinary, [program, ...args]);
  assert.equal(
    result.status,
    0,
    `optout ${args.join(" ")} ended ${result.status}\n${result.stderr}`,
  );
  return result;
}

function run(file, args) {
  const env = { ...process.env, CI: "true", HOME: folder, XDG_DATA_HOME: join(folder, "data") };
  delete env.NODE_EXTRA_CA_CERTS;
  const result = spawnSync(file, args, { cwd: folder, encoding: "utf8", env, timeout: 60_000 });
  if (result.error !== undefined) throw result.error;
  return result;
}
