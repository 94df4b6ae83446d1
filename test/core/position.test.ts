/** The one form of a position: docs/format.md, "Position". */
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  decodePosition,
  encodePosition,
  maxPolicyPositionBytes,
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

  it("numbers from 0", () => {
    expect(decode(line.replace("42", "0"))?.seq).toBe(0);
  });

  it("is named by the SHA-256 of its bytes, base64url without padding", () => {
    const hash = createHash("sha256").update(line).digest("base64url");

    expect(positionHash(Buffer.from(line))).toBe(hash);
  });

  it("names 43 times A before position 0", () => {
    expect(noPrevious).toBe("A".repeat(43));
  });
});
