/**
 * A position of the log: one line of JSON that names the hash of the position before it and carries
 * one statement. Nothing here is signed; the chain and the statements are what counts.
 */
import { sha256Base64url } from "./crypto.ts";

/** `prev` of position 0. */
export const noPrevious: string = "A".repeat(43);

/** Most bytes of a position. */
export const maxPositionBytes: number = 16 * 1024;
/** Most bytes of a position that carries `policy.recorded`. */
export const maxPolicyPositionBytes: number = 128 * 1024;

export interface PositionForm {
  readonly seq: number;
  readonly prev: string;
  /** Compact JWS. */
  readonly statement: string;
}

const form =
  /^\{"v":1,"seq":(0|[1-9][0-9]{0,15}),"prev":"([A-Za-z0-9_-]{43})","statement":"([A-Za-z0-9_.-]+)"\}$/;

/** The exact bytes of a position, without a final line feed. */
export function encodePosition({ seq, prev, statement }: PositionForm): Uint8Array {
  return Buffer.from(JSON.stringify({ v: 1, seq, prev, statement }), "latin1");
}

/** Reads the one form a position may have; null for any other bytes. */
export function decodePosition(bytes: Uint8Array): PositionForm | null {
  if (bytes.byteLength > maxPolicyPositionBytes) return null;
  const found = form.exec(latin1(bytes));
  const [, seq, prev, statement] = found ?? [];
  if (seq === undefined || prev === undefined || statement === undefined) return null;
  const number = Number(seq);
  return Number.isSafeInteger(number) ? { seq: number, prev, statement } : null;
}

/** SHA-256 of the bytes, base64url: what the next position's `prev` and every `saw` name. */
export function positionHash(bytes: Uint8Array): string {
  return sha256Base64url(bytes);
}

/** The bytes as text, one character a byte. */
export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}
