/**
 * The keys that a person uses for ssh: those of the agent, which signs with them, and those of
 * `~/.ssh` that the agent does not hold, so that whoever needs one learns how to add it.
 *
 * The agent is asked for the list once, and for each signature once: a person may have to confirm it.
 */
import { createHash } from "node:crypto";
import { readdir, stat } from "node:fs/promises";
import { isAbsolute, join } from "node:path";

import { asOptoutError, OptoutError } from "../core/errors.ts";
import { parseSshPublicKey, type PublicKey } from "../core/keys.ts";
import type { Environment } from "../system/places.ts";
import { agentSocket } from "./agent-place.ts";
import { listIdentities, type AgentIdentity, type AgentPlace } from "./agent-protocol.ts";
import { readKeyText } from "./key-text.ts";
import { sshReader } from "./ssh-wire.ts";

/** A key that the agent holds. */
export type AgentKey =
  | {
      readonly kind: "usable";
      readonly key: PublicKey;
      /** One printable line; may be empty. */
      readonly comment: string;
    }
  | {
      readonly kind: "refused";
      /** As `ssh-keygen -l` prints it. */
      readonly fingerprint: string;
      readonly comment: string;
      /** `key-invalid`: why it is of no use, and what to do instead. */
      readonly problem: OptoutError;
    };

/** The agent, with its keys or with what is wrong with it. */
export interface Agent {
  /** Null where there is none. */
  readonly place: AgentPlace | null;
  readonly keys: readonly AgentKey[];
  readonly problem: OptoutError | null;
}

/** A key of `~/.ssh` whose private half is there too. */
export interface SshKeyFile {
  /** Of the private half. */
  readonly path: string;
  /** Null for a type that optout does not sign with. */
  readonly key: PublicKey | null;
  readonly problem: OptoutError | null;
}

/** What tells where the agent is. */
export interface AgentRequest {
  readonly env: Environment;
  readonly host?: string | null;
  readonly deadline?: AgentPlace["deadline"];
}

/** Asks the agent for its keys. What is wrong with it is told; throws `timeout` alone. */
export async function askAgent({ env, host, deadline }: AgentRequest): Promise<Agent> {
  const path = await agentSocket({ env, host: host ?? null });
  if (path === null) return { place: null, keys: [], problem: null };
  const place: AgentPlace = { path, deadline };
  try {
    const keys = (await listIdentities(place)).map(describe);
    return { place, keys, problem: keys.length === 0 ? noKeyShown(place) : null };
  } catch (thrown) {
    const problem = asOptoutError(thrown);
    if (problem.code !== "agent-failed") throw problem;
    return { place, keys: [], problem };
  }
}

function describe({ blob, comment: given }: AgentIdentity): AgentKey {
  const comment = given
    .replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, "")
    .slice(0, 100)
    .trim();
  try {
    return { kind: "usable", key: keyOf(blob), comment };
  } catch (thrown) {
    const hash = createHash("sha256").update(blob).digest("base64").replace(/=+$/, "");
    const fingerprint = `SHA256:${hash}`;
    return { kind: "refused", fingerprint, comment, problem: asOptoutError(thrown) };
  }
}

/** The agent's blob as the line of a `.pub` file, so that one parser judges both. */
function keyOf(blob: Buffer): PublicKey {
  const type = sshReader(blob, () => new OptoutError("key-invalid", "the key is cut off")).text();
  return parseSshPublicKey(`${type} ${blob.toString("base64")}`);
}

/** A locked agent of OpenSSH says that it has no key; nothing tells the two apart. */
function noKeyShown({ path }: AgentPlace): OptoutError {
  return new OptoutError("no-key", `the ssh agent at ${path} shows no key: it is empty or locked`, {
    hint: "ssh-add   (if it is locked: ssh-add -X), or: optout keys create",
  });
}

/** The key files of `~/.ssh` by name; none where there is no home. Never throws. */
export async function sshKeyFiles(env: Environment): Promise<readonly SshKeyFile[]> {
  const home = env["HOME"] ?? "";
  if (!isAbsolute(home)) return [];
  const directory = join(home, ".ssh");
  const names = await readdir(directory).catch(() => []);
  const publicHalves = names.filter((name) => name.endsWith(".pub")).toSorted();
  const found = await Promise.all(publicHalves.map((name) => readSshKey(join(directory, name))));
  return found.filter((file) => file !== null);
}

/** Null for what is no public key, and for one whose private half is elsewhere. */
async function readSshKey(publicPath: string): Promise<SshKeyFile | null> {
  const path = publicPath.slice(0, -".pub".length);
  const isThere = await stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
  if (!isThere) return null;
  const rule = { links: "any", ownerOnly: false } as const;
  const text = await readKeyText(publicPath, `public key ${publicPath}`, rule).catch(() => null);
  if (text === null) return null;
  try {
    return { path, key: parseSshPublicKey(text.trim()), problem: null };
  } catch (thrown) {
    const { message } = asOptoutError(thrown);
    return { path, key: null, problem: unusable(`ssh key ${path}`, message) };
  }
}

/** A key that is of no use here, with the two ways out. */
export function unusable(source: string, why: string): OptoutError {
  return new OptoutError("key-invalid", `${source}: ${why}`, {
    hint: "ssh-keygen -t ed25519   (then ssh-add), or: optout keys create",
  });
}
