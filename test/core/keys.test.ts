import { generateKeyPairSync } from "node:crypto";

import fc from "fast-check";
import { calculateJwkThumbprint } from "jose";
import { describe, expect, it } from "vitest";

import {
  isOnCurve,
  parseSshPublicKey,
  publicKeyFromJwk,
  sshPublicKeyPattern,
  thumbprint,
} from "../../src/core/keys.ts";
import { problem } from "../support/problem.ts";
import { sampleKeys, sampleSsh } from "../support/sample-keys.ts";

const alice = sampleSsh("alice");
const dora = sampleSsh("dora");

const p256Prime = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n;

/** Strings of RFC 4251, one after the other, in base64. */
function blob(...fields: readonly (string | Uint8Array)[]): string {
  const parts = fields.flatMap((field) => {
    const bytes = Buffer.from(field);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return [length, bytes];
  });
  return Buffer.concat(parts).toString("base64");
}

const ed25519Line = (point: Uint8Array): string => `ssh-ed25519 ${blob("ssh-ed25519", point)}`;

function p256Line(x: bigint, y: bigint): string {
  const hex = [x, y].map((n) => n.toString(16).padStart(64, "0")).join("");
  const point = Buffer.from(`04${hex}`, "hex");
  return `ecdsa-sha2-nistp256 ${blob("ecdsa-sha2-nistp256", "nistp256", point)}`;
}

const refusal = (line: string): { code: string; message: string } =>
  problem(() => parseSshPublicKey(line));

describe("an OpenSSH public key", () => {
  it.each(sampleKeys)("of $name has the thumbprint of the vectors", ({ ssh, kid }) => {
    const key = parseSshPublicKey(ssh);
    expect(key.kid).toBe(kid);
    expect(key.ssh).toBe(ssh.split(" ").slice(0, 2).join(" "));
  });

  it("has the fingerprint that ssh-keygen prints", () => {
    // ssh-keygen -lf of the sample keys
    expect(parseSshPublicKey(alice).fingerprint).toBe(
      "SHA256:GWGcG0NO+JGH3fDKor3DzttK454EvGXgIkuI9fZgClM",
    );
    expect(parseSshPublicKey(dora).fingerprint).toBe(
      "SHA256:C61zH9TmBHLgN+x4zagMRAE42Qw7P7Jg9ez5k6GUKpg",
    );
  });

  it("is the same with and without a comment, and with white space around it", () => {
    const bare = parseSshPublicKey(alice.split(" ").slice(0, 2).join(" "));
    expect(parseSshPublicKey(`${alice} on her laptop`)).toEqual(bare);
    expect(parseSshPublicKey(`  ${alice}\n`)).toEqual(bare);
  });

  it("cannot be changed", () => {
    const key = parseSshPublicKey(alice);
    expect(Object.isFrozen(key) && Object.isFrozen(key.jwk)).toBe(true);
  });

  it("names its algorithm", () => {
    expect([alice, dora].map((line) => parseSshPublicKey(line).alg)).toEqual(["EdDSA", "ES256"]);
  });

  it("of either kind is read from whatever key Node makes", () => {
    for (let i = 0; i < 20; i += 1) {
      for (const { publicKey } of [
        generateKeyPairSync("ed25519"),
        generateKeyPairSync("ec", { namedCurve: "P-256" }),
      ]) {
        const key = publicKeyFromJwk(publicKey.export({ format: "jwk" }));
        expect(parseSshPublicKey(key.ssh)).toEqual(key);
        expect(isOnCurve(key)).toBe(true);
      }
    }
  });

  it("is accepted by the pattern of the JSON Schema", () => {
    const whole = new RegExp(`^(?:${sshPublicKeyPattern})$`);
    for (const { ssh } of sampleKeys) expect(ssh).toMatch(whole);
    expect("ssh-rsa AAAA").not.toMatch(whole);
  });
});

