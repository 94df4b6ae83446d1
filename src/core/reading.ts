/**
 * Reading one position: what it seems to say, and what it proves.
 *
 * `claim` is what the bytes read as, trusting nothing; it serves to find the positions that matter
 * and to let doubt restrict. `verdict()` is the strict reading, with the signature checked once,
 * when it is first asked for, because most positions do not matter for most questions.
 */
import { claimOf, isOfVersion1, isRecord, payloadOf, searchClaim, type Claim } from "./claim.ts";
import { sha256Base64url, verifySignature } from "./crypto.ts";
import { parseStrictJson, type ParsedText } from "./json.ts";
import { decodeJws, statementDigest, type Jws } from "./jws.ts";
import type { PublicKey } from "./keys.ts";
import type { Policy, Principal } from "./policy.ts";
import { decodePosition, maxPositionBytes, positionHash, type PositionForm } from "./position.ts";
import type { Statement } from "./statement.ts";
import { ciKinds, isKind, readStatement } from "./statement-shape.ts";

export type Refusal =
  | "form"
  | "size"
  | "seq"
  | "prev"
  | "header"
  | "unknown-key"
  | "algorithm"
  | "signature"
  | "json"
  | "kind"
  | "schema"
  | "owner"
  | "log"
  | "ci"
  | "beginning";

export interface Genuine {
  readonly kind: "genuine";
  readonly statement: Statement;
  readonly digest: string;
  readonly key: PublicKey;
  readonly principal: Principal;
}

export type Verdict =
  | Genuine
  /** Position 0 when it is the log's beginning: judged by its hash, never by a key. */
  | { readonly kind: "beginning"; readonly statement: Statement; readonly digest: string }
  /** `note.*` of a kind this version does not know: has no effect. */
  | { readonly kind: "note"; readonly principal: Principal }
  /** A person signed something that this version cannot read: the whole log is refused. */
  | { readonly kind: "unknown"; readonly principal: Principal; readonly why: string }
  | {
      readonly kind: "refused";
      readonly why: Refusal;
      readonly detail: string;
      /** Set where a known principal's signature is valid all the same. */
      readonly signer: Principal | null;
    };

export interface Reading {
  readonly seq: number;
  readonly bytes: Uint8Array;
  /** SHA-256 of the bytes. */
  readonly hash: string;
  /** The compact JWS where the position has its form, else null. */
  readonly jws: string | null;
  readonly claim: Claim | null;
  /** Why the position itself is void, or null. A void position permits nothing. */
  readonly fault: Refusal | null;
  /** The strict reading of the statement, whether or not the position is void. */
  verdict(): Verdict;
}

/** Where a position was read. */
export interface Place {
  readonly seq: number;
  /** The hash of the position before, or null where it is not in view. */
  readonly previous: string | null;
}

/** Reads the bytes at a place, by the policy. */
export function readPosition(bytes: Uint8Array, place: Place, policy: Policy): Reading {
  return readWithPayload(bytes, place, policy).reading;
}

/** The same with the payload of its JWS as it reads, for who judges each position at once. */
export function readWithPayload(
  bytes: Uint8Array,
  { seq, previous }: Place,
  policy: Policy,
): { readonly reading: Reading; readonly payload: ParsedText | null } {
  const form = decodePosition(bytes);
  const payload = form === null ? null : payloadOf(form.statement);
  let known: Verdict | undefined;
  const reading: Reading = {
    seq,
    bytes,
    hash: positionHash(bytes),
    jws: form?.statement ?? null,
    claim: form === null ? searchClaim(bytes) : claimOf(payload),
    fault: faultOf(form, seq, previous),
    verdict: () => (known ??= judge(reading, policy)),
  };
  return { reading, payload };
}

function faultOf(form: PositionForm | null, seq: number, previous: string | null): Refusal | null {
  if (form === null) return "form";
  if (form.seq !== seq) return "seq";
  return previous !== null && form.prev !== previous ? "prev" : null;
}

/** A statement that awaits its signature's check. */
export interface Prepared {
  readonly kind: "prepared";
  readonly jws: Jws;
  readonly digest: string;
  readonly key: PublicKey;
  readonly principal: Principal;
}

