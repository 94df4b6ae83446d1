/**
 * Where the ssh agent listens, as ssh itself would find it: `IdentityAgent` of the user's
 * `~/.ssh/config` for the remote's host, else `SSH_AUTH_SOCK`.
 *
 * The configuration is read by `ssh -G`, since Host, Match and Include are ssh's to understand; only
 * where the file might say something about agents, so that most runs start no process. A `Match
 * exec` in it is run, as with every fetch over ssh. Without ssh there is no IdentityAgent.
 */
import { execFile } from "node:child_process";
import { isAbsolute, join } from "node:path";

import { readTextIfThere } from "../system/files.ts";
import type { Environment } from "../system/places.ts";

export interface AgentSetting {
  readonly env: Environment;
  /** Of the remote; null where there is none. */
  readonly host: string | null;
}

/** Milliseconds for `ssh -G`, which takes five. */
const sshMilliseconds = 3000;

/** The path of the agent's socket; null when there is none. Never throws. */
export async function agentSocket(setting: AgentSetting): Promise<string | null> {
  const named = await identityAgent(setting);
  const path = named === null ? fromVariable(setting.env, "SSH_AUTH_SOCK") : named;
  return path === "" ? null : path;
}

/** What the configuration says, resolved: empty for no agent at all, null for nothing said. */
async function identityAgent({ env, host }: AgentSetting): Promise<string | null> {
  const home = env["HOME"] ?? "";
  if (!isAbsolute(home)) return null;
  const file = join(home, ".ssh", "config");
  if (!mayNameAgent(file)) return null;
  const settings = await sshSettings(file, host, env);
  const [, value] = /^identityagent (.+)$/m.exec(settings) ?? [];
  return value === undefined ? null : resolved(value, home, env);
}

function mayNameAgent(file: string): boolean {
  try {
    return /identityagent|include/i.test(readTextIfThere(file) ?? "");
  } catch {
    return false;
  }
}

function sshSettings(file: string, host: string | null, env: Environment): Promise<string> {
  const name = /^[A-Za-z0-9][A-Za-z0-9.:_-]*$/.test(host ?? "") ? String(host) : "localhost";
  const noLookUp = "CanonicalizeHostname=no";
  const args = ["-G", "-F", file, "-o", noLookUp, "--", name];
  return new Promise((resolve) => {
    const options = { env: { ...env }, timeout: sshMilliseconds, killSignal: "SIGKILL" } as const;
    execFile("ssh", args, options, (error, stdout) => resolve(error === null ? stdout : ""));
  });
}

/** `ssh -G` leaves variables as they are, and older ones `~` and `%d` too (ssh_config(5)). */
function resolved(value: string, home: string, env: Environment): string {
  if (value === "none") return "";
  if (value === "SSH_AUTH_SOCK") return fromVariable(env, "SSH_AUTH_SOCK");
  const [, variable] = /^\$([A-Za-z_][A-Za-z0-9_]*)$/.exec(value) ?? [];
  if (variable !== undefined) return fromVariable(env, variable);
  return value
    .replace(/^~(?=\/)/, home)
    .replaceAll("%d", home)
    .replaceAll("%%", "%");
}

/** A relative path is none: it would be a file of whatever directory this is run in. */
function fromVariable(env: Environment, name: string): string {
  const path = env[name] ?? "";
  return isAbsolute(path) ? path : "";
}
