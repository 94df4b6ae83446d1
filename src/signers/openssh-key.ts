/**
 * Reads the private key format of OpenSSH (PROTOCOL.key), which `ssh-keygen` writes for a CI key and
 * node:crypto cannot read: one key, not encrypted, Ed25519 or P-256, as a private JWK.
 *
 * Strict: lengths, padding and names must be exact. Whether the two halves of the key belong
 * together is for the importer of the JWK to prove.
 */
import type { OptoutError } from "../core/errors.ts";
import { keyInvalid, keyLocked, unsupportedKind } from "./key-errors.ts";
import type { PrivateJwk } from "./private-jwk.ts";
import { sshReader, type SshReader } from "./ssh-wire.ts";

const magic = Buffer.from("openssh-key-v1\0", "latin1");
const blockSizeBytes = 8;

/**
 * The key inside an `OPENSSH PRIVATE KEY` block, given as its base64 text.
 * @throws `key-locked` when it is encrypted; `key-invalid` for another kind or a damaged file
 */
export function readOpensshKey(base64: string, source: string): PrivateJwk {
  const bytes = Buffer.from(base64, "base64");
  const isBase64 = bytes.toString("base64") === base64.replaceAll(/\s/g, "");
  if (!isBase64 || !bytes.subarray(0, magic.length).equals(magic)) throw damaged(source);
  const outer = sshReader(bytes.subarray(magic.length), () => damaged(source));
  const cipher = outer.text();
  const kdf = outer.text();
  const kdfOptions = outer.string();
  if (cipher !== "none") throw encrypted(source);
  if (kdf !== "none" || kdfOptions.length !== 0 || outer.uint32() !== 1) throw damaged(source);
  outer.string(); // the public key, which the private section repeats
  const section = outer.string();
  outer.end();
  if (section.length % blockSizeBytes !== 0) throw damaged(source);
  return readPrivateSection(section, source);
}

function readPrivateSection(section: Buffer, source: string): PrivateJwk {
  const inner = sshReader(section, () => damaged(source));
  if (inner.uint32() !== inner.uint32()) throw damaged(source);
  const jwk = readKey(inner.text(), inner, source);
  inner.string(); // the comment
  assertPadding(inner.rest(), source);
  return jwk;
}

/** 1, 2, 3, … and shorter than a block. */
function assertPadding(rest: Buffer, source: string): void {
  const isExact = rest.length < blockSizeBytes && rest.every((byte, index) => byte === index + 1);
  if (!isExact) throw damaged(source);
}

function readKey(type: string, from: SshReader, source: string): PrivateJwk {
  switch (type) {
    case "ssh-ed25519":
      return readEd25519(from, source);
    case "ecdsa-sha2-nistp256":
      return readP256(from, source);
    default:
      throw unsupportedKind(source, /^[a-z0-9@.-]{1,64}$/.test(type) ? type : "unknown");
  }
}

/** RFC 8709, section 4: the point, then the seed and the point again. */
function readEd25519(from: SshReader, source: string): PrivateJwk {
  const point = from.string();
  const pair = from.string();
  const isWhole = point.length === 32 && pair.length === 64 && pair.subarray(32).equals(point);
  if (!isWhole) throw damaged(source);
  return { kty: "OKP", crv: "Ed25519", x: base64url(point), d: base64url(pair.subarray(0, 32)) };
}

/** RFC 5656, section 3.1: the curve, the uncompressed point, the scalar as an mpint. */
function readP256(from: SshReader, source: string): PrivateJwk {
  const curve = from.text();
  const point = from.string();
  const scalar = from.scalar(32);
  if (curve !== "nistp256" || point.length !== 65 || point[0] !== 4) throw damaged(source);
  const x = base64url(point.subarray(1, 33));
  const y = base64url(point.subarray(33));
  return { kty: "EC", crv: "P-256", x, y, d: base64url(scalar) };
}

const base64url = (bytes: Buffer): string => bytes.toString("base64url");

function damaged(source: string): OptoutError {
  return keyInvalid(source, "is damaged, or not a private key of OpenSSH");
}

function encrypted(source: string): OptoutError {
  return keyLocked(
    source,
    "an encrypted private key of OpenSSH, which optout cannot unlock",
    'make a key for this use without a passphrase: ssh-keygen -t ed25519 -N "" -f optout-ci',
  );
}
