/**
 * Hashes and signatures: the only file of core that touches `node:crypto`.
 *
 * Verifies Ed25519 (RFC 8032) and ECDSA P-256 with SHA-256 (RFC 7518, section 3.4). Whether a key
 * is fit to be trusted is not asked here: `keys.ts` makes keys, and refuses the bad ones.
 */
import { createPublicKey, hash, verify, type KeyObject } from "node:crypto";

/** What this file needs of a public key; a `PublicKey` is one. */
export interface VerificationKey {
  readonly alg: "EdDSA" | "ES256";
  readonly jwk: VerificationJwk;
}

export interface VerificationJwk {
  readonly kty: "OKP" | "EC";
  readonly crv: string;
  readonly x: string;
  readonly y?: string;
}

/** Both algorithms have signatures of 64 bytes: R and S, 32 bytes each. */
const signatureBytes = 64;

/** Importing a key costs as much as verifying with it, and an audit uses few keys very often. */
const imported = new WeakMap<VerificationKey, KeyObject>();

/** SHA-256 as base64url without padding: 43 characters. A string counts as its UTF-8 bytes. */
export function sha256Base64url(bytes: Uint8Array | string): string {
  return hash("sha256", bytes, "base64url");
}

/**
 * A public JWK as a key of Node. Measured on Node 20: a JWK takes 7 µs, the same key as DER 78 µs
 * (P-256: 67 and 115), because OpenSSL tries its decoders one after the other.
 */
export function importPublicKey(jwk: VerificationJwk): KeyObject {
  return createPublicKey({ key: { ...jwk }, format: "jwk" });
}

/** Whether the signature of `input` is genuine under the key. A wrong length is false. */
export function verifySignature(
  key: VerificationKey,
  input: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (signature.length !== signatureBytes) return false;
  return key.alg === "EdDSA"
    ? verify(null, input, keyObject(key), signature)
    : verify("sha256", input, { key: keyObject(key), dsaEncoding: "ieee-p1363" }, signature);
}

/** The same as `verifySignature`, in libuv's pool: many at a time use all cores. For audits. */
export function verifySignatureAsync(
  key: VerificationKey,
  input: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  if (signature.length !== signatureBytes) return Promise.resolve(false);
  return new Promise((resolve, reject) => {
    const settle = (error: Error | null, genuine: boolean): void => {
      if (error === null) resolve(genuine);
      else reject(error);
    };
    if (key.alg === "EdDSA") {
      verify(null, input, keyObject(key), signature, settle);
      return;
    }
    const p256 = { key: keyObject(key), dsaEncoding: "ieee-p1363" } as const;
    verify("sha256", input, p256, signature, settle);
  });
}

function keyObject(key: VerificationKey): KeyObject {
  const known = imported.get(key);
  if (known !== undefined) return known;
  const made = importPublicKey(key.jwk);
  imported.set(key, made);
  return made;
}
