import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { closest } from "../../src/core/suggest.ts";

describe("did you mean", () => {
  it.each([
    ["a letter is wrong", "lant", "lint"],
    ["a letter is missing", "unit-tets", "unit-tests"],
    ["a letter is too many", "lintt", "lint"],
    ["two letters are swapped", "ilnt", "lint"],
    ["only the case differs", "LINT", "lint"],
    ["a long word has a third of it wrong", "when_unreach", "when_unreachable"],
  ])("proposes the known word when %s", (_, word, known) => {
    expect(closest(word, ["deploy-prod", known, "license"])).toBe(known);
  });

  it.each([
    ["nothing is near", "e2e", ["lint", "deploy-prod"]],
    ["nothing is known", "lint", []],
    ["nothing was typed", "", ["a"]],
    ["a short word shares no letter", "ab", ["cd"]],
    ["one letter was typed", "x", ["y"]],
  ])("proposes nothing when %s", (_, word, known) => {
    expect(closest(word, known)).toBeNull();
  });

  it("proposes the nearest, and the first of those that are equally near", () => {
    expect(closest("lint", ["lint2", "lint"])).toBe("lint");
    expect(closest("lin", ["line", "lint"])).toBe("line");
  });

  it("counts two neighbours that are swapped as one slip", () => {
    expect(closest("aobrt", ["abort", "robot"])).toBe("abort");
  });

  it.each([
    ["ab", "ba", "ba"],
    ["abcd", "badc", "badc"],
    ["abcdef", "abcxyf", "abcxyf"],
    ["abcdef", "abxyzf", null],
    ["abcdefghi", "abcdefxyz", "abcdefxyz"],
    ["abcdefghi", "abcdewxyz", null],
    ["abc", "abcde", "abcde"],
    ["abc", "abcdef", null],
    ["abc", "xbc", "xbc"],
    ["cab", "abc", "abc"],
    ["ab", "ca", null],
    ["ab", "bc", null],
  ])(
    "allows two slips, or a third of the word, and less than all of it: %s, %s",
    (typed, known, found) => {
      expect(closest(typed, [known])).toBe(found);
    },
  );

  it("takes a nearer word though a longer one is looked at before", () => {
    expect(closest("lint", ["linting", "lints", "lint-all", "lind"])).toBe("lints");
    expect(closest("abcdef", ["abcdefgh", "bcdefa", "abcdeg"])).toBe("abcdeg");
  });

  it("always proposes a word that is there, and the word itself when it is", () => {
    const word = fc.string({ unit: fc.constantFrom(..."abcde-"), minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(word, fc.array(word), (typed, known) => {
        const found = closest(typed, known);
        expect(found === null || known.includes(found)).toBe(true);
        expect(closest(typed, [...known, typed])).toBe(typed);
      }),
    );
  });

  it("looks at no more than 64 characters of a word", () => {
    expect(closest("a".repeat(100_000), ["a".repeat(64)])).toBe("a".repeat(64));
  });
});
