import { generateKeyPairSync, sign, type KeyObject } from "node:crypto";

import { describe, expect, it } from "vitest";

import {
  importPublicKey,
  sha256Base64url,
  verifySignature,
  verifySignatureAsync,
  type VerificationKey,
} from "../../src/core/crypto.ts";
import { publicKeyFromJwk } from "../../src/core/keys.ts";

const input = Buffer.from("what is signed");

function ed25519(): { readonly key: VerificationKey; readonly signature: Uint8Array } {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  return { key: keyOf(publicKey), signature: sign(null, input, privateKey) };
}

function p256(): { readonly key: VerificationKey; readonly signature: Uint8Array } {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const signature = sign("sha256", input, { key: privateKey, dsaEncoding: "ieee-p1363" });
  return { key: keyOf(publicKey), signature };
}

const keyOf = (key: KeyObject): VerificationKey => publicKeyFromJwk(key.export({ format: "jwk" }));

describe("hashes", () => {
  it("are SHA-256", () => {
    const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    expect(Buffer.from(sha256Base64url(Buffer.from("abc")), "base64url").toString("hex")).toBe(abc);
    expect(sha256Base64url("abc")).toBe(Buffer.from(abc, "hex").toString("base64url"));
  });

  it("take a string as its UTF-8 bytes", () => {
    expect(sha256Base64url("é")).toBe(sha256Base64url(Uint8Array.of(0xc3, 0xa9)));
  });

  it("are 43 characters of base64url", () => {
    expect(sha256Base64url("")).toMatch(/^[A-Za-z0-9_-]{43}$/);
  });
});

describe.each([
  ["Ed25519", ed25519],
  ["P-256", p256],
])("a signature of %s", (_, make) => {
  it("verifies when it is genuine, at once and in the pool", async () => {
    const { key, signature } = make();
    expect(verifySignature(key, input, signature)).toBe(true);
    await expect(verifySignatureAsync(key, input, signature)).resolves.toBe(true);
  });

  it("is false when one bit of it is flipped, anywhere", async () => {
    const { key, signature } = make();
    for (let i = 0; i < signature.length; i += 1) {
      const bent = Uint8Array.from(signature, (byte, at) => (at === i ? byte ^ 1 : byte));
      expect(verifySignature(key, input, bent)).toBe(false);
      await expect(verifySignatureAsync(key, input, bent)).resolves.toBe(false);
    }
  });

  it("is false for other bytes", () => {
    const { key, signature } = make();
    expect(verifySignature(key, Buffer.from("something else"), signature)).toBe(false);
  });

  it("is false under another key of the same kind", () => {
    expect(verifySignature(make().key, input, make().signature)).toBe(false);
  });

  it.each([0, 1, 63, 65, 72, 128])("is false with %i bytes, and does not throw", async (length) => {
    const { key } = make();
    const bytes = new Uint8Array(length);
    expect(verifySignature(key, input, bytes)).toBe(false);
    await expect(verifySignatureAsync(key, input, bytes)).resolves.toBe(false);
  });

  it("is false when all its bytes are 0, or all are 255", () => {
    const { key } = make();
    expect(verifySignature(key, input, new Uint8Array(64))).toBe(false);
    expect(verifySignature(key, input, new Uint8Array(64).fill(255))).toBe(false);
  });
});

describe("a signature", () => {
  it("of P-256 in DER is false: its form is R and S, 32 bytes each", () => {
    const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const der = sign("sha256", input, privateKey);
    expect(verifySignature(keyOf(publicKey), input, der)).toBe(false);
  });

  it("of one kind is false under a key of the other", () => {
    expect(verifySignature(ed25519().key, input, p256().signature)).toBe(false);
    expect(verifySignature(p256().key, input, ed25519().signature)).toBe(false);
  });

  it("is false, and does not throw, under an Ed25519 key that is no point on the curve", async () => {
    const x = Buffer.alloc(32, 0).fill(2, 0, 1).toString("base64url");
    const key = publicKeyFromJwk({ kty: "OKP", crv: "Ed25519", x });
    expect(verifySignature(key, input, ed25519().signature)).toBe(false);
    await expect(verifySignatureAsync(key, input, new Uint8Array(64))).resolves.toBe(false);
  });

  it("that anyone can forge verifies under a key of small order, which is why keys refuse it", () => {
    const one = Buffer.alloc(32).fill(1, 0, 1);
    const jwk = { kty: "OKP", crv: "Ed25519", x: one.toString("base64url") } as const;
    const forged = Buffer.concat([one, Buffer.alloc(32)]);
    expect(verifySignature({ alg: "EdDSA", jwk }, input, forged)).toBe(true);
    expect(() => publicKeyFromJwk(jwk)).toThrow("the key is a point of small order");
  });
});

describe("a key", () => {
  it("of a JWK is the key that was exported", () => {
    const { publicKey } = generateKeyPairSync("ed25519");
    const { jwk } = publicKeyFromJwk(publicKey.export({ format: "jwk" }));
    expect(importPublicKey(jwk).equals(publicKey)).toBe(true);
  });
});
