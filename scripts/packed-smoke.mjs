/*
 * Uses an installed optout as a stranger would: `node scripts/packed-smoke.mjs NODE BIN`, where NODE
 * is the node binary to run it under and BIN the installed program. Plays the main job over a real
 * remote and ends non-zero at the first answer that is not the expected one.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { makeStage } from "./story.mjs";

const [nodeBinary, program] = process.argv.slice(2);
assert(nodeBinary !== undefined && program !== undefined, "usage: packed-smoke.mjs NODE BIN");

const manifest = JSON.parse(readFileSync(join(import.meta.dirname, "..", "package.json"), "utf8"));
const stage = makeStage([nodeBinary, resolve(program)]);
const { laptop, job, git } = stage;

try {
  assert.equal(optout(laptop, 0, "--version").stdout, `${manifest.version}\n`);
  assert.match(optout(laptop, 0, "help").stdout, /OVERRIDE/);
  playsTheStory();
  const { stdout } = spawnSync(nodeBinary, ["--version"], { encoding: "utf8" });
  console.log(`${stdout.trim()}: ok`);
} finally {
  stage.remove();
}

function playsTheStory() {
  optout(laptop, 0, "init", "--yes", "--stage", "lint");
  git(laptop, ["add", ".optout"]);
  git(laptop, ["commit", "--quiet", "-m", "Add the optout policy"]);
  git(laptop, ["push", "--quiet"]);
  stage.cloneForCi();
  optout(job, 10, "check", "lint");
  assert.equal(runLint(7), true, "the stage runs without an override");

  const id = optout(laptop, 0, "skip", "lint", "-m", "lint image answers 500", "-q").stdout;
  assert.match(id, /^ovr_[0-9a-z]{16}\n$/);
  optout(job, 0, "check", "lint");
  assert.equal(runLint(0), false, "the stage is left out under a skip");

  optout(laptop, 0, "revoke", "lint", "-m", "image is repaired");
  optout(job, 11, "check", "lint");
  assert.equal(runLint(7), true, "the stage runs after the revocation");

  const { overrides } = JSON.parse(optout(laptop, 0, "history", "--json").stdout);
  assert.deepEqual(
    overrides.map(({ id: one, seq, state }) => [`${one}\n`, seq, state]),
    [[id, 2, "revoked"]],
  );
  const { intact, positions } = JSON.parse(optout(job, 0, "verify", "--json").stdout);
  assert.deepEqual([intact, positions], [true, 4]);
}

/** Whether a job starts the stage's command, which leaves a mark and ends with 7. */
function runLint(expected) {
  const mark = join(stage.folder, `mark-${Math.random()}`);
  const script = `require("node:fs").writeFileSync(process.argv[1], ""); process.exitCode = 7;`;
  optout(job, expected, "run", "lint", "--", nodeBinary, "-e", script, mark);
  return existsSync(mark);
}

/** Runs the installed program, whose exit status must be the expected one. */
function optout(place, expected, ...args) {
  const result = stage.optout(place, args);
  const told = `optout ${args.join(" ")} ended ${result.status}\n${result.stdout}${result.stderr}`;
  assert.equal(result.status, expected, told);
  return result;
}
