/**
 * Private keys as JWK (RFC 7517, section 4; RFC 8037 for Ed25519, RFC 7518 section 6.2 for P-256).
 *
 * jose imports them, because WebCrypto proves that the private and the public half belong together;
 * `createPrivateKey` of node:crypto takes any `x` and even a `d` of zero without a word.
 */
import { KeyObject } from "node:crypto";

import { keyInvalid, unsupportedKind } from "./key-errors.ts";

export type PrivateJwk =
  | { readonly kty: "OKP"; readonly crv: "Ed25519"; readonly x: string; readonly d: string }
  | {
      readonly kty: "EC";
      readonly crv: "P-256";
      readonly x: string;
      readonly y: string;
      readonly d: string;
    };

/** 32 bytes: the length of every number in a key of the two kinds. */
const base64urlOf32Bytes = /^[A-Za-z0-9_-]{43}$/;

/**
 * Reads the JSON text of one private JWK. Members that do not belong to the key (`kid`, `ext`) are
 * ignored; `alg`, `use` and `key_ops` must allow signing where they are given.
 * @throws `key-invalid`; the text is never quoted
 */
export function parsePrivateJwk(text: string, source: string): PrivateJwk {
  const jwk = parseObject(text, source);
  const [kty, crv] = [jwk["kty"], jwk["crv"]];
  if (kty === undefined && jwk["keys"] !== undefined) {
    throw keyInvalid(source, "a set of JWKs; give one key");
  }
  if (kty === "OKP" && crv === "Ed25519") {
    mustBeForSigning(jwk, ["EdDSA", "Ed25519"], source);
    return { kty, crv, x: number(jwk, "x", source), d: number(jwk, "d", source) };
  }
  if (kty === "EC" && crv === "P-256") {
    mustBeForSigning(jwk, ["ES256"], source);
    const [x, y] = [number(jwk, "x", source), number(jwk, "y", source)];
    return { kty, crv, x, y, d: number(jwk, "d", source) };
  }
  throw unsupportedKind(source, kindOf(kty, crv));
}

/**
 * The key object of a private JWK. Loads jose, so only writers call it.
 * @throws `key-invalid` when the two halves of the key do not belong together
 */
export async function importPrivateJwk(jwk: PrivateJwk, source: string): Promise<KeyObject> {
  const { importJWK } = await import("jose/key/import");
  const alg = jwk.kty === "OKP" ? "EdDSA" : "ES256";
  // extractable, because Node 24 warns on stderr when KeyObject.from() takes another (DEP0204)
  const imported = await importJWK({ ...jwk }, alg, { extractable: true }).catch(() => null);
  if (imported === null || imported instanceof Uint8Array) {
    throw keyInvalid(source, "the private and the public half of the key do not belong together");
  }
  return KeyObject.from(imported);
}

type Members = Readonly<Record<string, unknown>>;

function parseObject(text: string, source: string): Members {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw keyInvalid(source, "neither PEM nor the JSON of a JWK"); // no cause: it quotes the text
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw keyInvalid(source, "not the JSON object of a JWK");
  }
  return Object.fromEntries(Object.entries(value));
}

function mustBeForSigning(jwk: Members, algorithms: readonly string[], source: string): void {
  const { alg, use, key_ops: operations } = jwk;
  const isRightAlgorithm = alg === undefined || algorithms.some((name) => name === alg);
  if (!isRightAlgorithm) throw keyInvalid(source, "its alg is not the one of its curve");
  const maySign =
    (use === undefined || use === "sig") &&
    (operations === undefined || (Array.isArray(operations) && operations.includes("sign")));
  if (!maySign) throw keyInvalid(source, "its use or key_ops do not allow signing");
}

function number(jwk: Members, name: "x" | "y" | "d", source: string): string {
  const value = jwk[name];
  if (name === "d" && value === undefined) {
    throw keyInvalid(source, "a public JWK; the private one, with the member d, is needed");
  }
  if (typeof value !== "string" || !base64urlOf32Bytes.test(value)) {
    throw keyInvalid(source, `member ${name} of the JWK is not 32 bytes in base64url`);
  }
  return value;
}

function kindOf(kty: unknown, crv: unknown): string {
  const words = [kty, crv].filter((word) => typeof word === "string");
  const kind = words.join(" ");
  return /^[A-Za-z0-9 -]{1,24}$/.test(kind) ? kind : "unknown";
}
