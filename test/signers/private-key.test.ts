import { generateKeyPairSync } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { inspect } from "node:util";

import { describe, expect, it } from "vitest";

import { verifySignature } from "../../src/core/crypto.ts";
import { isEncrypted, readPrivateKey, signWith } from "../../src/signers/private-key.ts";
import { rejection } from "../support/problem.ts";
import { hasOpenssl } from "../support/programs.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { ed25519, encryptedPkcs8, jwkText, p256, pem, pkcs8, run } from "./given.ts";

const input = Buffer.from("header.payload");

async function opened(text: string, passphrase?: string) {
  const privateKey = await readPrivateKey(text, "the key", passphrase);
  if (privateKey === "locked") throw new Error("locked");
  return privateKey;
}

function sec1(key = p256()): string {
  return key.export({ type: "sec1", format: "pem" }).toString();
}

describe("a private key is read from", () => {
  const edKey = ed25519();
  const ecKey = p256();

  it.each([
    ["PKCS #8, Ed25519", pkcs8(edKey), "EdDSA"],
    ["PKCS #8, P-256", pkcs8(ecKey), "ES256"],
    ["EC PRIVATE KEY", sec1(ecKey), "ES256"],
    ["a JWK, Ed25519", jwkText(edKey), "EdDSA"],
    ["a JWK, P-256", jwkText(ecKey), "ES256"],
    ["PEM with \\n spelt out", pkcs8(edKey).replaceAll("\n", "\\n"), "EdDSA"],
    ["PEM with \\r\\n spelt out", sec1(ecKey).replaceAll("\n", "\\r\\n"), "ES256"],
    ["PEM with CRLF", pkcs8(edKey).replaceAll("\n", "\r\n"), "EdDSA"],
    ["PEM without its last line end", pkcs8(edKey).trim(), "EdDSA"],
    ["PEM with words around it", `Bag Attributes\n  x: y\n${pkcs8(edKey)}\nbye`, "EdDSA"],
    ["a JWK with white space around it", `\n ${jwkText(edKey)} \n`, "EdDSA"],
  ])("%s", async (_title, text, alg) => {
    const privateKey = await opened(text);

    expect(privateKey.key.alg).toBe(alg);
    const signature = signWith(privateKey, input);
    expect(signature).toHaveLength(64);
    expect(verifySignature(privateKey.key, input, signature)).toBe(true);
  });

  it.each(["EdDSA", "Ed25519"])("a JWK that says alg %s", async (alg) => {
    const text = JSON.stringify({
      ...edKey.export({ format: "jwk" }),
      alg,
      kid: "mine",
      use: "sig",
    });

    expect((await opened(text)).key.alg).toBe("EdDSA");
  });

  it.skipIf(!hasOpenssl)("what openssl ecparam writes, with its parameters first", async () => {
    const text = run("openssl", ["ecparam", "-name", "prime256v1", "-genkey"]);

    expect(text).toContain("BEGIN EC PARAMETERS");
    expect((await opened(text)).key.alg).toBe("ES256");
  });
});

describe("an encrypted private key", () => {
  const text = encryptedPkcs8(ed25519(), "correct horse");

  it("opens with its passphrase", async () => {
    expect(isEncrypted(text)).toBe(true);
    expect((await opened(text, "correct horse")).key.alg).toBe("EdDSA");
  });

  it.each([undefined, "", "wrong", "x".repeat(2000)])(
    "stays locked with %j",
    async (passphrase) => {
      expect(await readPrivateKey(text, "the key", passphrase)).toBe("locked");
    },
  );

  it("stays locked under every wrong passphrase, also where the padding happens to fit", async () => {
    for (let attempt = 0; attempt < 1000; attempt += 1) {
      expect(await readPrivateKey(text, "the key", `wrong ${attempt}`)).toBe("locked");
    }
  });

  it.skipIf(!hasOpenssl).each([
    ["PBKDF2 with 600,000 iterations", ["pkcs8", "-topk8", "-iter", "600000"]],
    ["scrypt", ["pkcs8", "-topk8", "-scrypt"]],
    ["the old PEM encryption of SEC 1", ["ec", "-aes128"]],
  ])("opens as openssl encrypts it: %s", async (_title, command) => {
    const directory = temporaryDirectory();
    const out = join(directory, "out.pem");

    run("openssl", [...command, "-passout", "pass:abcd", "-out", out], sec1());

    const encrypted = await readFile(out, "utf8");
    expect(isEncrypted(encrypted)).toBe(true);
    expect((await opened(encrypted, "abcd")).key.alg).toBe("ES256");
  });
});

describe("refused, and the message says what is supported", () => {
  const supported = "optout signs with Ed25519 and P-256 keys only";
  const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
  const p384 = generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey;

  it.each([
    ["RSA", pkcs8(rsa)],
    ["RSA", rsa.export({ type: "pkcs1", format: "pem" }).toString()],
    ["RSA", jwkText(rsa)],
    ["ED448", pkcs8(generateKeyPairSync("ed448").privateKey)],
    ["X25519", pkcs8(generateKeyPairSync("x25519").privateKey)],
    ["SECP384R1", pkcs8(p384)],
    ["EC P-384", jwkText(p384)],
    ["SECP256K1", pkcs8(generateKeyPairSync("ec", { namedCurve: "secp256k1" }).privateKey)],
  ])("a key of kind %s", async (kind, text) => {
    expect(await rejection(readPrivateKey(text, "OPTOUT_KEY"))).toMatchObject({
      code: "key-invalid",
      message: `OPTOUT_KEY: a key of kind ${kind}; ${supported}`,
      hint: "make one: optout keys create",
    });
  });

  it("an RSA key also when it is encrypted, once it is open", async () => {
    expect(await rejection(readPrivateKey(encryptedPkcs8(rsa, "pw"), "k", "pw"))).toMatchObject({
      code: "key-invalid",
      message: `k: a key of kind RSA; ${supported}`,
    });
  });
});

