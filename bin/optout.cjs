#!/usr/bin/env node
"use strict";
/*
 * The door of the program. It answers `--version` without loading anything else, hands the rest to
 * `main` of dist/cli.cjs, and sets the exit code. Whatever goes wrong here ends non-zero: a job that
 * asks optout and gets no clear answer runs its stage.
 */
const { existsSync, readFileSync, writeSync } = require("node:fs");
const { join } = require("node:path");

const FAILURE = 1;
const PROGRAM = join(__dirname, "..", "dist", "cli.cjs");

const argv = process.argv.slice(2);

if (argv.length === 1 && (argv[0] === "--version" || argv[0] === "-V")) {
  const manifest = readFileSync(join(__dirname, "..", "package.json"), "utf8");
  // process.stdout alone costs a seventh of the start of node.
  writeSync(1, `${JSON.parse(manifest).version}\n`);
} else {
  // Stands until main has answered: an event loop that runs empty before that must not read as "yes".
  process.exitCode = FAILURE;
  start();
}

function start() {
  if (!existsSync(PROGRAM)) {
    process.stderr.write("optout: the program is not built; run: npm run build\n");
    return;
  }
  let answer;
  try {
    answer = require(PROGRAM).main(argv);
  } catch (error) {
    crash(error);
    return;
  }
  Promise.resolve(answer).then(finish, crash);
}

function finish(status) {
  if (!Number.isInteger(status) || status < 0 || status > 255) {
    crash(new Error(`main ended without an exit status: ${String(status)}`));
    return;
  }
  process.exitCode = status;
}

function crash(error) {
  process.stderr.write(
    `optout: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  process.exitCode = FAILURE;
}