describe("an OpenSSH public key is refused", () => {
  it.each([
    "ssh-rsa",
    "ssh-dss",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "sk-ssh-ed25519@openssh.com",
    "sk-ecdsa-sha2-nistp256@openssh.com",
    "ssh-ed25519-cert-v01@openssh.com",
    "ssh-rsa-cert-v01@openssh.com",
    "ssh-ed448",
  ])("when its type is %s, with what to do instead", (type) => {
    const refuse = (): unknown => parseSshPublicKey(`${type} ${blob(type, "x")}`);
    expect(problem(refuse)).toEqual({
      code: "key-invalid",
      message: `keys of type ${type} are not supported; use ssh-ed25519 or ecdsa-sha2-nistp256`,
    });
    expect(refuse).toThrow(
      expect.objectContaining({ hint: "make one with: ssh-keygen -t ed25519" }),
    );
  });

  it.each([
    ["when it is empty", ""],
    ["when it is only base64", alice.split(" ")[1] ?? ""],
    ["when options stand before it", `no-pty ${alice}`],
    ["when its type is in capitals", alice.replace("ssh", "SSH")],
    ["when its type holds a control character", `sk-\u001b[31m ${blob("x")}`],
  ])("%s", (_, line) => {
    expect(refusal(line)).toEqual({
      code: "key-invalid",
      message: "the line does not begin with ssh-ed25519 or ecdsa-sha2-nistp256",
    });
  });

  it("when it is a private key, without repeating it", () => {
    const { message } = refusal("-----BEGIN OPENSSH PRIVATE KEY----- b3BlbnNzaC1rZXk");
    expect(message).toBe("this is a private key, and never belongs in a policy");
  });

  it("when it is a private key on several lines", () => {
    expect(refusal("-----BEGIN PRIVATE KEY-----\nMC4CAQ\n-----END PRIVATE KEY-----").message).toBe(
      "this is a private key, and never belongs in a policy",
    );
  });

  const x = Buffer.from(alice.split(" ")[1] ?? "", "base64").subarray(-32);
  const base64 = blob("ssh-ed25519", x);

  it.each([
    ["when it is more than one line", `${alice}\n${alice}`, "the key is more than one line"],
    ["when nothing follows its type", "ssh-ed25519", "nothing follows ssh-ed25519"],
    [
      "when its base64 has a foreign letter",
      `ssh-ed25519 ${base64.slice(0, 8)}!${base64.slice(9)}`,
      "the key is not canonical base64",
    ],
    [
      "when its base64 is of the URL alphabet",
      alice.replace("+", "-"),
      "the key is not canonical base64",
    ],
    [
      "when its base64 is padded needlessly",
      `ssh-ed25519 ${base64}==`,
      "the key is not canonical base64",
    ],
    [
      "when its base64 lacks its padding",
      `ecdsa-sha2-nistp256 ${(dora.split(" ")[1] ?? "").replace("=", "")}`,
      "the key is not canonical base64",
    ],
    [
      "when its base64 has spare bits",
      `ecdsa-sha2-nistp256 ${(dora.split(" ")[1] ?? "").replace("+A=", "+B=")}`,
      "the key is not canonical base64",
    ],
    ["when it holds nothing", `ssh-ed25519 ${blob()}AAAA`, "the key is cut off"],
    [
      "when it is cut off",
      `ssh-ed25519 ${Buffer.from(base64, "base64").subarray(0, -1).toString("base64")}`,
      "the key is cut off",
    ],
    [
      "when it claims a length beyond its end",
      `ssh-ed25519 ${Buffer.of(255, 255, 255, 255, 1, 1).toString("base64")}`,
      "the key is cut off",
    ],
    [
      "when bytes follow it",
      `ssh-ed25519 ${blob("ssh-ed25519", x, "")}`,
      "something follows the key inside its base64",
    ],
    [
      "when its inner type is another",
      `ssh-ed25519 ${blob("ssh-rsa", x)}`,
      "the key is of another type than its line says",
    ],
    [
      "when its inner type is that of the other kind",
      `ecdsa-sha2-nistp256 ${blob("ssh-ed25519", "nistp256", x)}`,
      "the key is of another type than its line says",
    ],
    [
      "when its curve is another",
      `ecdsa-sha2-nistp256 ${blob("ecdsa-sha2-nistp256", "nistp384", Buffer.alloc(65, 4))}`,
      "the key is of another type than its line says",
    ],
    ["when it is a byte short", ed25519Line(x.subarray(1)), "the key is not 32 bytes long"],
    [
      "when it is a byte long",
      ed25519Line(Buffer.concat([x, Buffer.of(0)])),
      "the key is not 32 bytes long",
    ],
    [
      "when its point is compressed",
      `ecdsa-sha2-nistp256 ${blob("ecdsa-sha2-nistp256", "nistp256", Buffer.alloc(33, 2))}`,
      "the key is not an uncompressed point of 65 bytes",
    ],
    [
      "when its point is hybrid",
      `ecdsa-sha2-nistp256 ${blob("ecdsa-sha2-nistp256", "nistp256", Buffer.alloc(65, 6))}`,
      "the key is not an uncompressed point of 65 bytes",
    ],
    [
      "when its point is infinity",
      `ecdsa-sha2-nistp256 ${blob("ecdsa-sha2-nistp256", "nistp256", Buffer.of(0))}`,
      "the key is not an uncompressed point of 65 bytes",
    ],
    ["when its point is 0, 0", p256Line(0n, 0n), "the key is not a point on P-256"],
    ["when its point is off the curve", p256Line(1n, 1n), "the key is not a point on P-256"],
    ["when x is p or more", p256Line(p256Prime, 1n), "the key is not in its canonical encoding"],
    [
      "when y is p or more",
      p256Line(1n, 2n ** 256n - 1n),
      "the key is not in its canonical encoding",
    ],
  ])("%s", (_, line, message) => {
    expect(refusal(line)).toEqual({ code: "key-invalid", message });
  });

  // every encoding of the eight points whose order divides 8, canonical and not
  it.each([
    [
      "0100000000000000000000000000000000000000000000000000000000000000",
      "is a point of small order",
    ],
    [
      "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
      "is a point of small order",
    ],
    [
      "0000000000000000000000000000000000000000000000000000000000000000",
      "is a point of small order",
    ],
    [
      "0000000000000000000000000000000000000000000000000000000000000080",
      "is a point of small order",
    ],
    [
      "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
      "is a point of small order",
    ],
    [
      "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
      "is a point of small order",
    ],
    [
      "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
      "is a point of small order",
    ],
    [
      "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
      "is a point of small order",
    ],
    [
      "0100000000000000000000000000000000000000000000000000000000000080",
      "is a point of small order",
    ],
    [
      "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
      "is a point of small order",
    ],
    [
      "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
      "is not in its canonical encoding",
    ],
    [
      "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
      "is not in its canonical encoding",
    ],
    [
      "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
      "is not in its canonical encoding",
    ],
    [
      "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
      "is not in its canonical encoding",
    ],
    [
      "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
      "is not in its canonical encoding",
    ],
  ])("when its point is %s, which %s", (hex, what) => {
    expect(refusal(ed25519Line(Buffer.from(hex, "hex")))).toEqual({
      code: "key-invalid",
      message: `the key ${what}`,
    });
  });

  it("not when its y is just below p: whether it is on the curve is asked at enrolment", () => {
    const y = Buffer.alloc(32, 255);
    y[0] = 0xeb;
    y[31] = 0x7f;
    expect(parseSshPublicKey(ed25519Line(y)).alg).toBe("EdDSA");
  });

  it("or read, whatever the line: it never breaks in another way", () => {
    const bytes = fc.uint8Array({ maxLength: 120 }).map((b) => Buffer.from(b).toString("base64"));
    const type = fc.constantFrom("ssh-ed25519", "ecdsa-sha2-nistp256", "sk-x", "");
    fc.assert(
      fc.property(type, fc.oneof(bytes, fc.string()), (kind, rest) => {
        expect(refusal(`${kind} ${rest}`).code).toBe("key-invalid");
      }),
    );
  });
});

