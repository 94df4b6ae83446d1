/**
 * Facts about the clone that the user stands in.
 *
 * Reads only, with one git process where the clone is a plain one. What it tells of settings is what
 * git would use there: all files, their includes and the environment.
 */
import { readFileSync, realpathSync, statSync } from "node:fs";
import { join } from "node:path";

import { OptoutError } from "../core/errors.ts";
import {
  configArguments,
  configProbe,
  lastValue,
  passedSettings,
  readConfig,
  type Config,
} from "./clone-config.ts";
import { askLayout, readPlainLayout, type CloneLayout } from "./clone-layout.ts";
import type { Deadline } from "./deadline.ts";
import { runGit, type GitPlace } from "./git.ts";
import type { PassedSettings } from "./git-guard.ts";
import { parseRepositoryUrl, rewriteUrl, type RepositoryName } from "./repository-url.ts";

export interface Clone extends CloneLayout {
  /** The remote that keeps the log and the trusted policy; null where there is none. */
  readonly remote: Remote | null;
  /** Names of all remotes. */
  readonly remotes: readonly string[];
  readonly identity: Identity;
  /** What our own repositories must know to reach the remote as the user does. */
  readonly settings: PassedSettings;
  /** It is no clone of the user's: he named a repository, and this stands for it. */
  readonly isOwn?: true;
}

export interface Remote {
  readonly name: string;
  /** As configured: it may hold credentials, so it is not to be shown. */
  readonly url: string;
  readonly repository: RepositoryName;
  /** The branch that the remote's HEAD named when the user last asked; a hint, for display only. */
  readonly defaultBranch: string | null;
}

export interface Identity {
  readonly name: string | null;
  readonly email: string | null;
}

export interface ReadCloneOptions {
  readonly deadline?: Deadline | undefined;
}

/**
 * Reads the facts of the clone around a directory.
 * @throws `not-a-repository`, `config-invalid`, `no-git`, `timeout`
 */
export async function readClone(directory: string, options: ReadCloneOptions = {}): Promise<Clone> {
  const cwd = realDirectory(directory);
  const place = { cwd, gitDir: null, settings: null, interactive: false, ...options };
  const listed = await runGit(configArguments, { ...place, env: configProbe(process.env) });
  const config = readConfig(listed, cwd);
  return cloneOf(readPlainLayout(cwd, config) ?? (await askLayout(place)), config);
}

/**
 * Reads the facts of a bare repository of ours that has a remote, and nothing checked out.
 * @throws `config-invalid`, `no-git`, `timeout`
 */
export async function readOwnClone(
  directory: string,
  options: ReadCloneOptions = {},
): Promise<Clone> {
  const gitDir = realDirectory(directory);
  const place = { cwd: gitDir, gitDir: null, settings: null, interactive: false, ...options };
  const env = { ...configProbe(process.env), GIT_DIR: gitDir };
  const listed = await runGit(configArguments, { ...place, env });
  const layout: CloneLayout = {
    cwd: gitDir,
    topLevel: null,
    gitDir,
    commonDir: gitDir,
    isShallow: false,
    objectFormat: "sha1",
    branch: null,
    head: null,
  };
  return { ...cloneOf(layout, readConfig(listed, gitDir)), isOwn: true };
}

function cloneOf(layout: CloneLayout, config: Config): Clone {
  const remotes = remoteNames(config);
  const remote = chooseRemote(remotes);
  return {
    ...layout,
    remotes,
    remote: remote === null ? null : readRemote(remote, config, layout.commonDir),
    identity: { name: lastValue(config, "user.name"), email: lastValue(config, "user.email") },
    settings: passedSettings(config, remote),
  };
}

/**
 * The remote that keeps the log and the trusted policy: `origin`, else the only one.
 * @throws `no-remote`
 */
export function requireRemote(clone: Clone): Remote {
  if (clone.remote !== null) return clone.remote;
  if (clone.remotes.length === 0) {
    throw new OptoutError("no-remote", "the clone has no remote to keep the log in", {
      hint: "git remote add origin URL",
    });
  }
  const names = clone.remotes.join(", ");
  throw new OptoutError("no-remote", `none of the remotes ${names} is called origin`, {
    hint: `git remote rename ${clone.remotes[0] ?? "NAME"} origin`,
  });
}

/** The user's clone as a place for a git that only reads, or asks the remote. */
export function placeOfClone(
  clone: Clone,
  {
    interactive,
    deadline,
  }: { readonly interactive: boolean; readonly deadline?: Deadline | undefined },
): GitPlace {
  const { cwd, isOwn = false } = clone;
  const env = isOwn ? { GIT_DIR: clone.gitDir } : {};
  // the user's own clone has them in its files
  const settings = isOwn ? clone.settings : null;
  return { cwd, gitDir: null, settings, interactive, deadline, env };
}

function realDirectory(directory: string): string {
  try {
    const real = realpathSync(directory);
    if (statSync(real).isDirectory()) return real;
    throw new Error(`${real} is no directory`);
  } catch (error) {
    throw new OptoutError("not-a-repository", `there is no directory ${directory}`, {
      cause: error,
      hint: "name a clone with -C DIR",
    });
  }
}

function remoteNames(config: Config): readonly string[] {
  const names = config.map(({ key }) => /^remote\.(.+)\.url$/s.exec(key)?.[1]);
  return [...new Set(names.filter((name) => name !== undefined))];
}

function chooseRemote(names: readonly string[]): string | null {
  if (names.includes("origin")) return "origin";
  return names.length === 1 ? (names[0] ?? null) : null;
}

function readRemote(name: string, config: Config, commonDir: string): Remote {
  const urls = config.filter(({ key }) => key === `remote.${name}.url`).map(({ value }) => value);
  // an empty one takes back those before it since git 2.46, a helper may ask whomever it likes: what is
  // asked then is not known
  const isPlain = !urls.includes("") && lastValue(config, `remote.${name}.vcs`) === null;
  const url = urls[0] ?? "";
  const rewrites = config.flatMap(({ key, value }) => {
    const base = /^url\.(.*)\.insteadof$/s.exec(key)?.[1];
    return base === undefined ? [] : [{ base, prefix: value }];
  });
  const repository = parseRepositoryUrl(isPlain ? rewriteUrl(url, rewrites) : "");
  return { name, url, repository, defaultBranch: readDefaultBranch(name, commonDir) };
}

function readDefaultBranch(remote: string, commonDir: string): string | null {
  const prefix = `ref: refs/remotes/${remote}/`;
  try {
    const text = readFileSync(join(commonDir, "refs", "remotes", remote, "HEAD"), "utf8").trimEnd();
    return text.startsWith(prefix) ? text.slice(prefix.length) : null;
  } catch {
    return null;
  }
}
