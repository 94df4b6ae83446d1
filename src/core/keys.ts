/**
 * Public keys: the OpenSSH form that a policy holds, the JWK and thumbprint that statements name.
 *
 * Refuses keys under which signatures can be forged: Ed25519 points of small order or with a
 * non-canonical encoding, P-256 points off the curve. A key has one spelling: its base64 and its
 * lengths are exact, and nothing follows it but a comment.
 */
import { decodeBase64url, encodeBase64url } from "./base64url.ts";
import { sha256Base64url } from "./crypto.ts";
import { ed25519Problem, isOnEd25519, p256Problem } from "./curves.ts";
import { OptoutError } from "./errors.ts";

export type SignatureAlgorithm = "EdDSA" | "ES256";

/** The members of a public JWK that count (RFC 7517; RFC 8037 for OKP). */
export type PublicJwk =
  | { readonly kty: "OKP"; readonly crv: "Ed25519"; readonly x: string }
  | { readonly kty: "EC"; readonly crv: "P-256"; readonly x: string; readonly y: string };

export interface PublicKey {
  readonly alg: SignatureAlgorithm;
  /** RFC 7638 thumbprint, SHA-256, base64url: 43 characters. */
  readonly kid: string;
  readonly jwk: PublicJwk;
  /** As `ssh-keygen -l` prints it: `SHA256:` and 43 characters of base64 without padding. */
  readonly fingerprint: string;
  /** `ssh-ed25519 AAAA…` without a comment. */
  readonly ssh: string;
}

const ed25519 = "ssh-ed25519";
const p256 = "ecdsa-sha2-nistp256";

/** The two types that are supported, as a policy's JSON Schema says it; without anchors. */
export const sshPublicKeyPattern: string = `(?:${ed25519}|${p256}) [A-Za-z0-9+/]+={0,2}(?: .*)?`;

const otherTypes =
  /^(?:ssh-(?:rsa|dss|ed448)|(?:ecdsa-sha2|rsa-sha2|sk)-[\w@.-]{1,60}|[\w-]{1,60}-cert-v0\d@[\w.]{1,30})$/;
const makeOne = { hint: "make one with: ssh-keygen -t ed25519" } as const;

/**
 * The key of a line of OpenSSH (`id_ed25519.pub`); the comment is dropped.
 * @throws `key-invalid`, saying what is wrong
 */
export function parseSshPublicKey(line: string): PublicKey {
  const [type = "", base64] = line.trim().split(/[ \t]+/, 2);
  if (line.includes("PRIVATE KEY-----")) {
    throw new OptoutError("key-invalid", "this is a private key, and never belongs in a policy", {
      hint: "use the file that ends in .pub, and make a new key if this one was shared",
    });
  }
  if (/[\r\n]/.test(line.trim())) throw invalid("the key is more than one line");
  if (type !== ed25519 && type !== p256) throw wrongType(type);
  if (base64 === undefined) throw invalid(`nothing follows ${type}`);
  const blob = Buffer.from(base64, "base64");
  if (blob.toString("base64") !== base64) throw invalid("the key is not canonical base64");
  const jwk = type === ed25519 ? ed25519Jwk(readFields(blob, 2)) : p256Jwk(readFields(blob, 3));
  return publicKey(jwk, blob);
}

/**
 * The key of a public JWK. Members that do not make the key (`kid`, `use`) are ignored; a private
 * one is refused.
 * @throws `key-invalid`, saying what is wrong
 */
export function publicKeyFromJwk(jwk: unknown): PublicKey {
  if (typeof jwk !== "object" || jwk === null) throw invalid("the JWK is not an object");
  if (Object.hasOwn(jwk, "d")) throw invalid("the JWK is a private key");
  const [kty, crv] = [ownText(jwk, "kty"), ownText(jwk, "crv")];
  const isEd25519 = kty === "OKP" && crv === "Ed25519";
  if (!isEd25519 && !(kty === "EC" && crv === "P-256")) {
    throw invalid(`a JWK of ${kty || "no kty"} and ${crv || "no crv"} is not supported`, makeOne);
  }
  const x = ownText(jwk, "x");
  if (isEd25519) return publicKey({ kty: "OKP", crv: "Ed25519", x });
  return publicKey({ kty: "EC", crv: "P-256", x, y: ownText(jwk, "y") });
}

/** RFC 7638: SHA-256 over the required members in the order of their names; base64url. */
export function thumbprint(jwk: PublicJwk): string {
  const { kty, crv, x } = jwk;
  return sha256Base64url(
    JSON.stringify(jwk.kty === "EC" ? { crv, kty, x, y: jwk.y } : { crv, kty, x }),
  );
}