describe("a JWK", () => {
  const { jwk } = parseSshPublicKey(alice);

  it("has the thumbprint of RFC 7638, the same as jose's", async () => {
    for (const { ssh } of sampleKeys) {
      const key = parseSshPublicKey(ssh);
      expect(thumbprint(key.jwk)).toBe(await calculateJwkThumbprint({ ...key.jwk }));
    }
  });

  it("has the thumbprint of RFC 8037, appendix A.3", () => {
    const x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
    expect(thumbprint({ kty: "OKP", crv: "Ed25519", x })).toBe(
      "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
    );
  });

  it("makes the key that its line makes, and members beside it do not count", () => {
    expect(publicKeyFromJwk({ use: "sig", kid: "x", ...jwk })).toEqual(parseSshPublicKey(alice));
  });

  it.each([
    ["nothing", null, "the JWK is not an object"],
    ["text", "key", "the JWK is not an object"],
    ["an empty object", {}, "a JWK of no kty and no crv is not supported"],
    ["RSA", { kty: "RSA", n: "AQAB", e: "AQAB" }, "a JWK of RSA and no crv is not supported"],
    ["X25519", { kty: "OKP", crv: "X25519", x: "AA" }, "a JWK of OKP and X25519 is not supported"],
    ["P-384", { kty: "EC", crv: "P-384", x: "AA" }, "a JWK of EC and P-384 is not supported"],
    [
      "a mix of kinds",
      { kty: "EC", crv: "Ed25519", x: "AA" },
      "a JWK of EC and Ed25519 is not supported",
    ],
    ["a private key", { ...jwk, d: "AAAA" }, "the JWK is a private key"],
    [
      "one without x",
      { kty: "OKP", crv: "Ed25519" },
      "a coordinate of the key is not 32 bytes long",
    ],
    ["one whose x is a number", { ...jwk, x: 7 }, "a coordinate of the key is not 32 bytes long"],
    [
      "one whose x is padded",
      { ...jwk, x: `${jwk.x}=` },
      "a coordinate of the key is not canonical base64url",
    ],
    ["one whose x is short", { ...jwk, x: "AAAA" }, "a coordinate of the key is not 32 bytes long"],
    [
      "one without y",
      { kty: "EC", crv: "P-256", x: jwk.x },
      "a coordinate of the key is not 32 bytes long",
    ],
    [
      "a point off the curve",
      { kty: "EC", crv: "P-256", x: jwk.x, y: jwk.x },
      "the key is not a point on P-256",
    ],
    [
      "members that it only inherits",
      Object.create(jwk),
      "a JWK of no kty and no crv is not supported",
    ],
  ])("is refused when it is %s", (_, value, message) => {
    expect(problem(() => publicKeyFromJwk(value))).toEqual({ code: "key-invalid", message });
  });
});

