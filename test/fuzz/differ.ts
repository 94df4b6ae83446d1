/** Reads each input twice, with `src/` and with the second reader, and tells where they differ. */
import { createPublicKey, type KeyObject } from "node:crypto";

import { readPosition, type Reading, type Verdict } from "../../src/core/reading.ts";
import { keyOf, type World } from "../support/world.ts";
import type { Json } from "./canonical-json.ts";
import { fuzzedWorld, inputsOf, type Input } from "./inputs.ts";
import { readStrictly, type Outcome, type Reader } from "./strict-reader.ts";

export interface Difference {
  readonly number: number;
  readonly input: string;
  readonly ours: string;
  readonly theirs: string;
}

export interface Fuzzed {
  readonly differences: readonly Difference[];
  /** How many inputs came to what. */
  readonly outcomes: Readonly<Record<string, number>>;
}

/** Tries the inputs `from` to `from + count - 1` of a seed; gives up after 20 differences. */
export function fuzzReading(seed: number, from: number, count: number): Fuzzed {
  const world = fuzzedWorld();
  const inputOf = inputsOf(world, seed);
  const reader = readerOf(world);
  const differences: Difference[] = [];
  const outcomes: Record<string, number> = {};
  for (let number = from; number < from + count && differences.length < 20; number += 1) {
    const input = inputOf(number);
    const ours = byOurs(input, world);
    const { kind, text } = byTheirs(input, reader);
    outcomes[kind] = (outcomes[kind] ?? 0) + 1;
    if (ours === text) continue;
    const shown = JSON.stringify(Buffer.from(input.bytes).toString("latin1"));
    differences.push({ number, input: shown, ours, theirs: text });
  }
  return { differences, outcomes };
}

function byOurs({ bytes, seq, previous }: Input, { policy }: World): string {
  const reading = readPosition(bytes, { seq, previous }, policy);
  const verdict = reading.verdict();
  const kind = verdict.kind === "refused" || reading.fault !== null ? "void" : verdict.kind;
  const said = "statement" in verdict && kind !== "void" ? inOrder(verdict.statement) : "";
  return `${kind} ${signerOf(verdict) ?? "nobody"} ${said}${claimProblem(reading)}`;
}

/** What is found without a proof must be what is proven, where it is. */
function claimProblem(reading: Reading): string {
  const { claim } = reading;
  const proven = reading.verdict();
  if (proven.kind === "unknown") return claim?.unknown === true ? "" : " not found to be unknown";
  if (proven.kind !== "genuine" && proven.kind !== "beginning") return "";
  const { kind, id, by, iat } = proven.statement;
  const isFound = claim?.kind === kind && claim.id === id && claim.by === by && claim.iat === iat;
  return isFound ? "" : " not found as what it is";
}

function signerOf(verdict: Verdict): string | null {
  if (verdict.kind === "beginning") return null;
  return (verdict.kind === "refused" ? verdict.signer : verdict.principal)?.id ?? null;
}

function byTheirs({ bytes, seq, previous }: Input, reader: Reader): { kind: string; text: string } {
  const { kind, signer, statement }: Outcome = readStrictly(bytes, seq, previous, reader);
  const said = statement === null ? "" : inOrder(plain(statement));
  const tried = kind === "void" ? `void, ${signer === null ? "not signed" : "signed"}` : kind;
  return { kind: tried, text: `${kind} ${signer ?? "nobody"} ${said}` };
}

function plain(json: Json): unknown {
  switch (json.type) {
    case "object":
      return Object.fromEntries([...json.members].map(([name, member]) => [name, plain(member)]));
    case "array":
      return json.items.map(plain);
    case "scalar":
      return json.value;
  }
}

/** The value as text, its members in the order of their names. */
function inOrder(value: unknown): string {
  return JSON.stringify(value, (_name, member: unknown) =>
    typeof member === "object" && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}

const people = ["alice", "bob", "carol", "dora", "erin", "sven", "uma", "ci"];

function readerOf({ logId }: World): Reader {
  const names = [...people, "alice:second", "bob:second", "ci:second"];
  const keys = names.map((name) => {
    const { alg, kid, ssh } = keyOf(name);
    const owner = name.split(":")[0] ?? "";
    return [kid, { alg, publicKey: publicKeyOf(ssh), owner, isCi: owner === "ci" }] as const;
  });
  return { logId, keys: new Map(keys) };
}

/** The key of an OpenSSH line: its fields are lengths and bytes (RFC 4253, section 6.6). */
function publicKeyOf(line: string): KeyObject {
  const blob = Buffer.from(line.split(" ")[1] ?? "", "base64");
  if (line.startsWith("ssh-ed25519")) {
    const x = blob.subarray(-32).toString("base64url");
    return createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
  }
  const x = blob.subarray(-64, -32).toString("base64url");
  const y = blob.subarray(-32).toString("base64url");
  return createPublicKey({ key: { kty: "EC", crv: "P-256", x, y }, format: "jwk" });
}
