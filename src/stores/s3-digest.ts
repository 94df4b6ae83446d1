/**
 * Digests of what is uploaded. With Object Lock and a retention AWS takes no upload without one, though
 * the signature covers the bytes too.
 *
 * MD5 by default, which every server knows; SHA-256 where FIPS forbids MD5.
 *
 * Source: Amazon S3 User Guide, "Object Lock considerations"; API Reference, "PutObject".
 */
import { createHash, type Hash } from "node:crypto";

/** @throws what node:crypto throws for an algorithm that is forbidden */
export type MakeHash = (algorithm: string) => Hash;

/** The headers of an upload that tell its digest. */
export function digestHeaders(
  body: Uint8Array,
  makeHash: MakeHash = createHash,
): Readonly<Record<string, string>> {
  const md5 = md5Of([body], makeHash);
  if (md5 !== null) return { "Content-MD5": md5.toString("base64") };
  return {
    "x-amz-sdk-checksum-algorithm": "SHA256",
    "x-amz-checksum-sha256": makeHash("sha256").update(body).digest("base64"),
  };
}

/** MD5 of the parts, one after the other; null where it is forbidden. */
export function md5Of(
  parts: readonly Uint8Array[],
  makeHash: MakeHash = createHash,
): Buffer | null {
  let hash: Hash;
  try {
    hash = makeHash("md5");
  } catch {
    return null;
  }
  for (const part of parts) hash.update(part);
  return hash.digest();
}
