/** The one form of a position: docs/format.md, "Position". */
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  decodePosition,
  encodePosition,
  maxPolicyPositionBytes,
  maxPositionBytes,
  noPrevious,
  positionHash,
} from "../../src/core/position.ts";

const line = `{"v":1,"seq":42,"prev":"${noPrevious}","statement":"a.b.c"}`;
const decode = (text: string): ReturnType<typeof decodePosition> =>
  decodePosition(Buffer.from(text, "utf8"));

describe("bytes are not a position when", () => {
  it.each([
    ["white space stands in them", line.replace(":", ": ")],
    ["a line feed follows", `${line}\n`],
    [
      "the members stand in another order",
      `{"seq":42,"v":1,"prev":"${noPrevious}","statement":"a.b.c"}`,
    ],
    ["a member is added", line.replace("}", ',"note":"x"}')],
    ["a member is missing", line.replace('"v":1,', "")],
    ["the version is another", line.replace('"v":1', '"v":2')],
    ["the number is negative", line.replace("42", "-42")],
    ["the number has a leading zero", line.replace("42", "042")],
    ["the number is a string", line.replace("42", '"42"')],
    ["the number has an exponent", line.replace("42", "42e0")],
    ["the number is over 2^53-1", line.replace("42", "9007199254740992")],
    ["the hash is 42 characters", line.replace(noPrevious, noPrevious.slice(1))],
    ["the hash is 44 characters", line.replace(noPrevious, `${noPrevious}A`)],
    ["the number has seventeen digits", line.replace("42", "10000000000000000")],
    [
      "the hash holds a letter of plain base64",
      line.replace(noPrevious, `+${noPrevious.slice(1)}`),
    ],
    ["the statement holds a letter beyond ASCII", line.replace("a.b.c", "a.b.é")],
    ["something stands before it", `x${line}`],
    ["the statement is empty", line.replace("a.b.c", "")],
    ["the statement holds an escape", line.replace("a.b.c", "a.b.\\u0063")],
    ["two stand in one line", line + line],
    ["a byte order mark stands before", `\uFEFF${line}`],
    ["there is nothing", ""],
  ])("%s", (_what, text) => {
    expect(decode(text)).toBeNull();
  });

  it("they are more than 128 KiB", () => {
    const room = maxPolicyPositionBytes - line.length + 5;

    expect(decode(line.replace("a.b.c", "a".repeat(room)))).not.toBeNull();
    expect(decode(line.replace("a.b.c", "a".repeat(room + 1)))).toBeNull();
  });
});

describe("a position", () => {
  it("is one line of JSON with exactly this member order", () => {
    const bytes = encodePosition({ seq: 42, prev: noPrevious, statement: "a.b.c" });

    expect(Buffer.from(bytes).toString()).toBe(line);
  });

  it("is read as it was written", () => {
    expect(decode(line)).toEqual({ seq: 42, prev: noPrevious, statement: "a.b.c" });
  });

  it("numbers from 0 to 2^53-1", () => {
    expect(decode(line.replace("42", "0"))?.seq).toBe(0);
    expect(decode(line.replace("42", "9007199254740991"))?.seq).toBe(Number.MAX_SAFE_INTEGER);
  });

  it("is read from its own bytes, wherever they lie in memory", () => {
    const among = Buffer.concat([Buffer.from("before"), Buffer.from(line), Buffer.from("after")]);

    expect(decodePosition(among.subarray(6, 6 + line.length))?.seq).toBe(42);
    expect(decodePosition(new Uint8Array(Buffer.from(line)))?.seq).toBe(42);
  });

  it("is of 16 KiB at most, and of 128 KiB where it carries a policy", () => {
    expect([maxPositionBytes, maxPolicyPositionBytes]).toEqual([16_384, 131_072]);
  });

  it("is named by the SHA-256 of its bytes, base64url without padding", () => {
    const hash = createHash("sha256").update(line).digest("base64url");

    expect(positionHash(Buffer.from(line))).toBe(hash);
  });

  it("names 43 times A before position 0", () => {
    expect(noPrevious).toBe("A".repeat(43));
  });
});
