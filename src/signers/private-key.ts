/**
 * A private key in memory: read from the text of a PEM or JWK, and used to sign.
 *
 * Kinds: Ed25519 and P-256, as PKCS #8 (plain or encrypted), `EC PRIVATE KEY`, `OPENSSH PRIVATE KEY`
 * (plain) and JWK. Signing is node:crypto's own, over bytes that are ready to be signed.
 */
import { createPrivateKey, createPublicKey, sign, type KeyObject } from "node:crypto";

import { verifySignature } from "../core/crypto.ts";
import { publicKeyFromJwk, type PublicKey } from "../core/keys.ts";
import { keyInvalid, unsupportedKind } from "./key-errors.ts";
import { readOpensshKey } from "./openssh-key.ts";
import { importPrivateJwk, parsePrivateJwk } from "./private-jwk.ts";

export interface PrivateKey {
  readonly key: PublicKey;
  /** Prints as nothing; must never be exported. */
  readonly secret: KeyObject;
}

/**
 * Reads one private key.
 * @param text PEM (also with `\n` spelt out, as CI variables often have it) or the JSON of a JWK
 * @param source what messages call it; they quote nothing of the text
 * @returns `locked` when it is encrypted and the passphrase is missing or wrong (damage inside the
 *   encrypted part looks the same)
 * @throws `key-invalid` when it holds no, more than one, or another kind of key; `key-locked` for an
 *   encrypted key of OpenSSH, which no passphrase helps
 */
export async function readPrivateKey(
  text: string,
  source: string,
  passphrase?: string,
): Promise<PrivateKey | "locked"> {
  const trimmed = text.trim();
  if (trimmed.startsWith("{")) {
    return withPublicKey(await importPrivateJwk(parsePrivateJwk(trimmed, source), source), source);
  }
  const block = privateBlock(trimmed, source);
  if (block.label === "OPENSSH PRIVATE KEY") {
    const jwk = readOpensshKey(block.body, source);
    return withPublicKey(await importPrivateJwk(jwk, source), source);
  }
  const secret = readPem(block, source, passphrase);
  return secret === "locked" ? secret : withPublicKey(secret, source);
}

/** Whether a passphrase is needed to read this text, as far as its PEM header tells. */
export function isEncrypted(text: string): boolean {
  const isPkcs8 = text.includes("-----BEGIN ENCRYPTED PRIVATE KEY-----");
  return isPkcs8 || /^Proc-Type: 4,ENCRYPTED/m.test(withRealLineEnds(text)); // RFC 1421, 4.6.1.1
}

/** Signs a JWS signing input, in the form that `Signer.sign` promises. */
export function signWith(privateKey: PrivateKey, signingInput: Uint8Array): Uint8Array {
  switch (privateKey.key.alg) {
    case "EdDSA":
      return sign(null, signingInput, privateKey.secret);
    case "ES256":
      return sign("sha256", signingInput, { key: privateKey.secret, dsaEncoding: "ieee-p1363" });
  }
}

interface PemBlock {
  readonly label: string;
  readonly body: string;
  readonly text: string;
}

const blockPattern = /-----BEGIN ((?:[A-Z0-9]+ )?PRIVATE KEY)-----\r?\n([\s\S]*?)-----END \1-----/g;

function privateBlock(given: string, source: string): PemBlock {
  const text = withRealLineEnds(given);
  const [match, ...others] = text.matchAll(blockPattern);
  if (match === undefined) throw keyInvalid(source, whatInstead(text));
  if (others.length > 0) throw keyInvalid(source, "holds more than one private key");
  const [whole, label = "", body = ""] = match;
  return { label, body, text: whole };
}

function whatInstead(text: string): string {
  const isPublic = /-----BEGIN (?:[A-Z0-9]+ )?PUBLIC KEY-----|^(?:ssh|ecdsa)-\S+ AAAA/.test(text);
  if (isPublic) return "a public key; the private one is needed";
  if (text.includes("PRIVATE KEY-----")) return "a damaged private key (PEM that is cut or joined)";
  return "holds neither a private key in PEM nor a JWK";
}

function withRealLineEnds(text: string): string {
  return text.replaceAll(/(?:\\r)?\\n/g, "\n");
}

function readPem(block: PemBlock, source: string, passphrase?: string): KeyObject | "locked" {
  const [family = ""] = block.label.split(" ", 1);
  if (family === "RSA" || family === "DSA") throw unsupportedKind(source, family);
  if (!isEncrypted(block.text)) {
    return parsePem(block.text) ?? damaged(source);
  }
  if (passphrase === undefined) return "locked";
  return parsePem(block.text, passphrase) ?? "locked";
}

function parsePem(key: string, passphrase?: string): KeyObject | undefined {
  try {
    return createPrivateKey(
      passphrase === undefined ? { key, format: "pem" } : { key, format: "pem", passphrase },
    );
  } catch {
    return undefined;
  }
}

function damaged(source: string): never {
  throw keyInvalid(source, "a damaged private key");
}

/** Adds the public key, and makes sure that it is this private key's own. */
function withPublicKey(secret: KeyObject, source: string): PrivateKey {
  const type = secret.asymmetricKeyType ?? "unknown";
  const curve = secret.asymmetricKeyDetails?.namedCurve;
  const isSupported = type === "ed25519" || (type === "ec" && curve === "prime256v1");
  if (!isSupported) throw unsupportedKind(source, (curve ?? type).toUpperCase());
  const key = publicKeyFromJwk(createPublicKey(secret).export({ format: "jwk" }));
  const probe = Buffer.from(key.kid);
  if (verifySignature(key, probe, signWith({ key, secret }, probe))) return { key, secret };
  throw keyInvalid(source, "the private and the public half of the key do not belong together");
}
