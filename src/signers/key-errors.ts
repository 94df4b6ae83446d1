/**
 * The sentences about private keys that cannot be used. They are made of the key's source and of
 * what is wrong, never of the key: no bytes, no parser's message that might quote them, no `cause`.
 */
import { OptoutError } from "../core/errors.ts";

/** `key-invalid`: `SOURCE: WHAT`. */
export function keyInvalid(source: string, what: string, hint?: string): OptoutError {
  return new OptoutError("key-invalid", `${source}: ${what}`, {
    hint: hint ?? "optout keys create   (makes one that can be used)",
  });
}

/** `key-invalid`: a key, but of a kind that statements are not signed with. */
export function unsupportedKind(source: string, kind: string): OptoutError {
  return keyInvalid(
    source,
    `a key of kind ${kind}; optout signs with Ed25519 and P-256 keys only`,
    "make one: optout keys create",
  );
}

/** `key-locked`, with what can be done about it. */
export function keyLocked(source: string, what: string, hint: string): OptoutError {
  return new OptoutError("key-locked", `${source}: ${what}`, { hint });
}
