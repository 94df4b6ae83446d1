/**
 * Keys, for people and as JSON. Only ever their public part.
 */
import type { PublicKey } from "../core/keys.ts";
import { forTerminal } from "./escape.ts";
import { marked, type Paint } from "./paint.ts";
import type { Column } from "./table.ts";

/** A key file as it is shown. */
export interface ShownKey {
  readonly name: string;
  readonly path: string;
  readonly key: PublicKey | null;
  /** The line for the policy; null where the key cannot be told. */
  readonly line: string | null;
  readonly encrypted: boolean | null;
  /** Why it will not be used; null when it will. */
  readonly problem: string | null;
}

export interface KeyJson {
  readonly kind: "optout/key";
  readonly v: 1;
  readonly name: string;
  readonly path: string;
  readonly type: "ed25519" | "p256" | null;
  readonly kid: string | null;
  readonly fingerprint: string | null;
  readonly ssh: string | null;
  readonly encrypted: boolean | null;
  readonly problem: string | null;
}

export function keyJson({ name, path, key, line, encrypted, problem }: ShownKey): KeyJson {
  return {
    kind: "optout/key",
    v: 1,
    name,
    path,
    type: key === null ? null : keyType(key),
    kid: key?.kid ?? null,
    fingerprint: key?.fingerprint ?? null,
    ssh: line,
    encrypted,
    problem,
  };
}

/** As `--type` names it. */
function keyType({ alg }: PublicKey): "ed25519" | "p256" {
  return alg === "EdDSA" ? "ed25519" : "p256";
}

/** A key of the ssh agent as it is shown. */
export interface ShownAgentKey {
  readonly comment: string;
  readonly fingerprint: string;
  /** Null for a type that optout does not sign with. */
  readonly key: PublicKey | null;
  readonly problem: string | null;
}

export interface AgentKeyJson {
  readonly comment: string;
  readonly type: KeyJson["type"];
  readonly kid: string | null;
  readonly fingerprint: string;
  readonly ssh: string | null;
  readonly problem: string | null;
}

export interface KeysJson {
  readonly kind: "optout/keys";
  readonly v: 1;
  readonly directory: string;
  readonly keys: readonly KeyJson[];
  readonly agent: {
    readonly socket: string | null;
    readonly keys: readonly AgentKeyJson[];
    readonly problem: string | null;
  };
}

export function agentKeyJson({ comment, fingerprint, key, problem }: ShownAgentKey): AgentKeyJson {
  return {
    comment,
    type: key === null ? null : keyType(key),
    kid: key?.kid ?? null,
    fingerprint,
    ssh: key?.ssh ?? null,
    problem,
  };
}

/** A line of the list: a key file, or a key of the ssh agent. */
interface ListedKey {
  readonly name: string;
  readonly key: PublicKey | null;
  readonly fingerprint: string;
  readonly state: string;
  readonly isRefused: boolean;
}

export function listedFile(shown: ShownKey): ListedKey {
  const { name, key, problem } = shown;
  const fingerprint = key?.fingerprint ?? "?";
  return { name, key, fingerprint, state: stateOf(shown), isRefused: problem !== null };
}

export function listedAgentKey({ comment, key, fingerprint, problem }: ShownAgentKey): ListedKey {
  const state = problem === null ? "in the ssh agent" : `in the ssh agent; ${problem}`;
  const name = comment === "" ? "?" : comment;
  return { name, key, fingerprint, state, isRefused: problem !== null };
}

export const keyColumns: readonly Column<ListedKey>[] = [
  { heading: "NAME", text: ({ name }) => name, tone: () => "strong" },
  { heading: "TYPE", text: ({ key }) => (key === null ? "?" : keyType(key)) },
  { heading: "FINGERPRINT", text: ({ fingerprint }) => fingerprint },
  {
    heading: "STATE",
    text: ({ state }) => state,
    tone: ({ isRefused }) => (isRefused ? "violation" : "faint"),
    free: true,
  },
];

function stateOf({ encrypted, problem }: ShownKey): string {
  if (problem !== null) return problem;
  return encrypted === true ? "passphrase" : "no passphrase";
}

/** One key, whole. */
export function keyLines(shown: ShownKey): readonly string[] {
  const { name, path, key, line } = shown;
  return [
    `name         ${name}`,
    `type         ${key === null ? "?" : keyType(key)}`,
    `fingerprint  ${key?.fingerprint ?? "?"}`,
    `file         ${forTerminal(path)}`,
    `state        ${forTerminal(stateOf(shown))}`,
    ...(line === null ? [] : [`policy line  ${forTerminal(line)}`]),
  ];
}

/** What is said on stderr about a new key; its line stands on stdout. */
export function createdKeyTalk(shown: ShownKey, paint: Paint): readonly string[] {
  const { name, path, encrypted } = shown;
  const locked = encrypted === true ? "with a passphrase" : "without a passphrase";
  return [
    marked(paint, "restored", `key ${name} made, ${locked}: ${forTerminal(path)}`),
    "  put this line under your keys in .optout/policy.yaml, and have it merged:",
  ];
}
