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

/** Reads bytes as strict JSON, nested at most 6 deep. Never throws. */
export function parseStrictJson(bytes: Uint8Array): StrictJson {
  const text = decodeUtf8(bytes);
  if (text === null) return { ok: false, why: "not well-formed UTF-8" };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, why: "not JSON" };
  }
  // before the comparison, because writing a value that is too deep could exhaust the stack
  const problem = problemOf(value);
  if (problem !== null) return { ok: false, why: problem };
  if (JSON.stringify(value) !== text) return { ok: false, why: "JSON not in its canonical form" };
  return { ok: true, value };
}

/** The text of well-formed UTF-8, or null. A byte order mark stays part of the text. */
export function decodeUtf8(bytes: Uint8Array): string | null {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = buffer.toString("utf8");
  return Buffer.from(text, "utf8").equals(buffer) ? text : null;
}

function problemOf(root: unknown): string | null {
  const open: { value: unknown; depth: number }[] = [{ value: root, depth: 1 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, depth } = next;
    if (typeof value === "string" && loneSurrogate.test(value)) return "a lone surrogate";
    if (typeof value === "number" && !isPlainInteger(value)) return "a number out of range";
    if (typeof value !== "object" || value === null) continue;
    if (depth > maxDepth) return "nested too deep";
    for (const [name, member] of Object.entries(value)) {
      if (loneSurrogate.test(name)) return "a lone surrogate";
      open.push({ value: member, depth: depth + 1 });
    }
  }
  return null;
}

function isPlainInteger(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0 && !Object.is(value, -0);
}
