/**
 * Where a clone keeps what, and what is checked out there.
 *
 * The plain layout, a `.git` directory or a linked work tree, is read from its files
 * (gitrepository-layout(5)), which saves a process on every `check`. The answer counts only once git
 * itself has named the same settings file; whatever is unusual is asked of `git rev-parse`.
 */
import { readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, join, resolve, sep } from "node:path";

import { OptoutError } from "../core/errors.ts";
import { lastValue, type Config } from "./clone-config.ts";
import { runGit, type GitPlace } from "./git.ts";
import { failureWords } from "./git-words.ts";

export interface CloneLayout {
  /** Where git runs for this clone: the top level, or the git directory of a bare clone. Absolute. */
  readonly cwd: string;
  /** Top level of the work tree; null for a bare clone. */
  readonly topLevel: string | null;
  /** Absolute. That of a linked work tree differs from `commonDir`. */
  readonly gitDir: string;
  /** What all work trees of the clone share: objects, refs, our own repositories. Absolute. */
  readonly commonDir: string;
  readonly isShallow: boolean;
  readonly objectFormat: "sha1" | "sha256";
  /** Short name of the branch checked out, born or not; null when detached. */
  readonly branch: string | null;
  /** Commit checked out; null before the first one. */
  readonly head: string | null;
}

/** Variables that make git look elsewhere than the files say. */
const redirecting = ["GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_CEILING_DIRECTORIES"];
const commitId = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/**
 * The layout of the clone around a directory, from its files; null when it is not a plain one.
 * @param cwd without symbolic links
 * @param config what git says about that very directory
 */
export function readPlainLayout(cwd: string, config: Config): CloneLayout | null {
  if (redirecting.some((name) => process.env[name] !== undefined)) return null;
  if (unusualSettings.some((key) => lastValue(config, key) !== null)) return null;
  if (lastValue(config, "core.bare") !== "false") return null;
  try {
    const topLevel = findTopLevel(cwd);
    if (topLevel === null) return null;
    const gitDir = readGitDir(join(topLevel, ".git"));
    const commonDir = readCommonDir(gitDir);
    if (!isTheSameToGit(config, topLevel, commonDir)) return null;
    const current = readHead(gitDir, commonDir);
    if (current === null) return null;
    const isShallow = isFile(join(commonDir, "shallow"));
    return {
      cwd: topLevel,
      topLevel,
      gitDir,
      commonDir,
      isShallow,
      objectFormat: "sha1",
      ...current,
    };
  } catch {
    return null;
  }
}

const unusualSettings = ["core.worktree", "extensions.objectformat", "extensions.refstorage"];

function findTopLevel(cwd: string): string | null {
  for (let directory = cwd; ; directory = dirname(directory)) {
    if (statSync(join(directory, ".git"), { throwIfNoEntry: false }) !== undefined)
      return directory;
    // A bare repository, or the inside of a `.git`.
    if (isFile(join(directory, "HEAD")) || dirname(directory) === directory) return null;
  }
}

/** `.git` is a directory, or in a linked work tree a file that names one. */
function readGitDir(path: string): string {
  if (statSync(path).isDirectory()) return realpathSync(path);
  const named = /^gitdir: (.+?)\n?$/s.exec(readFileSync(path, "utf8"))?.[1] ?? "";
  return realpathSync(resolve(dirname(path), named));
}

function readCommonDir(gitDir: string): string {
  const file = join(gitDir, "commondir");
  if (!isFile(file)) return gitDir;
  return realpathSync(resolve(gitDir, readFileSync(file, "utf8").trimEnd()));
}

/** git names the files that settings come from; ours must be among them. */
function isTheSameToGit(config: Config, topLevel: string, commonDir: string): boolean {
  const expected = join(commonDir, "config");
  return config.some(
    ({ scope, origin }) =>
      scope === "local" &&
      origin.startsWith("file:") &&
      realpathSync(resolve(topLevel, origin.slice("file:".length))) === expected,
  );
}

