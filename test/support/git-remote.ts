/**
 * Real git repositories in a temporary directory: a bare remote, clones of it, and raw commits pushed
 * by hand, as an attacker would.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";

import { readClone, type Clone } from "../../src/system/clone.ts";

// No settings but those that a test makes.
process.env["GIT_CONFIG_GLOBAL"] = "/dev/null";
process.env["GIT_CONFIG_NOSYSTEM"] = "1";

/** A temporary directory; `remove` takes it away. */
export interface Place {
  readonly root: string;
  remove(): void;
}

export function makePlace(): Place {
  const root = mkdtempSync(join(tmpdir(), "optout-test-"));
  return { root, remove: () => rmSync(root, { recursive: true, force: true }) };
}

/** Whether the git that is installed reads settings from GIT_CONFIG_COUNT (2.31). */
export function knowsConfigCount(): boolean {
  const [, major = "0", minor = "0"] = /(\d+)\.(\d+)/.exec(git("/", ["version"])) ?? [];
  return Number(major) > 2 || Number(minor) >= 31;
}

/** Runs git and returns its standard output without the last LF; throws when it fails. */
export function git(cwd: string, args: readonly string[], input?: string | Uint8Array): string {
  return gitBytes(cwd, args, input).toString("utf8").replace(/\n$/, "");
}

export function gitBytes(
  cwd: string,
  args: readonly string[],
  input: string | Uint8Array = "",
): Buffer {
  const result = spawnSync("git", args, { cwd, input, maxBuffer: 1 << 30 });
  if (result.status === 0) return result.stdout;
  throw new Error(`git ${args.join(" ")}: ${result.stderr.toString("utf8")}`);
}

export interface RemoteOptions {
  /** Files of the default branch's first commit. */
  readonly files?: Readonly<Record<string, string>>;
  readonly objectFormat?: "sha1" | "sha256";
}

/** Makes a bare remote with one commit on `main`; returns its path. */
export function makeRemote(place: Place, options: RemoteOptions = {}): string {
  const remote = join(place.root, "remote.git");
  const format = options.objectFormat ?? "sha1";
  git(place.root, ["init", "-q", "--bare", "-b", "main", `--object-format=${format}`, remote]);
  git(remote, ["config", "uploadpack.allowFilter", "true"]);
  commitFiles(remote, "main", options.files ?? { "README.md": "# shop\n" });
  return remote;
}

/** Adds a commit with these files to a branch of a bare repository; returns its id. */
export function commitFiles(
  remote: string,
  branch: string,
  files: Readonly<Record<string, string | { readonly link: string } | null>>,
): string {
  const parent = spawnSync("git", ["rev-parse", "-q", "--verify", `refs/heads/${branch}`], {
    cwd: remote,
    encoding: "utf8",
  });
  const lines = [
    `commit refs/heads/${branch}`,
    "committer a <a@b> 1700000000 +0000",
    "data 1",
    "c",
  ];
  if (parent.status === 0) lines.push(`from ${parent.stdout.trim()}`);
  for (const [path, content] of Object.entries(files)) {
    if (content === null) {
      lines.push(`D ${path}`);
      continue;
    }
    const text = typeof content === "string" ? content : content.link;
    const mode = typeof content === "string" ? "100644" : "120000";
    lines.push(`M ${mode} inline ${path}`, `data ${Buffer.byteLength(text)}`, text);
  }
  git(remote, ["fast-import", "--quiet"], `${lines.join("\n")}\n\n`);
  return git(remote, ["rev-parse", `refs/heads/${branch}`]);
}

export interface CloneOptions {
  /** Name of the directory. */
  readonly name?: string;
  readonly flags?: readonly string[];
}

/** Clones with git itself; returns the directory. */
export function makeClone(place: Place, url: string, options: CloneOptions = {}): string {
  const directory = join(place.root, options.name ?? "clone");
  git(place.root, ["clone", "-q", ...(options.flags ?? []), url, directory]);
  git(directory, ["config", "user.name", "Alice Ng"]);
  git(directory, ["config", "user.email", "alice@example.com"]);
  return directory;
}

