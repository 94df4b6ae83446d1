import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { globMatches, globProblem } from "../../src/core/glob.ts";

describe("a glob", () => {
  it.each([
    ["main", "main"],
    ["release/*", "release/1.4"],
    ["release/*", "release/"],
    ["*", ""],
    ["*", "main"],
    ["**", "a/b/c"],
    ["a/**", "a/b/c"],
    ["a/**/c", "a/b/c"],
    ["a/**/c", "a//c"],
    ["**/hotfix", "team/x/hotfix"],
    ["*-prod", "deploy-prod"],
    ["a*b*c", "aXbYc"],
    ["a***b", "a/x/b"],
    ["*/**", "a/"],
    [".*", ".git"],
    ["*", ".hidden"],
  ])("%j matches %j", (pattern, text) => {
    expect(globMatches(pattern, text)).toBe(true);
  });

  it.each([
    ["is anchored at its beginning", "main", "xmain"],
    ["is anchored at its end", "main", "main2"],
    ["does not cross / with one star", "release/*", "release/1/4"],
    ["does not cross / with a star in the middle", "a*c", "a/c"],
    ["wants both slashes around two stars", "a/**/b", "a/b"],
    ["minds the case", "main", "Main"],
    ["takes ? as a question mark", "mai?", "main"],
    ["takes brackets as brackets", "[mn]ain", "main"],
    ["takes braces as braces", "{main,dev}", "main"],
    ["takes ! as an exclamation mark", "!main", "dev"],
    ["takes . as a dot", "v1.0", "v1x0"],
    ["takes a backslash as a backslash", "\\*", "*"],
    ["takes + and | and ( as themselves", "(a|b)+", "a"],
    ["does not end at a line break", "main", "main\n"],
  ])("%s", (_, pattern, text) => {
    expect(globMatches(pattern, text)).toBe(false);
  });

  const unit = fc.constantFrom(..."ab/*.");
  const pattern = fc.string({ unit, maxLength: 10 });
  const text = fc.string({ unit: fc.constantFrom(..."ab/."), maxLength: 12 });

  it("means the same as the regular expression that it stands for", () => {
    fc.assert(
      fc.property(pattern, text, (glob, candidate) => {
        expect(globMatches(glob, candidate)).toBe(asRegExp(glob).test(candidate));
      }),
      { numRuns: 2_000 },
    );
  });

  it("without a star matches itself and nothing else", () => {
    fc.assert(
      fc.property(text, text, (glob, candidate) => {
        expect(globMatches(glob, candidate)).toBe(glob === candidate);
      }),
    );
  });

  it("with many stars ends soon: it never goes back, so the work is pattern times text", () => {
    expect(globMatches(`${"*a".repeat(127)}b`, "a".repeat(5_000))).toBe(false);
    expect(globMatches(`${"**a*".repeat(60)}b`, "a/".repeat(2_500))).toBe(false);
  });
});

describe("what is no glob", () => {
  it.each([
    ["is empty", ""],
    ["is longer than 256 characters", "a".repeat(257)],
    ["holds a control character", "a\u0000"],
    ["holds a control character", "a\n"],
    ["holds a control character", "\u009b"],
  ])("%s", (problem, pattern) => {
    expect(globProblem(pattern)).toBe(problem);
  });

  it("is nothing else", () => {
    expect(globProblem("release/**/[x]?")).toBeNull();
    expect(globProblem("a".repeat(256))).toBeNull();
  });
});

/** For short texts only: this one backtracks. */
function asRegExp(glob: string): RegExp {
  const parts = glob.match(/\*+|[^*]/g) ?? [];
  const source = parts.map((part) => {
    if (part === "*") return "[^/]*";
    return part.startsWith("*") ? ".*" : part.replace(/[.\\/]/g, "\\$&");
  });
  return new RegExp(`^${source.join("")}$`, "s");
}
