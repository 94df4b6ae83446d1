/*
 * The gate as GitHub's action: cold, as a runner starts it, on Node 24. Over a log in a directory, which
 * is its own work, and over http git, which is mostly git's. The forge's API is asked nothing.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { ROOT } from "../scripts/run.mjs";
import { ratio, spawn } from "./measure.mjs";
import { stages } from "./world.mjs";

const node24 = join(ROOT, "test", "nodes", "node_modules", "node24", "bin", "node");
const action = join(ROOT, "release", "action", "main.cjs");

/**
 * @param kind `dir`, or `http git`
 * @param clone one in which nothing was asked yet
 */
export function actionRow({ folder, env, report, kind }, clone, pairs) {
  const title = `gate action, cold, Node 24, ${stages.length} stages, ${kind} / node -e 0`;
  const without = [
    ...(existsSync(node24) ? [] : ["npm ci in test/nodes"]),
    ...(existsSync(action) ? [] : ["npm run release"]),
  ];
  if (without.length > 0) {
    console.log(`  left out, for want of ${without.join(" and ")}: ${title}`);
    return;
  }
  const runner = join(folder, "runner");
  mkdirSync(runner, { recursive: true });
  const file = (name) => {
    const path = join(runner, name);
    writeFileSync(path, "");
    return path;
  };
  const job = {
    ...env,
    CI: "true",
    GITHUB_ACTIONS: "true",
    GITHUB_EVENT_NAME: "push",
    GITHUB_REF: "refs/heads/main",
    GITHUB_JOB: "gate",
    GITHUB_RUN_ID: "1",
    GITHUB_OUTPUT: file("output"),
    GITHUB_STEP_SUMMARY: file("summary.md"),
    INPUT_MODE: "gate",
    INPUT_STAGES: stages.join(" "),
  };
  const gate = (more = {}) => {
    rmSync(join(clone, ".git", "optout"), { recursive: true, force: true });
    file("output");
    file("summary.md");
    spawn(node24, [action], { cwd: clone, env: { ...job, ...more } });
  };
  const bare = () => spawn(node24, ["-e", "0"], { cwd: clone, env });
  report(
    title,
    "<= 2.5",
    ratio(() => gate(), bare, pairs),
  );
  if (kind === "dir") return;
  const trace = file("trace");
  gate({ GIT_TRACE_CURL: trace });
  if (!/^lint(?:=|<<)/m.test(readFileSync(job.GITHUB_OUTPUT, "utf8"))) throw new Error("no output");
  const asked = readFileSync(trace, "utf8").match(/=> Send header: (?:GET|POST) /g) ?? [];
  console.log(`        <= 3     requests of it to the forge's API: 0; git's own: ${asked.length}`);
}
