/*
 * Starts a program for the other scripts, in the checkout, with its output passed through.
 * Needs plain node only: it runs before anything is installed.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";

export const ROOT = join(import.meta.dirname, "..");

/** Runs `node FILE ...args`; true when it ended with 0. */
export function node(file, ...args) {
  return spawnSync(process.execPath, [file, ...args], { cwd: ROOT, stdio: "inherit" }).status === 0;
}

/** Runs the npm that started this script, or the one on the PATH; true when it ended with 0. */
export function npm(...args) {
  const own = process.env.npm_execpath;
  if (own !== undefined && /npm-cli\.[cm]?js$/.test(own)) return node(own, ...args);
  const shell = process.platform === "win32";
  return spawnSync("npm", args, { cwd: ROOT, stdio: "inherit", shell }).status === 0;
}
