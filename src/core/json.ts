/**
 * Strict JSON: one text, one meaning.
 *
 * Accepts only well-formed UTF-8 whose text is exactly what `JSON.stringify` would write of what it
 * says: no white space, no duplicate members, no number that is not an integer from 0 to 2^53-1, no
 * needless escape, no lone surrogate. So two readers can never disagree about a statement.
 */

const maxDepth = 6;
/** A half of a pair; a pair is one code point here. */
const loneSurrogate = /[\uD800-\uDFFF]/u;

/** What strict reading made of the bytes, or why it refused them. */
export type StrictJson =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly why: string };

/** A text with what `JSON.parse` makes of it. */
export interface ParsedText {
  readonly text: string;
  readonly value: unknown;
}

/**
 * Reads bytes as strict JSON, nested at most 6 deep. Never throws.
 * @param parsed what a text was parsed as before; used where it is the text of the bytes
 */
export function parseStrictJson(bytes: Uint8Array, parsed?: ParsedText): StrictJson {
  const text = decodeUtf8(bytes);
  if (text === null) return { ok: false, why: "not well-formed UTF-8" };
  const known = parsed?.text === text ? parsed : parseText(text);
  if (known === null) return { ok: false, why: "not JSON" };
  const why = strictProblem(known);
  return why === null ? { ok: true, value: known.value } : { ok: false, why };
}

/** What a text is as JSON, read as leniently as `JSON.parse` does; null where it is none. */
export function parseText(text: string): ParsedText | null {
  try {
    return { text, value: JSON.parse(text) };
  } catch {
    return null;
  }
}

function strictProblem({ text, value }: ParsedText): string | null {
  // in well-formed UTF-8 only escapes can be a half
  const mayHoldHalves = /\\u[dD]/.test(text);
  // before the comparison, because writing a value that is too deep could exhaust the stack
  const problem = problemOf(value, 1, mayHoldHalves);
  if (problem !== null) return problem;
  return JSON.stringify(value) === text ? null : "JSON not in its canonical form";
}

/** The text of well-formed UTF-8, or null. A byte order mark stays part of the text. */
export function decodeUtf8(bytes: Uint8Array): string | null {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = buffer.toString("utf8");
  // as many units as bytes: each is ASCII, or what stands for a byte that is none
  if (text.length === bytes.byteLength && !text.includes("\uFFFD")) return text;
  return Buffer.from(text, "utf8").equals(buffer) ? text : null;
}

function problemOf(value: unknown, depth: number, mayHoldHalves: boolean): string | null {
  if (mayHoldHalves && holdsHalf(value)) return "a lone surrogate";
  if (typeof value === "number") return isPlainInteger(value) ? null : "a number out of range";
  if (typeof value !== "object" || value === null) return null;
  if (depth > maxDepth) return "nested too deep";
  for (const member of Object.values(value)) {
    const problem = problemOf(member, depth + 1, mayHoldHalves);
    if (problem !== null) return problem;
  }
  return null;
}

/** Whether the text, or the name of a member, has a half. */
function holdsHalf(value: unknown): boolean {
  if (typeof value === "string") return loneSurrogate.test(value);
  if (typeof value !== "object" || value === null) return false;
  return Object.keys(value).some((name) => loneSurrogate.test(name));
}

function isPlainInteger(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0 && !Object.is(value, -0);
}
