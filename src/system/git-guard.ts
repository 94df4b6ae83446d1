/**
 * What keeps a git to our work and nothing else: settings that switch off hooks, monitors and
 * housekeeping, and an environment that neither redirects it nor lets it ask.
 */
import type { Environment } from "./places.ts";

/** A git setting: `http.https://example.com/.extraheader` and its value. */
export interface Setting {
  readonly key: string;
  readonly value: string;
}

/** Settings that travel in the environment, for they may hold tokens. */
export interface PassedSettings {
  readonly entries: readonly Setting[];
  /** `count`: GIT_CONFIG_COUNT, from git 2.31 on. `parameters`: what older ones read. */
  readonly carrier: "count" | "parameters";
}

export interface GuardOptions {
  /** A repository of our own; null lets git find the user's clone. */
  readonly gitDir: string | null;
  readonly settings: PassedSettings | null;
  readonly interactive: boolean;
}

/** For a git in the user's clone, which only reads there and asks the remote. */
const cloneGuards: readonly string[] = [
  "core.hooksPath=/dev/null",
  "core.fsmonitor=false",
  "color.ui=false",
];

/**
 * The settings file of a repository of ours. There, not in arguments: each of those costs every git
 * that is started some time. What one git does not know it passes over.
 */
export function ownSettings(objectFormat: "sha1" | "sha256"): string {
  const extensions =
    objectFormat === "sha1"
      ? "\trepositoryformatversion = 0\n"
      : "\trepositoryformatversion = 1\n[extensions]\n\tobjectformat = sha256\n";
  return `[core]\n\tbare = true\n${extensions}${guards}`;
}

const guards = `# Nothing is executed that a clone could name.
[core]
	hooksPath = /dev/null
	fsmonitor = false
# No housekeeping: it takes locks, and it takes time.
[core]
	logAllRefUpdates = false
[gc]
	auto = 0
[maintenance]
	auto = false
# This is a cache: one that lost its last writes is made again.
[core]
	fsync = none
# A malformed commit that somebody pushed must not stop the log.
[transfer]
	fsckObjects = false
	bundleURI = false
# Fetch and push what is asked for, and only that.
[fetch]
	fsckObjects = false
	writeCommitGraph = false
	prune = false
	pruneTags = false
	recurseSubmodules = false
[submodule]
	recurse = false
[push]
	recurseSubmodules = no
	followTags = false
	negotiate = false
	gpgSign = false
# Output for programs.
[color]
	ui = false
	remote = false
`;

/** The variables by which a caller binds git to a repository (`git rev-parse --local-env-vars`). */
const redirecting: ReadonlySet<string> = new Set([
  "GIT_ALTERNATE_OBJECT_DIRECTORIES",
  "GIT_COMMON_DIR",
  "GIT_CONFIG",
  "GIT_CONFIG_COUNT",
  "GIT_CONFIG_PARAMETERS",
  "GIT_DEFAULT_HASH",
  "GIT_DIR",
  "GIT_GRAFT_FILE",
  "GIT_IMPLICIT_WORK_TREE",
  "GIT_INDEX_FILE",
  "GIT_INTERNAL_SUPER_PREFIX",
  "GIT_NAMESPACE",
  "GIT_OBJECT_DIRECTORY",
  "GIT_PREFIX",
  "GIT_QUARANTINE_PATH",
  "GIT_REPLACE_REF_BASE",
  "GIT_SHALLOW_FILE",
  "GIT_WORK_TREE",
]);

/** The arguments of git, with guards before them where no settings file of ours stands guard. */
export function guardedArguments(args: readonly string[], gitDir: string | null): string[] {
  if (gitDir !== null) return [...args];
  return [...cloneGuards.flatMap((setting) => ["-c", setting]), ...args];
}

/** The environment for a git: `base` without what would redirect it, with what guards it. */
export function gitEnvironment(base: Environment, options: GuardOptions): Record<string, string> {
  const own = options.gitDir !== null;
  const kept = Object.entries(base).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !(own && redirects(entry[0])),
  );
  return {
    ...Object.fromEntries(kept),
    ...(options.gitDir === null ? {} : { GIT_DIR: options.gitDir }),
    ...(options.settings === null ? {} : carried(options.settings)),
    ...(options.interactive ? {} : silent),
    LC_ALL: "C",
    GIT_NO_REPLACE_OBJECTS: "1",
    GIT_OPTIONAL_LOCKS: "0",
  };
}

/** Neither git, nor a credential manager, nor ssh asks anything. */
const silent: Readonly<Record<string, string>> = {
  GIT_TERMINAL_PROMPT: "0",
  GCM_INTERACTIVE: "never",
  SSH_ASKPASS_REQUIRE: "never",
};

function redirects(name: string): boolean {
  return redirecting.has(name) || /^GIT_CONFIG_(KEY|VALUE)_/.test(name);
}

function carried(settings: PassedSettings): Record<string, string> {
  if (settings.entries.length === 0) return {};
  if (settings.carrier === "parameters") return { GIT_CONFIG_PARAMETERS: quotedAll(settings) };
  const numbered = settings.entries.flatMap(({ key, value }, index) => [
    [`GIT_CONFIG_KEY_${index}`, key] as const,
    [`GIT_CONFIG_VALUE_${index}`, value] as const,
  ]);
  return Object.fromEntries([
    ["GIT_CONFIG_COUNT", String(settings.entries.length)] as const,
    ...numbered,
  ]);
}

/** The form that git before 2.31 reads; it has none for a key that holds `=`. */
function quotedAll(settings: PassedSettings): string {
  return settings.entries
    .filter(({ key }) => !key.includes("="))
    .map(({ key, value }) => `'${`${key}=${value}`.replaceAll(/['!]/g, String.raw`'\$&'`)}'`)
    .join(" ");
}
