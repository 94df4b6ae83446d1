/**
 * The stage of the end-to-end tests: a bare remote, clones of it on machines of their own (a home, XDG
 * directories, no environment but what a stranger would have), and the built program to run there.
 *
 * Everything is a child process, so several can run at once and a server in the test can answer them.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";

export const ROOT: string = join(import.meta.dirname, "..", "..");
export const BIN: string = join(ROOT, "bin", "optout.cjs");

/** A machine with a clone on it. */
export interface Place {
  readonly directory: string;
  readonly home: string;
  /** Variables on top of the clean environment. */
  readonly env: Readonly<Record<string, string>>;
}

export interface Result {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface More {
  /** Variables on top of the place's; undefined takes one away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Instead of the place's clone. */
  readonly cwd?: string;
  /** For standard input, which is empty otherwise. */
  readonly input?: string;
}

export interface Stage {
  readonly folder: string;
  /** Path of the bare remote. */
  readonly remote: string;
  /** The clone of Alice, who made the first commit. */
  readonly laptop: Place;
  remove(): void;
}

/** A person of the tests, as git knows her. */
const person = "[user]\n\tname = Alice Ng\n\temail = alice@example.com\n";
const settings = `${person}[init]\n\tdefaultBranch = main\n[advice]\n\tdetachedHead = false\n`;

/** A machine without a clone: a home and an empty directory. */
export function makePlace({ folder }: Pick<Stage, "folder">, name: string): Place {
  const place = { directory: join(folder, name), home: join(folder, `${name}-home`), env: {} };
  mkdirSync(place.directory, { recursive: true });
  mkdirSync(temporaryOf(place), { recursive: true });
  writeFileSync(join(place.home, ".gitconfig"), settings);
  return place;
}

export interface StageOptions {
  /** The URL that clones use for the bare repository in the folder; its path when absent. */
  readonly url?: (folder: string) => Promise<string>;
  /** What the laptop needs before it asks the remote anything. */
  readonly prepare?: (laptop: Place, url: string) => void;
}

/** Makes the remote with one commit on `main`, and the laptop's clone of it. */
export async function makeStage(options: StageOptions = {}): Promise<Stage> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "optout-e2e-")));
  const remote = join(folder, "shop.git");
  const laptop = makePlace({ folder }, "laptop");
  await git(laptop, ["init", "-q", "--bare", "-b", "main", remote]);
  await git(laptop, ["config", "http.receivepack", "true"], { cwd: remote });
  await git(laptop, ["config", "uploadpack.allowFilter", "true"], { cwd: remote });
  const url = options.url === undefined ? remote : await options.url(folder);
  options.prepare?.(laptop, url);
  await git(laptop, ["init", "-q"]);
  await git(laptop, ["remote", "add", "origin", url]);
  writeFiles(laptop, { "README.md": "# shop\n" });
  await git(laptop, ["add", "."]);
  await git(laptop, ["commit", "-q", "-m", "A shop"]);
  await git(laptop, ["push", "-q", "-u", "origin", "main"]);
  await git(laptop, ["remote", "set-head", "origin", "main"]);
  return stageIn(folder, laptop);
}

function stageIn(folder: string, laptop: Place): Stage {
  const remove = (): void => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  return { folder, remote: join(folder, "shop.git"), laptop, remove };
}

/**
 * The same stage once more in a folder of its own, with the laptop as it was when nothing had asked
 * anything yet. For a remote that is named by its path.
 */
export async function copyOf(stage: Stage): Promise<Stage> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "optout-e2e-")));
  cpSync(stage.folder, folder, { recursive: true, preserveTimestamps: true });
  const laptop = {
    ...stage.laptop,
    directory: join(folder, "laptop"),
    home: join(folder, "laptop-home"),
  };
  const copy = stageIn(folder, laptop);
  rmSync(join(laptop.directory, ".git", "optout"), { recursive: true, force: true });
  await git(laptop, ["remote", "set-url", "origin", copy.remote]);
  return copy;
}

/** Another machine with a clone. */
export async function makeClone(
  stage: Stage,
  name: string,
  options: { readonly flags?: readonly string[]; readonly url?: string } = {},
): Promise<Place> {
  const place = makePlace(stage, name);
  const url = options.url ?? stage.remote;
  await git(place, ["clone", "-q", ...(options.flags ?? []), url, "."]);
  return place;
}

