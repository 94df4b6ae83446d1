/**
 * What the bytes of a position read as, trusting nothing: to find the positions that matter, and to
 * let doubt restrict.
 */
import { parseText, type ParsedText } from "./json.ts";
import type { UnixSeconds } from "./policy.ts";
import { latin1, maxPolicyPositionBytes } from "./position.ts";
import type { Saw } from "./statement.ts";
import { isKind } from "./statement-shape.ts";

/** What a position reads as. Nothing of it is proven. */
export interface Claim {
  readonly kind: string | null;
  readonly id: string | null;
  readonly by: string | null;
  readonly iat: UnixSeconds | null;
  /** The override that it is about. */
  readonly override: string | null;
  /** The statement that it is about (`notice.sent`). */
  readonly about: string | null;
  /** The key that it revokes (`key.revoked`). */
  readonly kid: string | null;
  /** The stage that it is for (`override.created`). */
  readonly stage: string | null;
  /** From when, for how long and until when it says that it applies (`override.created`). */
  readonly nbf: UnixSeconds | null;
  readonly duration: number | null;
  readonly until: UnixSeconds | null;
  readonly saw: Saw | null;
  /** The digest of the policy that its author went by. */
  readonly policy: string | null;
  /** Whether its version or kind is not of version 1 (every `note.*` is). */
  readonly unknown: boolean;
}

/** Looks for anything like a statement in bytes that are not of a position's form. */
export function searchClaim(bytes: Uint8Array): Claim | null {
  if (bytes.byteLength > maxPolicyPositionBytes) return null;
  for (const [word] of latin1(bytes).matchAll(/[A-Za-z0-9_=.-]+/g)) {
    const claim = claimOf(payloadOf(word));
    if (claim !== null) return claim;
  }
  return null;
}

export function payloadOf(jwsLike: string): ParsedText | null {
  const start = jwsLike.indexOf(".") + 1;
  if (start === 0) return null;
  const end = jwsLike.indexOf(".", start);
  const segment = jwsLike.slice(start, end < 0 ? undefined : end);
  return parseText(Buffer.from(segment, "base64url").toString("utf8"));
}

export function claimOf(payload: ParsedText | null): Claim | null {
  const value = payload?.value;
  if (!isRecord(value)) return null;
  const kind = asText(value["kind"]);
  return {
    kind,
    id: asText(value["id"]),
    by: asText(value["by"]),
    iat: asTime(value["iat"]),
    override: asText(value["override"]),
    about: asText(value["about"]),
    kid: asText(value["kid"]),
    stage: isRecord(value["target"]) ? asText(value["target"]["name"]) : null,
    nbf: asTime(value["nbf"]),
    duration: asTime(value["duration"]),
    until: asTime(value["until"]),
    saw: asSaw(value["saw"]),
    policy: asText(value["policy"]),
    unknown: value["v"] !== 1 || !(kind !== null && isOfVersion1(kind)),
  };
}

/** Whether this version reads it, or may pass over it. */
export function isOfVersion1(kind: string): boolean {
  return isKind(kind) || kind.startsWith("note.");
}

const asText = (value: unknown): string | null => (typeof value === "string" ? value : null);

const asTime = (value: unknown): number | null =>
  typeof value === "number" && Number.isSafeInteger(value) ? value : null;

function asSaw(value: unknown): Saw | null {
  if (!isRecord(value)) return null;
  const [seq, hash] = [asTime(value["seq"]), asText(value["hash"])];
  return seq === null || hash === null ? null : { seq, hash };
}

/** Of a value that was JSON: the names that are asked for here are its own or none. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
