/**
 * The one JSON text of a value, read by a grammar that knows no other: no white space, integers from
 * 0 to 2^53-1, escapes only where `JSON.stringify` needs them, members in its order, nesting to 6.
 */

/** A value; of an object also its own members, so that a name like `__proto__` is only a name. */
export type Json =
  | { readonly type: "object"; readonly members: ReadonlyMap<string, Json>; readonly value: null }
  | { readonly type: "array"; readonly items: readonly Json[]; readonly value: null }
  | { readonly type: "scalar"; readonly value: string | number | boolean | null };

const maxDepth = 6;
const fault = new Error("not canonical");

/** The value, or null where the bytes are not its canonical text. */
export function parseCanonical(bytes: Uint8Array): Json | null {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    const [value, end] = valueAt(text, 0, 1);
    return end === text.length ? value : null;
  } catch {
    return null;
  }
}

type Found<T> = readonly [T, number];

function valueAt(text: string, at: number, depth: number): Found<Json> {
  const letter = text[at];
  if (letter === "{" || letter === "[") {
    if (depth > maxDepth) throw fault;
    return letter === "{" ? objectAt(text, at, depth) : arrayAt(text, at, depth);
  }
  if (letter === '"') {
    const [value, end] = stringAt(text, at);
    return [{ type: "scalar", value }, end];
  }
  for (const value of [true, false, null]) {
    const end = at + String(value).length;
    if (text.slice(at, end) === String(value)) return [{ type: "scalar", value }, end];
  }
  return numberAt(text, at);
}

function numberAt(text: string, at: number): Found<Json> {
  let end = at;
  while (end < text.length && text.charAt(end) >= "0" && text.charAt(end) <= "9") end += 1;
  const digits = text.slice(at, end);
  if (digits === "" || (digits.length > 1 && digits.startsWith("0"))) throw fault;
  if (digits.length > 16 || BigInt(digits) > 9007199254740991n) throw fault;
  return [{ type: "scalar", value: Number(digits) }, end];
}

function arrayAt(text: string, at: number, depth: number): Found<Json> {
  const items: Json[] = [];
  if (text[at + 1] === "]") return [{ type: "array", items, value: null }, at + 2];
  let end = at;
  do {
    const [item, next] = valueAt(text, end + 1, depth + 1);
    items.push(item);
    end = next;
  } while (text[end] === ",");
  if (text[end] !== "]") throw fault;
  return [{ type: "array", items, value: null }, end + 1];
}

function objectAt(text: string, at: number, depth: number): Found<Json> {
  const members = new Map<string, Json>();
  if (text[at + 1] === "}") return [{ type: "object", members, value: null }, at + 2];
  let end = at;
  let lastIndex = -1;
  do {
    if (text[end + 1] !== '"') throw fault;
    const [name, colon] = stringAt(text, end + 1);
    if (members.has(name) || text[colon] !== ":") throw fault;
    lastIndex = orderOf(name, lastIndex);
    const [value, next] = valueAt(text, colon + 1, depth + 1);
    members.set(name, value);
    end = next;
  } while (text[end] === ",");
  if (text[end] !== "}") throw fault;
  return [{ type: "object", members, value: null }, end + 1];
}

/** Names that are array indexes come first, in ascending order (ECMA-262, OrdinaryOwnPropertyKeys). */
function orderOf(name: string, last: number): number {
  const isIndex = /^(?:0|[1-9][0-9]{0,9})$/.test(name) && Number(name) < 2 ** 32 - 1;
  if (!isIndex) return Infinity;
  if (Number(name) <= last) throw fault;
  return Number(name);
}

const short: Readonly<Record<string, string>> = {
  b: "\b",
  t: "\t",
  n: "\n",
  f: "\f",
  r: "\r",
  '"': '"',
  "\\": "\\",
};

function stringAt(text: string, at: number): Found<string> {
  let value = "";
  let end = at + 1;
  for (;;) {
    const letter = text[end];
    if (letter === undefined || letter < " ") throw fault;
    if (letter === '"') return [value, end + 1];
    if (letter === "\\") {
      const [escaped, next] = escapeAt(text, end + 1);
      value += escaped;
      end = next;
    } else {
      value += letter;
      end += 1;
    }
  }
}

function escapeAt(text: string, at: number): Found<string> {
  const letter = text[at] ?? "";
  const known = Object.hasOwn(short, letter) ? short[letter] : undefined;
  if (known !== undefined) return [known, at + 1];
  const hex = text.slice(at, at + 5);
  if (!/^u00[01][0-9a-f]$/.test(hex)) throw fault;
  const value = String.fromCharCode(Number.parseInt(hex.slice(1), 16));
  if (Object.values(short).includes(value)) throw fault;
  return [value, at + 5];
}
