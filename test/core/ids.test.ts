import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { isBranchName, isName, isStageId, makeId } from "../../src/core/ids.ts";

const hostile = ["", "Lint", "lint ", "lint\n", "-lint", ".lint", "/lint", "_lint", "líñt", "a:b"];

describe("a stage's id", () => {
  it.each([...hostile, "a".repeat(65), "lint*", "all_decisions"])("is not %j", (text) => {
    expect(isStageId(text)).toBe(false);
  });

  it.each(["lint", "unit-tests", "deploy/eu-west.1", "0", "a_b", "all_decisions2", "a".repeat(64)])(
    "may be %j",
    (text) => {
      expect(isStageId(text)).toBe(true);
    },
  );
});

describe("the name of a principal, a role or a rule", () => {
  it.each([...hostile, "a".repeat(65), "team/alice"])("is not %j", (text) => {
    expect(isName(text)).toBe(false);
  });

  it.each(["alice", "release-manager", "a.b_c", "7"])("may be %j", (text) => {
    expect(isName(text)).toBe(true);
  });
});

describe("the name of a branch", () => {
  it.each([
    "",
    "@",
    "-f",
    "a b",
    "a..b",
    "a~1",
    "a^",
    "a:b",
    "a?",
    "a*",
    "a[",
    "a\\b",
    "a@{0}",
    ".a",
    "a/.b",
    "a.",
    "a/",
    "/a",
    "a//b",
    "a.lock",
    "a.lock/b",
    "a\u0007",
    "a\u007f",
    "a".repeat(245),
  ])("is not %j, as for git", (text) => {
    expect(isBranchName(text)).toBe(false);
  });

  it.each(["main", "release/1.4", "optout-log", "a@b", "a.locked", "ünï", "a{b}"])(
    "may be %j",
    (text) => {
      expect(isBranchName(text)).toBe(true);
    },
  );
});

describe("a statement's id", () => {
  it("is its prefix and the random bytes in Crockford's base32, lower case", () => {
    expect(makeId("ovr", new Uint8Array(10))).toBe("ovr_0000000000000000");
    expect(makeId("stm", new Uint8Array(10).fill(255))).toBe("stm_zzzzzzzzzzzzzzzz");
    expect(makeId("ovr", Uint8Array.of(0, 68, 50, 20, 199, 66, 84, 182, 53, 207))).toBe(
      "ovr_0123456789abcdef",
    );
  });

  it("differs for different bytes, and always has its form", () => {
    const bytes = fc.uint8Array({ minLength: 10, maxLength: 10 });
    fc.assert(
      fc.property(bytes, bytes, (a, b) => {
        expect(makeId("ovr", a)).toMatch(/^ovr_[0-9a-hjkmnp-tv-z]{16}$/);
        expect(makeId("ovr", a) === makeId("ovr", b)).toBe(Buffer.compare(a, b) === 0);
      }),
    );
  });

  it.each([0, 9, 11, 16])("is not made of %i bytes", (length) => {
    expect(() => makeId("ovr", new Uint8Array(length))).toThrow(
      `an id is made of 10 random bytes, not ${length}`,
    );
  });
});