describe("whether an Ed25519 key is a point on the curve", () => {
  it("is told as by Euler's criterion, for any 32 bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
        fc.pre(bytes[31] !== 0x7f && bytes[31] !== 0xff);
        const x = Buffer.from(bytes).toString("base64url");
        const key = publicKeyFromJwk({ kty: "OKP", crv: "Ed25519", x });
        expect(isOnCurve(key)).toBe(hasRoot(bytes));
      }),
      { numRuns: 50 },
    );
  });
});

/** RFC 8032, section 5.1.3, the slow way: (y² - 1) / (dy² + 1) to the power of (p - 1) / 2. */
function hasRoot(bytes: Uint8Array): boolean {
  const p = 2n ** 255n - 19n;
  const power = (base: bigint, exponent: bigint): bigint => {
    let result = 1n;
    let square = base % p;
    for (let rest = exponent; rest > 0n; rest >>= 1n) {
      if ((rest & 1n) === 1n) result = (result * square) % p;
      square = (square * square) % p;
    }
    return result;
  };
  const d = (p - ((121665n * power(121666n, p - 2n)) % p)) % p;
  const number = BigInt(`0x${Buffer.from(bytes).reverse().toString("hex")}`);
  const y2 = (number & (2n ** 255n - 1n)) ** 2n % p;
  const x2 = ((y2 - 1n + p) * power(d * y2 + 1n, p - 2n)) % p;
  return power(x2, (p - 1n) / 2n) <= 1n;
}
