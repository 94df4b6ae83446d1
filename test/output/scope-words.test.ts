import { describe, expect, it } from "vitest";

import type { Subject } from "../../src/core/scope.ts";
import type { Scope } from "../../src/core/statement.ts";
import { scopeTitle, scopeWords, subjectWords } from "../../src/output/scope-words.ts";
import { subject } from "../support/judged.ts";

const sha = "9f3c1a2".padEnd(40, "0");

const scopes: readonly (readonly [Scope, string, string])[] = [
  [{ branches: ["main"] }, "main and pull requests into it", "main"],
  [
    { branches: ["main", "release/1.4"] },
    "main, release/1.4 and pull requests into them",
    "main, release/1.4",
  ],
  [{ branches: "*" }, "all branches and tags", "all branches and tags"],
  [{ heads: ["fix/x"] }, "branch fix/x (its pushes and pull requests)", "fix/x"],
  [
    { heads: ["fix/x", "fix/y"] },
    "branches fix/x, fix/y (their pushes and pull requests)",
    "fix/x, fix/y",
  ],
  [{ tags: ["v1"] }, "tag v1", "tag v1"],
  [{ tags: ["v1", "v2"] }, "tags v1, v2", "tag v1, tag v2"],
  [
    { branches: ["main"], tags: ["v1"] },
    "main and pull requests into it, and tag v1",
    "main, tag v1",
  ],
  [
    { branches: ["main"], pr: 981 },
    "main and pull requests into it (only pull request 981)",
    "main (pull request 981)",
  ],
  [
    { branches: ["main"], sha, pr: 981 },
    "main and pull requests into it (only pull request 981, commit 9f3c1a2)",
    "main (pull request 981, commit 9f3c1a2)",
  ],
  [
    { branches: ["main"], environment: "production" },
    "main and pull requests into it in environment production",
    "main (environment production)",
  ],
  [
    { branches: ["main"], forks: true },
    "main and pull requests into it, forks too",
    "main, forks too",
  ],
];

describe("a scope", () => {
  it.each(scopes)("is told in words: %j", (scope, words) => {
    expect(scopeWords(scope)).toBe(words);
  });

  it.each(scopes)("is told in a title: %j", (scope, _words, title) => {
    expect(scopeTitle(scope)).toBe(title);
  });

  it("shows a hostile name as text", () => {
    expect(scopeWords({ tags: ["v1\u202E"], environment: "\u001B[1m" })).toBe(
      String.raw`tag v1\u{202e} in environment \u{1b}[1m`,
    );
  });
});

const subjects: readonly (readonly [Partial<Subject>, string])[] = [
  [{}, " on main"],
  [{ branch: null, tag: "v1" }, " on tag v1"],
  [{ pr: 981 }, " on pull request 981 into main"],
  [{ pr: 981, branch: null }, " on pull request 981"],
  [{ pr: 981, fork: true }, " on pull request 981 into main from a fork"],
  [{ environment: "production" }, " on main in environment production"],
  [{ branch: null }, ""],
];

describe("a job", () => {
  it.each(subjects)("is told by where it runs: %j", (own, words) => {
    expect(subjectWords(subject(own))).toBe(words);
  });
});
