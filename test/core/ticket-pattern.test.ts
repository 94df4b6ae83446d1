import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { ticketPattern, ticketPatternPaths } from "../../src/core/ticket-pattern.ts";
import { problem } from "../support/problem.ts";

describe("a ticket pattern", () => {
  it.each([
    ["^(INC|OPS)-[0-9]+$", "INC-4312"],
    ["(INC|OPS)-[0-9]+", "OPS-1"],
    ["INC-\\d{4,6}", "INC-43125"],
    ["[A-Z]{2}-\\d+(?:\\.|_)x?", "AB-12.x"],
    ["#\\d+", "#981"],
    ["PROJ\\.\\w+", "PROJ.abc_1"],
    ["a|b", "b"],
    ["^a|b$", "a"],
    ["[^a-z]+", "123"],
    ["[\\w.-]+", "a.b-c"],
    ["\\$\\d+", "$1"],
    ["x\\$", "x$"],
    ["a.c", "abc"],
    ["a{2}", "aa"],
    ["a{2,}", "aaaaa"],
    ["((a|b)|c)d", "cd"],
  ])("%s matches %s", (source, ticket) => {
    expect(ticketPattern(source).matches(ticket)).toBe(true);
  });

  it.each([
    ["at the beginning", "INC-\\d+", "xINC-1"],
    ["at the end", "INC-\\d+", "INC-1x"],
    ["with alternatives on the outside", "INC-1|OPS-2", "INC-1OPS-2"],
    ["with ^ on one alternative and $ on another", "^a|b$", "ax"],
    ["across lines", "INC-\\d+", "INC-1\n"],
    ["in case", "INC-\\d+", "inc-1"],
    ["with the dot as a letter", "a\\.b", "axb"],
  ])("is matched as a whole, so it misses %s", (_, source, ticket) => {
    expect(ticketPattern(source).matches(ticket)).toBe(false);
  });

  it("matches no ticket of more than 64 characters", () => {
    const pattern = ticketPattern("a+");
    expect(pattern.matches("a".repeat(64))).toBe(true);
    expect(pattern.matches("a".repeat(65))).toBe(false);
  });

  it("keeps its source, and cannot be changed", () => {
    const pattern = ticketPattern("^INC-\\d+$");
    expect(pattern.source).toBe("^INC-\\d+$");
    expect(Object.isFrozen(pattern)).toBe(true);
  });
});

describe("a ticket pattern is refused when it", () => {
  it.each([
    ["is empty", "", "is empty"],
    ["is long", "a".repeat(201), "is longer than 200 characters"],
    ["is not ASCII", "é", "holds a character that is not printable ASCII"],
    ["holds a line break", "a\nb", "holds a character that is not printable ASCII"],
    [
      "repeats a repeated group",
      "(a+)+$",
      "repeats a group, which is not supported (at its character 5)",
    ],
    [
      "repeats alternatives",
      "(a|a)*",
      "repeats a group, which is not supported (at its character 6)",
    ],
    [
      "makes a group optional",
      "a(-b)?",
      "repeats a group, which is not supported (at its character 6)",
    ],
    ["counts a group", "(a){2}", "repeats a group, which is not supported (at its character 4)"],
    ["looks ahead", "(?=a)b", "holds a group of a kind that is not supported (at its character 1)"],
    [
      "looks behind",
      "(?<=a)b",
      "holds a group of a kind that is not supported (at its character 1)",
    ],
    [
      "forbids ahead",
      "(?!a)b",
      "holds a group of a kind that is not supported (at its character 1)",
    ],
    [
      "names a group",
      "(?<n>a)",
      "holds a group of a kind that is not supported (at its character 1)",
    ],
    ["sets flags", "(?i:a)", "holds a group of a kind that is not supported (at its character 1)"],
    ["refers back", "(a)\\1", "holds an escape that is not supported (at its character 4)"],
    ["refers back by name", "\\k<n>", "holds an escape that is not supported (at its character 1)"],
    [
      "asks for a word's edge",
      "\\bINC",
      "holds an escape that is not supported (at its character 1)",
    ],
    ["names a property", "\\p{L}", "holds an escape that is not supported (at its character 1)"],
    [
      "writes a character as a code",
      "\\x41",
      "holds an escape that is not supported (at its character 1)",
    ],
    ["ends in a backslash", "a\\", "holds an escape that is not supported (at its character 2)"],
    ["repeats nothing", "*a", "repeats nothing (at its character 1)"],
    ["repeats nothing in a group", "(+)", "repeats nothing (at its character 2)"],
    ["repeats lazily", "a+?", "repeats a repeat, which is not supported (at its character 3)"],
    [
      "repeats a repeat",
      "a{2}{3}",
      "repeats a repeat, which is not supported (at its character 5)",
    ],
    ["has a bare brace", "a{", "holds a bare {; write \\{ (at its character 2)"],
    ["leaves out the first count", "a{,3}", "holds a bare {; write \\{ (at its character 2)"],
    ["has a bare bracket", "a]", "holds a bare ]; write \\] (at its character 2)"],
    ["counts backwards", "a{3,2}", "holds an impossible count (at its character 2)"],
    ["counts with four digits", "a{1234}", "holds an impossible count (at its character 2)"],
    [
      "has an empty class",
      "[]",
      "holds a class that is not closed, empty, or not supported (at its character 1)",
    ],
    [
      "leaves a class open",
      "[a",
      "holds a class that is not closed, empty, or not supported (at its character 1)",
    ],
    [
      "nests a class",
      "[[a]",
      "holds a class that is not closed, empty, or not supported (at its character 1)",
    ],
    ["has a class that runs backwards", "[z-a]", "is not a regular expression"],
    ["leaves a group open", "(a", "leaves a group open"],
    ["closes no group", "a)", "closes a group that is not open (at its character 2)"],
    ["has ^ in the middle", "a^b", "holds ^ in the middle (at its character 2)"],
    ["has $ in the middle", "a$b", "holds $ in the middle (at its character 2)"],
    ["has $ in a group", "(a$|b)", "holds $ in the middle (at its character 3)"],
    [
      "could go too many ways",
      "a*a*a*a*b",
      "could take too long to match (17850625 ways, at most 300000 are accepted)",
    ],
    [
      "could go too many ways by alternatives",
      `${"(a|b)".repeat(19)}`,
      "could take too long to match (524288 ways, at most 300000 are accepted)",
    ],
    [
      "could go too many ways by options",
      `${"a?".repeat(30)}`,
      "could take too long to match (1073741824 ways, at most 300000 are accepted)",
    ],
  ])("%s: %s", (_, source, what) => {
    expect(problem(() => ticketPattern(source))).toEqual({
      code: "policy-invalid",
      message: `the ticket pattern ${what}`,
    });
  });
});