/** The checks before the signature's. */
export function prepare(
  { jws: text, seq }: Pick<Reading, "jws" | "seq">,
  policy: Policy,
): Prepared | Verdict {
  if (text === null) return refused("form", "not the form of a position");
  const digest = statementDigest(text);
  const jws = decodeJws(text);
  if (digest === policy.log.id) return beginning(jws, seq, digest);
  if (jws === "form") return refused("form", "not a canonical compact JWS");
  if (jws === "header") return refused("header", "not the one accepted header");
  const owned = policy.keys.get(jws.kid);
  if (owned === undefined) return refused("unknown-key", `key ${jws.kid} is not in the policy`);
  if (owned.key.alg !== jws.alg) return refused("algorithm", `${jws.alg} is not the key's`);
  return { kind: "prepared", jws, digest, key: owned.key, principal: owned.owner };
}

/** The checks after the signature's. */
export function conclude(
  { jws, digest, key, principal }: Prepared,
  signatureIsValid: boolean,
  { bytes }: Pick<Reading, "bytes">,
  { policy, payload = null }: { readonly policy: Policy; readonly payload?: ParsedText | null },
): Verdict {
  if (!signatureIsValid) return refused("signature", "the signature is wrong");
  const json = parseStrictJson(jws.payload, payload ?? undefined);
  if (!json.ok) return refused("json", json.why, principal);
  const head = headOf(json.value);
  if (head === null) return refused("schema", "no version or kind", principal);
  const other = concludeHead(head, principal, bytes.byteLength, policy);
  if (other !== null) return other;
  const read = isKind(head.kind) ? readStatement(head.kind, json.value) : null;
  if (read === null) return { kind: "note", principal };
  if (!read.ok) return refused("schema", `${head.kind}: ${read.at}`, principal);
  const { statement } = read;
  if (
    statement.kind === "policy.recorded" &&
    sha256Base64url(statement.text) !== statement.policy
  ) {
    return refused("schema", "policy.recorded: text is not what policy names", principal);
  }
  return { kind: "genuine", statement, digest, key, principal };
}

/** What decides before the kind's own shape is looked at; null for a note and a known kind. */
function concludeHead(
  { v, kind, by, log }: Head,
  principal: Principal,
  sizeBytes: number,
  policy: Policy,
): Verdict | null {
  const no = (why: Refusal, detail: string): Verdict => refused(why, detail, principal);
  if (log !== undefined && log !== policy.log.id) return no("log", "of another log");
  if (v !== 1) return unknown(principal, `version ${v}`);
  if (by !== principal.id) return no("owner", `by is not the owner of the key`);
  if (kind !== "policy.recorded" && sizeBytes > maxPositionBytes) {
    return no("size", `over ${maxPositionBytes} bytes`);
  }
  if (!isOfVersion1(kind)) return unknown(principal, `kind ${kind}`);
  if (isKind(kind) && principal.kind === "ci" && !ciKinds.has(kind)) {
    return no("ci", `signs no ${kind}`);
  }
  return kind === "log.created" ? no("beginning", "a second beginning") : null;
}

function judge(reading: Reading, policy: Policy): Verdict {
  const prepared = prepare(reading, policy);
  if (prepared.kind !== "prepared") return prepared;
  const { key, jws } = prepared;
  const valid = verifySignature(key, jws.signingInput, jws.signature);
  return conclude(prepared, valid, reading, { policy });
}

function beginning(jws: Jws | "form" | "header", seq: number, digest: string): Verdict {
  if (seq !== 0) return refused("beginning", "the beginning again");
  if (typeof jws === "string") return refused(jws, "not a statement");
  const json = parseStrictJson(jws.payload);
  const read = json.ok ? readStatement("log.created", json.value) : null;
  if (read === null || !read.ok) return refused("schema", "not the beginning of a log");
  return { kind: "beginning", statement: read.statement, digest };
}

function refused(why: Refusal, detail: string, signer: Principal | null = null): Verdict {
  return { kind: "refused", why, detail, signer };
}

/** An unknown statement by a `ci` key is void, so that a stolen one cannot stop the fleet. */
function unknown(principal: Principal, why: string): Verdict {
  return principal.kind === "ci"
    ? refused("kind", `unknown ${why}`, principal)
    : { kind: "unknown", principal, why };
}

interface Head {
  readonly v: number;
  readonly kind: string;
  readonly by: unknown;
  readonly log: unknown;
}

function headOf(value: unknown): Head | null {
  if (!isRecord(value)) return null;
  const { v, kind, by, log } = value;
  if (typeof v !== "number" || typeof kind !== "string") return null;
  return { v, kind, by, log };
}