function readHead(gitDir: string, commonDir: string): Pick<CloneLayout, "branch" | "head"> | null {
  const text = readFileSync(join(gitDir, "HEAD"), "utf8").trimEnd();
  if (commitId.test(text)) return { branch: null, head: text };
  const ref = /^ref: (refs\/heads\/\S+)$/.exec(text)?.[1];
  if (ref === undefined) return null;
  const head = readRef(commonDir, ref);
  if (head !== null && !commitId.test(head)) return null;
  return { branch: ref.slice("refs/heads/".length), head };
}

/** What a ref's file holds, or else its line in `packed-refs`; null for a branch without commits. */
function readRef(commonDir: string, ref: string): string | null {
  const file = join(commonDir, ref);
  if (isFile(file)) return readFileSync(file, "utf8").trimEnd();
  const packed = join(commonDir, "packed-refs");
  if (!isFile(packed)) return null;
  const lines = readFileSync(packed, "utf8").split("\n");
  return lines.find((line) => line.endsWith(` ${ref}`))?.split(" ")[0] ?? null;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

/** In the order of the answers. A bare clone has no answer to `--show-cdup`, an unborn HEAD none. */
const revParse: readonly string[] = [
  "rev-parse",
  "--absolute-git-dir",
  "--git-common-dir",
  "--is-shallow-repository",
  "--show-object-format",
  "--is-inside-work-tree",
  "--show-cdup",
  "HEAD",
  "--symbolic-full-name",
  "HEAD",
];

/**
 * The layout of whatever repository git finds around a directory.
 * @throws `not-a-repository`, `no-git`, `timeout`
 */
export async function askLayout(place: GitPlace): Promise<CloneLayout> {
  const { cwd } = place;
  const result = await runGit(revParse, place);
  const lines = result.stdout.toString("utf8").split("\n");
  const [gitDir = "", common = "", shallow, format, inside, ...rest] = lines;
  if (common === "" || inside === undefined) throw notARepository(failureWords(result.stderr), cwd);
  if (isPlanted(cwd, gitDir)) {
    throw notARepository("a bare repository stands there in the files of another one", cwd);
  }
  const topLevel = inside === "true" ? resolve(cwd, rest[0] ?? "") : null;
  return {
    cwd: topLevel ?? gitDir,
    topLevel,
    gitDir,
    commonDir: realpathSync(resolve(cwd, common)),
    isShallow: shallow === "true",
    objectFormat: format === "sha256" ? "sha256" : "sha1",
    ...checkedOut(gitDir, rest),
  };
}

function checkedOut(
  gitDir: string,
  answers: readonly string[],
): Pick<CloneLayout, "branch" | "head"> {
  const head = answers.find((line) => commitId.test(line)) ?? null;
  const named = answers.find((line) => line.startsWith("refs/heads/"));
  const ref = head === null ? unbornRef(gitDir) : named;
  return { branch: ref?.replace(/^refs\/heads\//, "") ?? null, head };
}

/**
 * Whether git took a directory of files for a repository, as it does with every one that looks like
 * it. Files can be committed, so whoever wrote them would choose the remote, and what is executed to
 * reach it. `GIT_DIR` says that it is meant; `git config safe.bareRepository` is git's own remedy.
 */
function isPlanted(cwd: string, gitDir: string): boolean {
  if (process.env["GIT_DIR"] !== undefined || !isWithin(cwd, realpathSync(gitDir))) return false;
  for (let above = dirname(realpathSync(gitDir)); ; above = dirname(above)) {
    const around = join(above, ".git");
    if (statSync(around, { throwIfNoEntry: false }) !== undefined) {
      return !isWithin(realpathSync(gitDir), realpathSync(around));
    }
    if (above === dirname(above)) return false;
  }
}

const isWithin = (path: string, directory: string): boolean =>
  path === directory || path.startsWith(directory.endsWith(sep) ? directory : directory + sep);

function notARepository(words: string | null, cwd: string): OptoutError {
  const message = `${cwd} is not inside a git repository`;
  return new OptoutError("not-a-repository", words === null ? message : `${message} (${words})`, {
    hint: "run it inside a clone, or name one with -C DIR",
  });
}

/** `rev-parse` cannot name a branch without a commit; the file can. */
function unbornRef(gitDir: string): string | undefined {
  try {
    return /^ref: (refs\/heads\/\S+)\n?$/.exec(readFileSync(join(gitDir, "HEAD"), "utf8"))?.[1];
  } catch {
    return undefined;
  }
}