/** Facts of a clone in `directory`. */
export async function openClone(directory: string): Promise<Clone> {
  return readClone(directory);
}

/** Puts a raw commit with this message on a branch of a bare repository, as a plain push would. */
export function pushRaw(
  remote: string,
  branch: string,
  message: string | Uint8Array,
  parents?: readonly string[],
): string {
  const tree = git(remote, ["hash-object", "-t", "tree", "-w", "--stdin"]);
  const head = spawnSync("git", ["rev-parse", "-q", "--verify", `refs/heads/${branch}`], {
    cwd: remote,
    encoding: "utf8",
  });
  const line = parents ?? (head.status === 0 ? [head.stdout.trim()] : []);
  const header = [
    `tree ${tree}`,
    ...line.map((id) => `parent ${id}`),
    "author m <m@m> 1700000000 +0000",
    "committer m <m@m> 1700000000 +0000",
  ].join("\n");
  const body = Buffer.concat([Buffer.from(`${header}\n\n`), Buffer.from(message)]);
  const id = git(remote, ["hash-object", "-t", "commit", "-w", "--literally", "--stdin"], body);
  git(remote, ["update-ref", `refs/heads/${branch}`, id]);
  return id;
}

/** Makes a log of `count` entries at once; the message of position n is `entry(n)`. */
export function growLog(
  remote: string,
  branch: string,
  count: number,
  entry: (seq: number) => string = entryText,
): void {
  const first = logSize(remote, branch);
  const from = first === 0 ? "" : `from refs/heads/${branch}^0\n`;
  const commits = Array.from({ length: count }, (_, index) => {
    const message = `#${first + index} test\n\n[skip ci]\n\n${entry(first + index)}\n`;
    const data = `data ${Buffer.byteLength(message)}\n${message}`;
    const head = `commit refs/heads/${branch}\ncommitter a <a@b> 1700000000 +0000\n${data}`;
    return `${head}${index === 0 ? from : ""}\n`;
  });
  git(remote, ["fast-import", "--quiet"], commits.join(""));
}

/** An entry as the log holds it, but for its statement. */
export function entryText(seq: number): string {
  return `{"v":1,"seq":${seq},"prev":"${"p".repeat(43)}","statement":"${"s".repeat(200)}"}`;
}

/** Positions of a log, counted by git. */
export function logSize(remote: string, branch: string): number {
  const result = spawnSync(
    "git",
    ["rev-list", "--count", "--first-parent", `refs/heads/${branch}`],
    {
      cwd: remote,
      encoding: "utf8",
    },
  );
  return result.status === 0 ? Number(result.stdout) : 0;
}

/** What `git fsck` finds wrong; dangling objects and unborn branches are not wrong. */
export function fsck(gitDir: string): string {
  const result = spawnSync("git", ["fsck", "--full", "--no-dangling"], {
    cwd: gitDir,
    encoding: "utf8",
  });
  const noise = /^(notice: .*|Checking .*)?$/;
  return `${result.stdout}\n${result.stderr}`
    .split("\n")
    .filter((line) => !noise.test(line))
    .join("\n");
}

/** Every file below a directory with the hash of its content, `skip` left out: the same or changed. */
export function snapshot(directory: string, skip: readonly string[] = []): Record<string, string> {
  const found: Record<string, string> = {};
  const walk = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      const name = relative(directory, path);
      if (skip.includes(name)) continue;
      if (entry.isDirectory()) {
        found[`${name}/`] = "directory";
        walk(path);
      } else if (entry.isSymbolicLink()) found[name] = readlinkSync(path);
      else found[name] = createHash("sha256").update(readFileSync(path)).digest("hex");
    }
  };
  walk(directory);
  return found;
}
