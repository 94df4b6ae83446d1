/**
 * jose is the twin: what one side signs the other verifies, what one refuses the other refuses, and
 * both give a key the same name.
 */
import { createPublicKey, type KeyObject } from "node:crypto";

import fc from "fast-check";
import { CompactSign, calculateJwkThumbprint, compactVerify, exportJWK, importJWK } from "jose";
import { beforeAll, describe, expect, it } from "vitest";

import { verifySignature } from "../../src/core/crypto.ts";
import { compactJws, decodeJws, signingInput } from "../../src/core/jws.ts";
import { publicKeyFromJwk, thumbprint } from "../../src/core/keys.ts";
import { readPrivateKey, signWith, type PrivateKey } from "../../src/signers/private-key.ts";
import { ed25519, jwkText, p256, pkcs8 } from "./given.ts";

const algorithms = ["EdDSA", "ES256"] as const;
type Algorithm = (typeof algorithms)[number];

interface Twin {
  readonly ours: PrivateKey;
  readonly theirs: KeyObject;
}

async function twin(alg: Algorithm): Promise<Twin> {
  const theirs = alg === "EdDSA" ? ed25519() : p256();
  const ours = await readPrivateKey(pkcs8(theirs), "the key");
  if (ours === "locked") throw new Error("locked");
  return { ours, theirs };
}

function signByUs({ ours }: Twin, payload: string): string {
  const { alg, kid } = ours.key;
  const input = signingInput(alg, kid, payload);
  return compactJws(input, signWith(ours, Buffer.from(input)));
}

function signByJose({ ours, theirs }: Twin, payload: string): Promise<string> {
  const { alg, kid } = ours.key;
  return new CompactSign(Buffer.from(payload))
    .setProtectedHeader({ alg, kid, typ: "optout-statement+jws" })
    .sign(theirs);
}

/** The payload when it is genuine under our reading, else null. */
function verifyByUs({ ours }: Twin, text: string): string | null {
  const jws = decodeJws(text);
  if (typeof jws === "string" || jws.kid !== ours.key.kid || jws.alg !== ours.key.alg) return null;
  const isGenuine = verifySignature(ours.key, jws.signingInput, jws.signature);
  return isGenuine ? Buffer.from(jws.payload).toString("utf8") : null;
}

async function verifyByJose({ ours, theirs }: Twin, text: string): Promise<string | null> {
  const options = { algorithms: [ours.key.alg] };
  const verified = await compactVerify(text, createPublicKey(theirs), options).catch(() => null);
  return verified === null ? null : Buffer.from(verified.payload).toString("utf8");
}

// A payload of no bytes is left out: a statement is never empty, and our reading refuses the form.
const payloads = fc.string({ unit: "grapheme", minLength: 1, maxLength: 300 });

describe.each(algorithms)("signing and verifying with %s", (alg) => {
  let pair: Twin;
  beforeAll(async () => {
    pair = await twin(alg);
  });

  it("jose verifies what optout signs", async () => {
    await fc.assert(
      fc.asyncProperty(payloads, async (payload) => {
        expect(await verifyByJose(pair, signByUs(pair, payload))).toBe(payload);
      }),
    );
  });

  it("optout verifies what jose signs", async () => {
    await fc.assert(
      fc.asyncProperty(payloads, async (payload) => {
        expect(verifyByUs(pair, await signByJose(pair, payload))).toBe(payload);
      }),
    );
  });

  it("both make the same bytes to sign, and Ed25519 the same signature", async () => {
    await fc.assert(
      fc.asyncProperty(payloads, async (payload) => {
        const [ours, theirs] = [signByUs(pair, payload), await signByJose(pair, payload)];
        const whole = alg === "EdDSA" ? 3 : 2; // an ECDSA signature is different each time
        expect(ours.split(".").slice(0, whole)).toEqual(theirs.split(".").slice(0, whole));
      }),
    );
  });

  it("both refuse what was tampered with, wherever it was", async () => {
    const changes = fc.record({
      payload: payloads,
      at: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    await fc.assert(
      fc.asyncProperty(changes, async ({ payload, at }) => {
        const text = changed(signByUs(pair, payload), at);
        expect(verifyByUs(pair, text)).toBeNull();
        expect(await verifyByJose(pair, text)).toBeNull();
      }),
    );
  });

  it("both refuse the signature of another key", async () => {
    const { ours } = await twin(alg);
    const input = signingInput(alg, pair.ours.key.kid, "payload");
    const text = compactJws(input, signWith(ours, Buffer.from(input)));

    expect(verifyByUs(pair, text)).toBeNull();
    expect(await verifyByJose(pair, text)).toBeNull();
  });

  it("both refuse a header that names the other algorithm", async () => {
    const { kid } = pair.ours.key;
    const input = signingInput(alg === "EdDSA" ? "ES256" : "EdDSA", kid, "payload");
    const text = compactJws(input, signWith(pair.ours, Buffer.from(input)));

    expect(verifyByUs(pair, text)).toBeNull();
    expect(await verifyByJose(pair, text)).toBeNull();
  });

  it("jose gives the key the same thumbprint and the same public JWK", async () => {
    for (let count = 0; count < 20; count += 1) {
      const { ours, theirs } = await twin(alg);
      const jwk = await exportJWK(createPublicKey(theirs));

      expect(ours.key.jwk).toEqual(jwk);
      expect(ours.key.kid).toBe(await calculateJwkThumbprint(jwk));
      expect(thumbprint(ours.key.jwk)).toBe(ours.key.kid);
      expect(publicKeyFromJwk(jwk)).toEqual(ours.key);
    }
  });

  it("jose imports the JWK that optout reads as the same key", async () => {
    const text = jwkText(pair.theirs);
    const ours = await readPrivateKey(text, "the key");
    const theirs = await importJWK(await exportJWK(pair.theirs), alg);
    if (ours === "locked") throw new Error("locked");

    expect(ours.key).toEqual(pair.ours.key);
    const protectedHeader = { alg, kid: ours.key.kid, typ: "optout-statement+jws" };
    const signed = await new CompactSign(Buffer.from("p"))
      .setProtectedHeader(protectedHeader)
      .sign(theirs);
    expect(verifyByUs(pair, signed)).toBe("p");
  });
});

describe("the two names of Ed25519 in jose 6 (RFC 9864)", () => {
  it("sign alike, but optout writes EdDSA and takes no other", async () => {
    const pair = await twin("EdDSA");
    const { kid } = pair.ours.key;
    const text = await new CompactSign(Buffer.from("payload"))
      .setProtectedHeader({ alg: "Ed25519", kid, typ: "optout-statement+jws" })
      .sign(pair.theirs);

    const publicHalf = createPublicKey(pair.theirs);
    expect((await compactVerify(text, publicHalf)).protectedHeader.alg).toBe("Ed25519");
    expect(verifyByUs(pair, text)).toBeNull();
    expect(signByUs(pair, "payload").split(".")[0]).toBe(
      Buffer.from(`{"alg":"EdDSA","kid":"${kid}","typ":"optout-statement+jws"}`).toString(
        "base64url",
      ),
    );
  });
});

/** Another base64url character at one place, such that the bytes it stands for change too. */
function changed(jws: string, at: number): string {
  const significant = [...jws].flatMap((character, index) =>
    character === "." || jws[index + 1] === "." || index === jws.length - 1 ? [] : [index],
  );
  const index = significant[Math.floor(at * (significant.length - 1))] ?? 0;
  const replacement = jws[index] === "A" ? "B" : "A";
  return jws.slice(0, index) + replacement + jws.slice(index + 1);
}
