import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { decodeBase64url, encodeBase64url } from "../../src/core/base64url.ts";

describe("base64url", () => {
  it.each([
    ["padding", "AQ=="],
    ["spare bits that are not zero", "AR"],
    ["a line break", "AQID\n"],
    ["a space", "AQ ID"],
    ["the letters of plain base64", "+/+/"],
    ["one letter alone", "A"],
    ["letters beyond ASCII", "AQIé"],
  ])("refuses %s", (_, text) => {
    expect(decodeBase64url(text)).toBeNull();
  });

  it("reads the empty text as no bytes", () => {
    expect(decodeBase64url("")).toEqual(new Uint8Array());
  });

  it("reads back what it writes, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(decodeBase64url(encodeBase64url(bytes))).toEqual(bytes);
      }),
    );
  });

  it("accepts one spelling only: what it accepts is what it writes", () => {
    const letters = fc.string({ unit: fc.constantFrom(..."AQRZaz09-_+/= ") });
    fc.assert(
      fc.property(letters, (text) => {
        const bytes = decodeBase64url(text);
        expect(bytes === null ? text : encodeBase64url(bytes)).toBe(text);
      }),
    );
  });

  it("encodes a view of a larger buffer without its neighbours", () => {
    expect(encodeBase64url(Uint8Array.of(9, 1, 2, 3, 9).subarray(1, 4))).toBe("AQID");
  });
});