/** Writes files into the clone. */
export function writeFiles(place: Place, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    const file = join(place.directory, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}

/** Commits all there is and pushes it. */
export async function push(place: Place, message: string): Promise<void> {
  await git(place, ["add", "-A"]);
  await git(place, ["commit", "-q", "-m", message]);
  await git(place, ["push", "-q", "origin", "HEAD"]);
}

/** Changes the policy of a clone, and pushes that. */
export async function editPolicy(place: Place, edit: (text: string) => string): Promise<void> {
  const text = readFileSync(join(place.directory, ".optout/policy.yaml"), "utf8");
  const other = edit(text);
  if (other === text) throw new Error("the policy stays as it was");
  writeFiles(place, { ".optout/policy.yaml": other });
  await push(place, "Edit the policy");
}

/** Runs git; its standard output without the last LF. Throws when it fails. */
export async function git(place: Place, args: readonly string[], more: More = {}): Promise<string> {
  const { status, stdout, stderr } = await run(place, "git", args, more);
  if (status === 0) return stdout.replace(/\n$/, "");
  throw new Error(`git ${args.join(" ")} ended with ${status}\n${stderr}`);
}

/** Runs the built program to its end, whatever its exit status. */
export function optout(place: Place, args: readonly string[], more: More = {}): Promise<Result> {
  return run(place, process.execPath, [BIN, ...args], more);
}

/** The same where nothing but success is of interest; its standard output. */
export async function must(
  place: Place,
  args: readonly string[],
  more: More = {},
): Promise<string> {
  const { status, stdout, stderr } = await optout(place, args, more);
  if (status === 0) return stdout;
  throw new Error(`optout ${args.join(" ")} ended with ${status}\n${stdout}${stderr}`);
}

/** Runs any program. A signal that ended it is a status beyond 128. */
export function run(
  place: Place,
  file: string,
  args: readonly string[],
  more: More = {},
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      cwd: more.cwd ?? place.directory,
      env: { ...cleanEnvironment(place), ...place.env, ...more.env },
      stdio: ["pipe", "pipe", "pipe"],
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
    child.stdin.on("error", () => undefined);
    child.stdin.end(more.input ?? "");
    child.on("error", reject);
    child.on("close", (status, signal) => {
      resolve({
        status: status ?? 128,
        stdout: Buffer.concat(stdout).toString("utf8"),
        stderr: `${Buffer.concat(stderr).toString("utf8")}${signal === null ? "" : signal}`,
      });
    });
  });
}

/** What a stranger's machine has too: nothing of this process's own but the PATH. */
export function cleanEnvironment(place: Place): Record<string, string> {
  const { home } = place;
  return {
    PATH: process.env["PATH"] ?? "",
    HOME: home,
    XDG_DATA_HOME: join(home, "data"),
    XDG_CONFIG_HOME: join(home, "config"),
    XDG_CACHE_HOME: join(home, "cache"),
    TMPDIR: temporaryOf(place),
    LANG: "C.UTF-8",
    TZ: "UTC",
    GIT_CONFIG_NOSYSTEM: "1",
  };
}

/** The machine's temporary directory. */
export const temporaryOf = ({ home }: Pick<Place, "home">): string => join(home, "tmp");

/** A line of output for each argument. */
export const lines = (...all: readonly string[]): string => all.map((line) => `${line}\n`).join("");

const volatile: readonly (readonly [RegExp, string])[] = [
  [/\bovr_[0-9a-z]{16}\b/g, "<id>"],
  [/\bSHA256:[A-Za-z0-9+/]{43}/g, "<key>"],
  [/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, "<time>"],
  [/\b(?:\d{4}-\d\d-\d\dT)?\d\d:\d\dZ/g, "<minute>"],
  [/\b(?:\d{4}-\d\d-\d\d )?\d\d:\d\d UTC/g, "<clock>"],
  [/\b[0-9a-f]{40}\b/g, "<commit>"],
  [/@ [0-9a-f]{7}\b/g, "@ <commit>"],
  [/(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])/g, "<hash>"],
];

/** The text without what differs from run to run: ids, keys, hashes, times, the stage's folder. */
export function plain(text: string, { folder }: Pick<Stage, "folder">): string {
  return volatile.reduce(
    (shown, [pattern, name]) => shown.replaceAll(pattern, name),
    text.replaceAll(folder, "<stage>"),
  );
}

