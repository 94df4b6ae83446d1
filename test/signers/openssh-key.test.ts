import type { KeyObject } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { verifySignature } from "../../src/core/crypto.ts";
import { parseSshPublicKey } from "../../src/core/keys.ts";
import { readOpensshKey } from "../../src/signers/openssh-key.ts";
import { readPrivateKey, signWith } from "../../src/signers/private-key.ts";
import { rejection } from "../support/problem.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { ed25519, hasSshKeygen, opensshPem, p256, pem, pkcs8, run } from "./given.ts";

const input = Buffer.from("header.payload");

async function sshKey(directory: string, args: readonly string[]) {
  const path = join(directory, "id");
  run("ssh-keygen", ["-q", "-C", "a comment", "-f", path, ...args]);
  return { text: await readFile(path, "utf8"), line: await readFile(`${path}.pub`, "utf8") };
}

describe("an OpenSSH private key", () => {
  it.each([
    ["Ed25519", ed25519()],
    ["P-256", p256()],
    ["P-256 with a scalar that begins with a high bit", p256Where((first) => first >= 0x80)],
    ["P-256 with a scalar of 31 bytes", p256Where((first) => first === 0)],
  ])("is read: %s", async (_title, key) => {
    const expected = await readPrivateKey(pkcs8(key), "the key");
    const privateKey = await readPrivateKey(opensshPem(key), "the key");

    if (privateKey === "locked" || expected === "locked") throw new Error("locked");
    expect(privateKey.key).toEqual(expected.key);
    expect(verifySignature(privateKey.key, input, signWith(privateKey, input))).toBe(true);
  });

  it.skipIf(!hasSshKeygen).each([
    ["ed25519", ["-t", "ed25519", "-N", ""]],
    ["ecdsa", ["-t", "ecdsa", "-b", "256", "-N", ""]],
    ["ecdsa in PEM", ["-t", "ecdsa", "-b", "256", "-m", "PEM", "-N", ""]],
    ["ecdsa in PKCS #8", ["-t", "ecdsa", "-b", "256", "-m", "PKCS8", "-N", ""]],
  ])("is read as ssh-keygen makes it: %s", async (_title, args) => {
    const { text, line } = await sshKey(temporaryDirectory(), args);

    const privateKey = await readPrivateKey(text, "the key");

    if (privateKey === "locked") throw new Error("locked");
    expect(line).toContain(`${privateKey.key.ssh} a comment`);
    expect(parseSshPublicKey(line)).toEqual(privateKey.key);
    expect(verifySignature(privateKey.key, input, signWith(privateKey, input))).toBe(true);
  });

  it.skipIf(!hasSshKeygen)("is locked for good when ssh-keygen encrypted it", async () => {
    const { text } = await sshKey(temporaryDirectory(), ["-t", "ed25519", "-N", "secret"]);

    expect(await rejection(readPrivateKey(text, "OPTOUT_KEY", "secret"))).toMatchObject({
      code: "key-locked",
      message: "OPTOUT_KEY: an encrypted private key of OpenSSH, which optout cannot unlock",
      hint: 'make a key for this use without a passphrase: ssh-keygen -t ed25519 -N "" -f optout-ci',
    });
  });

  it.skipIf(!hasSshKeygen).each([
    ["ssh-rsa", ["-t", "rsa", "-b", "2048", "-N", ""]],
    ["ecdsa-sha2-nistp384", ["-t", "ecdsa", "-b", "384", "-N", ""]],
  ])("is refused by the name that ssh-keygen gives it: %s", async (kind, args) => {
    const { text } = await sshKey(temporaryDirectory(), args);

    expect(await rejection(readPrivateKey(text, "k"))).toMatchObject({
      code: "key-invalid",
      message: `k: a key of kind ${kind}; optout signs with Ed25519 and P-256 keys only`,
    });
  });
});

function p256Where(holds: (firstByte: number) => boolean): KeyObject {
  for (;;) {
    const key = p256();
    const [first = 0] = Buffer.from(key.export({ format: "jwk" }).d ?? "", "base64url");
    if (holds(first)) return key;
  }
}

describe("a damaged OpenSSH private key", () => {
  const whole = opensshPem(ed25519());
  const body = whole.split("\n").slice(1, -2).join("");
  const bytes = Buffer.from(body, "base64");

  it("is refused wherever it is cut", () => {
    for (let length = 0; length < bytes.length; length += 1) {
      expect(() => readOpensshKey(bytes.subarray(0, length).toString("base64"), "k")).toThrowError(
        expect.objectContaining({ code: "key-invalid" }),
      );
    }
  });

  it("is refused with bytes behind it", () => {
    const longer = Buffer.concat([bytes, Buffer.alloc(8)]);

    expect(() => readOpensshKey(longer.toString("base64"), "k")).toThrowError(
      "k: is damaged, or not a private key of OpenSSH",
    );
  });

  it("is refused when it is not base64", () => {
    expect(() => readOpensshKey(`${body}*`, "k")).toThrowError(
      "k: is damaged, or not a private key of OpenSSH",
    );
  });

  it("is refused when its padding, its check numbers or the sign of its scalar are wrong", async () => {
    const ec = p256Where((first) => first > 0 && first < 0x80);
    const scalar = Buffer.from(ec.export({ format: "jwk" }).d ?? "", "base64url");
    const negative = Buffer.from(scalar);
    negative.writeUInt8(scalar.readUInt8(0) | 0x80, 0);
    const padded = opensshPem(ed25519(), "abc"); // two bytes of padding: 1, 2

    const broken = [
      replaced(padded, Buffer.from("abc\u0001\u0002"), Buffer.from("abc\u0001\u0003")),
      replaced(padded, Buffer.from("12341234"), Buffer.from("12341235")),
      replaced(opensshPem(ec), scalar, negative),
    ];

    for (const text of broken) {
      expect(await rejection(readPrivateKey(text, "k"))).toMatchObject({
        message: "k: is damaged, or not a private key of OpenSSH",
      });
    }
  });

  it("is refused, or is the same key, whichever byte is changed", async () => {
    const anyChange = fc.record({
      at: fc.nat({ max: bytes.length - 1 }),
      by: fc.integer({ min: 1, max: 255 }),
    });
    await fc.assert(
      fc.asyncProperty(anyChange, async ({ at, by }) => {
        const changed = Buffer.from(bytes);
        changed.writeUInt8(changed.readUInt8(at) ^ by, at);
        const text = pem("OPENSSH PRIVATE KEY", changed);
        const result = await readPrivateKey(text, "k").catch((thrown: unknown) => thrown);
        expect(isRefusal(result) || isEqual(result, await readPrivateKey(whole, "k"))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  function replaced(text: string, old: Buffer, fresh: Buffer): string {
    const changed = Buffer.from(text.split("\n").slice(1, -2).join(""), "base64");
    expect(changed.includes(old)).toBe(true);
    fresh.copy(changed, changed.indexOf(old));
    return pem("OPENSSH PRIVATE KEY", changed);
  }

  function isRefusal(result: unknown): boolean {
    const isCoded = typeof result === "object" && result !== null && "code" in result;
    return isCoded && (result.code === "key-invalid" || result.code === "key-locked");
  }

  function isEqual(one: unknown, other: unknown): boolean {
    return JSON.stringify(one) === JSON.stringify(other);
  }
});
