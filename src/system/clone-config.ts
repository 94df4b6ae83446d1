/**
 * The settings of the user's clone, as git itself reads them there, and those among them that a
 * repository of our own needs to reach the remote as the user does.
 */
import { OptoutError } from "../core/errors.ts";
import type { GitResult } from "./git.ts";
import type { PassedSettings, Setting } from "./git-guard.ts";
import { failureWords } from "./git-words.ts";

/** All settings in force, in the order in which git reads them: the last of a key wins. */
export type Config = readonly ConfigEntry[];

export interface ConfigEntry extends Setting {
  /** `system`, `global`, `local`, `worktree`, `command`. */
  readonly scope: string;
  /** `file:.git/config`: relative to the top level, or absolute. */
  readonly origin: string;
}

/** How git is asked for them. */
export const configArguments: readonly string[] = [
  "config",
  "--list",
  "-z",
  "--show-scope",
  "--show-origin",
];

const probeKey = "optout.probe";

/**
 * Variables for the asking: one more setting by way of GIT_CONFIG_COUNT. A git that lists it knows
 * that variable, so it is 2.31 or newer; no process is spent on asking for its version.
 */
export function configProbe(
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const count = Number(env["GIT_CONFIG_COUNT"] ?? "0");
  if (!Number.isSafeInteger(count) || count < 0) return {};
  return {
    GIT_CONFIG_COUNT: String(count + 1),
    [`GIT_CONFIG_KEY_${count}`]: probeKey,
    [`GIT_CONFIG_VALUE_${count}`]: "1",
  };
}

/**
 * The settings in the answer to `configArguments`.
 * @throws `config-invalid`
 */
export function readConfig(result: GitResult, cwd: string): Config {
  if (result.status !== 0) {
    const words = failureWords(result.stderr) ?? `git config ended with ${result.status}`;
    throw new OptoutError("config-invalid", `the git settings of ${cwd} cannot be read: ${words}`);
  }
  const fields = result.stdout.toString("utf8").split("\0");
  const entries: ConfigEntry[] = [];
  for (let index = 0; index + 2 < fields.length; index += 3) {
    const [scope = "", origin = "", text = ""] = fields.slice(index, index + 3);
    const end = text.indexOf("\n");
    // A key without `=` stands for true.
    entries.push(
      end < 0
        ? { scope, origin, key: text, value: "true" }
        : { scope, origin, key: text.slice(0, end), value: text.slice(end + 1) },
    );
  }
  return entries;
}

/** The value of a key that has one value; null when it is not set. */
export function lastValue(config: Config, key: string): string | null {
  return config.findLast((entry) => entry.key === key)?.value ?? null;
}

/** Files of the user and of the system are read by every git; the rest must be handed on. */
const handedOn: ReadonlySet<string> = new Set(["local", "worktree", "command"]);
const transportSetting =
  /^(?:http|credential|url|protocol)\.|^core\.(?:sshcommand|askpass|gitproxy)$|^ssh\.variant$/;
const remoteMembers: readonly string[] = [
  "url",
  "pushurl",
  "proxy",
  "proxyauthmethod",
  "uploadpack",
  "receivepack",
  "vcs",
];

/**
 * The settings to hand on. They may hold tokens.
 * @param remote name of the remote that is used
 */
export function passedSettings(config: Config, remote: string | null): PassedSettings {
  const ofRemote = new Set(remoteMembers.map((member) => `remote.${remote}.${member}`));
  const entries = config
    .filter(({ scope }) => handedOn.has(scope))
    .filter(({ key }) => transportSetting.test(key) || (remote !== null && ofRemote.has(key)))
    .map(({ key, value }) => ({ key, value }));
  const knowsCount = config.some(({ scope, key }) => scope === "command" && key === probeKey);
  return { entries, carrier: knowsCount ? "count" : "parameters" };
}