describe("refused", () => {
  const jwk = ed25519().export({ format: "jwk" });
  const ec = p256().export({ format: "jwk" });
  const otherEc = p256().export({ format: "jwk" });
  const json = (value: unknown): string => JSON.stringify(value);
  const edPem = pkcs8(ed25519());
  const halves = "the private and the public half of the key do not belong together";

  it.each([
    ["nothing", "", "holds neither a private key in PEM nor a JWK"],
    ["a path", "/home/a/key.pem", "holds neither a private key in PEM nor a JWK"],
    ["a public key", publicPem(), "a public key; the private one is needed"],
    ["an OpenSSH line", "ssh-ed25519 AAAAC3Nz a", "a public key; the private one is needed"],
    ["two keys", edPem + edPem, "holds more than one private key"],
    ["a PEM that is cut", edPem.slice(0, 60), "a damaged private key (PEM that is cut or joined)"],
    [
      "a PEM in one line",
      edPem.replaceAll("\n", " "),
      "a damaged private key (PEM that is cut or joined)",
    ],
    ["a PEM with garbage inside", edPem.replace("MC4C", "AAAA"), "a damaged private key"],
    ["half a JSON", '{"kty":"OKP","d":"SECRET', "neither PEM nor the JSON of a JWK"],
    ["a set of JWKs", json({ keys: [jwk] }), "a set of JWKs; give one key"],
    [
      "a public JWK",
      json({ ...jwk, d: undefined }),
      "a public JWK; the private one, with the member d, is needed",
    ],
    [
      "a JWK with a short d",
      json({ ...jwk, d: "AAAA" }),
      "member d of the JWK is not 32 bytes in base64url",
    ],
    [
      "a JWK without x",
      json({ ...jwk, x: undefined }),
      "member x of the JWK is not 32 bytes in base64url",
    ],
    [
      "a JWK for ES256 on Ed25519",
      json({ ...jwk, alg: "ES256" }),
      "its alg is not the one of its curve",
    ],
    [
      "a JWK for EdDSA on P-256",
      json({ ...ec, alg: "EdDSA" }),
      "its alg is not the one of its curve",
    ],
    [
      "a JWK for encryption",
      json({ ...jwk, use: "enc" }),
      "its use or key_ops do not allow signing",
    ],
    [
      "a JWK for verifying",
      json({ ...jwk, key_ops: ["verify"] }),
      "its use or key_ops do not allow signing",
    ],
    ["a JWK with another's x", json({ ...jwk, x: ed25519().export({ format: "jwk" }).x }), halves],
    ["a P-256 JWK with another's point", json({ ...ec, x: otherEc.x, y: otherEc.y }), halves],
    ["a P-256 JWK off the curve", json({ ...ec, x: otherEc.x }), halves],
    ["a P-256 JWK with a d of zero", json({ ...ec, d: "A".repeat(43) }), halves],
  ])("%s", async (_title, text, what) => {
    expect(await rejection(readPrivateKey(text, "the key"))).toMatchObject({
      code: "key-invalid",
      message: `the key: ${what}`,
    });
  });

  it("a P-256 PEM whose public point is another key's", async () => {
    const mine = p256().export({ type: "sec1", format: "der" });
    const other = p256().export({ type: "sec1", format: "der" });
    const pointBytes = 65;
    const der = Buffer.concat([mine.subarray(0, -pointBytes), other.subarray(-pointBytes)]);

    expect(await rejection(readPrivateKey(pem("EC PRIVATE KEY", der), "the key"))).toMatchObject({
      code: "key-invalid",
      message: `the key: ${halves}`,
    });
  });

  function publicPem(): string {
    const { publicKey } = generateKeyPairSync("ed25519");
    return publicKey.export({ type: "spki", format: "pem" }).toString();
  }
});

describe("a private key never shows", () => {
  it.each([
    ["PEM", (text: string) => text],
    ["PEM in one line", (text: string) => text.replaceAll("\n", " ")],
    ["PEM that is cut", (text: string) => text.slice(0, -40)],
    ["PEM as JSON", (text: string) => JSON.stringify(text)],
    ["PEM in braces", (text: string) => `{${text}}`],
  ])("in what is said about a broken %s", async (_title, broken) => {
    const text = pkcs8(p256());
    const body = text.split("\n")[1] ?? "";
    const thrown = await readPrivateKey(broken(text), "the key").catch((error: unknown) => error);

    expect(body.length).toBeGreaterThan(30);
    expect(inspect(thrown, { depth: 10, showHidden: true })).not.toContain(body.slice(0, 12));
  });

  it("when the opened key is printed", async () => {
    const key = ed25519();
    const secret = key.export({ format: "jwk" }).d ?? "";

    const printed = inspect(await opened(pkcs8(key)), { depth: 10, showHidden: true });

    expect(secret).toHaveLength(43);
    expect(printed).not.toContain(secret);
    expect(JSON.stringify(await opened(pkcs8(key)))).not.toContain(secret);
  });
});
