/**
 * A second reader of positions, written from the format's description and not from `src/`: its own
 * base64url, its own JSON grammar, its own table of kinds. What the two disagree on is a fault of one
 * of them, or a hole in the description. Only node:crypto is common to both.
 */
import { createHash, verify, type KeyObject } from "node:crypto";

import { parseCanonical, type Json } from "./canonical-json.ts";
import { isStatement, knownKinds } from "./kinds.ts";

export interface ReaderKey {
  readonly alg: "EdDSA" | "ES256";
  readonly publicKey: KeyObject;
  readonly owner: string;
  readonly isCi: boolean;
}

/** What a reader goes by. */
export interface Reader {
  readonly logId: string;
  /** By RFC 7638 thumbprint. */
  readonly keys: ReadonlyMap<string, ReaderKey>;
}

/** What a position is; `signer` is the known principal whose valid signature it bears. */
export interface Outcome {
  readonly kind: "void" | "genuine" | "beginning" | "note" | "unknown";
  readonly signer: string | null;
  readonly statement: Json | null;
}

const voided = (signer: string | null = null): Outcome => ({
  kind: "void",
  signer,
  statement: null,
});

/** Thrown where something is not as it must be. */
const refusal = new Error("refused");

function must(condition: boolean): asserts condition {
  if (!condition) throw refusal;
}

/** What `read` makes of it, or what it is where that refuses. */
function orElse<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch (thrown) {
    if (thrown !== refusal) throw thrown;
    return otherwise;
  }
}

/** Reads the bytes at `seq`, after a position of this hash. */
export function readStrictly(
  bytes: Uint8Array,
  seq: number,
  previous: string,
  reader: Reader,
): Outcome {
  return orElse(() => {
    const position = positionOf(bytes);
    const outcome = statementAt(position.statement, seq, bytes.byteLength, reader);
    const isSound = position.seq === String(seq) && position.prev === previous;
    return isSound ? outcome : voided(outcome.signer);
  }, voided());
}

interface Position {
  readonly seq: string;
  readonly prev: string;
  readonly statement: string;
}

function positionOf(bytes: Uint8Array): Position {
  must(bytes.byteLength <= 128 * 1024 && bytes.every((byte) => byte < 0x7f));
  const text = Buffer.from(bytes).toString("ascii");
  const [seq, afterSeq] = between(text, '{"v":1,"seq":', ',"prev":"');
  const [prev, afterPrev] = between(afterSeq, ',"prev":"', '","statement":"');
  const [statement, end] = between(afterPrev, '","statement":"', '"');
  must(end === '"}');
  must(/^\d+$/.test(seq) && (seq === "0" || !seq.startsWith("0")));
  must(BigInt(seq) <= 9007199254740991n);
  must(prev.length === 43 && isBase64urlText(prev));
  must(statement !== "" && isBase64urlText(statement.replaceAll(".", "")));
  return { seq, prev, statement };
}

/** What stands between, and the text from `end` on. */
function between(text: string, start: string, end: string): readonly [string, string] {
  must(text.startsWith(start));
  const at = text.indexOf(end, start.length);
  must(at >= 0);
  return [text.slice(start.length, at), text.slice(at)];
}

function statementAt(jws: string, seq: number, size: number, reader: Reader): Outcome {
  const segments = jws.split(".");
  const [header = "", payload = "", signature = ""] = segments;
  must(segments.length === 3);
  const [headerBytes, payloadBytes] = [bytesOf(header), bytesOf(payload)];
  const signatureBytes = bytesOf(signature);
  if (sha256(jws) === reader.logId) return beginning(payloadBytes, seq);
  const signed = /^\{"alg":"(EdDSA|ES256)","kid":"(.*)","typ":"optout-statement\+jws"\}$/s.exec(
    headerBytes.toString("latin1"),
  );
  const key = reader.keys.get(signed?.[2] ?? "");
  must(key !== undefined && key.alg === signed?.[1]);
  must(isSignedBy(key, Buffer.from(`${header}.${payload}`), signatureBytes));
  const outcome = orElse(() => said(payloadBytes, key, size, reader), voided());
  return { ...outcome, signer: key.owner };
}

function isSignedBy({ alg, publicKey }: ReaderKey, input: Buffer, signature: Buffer): boolean {
  return alg === "EdDSA"
    ? verify(null, input, publicKey, signature)
    : signature.length === 64 &&
        verify("sha256", input, { key: publicKey, dsaEncoding: "ieee-p1363" }, signature);
}

/** Position 0, judged by its hash alone. */
function beginning(payload: Buffer, seq: number): Outcome {
  const statement = parseCanonical(payload);
  must(seq === 0 && statement !== null && isStatement("log.created", statement));
  return { kind: "beginning", signer: null, statement };
}

/** What a validly signed payload is. */
function said(payload: Buffer, key: ReaderKey, size: number, reader: Reader): Outcome {
  const parsed = parseCanonical(payload);
  must(parsed?.type === "object");
  const member = (name: string): unknown => parsed.members.get(name)?.value;
  const kind = member("kind");
  must(typeof member("v") === "number" && typeof kind === "string");
  must(!parsed.members.has("log") || member("log") === reader.logId);
  if (member("v") !== 1) return unknownTo(key);
  must(member("by") === key.owner);
  must(size <= 16 * 1024 || kind === "policy.recorded");
  if (!knownKinds.has(kind)) {
    return kind.startsWith("note.") ? { ...voided(), kind: "note" } : unknownTo(key);
  }
  must(!key.isCi || kind === "override.used" || kind === "notice.sent");
  must(kind !== "log.created" && isStatement(kind, parsed));
  must(kind !== "policy.recorded" || sha256(String(member("text"))) === member("policy"));
  return { kind: "genuine", signer: null, statement: parsed };
}

/** A stolen ci key must not stop the fleet. */
function unknownTo(key: ReaderKey): Outcome {
  must(!key.isCi);
  return { ...voided(), kind: "unknown" };
}

const sha256 = (text: string): string => base64urlOf(createHash("sha256").update(text).digest());

// --- base64url (RFC 4648, section 5), by bits

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

const valueOf: ReadonlyMap<string, number> = new Map(
  [...letters].map((one, value) => [one, value]),
);

const isBase64urlText = (text: string): boolean => [...text].every((letter) => valueOf.has(letter));

/** The bytes of a canonical text that is not empty. */
function bytesOf(text: string): Buffer {
  must(text !== "" && text.length % 4 !== 1);
  const bytes: number[] = [];
  let [bits, count] = [0, 0];
  for (const letter of text) {
    const value = valueOf.get(letter);
    must(value !== undefined);
    bits = ((bits << 6) | value) & 0xffff;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes.push((bits >> count) & 0xff);
  }
  must((bits & ((1 << count) - 1)) === 0);
  return Buffer.from(bytes);
}

function base64urlOf(bytes: Uint8Array): string {
  let [text, bits, count] = ["", 0, 0];
  for (const byte of bytes) {
    bits = ((bits << 8) | byte) & 0xffff;
    count += 8;
    while (count >= 6) {
      count -= 6;
      text += letters.charAt((bits >> count) & 63);
    }
  }
  return count === 0 ? text : text + letters.charAt((bits << (6 - count)) & 63);
}
