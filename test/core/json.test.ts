/** Strict JSON: what docs/format.md, "Strict reading", says of the payload's text. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseStrictJson } from "../../src/core/json.ts";

const read = (text: string): ReturnType<typeof parseStrictJson> =>
  parseStrictJson(Buffer.from(text, "utf8"));

const nested = (depth: number): string => `${'{"a":'.repeat(depth - 1)}{}${"}".repeat(depth - 1)}`;

describe("strict JSON refuses", () => {
  it.each([
    ["white space between tokens", '{"a": 1}'],
    ["a line feed at the end", '{"a":1}\n'],
    ["a byte order mark", '\uFEFF{"a":1}'],
    ["a member that stands twice", '{"a":1,"a":2}'],
    ["a member that stands twice, once escaped", '{"a":1,"\\u0061":2}'],
    ["members that JavaScript would put in another order", '{"b":1,"1":2}'],
    ["a fraction", '{"a":1.5}'],
    ["a fraction of nothing", '{"a":1.0}'],
    ["an exponent", '{"a":1e3}'],
    ["a number beyond every double", '{"a":1e999}'],
    ["a negative number", '{"a":-1}'],
    ["negative zero", '{"a":-0}'],
    ["2^53", '{"a":9007199254740992}'],
    ["a number with a leading zero", '{"a":01}'],
    ["an escaped letter", '{"a":"\\u0062"}'],
    ["an escaped solidus", '{"a":"\\/"}'],
    ["an escaped character beyond ASCII", '{"a":"\\u00e9"}'],
    ["a long escape where there is a short one", '{"a":"\\u000a"}'],
    ["an escape in capitals", '{"a":"\\u001F"}'],
    ["a lone high surrogate", '{"a":"\\ud800"}'],
    ["a lone low surrogate", '{"a":"\\udc00"}'],
    ["a lone surrogate in a member's name", '{"\\ud800":1}'],
    ["a lone surrogate in one name of two", '{"a":1,"\\ud800":1}'],
    ["a lone surrogate in the later of two texts", '["a","\\udfff"]'],
    ["a negative number after another", '{"a":1,"b":-1}'],
    ["a fraction in a later item", "[0,[],[1,0.5]]"],
    ["an object nested 7 deep after one that is not", `[{},${nested(6)}]`],
    ["nothing", ""],
    ["two values", "{}{}"],
    ["a comment", "{}//"],
    ["a trailing comma", '{"a":1,}'],
    ["a bare word", "{a:1}"],
    ["an object nested 7 deep", nested(7)],
    ["a list nested 7 deep", `${"[".repeat(7)}${"]".repeat(7)}`],
    ["lists nested until the stack would end", "[".repeat(100_000)],
    ["closed lists nested as deep", `${"[".repeat(50_000)}${"]".repeat(50_000)}`],
  ])("%s", (_what, text) => {
    expect(read(text).ok).toBe(false);
  });

  it.each([
    ["a byte that UTF-8 knows not", [0xff]],
    ["an overlong sequence", [0xc0, 0xaf]],
    ["a surrogate in UTF-8", [0xed, 0xa0, 0x80]],
    ["a sequence that is cut off", [0xe2, 0x82]],
    ["a code point beyond U+10FFFF", [0xf4, 0x90, 0x80, 0x80]],
  ])("%s", (_what, bytes) => {
    const text = Buffer.concat([Buffer.from('{"a":"'), Buffer.from(bytes), Buffer.from('"}')]);

    expect(parseStrictJson(text)).toEqual({ ok: false, why: "not well-formed UTF-8" });
  });
});

describe("strict JSON tells why:", () => {
  it.each([
    ["not JSON", "{a:1}"],
    ["a number out of range", "[-1]"],
    ["a lone surrogate", '["\\ud800"]'],
    ["nested too deep", nested(7)],
    ["JSON not in its canonical form", "[ ]"],
  ])("%s", (why, text) => {
    expect(read(text)).toEqual({ ok: false, why });
  });
});

it("takes what was parsed before only of the very same text", () => {
  const bytes = Buffer.from('{"a":1}');

  expect(parseStrictJson(bytes, { text: '{"a":1}', value: { a: 1 } })).toEqual({
    ok: true,
    value: { a: 1 },
  });
  expect(parseStrictJson(bytes, { text: '{"a":2}', value: { a: 2 } })).toEqual({
    ok: true,
    value: { a: 1 },
  });
});

describe("strict JSON reads", () => {
  it.each([
    ["an object nested 6 deep", nested(6)],
    ["0", '{"a":0}'],
    ["2^53-1", '{"a":9007199254740991}'],
    ["an astral character", '{"a":"😀"}'],
    ["an escaped quotation mark and reverse solidus", '{"a":"\\"\\\\"}'],
    ["escaped control characters", '{"a":"\\n\\t\\b\\f\\r\\u0000\\u001f"}'],
    ["U+007F and U+2028 as they are", '{"a":"\u007f\u2028"}'],
    ["a member named __proto__, as one of its own", '{"__proto__":{"a":1}}'],
    ["true, false, null", "[true,false,null]"],
  ])("%s", (_what, text) => {
    const found = read(text);

    expect(found).toEqual({ ok: true, value: JSON.parse(text) as unknown });
  });

  it("gives one meaning to one text: what it reads is written as the very same bytes", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const found = read(text);
        expect(found.ok ? JSON.stringify(found.value) : text).toBe(text);
      }),
    );
  });

  it("never throws, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        expect(() => parseStrictJson(bytes)).not.toThrow();
      }),
    );
  });
});