describe("the bound on the ways that a matcher can go", () => {
  it.each([
    ["INC-1", 1],
    ["a+", 65],
    ["a*b{2,}", 4_225],
    ["a?", 2],
    ["a{2,5}", 4],
    ["a{7}", 1],
    ["(a|b|c)", 3],
    ["a|b", 2],
    ["(a|(b|c))d?", 8],
    ["[a-z]+-[0-9]+\\.x*", 274_625],
  ])("is the product of its choices: %s has %i", (source, paths) => {
    expect(ticketPatternPaths(source)).toBe(paths);
  });

  it("holds for a matcher that tries everything, whatever the pattern and the ticket", () => {
    const ticket = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 64 });
    fc.assert(
      fc.property(branches(2), ticket, (pattern, text) => {
        const source = written(pattern);
        fc.pre(source.length <= 200);
        const paths = ticketPatternPaths(source);
        fc.pre(paths <= 300_000);
        expect(waysThrough(pattern, text)).toBeLessThanOrEqual(paths);
      }),
      { numRuns: 300 },
    );
  });

  it("agrees with the regular expression engine about what matches", () => {
    const ticket = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 8 });
    fc.assert(
      fc.property(branches(2), ticket, (pattern, text) => {
        const source = written(pattern);
        fc.pre(source.length <= 200 && ticketPatternPaths(source) <= 300_000);
        const ends = endsOf(pattern, text, 0);
        expect(ticketPattern(source).matches(text)).toBe(ends.includes(text.length));
      }),
      { numRuns: 500 },
    );
  });
});

/** A pattern as a tree: branches of sequences of repeated letters and groups. */
type Branches = readonly (readonly Part[])[];
type Part =
  | { readonly letter: string; readonly least: number; readonly most: number }
  | { readonly group: Branches };

function branches(depth: number): fc.Arbitrary<Branches> {
  const count = fc.constantFrom([1, 1], [0, 1], [0, 64], [1, 64], [2, 4], [3, 3]);
  const letter = fc
    .tuple(fc.constantFrom("a", "b"), count)
    .map(([name, [least = 0, most = 0]]): Part => ({ letter: name, least, most }));
  const part =
    depth === 0
      ? letter
      : fc.oneof(
          letter,
          branches(depth - 1).map((group): Part => ({ group })),
        );
  return fc.array(fc.array(part, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 2 });
}

function written(pattern: Branches): string {
  const part = (one: Part): string => {
    if ("group" in one) return `(${written(one.group)})`;
    const open = one.most === 64 ? `{${one.least},}` : `{${one.least},${one.most}}`;
    return `${one.letter}${open}`;
  };
  return pattern.map((parts) => parts.map(part).join("")).join("|");
}

/** Where a matcher may stand after the pattern, once for each way that it got there. */
function endsOf(pattern: Branches, text: string, start: number): readonly number[] {
  return pattern.flatMap((parts) =>
    parts.reduce<readonly number[]>(
      (places, part) => places.flatMap((place) => afterPart(part, text, place)),
      [start],
    ),
  );
}

function afterPart(part: Part, text: string, start: number): readonly number[] {
  if ("group" in part) return endsOf(part.group, text, start);
  const ends: number[] = [];
  for (let count = 0; count <= part.most; count += 1) {
    if (count >= part.least) ends.push(start + count);
    if (text[start + count] !== part.letter) break;
  }
  return ends;
}

const waysThrough = (pattern: Branches, text: string): number => endsOf(pattern, text, 0).length;
