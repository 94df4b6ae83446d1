/*
 * What only a live bucket can show, in a scratch one: npm run smoke:s3 -- BUCKET [--region R]
 * [--endpoint URL]. Uses the credentials at hand, writes below a prefix of its own, and deletes nothing.
 */
import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { ROOT } from "./run.mjs";

const [bucket, ...more] = process.argv.slice(2);
if (bucket === undefined) {
  throw new Error("usage: npm run smoke:s3 -- BUCKET [--region R] [--endpoint URL]");
}

const program = join(ROOT, "bin", "optout.cjs");
const folder = mkdtempSync(join(tmpdir(), "optout-smoke-"));
const repository = join(folder, "repository");
const prefix = `smoke/${randomBytes(6).toString("hex")}`;
const writers = 10;
const env = { ...process.env, XDG_DATA_HOME: folder };
const failed = [];

try {
  mkdirSync(repository);
  run("git", "init", "--quiet", "--initial-branch=main");
  const place = ["--store", "s3", "--bucket", bucket, "--prefix", prefix, ...more];
  expect(0, "init", "--yes", "--stage", "lint", "--as", "smoke", ...place);
  expect(0, "doctor");
  expect(0, "skip", "lint", "--branch", "main", "-m", "a smoke test of the bucket");
  expect(0, "check", "lint", "--branch", "main");
  const args = [
    "allow-failure",
    "lint",
    "--branch",
    "main",
    "-m",
    "a race of the smoke test",
    "-q",
  ];
  const ends = await Promise.all(Array.from({ length: writers }, () => ended(args)));
  note(
    ends.every((status) => status === 0),
    `${writers} writers at the same time`,
  );
  const lines = run(process.execPath, program, "history", "-L", "100").stdout.trim().split("\n");
  note(lines.length === writers + 1, `${lines.length} overrides, ${writers + 1} were written`);
  expect(0, "verify");
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(failed.length === 0 ? "as expected" : `not as expected: ${failed.join("; ")}`);
process.exitCode = failed.length === 0 ? 0 : 1;

function run(file, ...args) {
  return spawnSync(file, args, { cwd: repository, env, encoding: "utf8" });
}

function expect(status, ...args) {
  const result = run(process.execPath, program, ...args);
  process.stdout.write(`$ optout ${args.join(" ")}\n${result.stdout}${result.stderr}\n`);
  note(result.status === status, `optout ${args[0]} ended with ${result.status}`);
}

function note(isRight, what) {
  console.log(`${isRight ? "ok" : "NOT OK"}  ${what}`);
  if (!isRight) failed.push(what);
}

function ended(args) {
  const child = spawn(process.execPath, [program, ...args], {
    cwd: repository,
    env,
    stdio: "ignore",
  });
  return new Promise((resolve) => {
    child.once("close", resolve);
  });
}
