/**
 * The facts of a clone without any remote, read from its files. No process is spent on it, so a
 * check of a log in a directory costs little more than starting Node.
 *
 * Anything unusual (a linked work tree, an include, a remote, variables of git) is left to git:
 * then the answer is null. Layout: gitrepository-layout(5).
 */
import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Clone } from "./clone.ts";
import type { Environment } from "./places.ts";

/** The clone around a directory when it is a plain one without remotes; else null. Never throws. */
export function readLocalClone(directory: string, env: Environment): Clone | null {
  if (Object.keys(env).some((name) => moving.test(name))) return null;
  try {
    const topLevel = findTopLevel(realpathSync(directory));
    return topLevel === null ? null : readPlain(topLevel);
  } catch {
    return null;
  }
}

function findTopLevel(directory: string): string | null {
  for (let here = directory; ; here = dirname(here)) {
    if (existsSync(join(here, ".git"))) return here;
    if (here === dirname(here)) return null;
  }
}

/** Variables that move the repository elsewhere, or its settings (git(1)). */
const moving =
  /^GIT_(?:DIR|WORK_TREE|COMMON_DIR|NAMESPACE|OBJECT_DIRECTORY|CEILING|CONFIG(?!_NOSYSTEM))/;
/** Settings that may bring in remotes, or move the work tree. */
const unusual = /^\s*\[\s*(?:remote|include|extensions)|worktree/im;

function readPlain(topLevel: string): Clone | null {
  const gitDir = join(topLevel, ".git");
  const { uid } = statSync(gitDir);
  if (process.getuid?.() !== uid || existsSync(join(gitDir, "commondir"))) return null;
  const config = readFileSync(join(gitDir, "config"), "utf8");
  if (unusual.test(config)) return null;
  const [, branch] =
    /^ref: refs\/heads\/(\S+)\n?$/.exec(readFileSync(join(gitDir, "HEAD"), "utf8")) ?? [];
  if (branch === undefined) return null;
  return {
    cwd: topLevel,
    topLevel,
    gitDir,
    commonDir: gitDir,
    isShallow: existsSync(join(gitDir, "shallow")),
    objectFormat: "sha1",
    branch,
    head: headOf(gitDir, branch),
    remote: null,
    remotes: [],
    identity: { name: null, email: null },
    settings: { entries: [], carrier: "count" },
  };
}

/** The commit of the branch, loose or packed; null before the first one. */
function headOf(gitDir: string, branch: string): string | null {
  const loose = join(gitDir, "refs", "heads", branch);
  if (existsSync(loose)) return commitIn(readFileSync(loose, "utf8").trim());
  const packed = join(gitDir, "packed-refs");
  if (!existsSync(packed)) return null;
  const line = readFileSync(packed, "utf8")
    .split("\n")
    .find((one) => one.endsWith(` refs/heads/${branch}`));
  return line === undefined ? null : commitIn(line.slice(0, line.indexOf(" ")));
}

const commitIn = (text: string): string | null =>
  /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text) ? text : null;