/**
 * Whether anything can be verified under the key at all: half of all random 32 bytes are no point
 * on Ed25519's curve. To ask when a key is enrolled; too slow for the check path, where such a key
 * does no harm (see `curves.ts`).
 */
export function isOnCurve({ jwk }: PublicKey): boolean {
  return jwk.kty === "EC" || isOnEd25519(coordinate(jwk.x));
}

/** @param given the blob of OpenSSH, where the key comes from one */
function publicKey(jwk: PublicJwk, given?: Buffer): PublicKey {
  const x = coordinate(jwk.x);
  const y = jwk.kty === "EC" ? coordinate(jwk.y) : null;
  const problem = y === null ? ed25519Problem(x) : p256Problem(x, y);
  if (problem !== null) throw invalid(`the key ${problem}`);
  const blob = given ?? sshBlob(x, y);
  return Object.freeze({
    alg: y === null ? "EdDSA" : "ES256",
    kid: thumbprint(jwk),
    jwk: Object.freeze(jwk),
    fingerprint: `SHA256:${sha256Base64url(blob).replaceAll("-", "+").replaceAll("_", "/")}`,
    ssh: `${y === null ? ed25519 : p256} ${blob.toString("base64")}`,
  });
}

function coordinate(text: string): Uint8Array {
  const bytes = decodeBase64url(text);
  if (bytes === null) throw invalid("a coordinate of the key is not canonical base64url");
  if (bytes.length !== 32) throw invalid("a coordinate of the key is not 32 bytes long");
  return bytes;
}

/** RFC 5656, section 6.1: what the blob of an ECDSA key names beside its type. */
const p256CurveName = Buffer.from("nistp256", "latin1");

/** RFC 8709, section 4. */
function ed25519Jwk([type, point]: readonly Buffer[]): PublicJwk {
  if (type?.toString("latin1") !== ed25519) throw innerType();
  if (point?.length !== 32) throw invalid("the key is not 32 bytes long");
  return { kty: "OKP", crv: "Ed25519", x: encodeBase64url(point) };
}

/** RFC 5656, section 3.1; the point as SEC 1, section 2.3.3, uncompressed. */
function p256Jwk([type, curve, point]: readonly Buffer[]): PublicJwk {
  if (type?.toString("latin1") !== p256 || curve?.equals(p256CurveName) !== true) throw innerType();
  if (point?.length !== 65 || point[0] !== 4) {
    throw invalid("the key is not an uncompressed point of 65 bytes");
  }
  const [x, y] = [encodeBase64url(point.subarray(1, 33)), encodeBase64url(point.subarray(33))];
  return { kty: "EC", crv: "P-256", x, y };
}

/** Exactly `count` strings, each after its length in four bytes (RFC 4251, section 5). */
function readFields(blob: Buffer, count: number): readonly Buffer[] {
  const fields: Buffer[] = [];
  let place = 0;
  while (fields.length < count) {
    if (place + 4 > blob.length) throw invalid("the key is cut off");
    const end = place + 4 + blob.readUInt32BE(place);
    if (end > blob.length) throw invalid("the key is cut off");
    fields.push(blob.subarray(place + 4, end));
    place = end;
  }
  if (place !== blob.length) throw invalid("something follows the key inside its base64");
  return fields;
}

function sshBlob(x: Uint8Array, y: Uint8Array | null): Buffer {
  const fields =
    y === null
      ? [Buffer.from(ed25519, "latin1"), x]
      : [Buffer.from(p256, "latin1"), p256CurveName, Uint8Array.of(4, ...x, ...y)];
  return Buffer.concat(
    fields.flatMap((field) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(field.length);
      return [length, field];
    }),
  );
}

function ownText(jwk: object, name: string): string {
  const value: unknown = Object.getOwnPropertyDescriptor(jwk, name)?.value;
  return typeof value === "string" ? value : "";
}

function wrongType(type: string): OptoutError {
  if (otherTypes.test(type)) {
    return invalid(`keys of type ${type} are not supported; use ${ed25519} or ${p256}`, makeOne);
  }
  return invalid(`the line does not begin with ${ed25519} or ${p256}`, makeOne);
}

const innerType = (): OptoutError => invalid("the key is of another type than its line says");

function invalid(message: string, more: { readonly hint?: string } = {}): OptoutError {
  return new OptoutError("key-invalid", message, more);
}
