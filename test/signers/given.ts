/**
 * What the tests of signers share: keys of every kind as text, and the programs that people make and
 * read keys with.
 */
import { spawnSync } from "node:child_process";
import { generateKeyPairSync, type KeyObject } from "node:crypto";

import { isInstalled } from "../support/programs.ts";

export const hasSshKeygen: boolean = isInstalled("ssh-keygen");

/** Runs a program and returns its standard output; throws what it said when it fails. */
export function run(program: string, args: readonly string[], input = ""): string {
  const result = spawnSync(program, args, { encoding: "utf8", input });
  if (result.status === 0) return result.stdout;
  throw new Error(`${program} ${args.join(" ")}: ${result.stderr}`);
}

export function ed25519(): KeyObject {
  return generateKeyPairSync("ed25519").privateKey;
}

export function p256(): KeyObject {
  return generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
}

export function pkcs8(key: KeyObject): string {
  return key.export({ type: "pkcs8", format: "pem" }).toString();
}

export function encryptedPkcs8(key: KeyObject, passphrase: string): string {
  const cipher = "aes-256-cbc";
  return key.export({ type: "pkcs8", format: "pem", cipher, passphrase }).toString();
}

export function jwkText(key: KeyObject): string {
  return JSON.stringify(key.export({ format: "jwk" }));
}

/** The key as `ssh-keygen` would write it (PROTOCOL.key of OpenSSH), not encrypted. */
export function opensshPem(key: KeyObject, comment = "a comment"): string {
  const { crv, x = "", y = "", d = "" } = key.export({ format: "jwk" });
  const [point, secret] = [Buffer.from(x, "base64url"), Buffer.from(d, "base64url")];
  const uncompressed = Buffer.concat([Buffer.from([4]), point, Buffer.from(y, "base64url")]);
  const isEd25519 = crv === "Ed25519";
  const publicHalf = isEd25519
    ? [field("ssh-ed25519"), field(point)]
    : [field("ecdsa-sha2-nistp256"), field("nistp256"), field(uncompressed)];
  const privateHalf = isEd25519 ? field(Buffer.concat([secret, point])) : field(mpint(secret));
  const check = Buffer.from("12341234");
  const section = Buffer.concat([check, ...publicHalf, privateHalf, field(comment)]);
  const padding = Buffer.from([1, 2, 3, 4, 5, 6, 7]).subarray(0, (8 - (section.length % 8)) % 8);
  const bytes = Buffer.concat([
    Buffer.from("openssh-key-v1\0"),
    field("none"), // the cipher
    field("none"), // the key derivation, and its options
    field(""),
    Buffer.from([0, 0, 0, 1]), // how many keys
    field(Buffer.concat(publicHalf)),
    field(Buffer.concat([section, padding])),
  ]);
  return pem("OPENSSH PRIVATE KEY", bytes);
}

export function pem(label: string, bytes: Buffer): string {
  const lines = bytes.toString("base64").match(/.{1,70}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join("\n");
}

/** RFC 4251, section 5: a length, then the bytes. */
function field(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function mpint(number: Buffer): Buffer {
  const start = number.findIndex((byte) => byte !== 0);
  const digits = number.subarray(start);
  return digits.readUInt8(0) < 0x80 ? digits : Buffer.concat([Buffer.alloc(1), digits]);
}
