/*
 * Makes the checkout ready to run: installs from the lock when node_modules is missing or older than
 * the lock, then builds the bundle and what a release offers beside it. Needs plain node and npm only.
 */
import { statSync } from "node:fs";
import { join } from "node:path";

import { ROOT, node, npm } from "./run.mjs";

// npm writes this file last, so an installation that was broken off does not count as one.
const INSTALLED = join(ROOT, "node_modules", ".package-lock.json");
const LOCK = join(ROOT, "package-lock.json");

function ensure() {
  if (modified(INSTALLED) < modified(LOCK) && !npm("ci")) return false;
  return node("scripts/build.mjs") && node("scripts/release.mjs");
}

function modified(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

process.exitCode = ensure() ? 0 : 1;