/** Every ref of the remote with its commit. */
export function refsOf({ laptop, remote }: Stage): Promise<string> {
  return git(laptop, ["for-each-ref"], { cwd: remote });
}

/**
 * Everything below a directory: kind, mode, time of the last change and content of each file. What
 * is in `.git/optout` is optout's own.
 */
export function snapshotOf(directory: string): Record<string, string> {
  const found: Record<string, string> = {};
  const walk = (folder: string): void => {
    for (const name of readdirSync(folder)) {
      const path = join(folder, name);
      const key = relative(directory, path);
      if (key === join(".git", "optout")) continue;
      const { mode, mtimeNs } = lstatSync(path, { bigint: true });
      const times = key === ".git" ? "" : ` ${mtimeNs}`;
      found[key] = `${mode.toString(8)}${times} ${contentOf(path)}`;
      if (lstatSync(path).isDirectory()) walk(path);
    }
  };
  walk(directory);
  return found;
}

function contentOf(path: string): string {
  const stat = lstatSync(path);
  if (stat.isDirectory()) return "";
  if (stat.isSymbolicLink()) return readlinkSync(path);
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}

/** What an object on stdout or stderr says, of which there must be exactly one. */
export function parsed(text: string): Record<string, unknown> {
  const value: unknown = JSON.parse(text);
  if (typeof value === "object" && value !== null) return { ...value };
  throw new Error(`not an object: ${text}`);
}

/** The team of most tests: two people and the jobs, each with a key. */
export interface Team {
  readonly stage: Stage;
  /** Bob's machine, who may revoke deploys' overrides and nothing else. */
  readonly bob: Place;
  /** A runner's machine; the job's key is in the environment. */
  readonly job: Place;
}

export interface Keys {
  readonly alice: string;
  readonly bob: string;
  readonly ci: string;
}

/** The policy of the team; without `log.id`, which `init` writes. */
export function teamPolicy({ alice, bob, ci }: Keys): string {
  return lines(
    "version: 1",
    "log: { store: git, branch: optout-log }",
    "principals:",
    `  alice: { name: Alice Ng, roles: [developer, oncall], keys: ["${alice}"] }`,
    `  bob: { name: Bob Ruiz, roles: [release-manager], keys: ["${bob}"] }`,
    `  ci: { kind: ci, keys: ["${ci}"] }`,
    "stages:",
    "  lint: { kind: quality }",
    "  unit-tests: { kind: quality }",
    "  deploy-prod: { kind: deploy }",
    "  license: { kind: legal, never: [skip, allow-failure] }",
    "rules:",
    "  - id: quality",
    "    match: { kind: quality }",
    "    actions: [skip, allow-failure, force, hold]",
    "    who: [developer, oncall]",
    "    longest: 12h",
    "    default: 2h",
    "    reason: { min: 10 }",
    "  - id: deploys",
    "    match: { kind: deploy }",
    "    actions: [hold, force, skip]",
    "    who: [oncall]",
    "    longest: 1h",
    "    may_revoke: [release-manager]",
  );
}

/** Makes the team's keys, policy and log on a stage, and their clones. */
export async function makeTeam(
  options: { readonly policy?: (keys: Keys) => string } = {},
): Promise<Team> {
  const stage = await makeStage();
  const { laptop } = stage;
  const machines = { bob: makePlace(stage, "bob"), job: makePlace(stage, "job") };
  const [alice, bob, ci] = await Promise.all([
    makeKey(laptop),
    makeKey(machines.bob),
    makeKey(machines.job),
  ]);
  const policy = (options.policy ?? teamPolicy)({ alice, bob, ci });
  writeFiles(laptop, { ".optout/policy.yaml": policy });
  await must(laptop, ["init", "--yes"]);
  await push(laptop, "Add the optout policy");
  await Promise.all(
    Object.values(machines).map((place) => git(place, ["clone", "-q", stage.remote, "."])),
  );
  const file = join(machines.job.home, "data", "optout", "keys", "default.pem");
  const env = { OPTOUT_KEY: readFileSync(file, "utf8") };
  rmSync(file);
  return { stage, bob: machines.bob, job: { ...machines.job, env } };
}

/** Makes a key on a machine; the line for the policy. */
export async function makeKey(place: Place, ...args: readonly string[]): Promise<string> {
  return (await must(place, ["keys", "create", ...args, "--no-passphrase"])).trimEnd();
}
