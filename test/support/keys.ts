/**
 * Keys of the people in tests: made from fixed seeds, so that ids, thumbprints and Ed25519
 * signatures are the same in every run. Signs with node:crypto, not with the project's signers.
 */
import {
  createECDH,
  createHash,
  createPrivateKey,
  createPublicKey,
  sign,
  type KeyObject,
} from "node:crypto";

export interface TestKey {
  readonly alg: "EdDSA" | "ES256";
  /** RFC 7638 thumbprint. */
  readonly kid: string;
  /** The line for a policy. */
  readonly ssh: string;
  sign(input: Uint8Array): Uint8Array;
}

const known = new Map<string, TestKey>();

/** The key of this name, always the same; P-256 where the name ends in `p256`. */
export function testKey(name: string): TestKey {
  const made = known.get(name) ?? (name.endsWith("p256") ? p256Key(name) : ed25519Key(name));
  known.set(name, made);
  return made;
}

const seedOf = (name: string): Buffer =>
  createHash("sha256").update(`optout test key ${name}`).digest();

const thumbprint = (members: Readonly<Record<string, string>>): string =>
  createHash("sha256").update(JSON.stringify(members)).digest("base64url");

/** RFC 8410, section 7: what stands before the seed in PKCS #8. */
const pkcs8Prefix = Buffer.from("302e020100300506032b657004220420", "hex");

function ed25519Key(name: string): TestKey {
  const key = createPrivateKey({
    key: Buffer.concat([pkcs8Prefix, seedOf(name)]),
    format: "der",
    type: "pkcs8",
  });
  const x = createPublicKey(key).export({ format: "jwk" }).x ?? "";
  return {
    alg: "EdDSA",
    kid: thumbprint({ crv: "Ed25519", kty: "OKP", x }),
    ssh: sshLine("ssh-ed25519", [Buffer.from(x, "base64url")], name),
    sign: (input) => new Uint8Array(sign(null, input, key)),
  };
}

function p256Key(name: string): TestKey {
  const ecdh = createECDH("prime256v1");
  ecdh.setPrivateKey(seedOf(name));
  const point = ecdh.getPublicKey();
  const x = point.subarray(1, 33).toString("base64url");
  const y = point.subarray(33).toString("base64url");
  const jwk = { kty: "EC", crv: "P-256", x, y, d: seedOf(name).toString("base64url") };
  const key: KeyObject = createPrivateKey({ key: jwk, format: "jwk" });
  return {
    alg: "ES256",
    kid: thumbprint({ crv: "P-256", kty: "EC", x, y }),
    ssh: sshLine("ecdsa-sha2-nistp256", [Buffer.from("nistp256"), point], name),
    sign: (input) => new Uint8Array(sign("sha256", input, { key, dsaEncoding: "ieee-p1363" })),
  };
}

function sshLine(type: string, fields: readonly Buffer[], comment: string): string {
  const blob = Buffer.concat(
    [Buffer.from(type), ...fields].flatMap((field) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(field.length);
      return [length, field];
    }),
  );
  return `${type} ${blob.toString("base64")} ${comment}`;
}
