/*
 * The benchmarks: ratios, each measured in one run with both sides interleaved. Nothing is asserted;
 * the goals stand beside what was measured. `--short` makes few pairs, for a look.
 */
import { spawn as start, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { ROOT } from "../scripts/run.mjs";
import { actionRow } from "./action.mjs";
import { appendRow } from "./append.mjs";
import { bucketRows } from "./bucket.mjs";
import { auditRows } from "./audit.mjs";
import { quietEnvironment, ratio, spawn } from "./measure.mjs";
import { missing, shellGate } from "./shell-gate.mjs";
import { makeLog, stages, writeBranch, writeDirectory } from "./world.mjs";

const isShort = process.argv.includes("--short");
const pairs = isShort ? 11 : 41;
const folder = mkdtempSync(join(tmpdir(), "optout-bench-"));
const env = quietEnvironment(folder);
const program = join(ROOT, "bin", "optout.cjs");
const node = process.execPath;

const bare = (cwd) => spawn(node, ["-e", "0"], { cwd, env });
const check = (cwd) => spawn(node, [program, "check", "lint", "--branch", "main"], { cwd, env });
const gate = (cwd) => spawn(node, [program, "gate", ...stages, "--branch", "main"], { cwd, env });

try {
  console.log(`node ${process.version}, ${pairs} pairs, medians${isShort ? ", short" : ""}\n`);
  versionOnly();
  inDirectory();
  againstShell();
  auditRows(
    { folder, env, program, gitClone, report },
    isShort ? 10_000 : 100_000,
    isShort ? 3 : 5,
  );
  await overHttp();
  await bucketRows(
    {
      folder,
      env,
      program,
      report,
      gitInit: (directory) => git(folder, ["init", "--quiet", "--initial-branch=main", directory]),
    },
    isShort ? 10_000 : 100_000,
    pairs,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function report(title, goal, { ratio: value, left, right }) {
  const figures = `${left.toFixed(1)} ms / ${right.toFixed(1)} ms`;
  console.log(`${value.toFixed(2).padStart(6)}  ${goal.padEnd(8)} ${title}  (${figures})`);
}

function versionOnly() {
  const version = () => spawn(node, [program, "--version"], { cwd: folder, env });
  report(
    "optout --version / node -e 0",
    "<= 1.3",
    ratio(version, () => bare(folder), pairs),
  );
}

function inDirectory() {
  const small = directoryClone("small", { size: 5, recent: 3 });
  report(
    "check cold, dir store, 3 relevant statements / node -e 0",
    "<= 1.7",
    ratio(
      () => check(small),
      () => bare(small),
      pairs,
    ),
  );
  report(
    `gate of ${stages.length} stages / check of one, dir`,
    "<= 1.15",
    ratio(
      () => gate(small),
      () => check(small),
      pairs,
    ),
  );
  actionRow({ folder, env, report, kind: "dir" }, small, pairs);
  const pairsOf = [
    [
      "check, dir, 10,000 positions / 100",
      "<= 1.2",
      { size: 10_000, recent: 10 },
      { size: 100, recent: 10 },
    ],
    [
      "check, dir, 1,000 recent positions / 10",
      "",
      { size: 2000, recent: 1000 },
      { size: 2000, recent: 10 },
    ],
  ];
  for (const [index, [title, goal, more, less]] of pairsOf.entries()) {
    const [left, right] = [
      directoryClone(`more${index}`, more),
      directoryClone(`less${index}`, less),
    ];
    report(
      title,
      goal,
      ratio(
        () => check(left),
        () => check(right),
        pairs,
      ),
    );
  }
}

function againstShell() {
  const title = "check, dir store / a shell gate with jq and openssl verifying one JWS";
  const without = missing();
  if (without.length > 0) {
    console.log(`  left out, for want of ${without.join(" and ")}: ${title}`);
    return;
  }
  const shape = { size: 5, recent: 3 };
  const { directory, policy, positions } = directoryLog("by-shell", shape);
  const byHand = shellGate(directory, policy, positions.at(-1), env);
  report(
    title,
    "<= 0.9",
    ratio(() => check(directory), byHand, pairs),
  );
}

async function overHttp() {
  const root = join(folder, "remotes");
  mkdirSync(root);
  const server = start(node, [join(import.meta.dirname, "http-git.mjs"), root], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const [line] = await once(server.stdout, "data");
    const url = `http://127.0.0.1:${Number(line)}`;
    const clone = gitClone(root, url, "small", { size: 100, recent: 10 });
    const twin = join(folder, "twin.git");
    git(folder, ["init", "--quiet", "--bare", twin]);
    const fetch = [
      "fetch",
      "--quiet",
      "--depth=64",
      `${url}/small.git`,
      "+refs/heads/optout-log:refs/o/log",
    ];
    const plain = () => {
      bare(folder);
      spawn("git", fetch, { cwd: twin, env });
    };
    report(
      "check over http git, warm / (node -e 0 + one bare git fetch --depth=64)",
      "<= 1.3",
      ratio(() => check(clone), plain, pairs),
    );
    const fresh = gitClone(root, url, "fresh", { size: 100, recent: 10 });
    actionRow({ folder, env, report, kind: "http git" }, fresh, pairs);
    const size = isShort ? 10_000 : 100_000;
    const long = gitClone(root, url, "long", { size, recent: 10 });
    report(
      `check, http git, warm, ${size.toLocaleString("en")} positions / 100`,
      "<= 1.25",
      ratio(
        () => check(long),
        () => check(clone),
        pairs,
      ),
    );
    const busy = gitClone(root, url, "busy", { size: 2000, recent: 1000 });
    const calm = gitClone(root, url, "calm", { size: 2000, recent: 10 });
    report(
      "check, http git, warm, 1,000 recent positions / 10",
      "",
      ratio(
        () => check(busy),
        () => check(calm),
        pairs,
      ),
    );
    const { remote, key } = gitLog(root, url, "written", { size: 100, recent: 10 });
    const written = { remote, url: `${url}/written.git`, key };
    await appendRow({ folder, env, program, git, report }, written);
  } finally {
    server.kill();
  }
}

/** A repository without a remote whose log is kept in a directory beside it. */
function directoryClone(name, shape) {
  return directoryLog(name, shape).directory;
}

function directoryLog(name, shape) {
  const directory = join(folder, name);
  git(folder, ["init", "--quiet", "--initial-branch=main", directory]);
  const { policy, positions } = makeLog({ ...shape, log: "store: dir, path: log" });
  writePolicy(directory, policy);
  writeDirectory(join(directory, "log"), positions);
  return { directory, policy, positions };
}

/** A clone of a remote whose log is kept on a branch. */
function gitClone(root, url, name, shape) {
  return gitLog(root, url, name, shape).clone;
}

function gitLog(root, url, name, shape) {
  const remote = join(root, `${name}.git`);
  const clone = join(folder, `${name}-clone`);
  const { policy, positions, key } = makeLog({ ...shape, log: "store: git, branch: optout-log" });
  git(folder, ["init", "--quiet", "--bare", "--initial-branch=main", remote]);
  git(folder, ["init", "--quiet", "--initial-branch=main", clone]);
  writePolicy(clone, policy);
  git(clone, ["add", "."]);
  git(clone, [
    "-c",
    "user.name=bench",
    "-c",
    "user.email=bench@localhost",
    "commit",
    "--quiet",
    "-m",
    "policy",
  ]);
  git(clone, ["push", "--quiet", remote, "main"]);
  writeBranch(remote, "optout-log", positions);
  git(clone, ["remote", "add", "origin", `${url}/${name}.git`]);
  return { clone, remote, key };
}

function writePolicy(directory, policy) {
  mkdirSync(join(directory, ".optout"), { recursive: true });
  writeFileSync(join(directory, ".optout", "policy.yaml"), policy);
}

function git(cwd, args) {
  const result = spawnSync("git", args, { cwd, env, encoding: "utf8" });
  if (result.status !== 0) throw new Error(`git ${args.join(" ")}: ${result.stderr}`);
}
