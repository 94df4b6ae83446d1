/**
 * Base64url without padding (RFC 4648, section 5), read strictly: bytes have one spelling.
 *
 * Decoders usually skip what they do not know and ignore spare bits, so that many texts mean the
 * same bytes. Here a text that is not exactly what encoding gives back is refused.
 */

/** The bytes as base64url without padding. */
export function encodeBase64url(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64url");
}

/**
 * The bytes that a canonical text stands for. Null for any other text: padding, white space, the
 * letters `+` and `/`, spare bits that are not zero.
 */
export function decodeBase64url(text: string): Uint8Array | null {
  const bytes = Buffer.from(text, "base64url");
  if (bytes.toString("base64url") !== text) return null;
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}
