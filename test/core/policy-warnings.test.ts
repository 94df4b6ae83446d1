import { describe, expect, it } from "vitest";

import { parsePolicy } from "../../src/core/policy-parse.ts";
import { sampleKeys } from "../support/sample-keys.ts";

const keys = sampleKeys.map(({ ssh }) => ssh);

interface Parts {
  readonly principals?: readonly string[];
  readonly stages?: readonly string[];
  readonly rules?: readonly string[];
  readonly more?: string;
}

const rule = (id: string, more: string): string =>
  `{ id: ${id}, actions: [skip], who: [oncall], longest: 1h, ${more} }`;

/** Principals as `alice: roles: [oncall]`; each gets a key of her own. */
function warningsOf(parts: Parts): readonly string[] {
  const {
    principals = ["alice: roles: [oncall]", "bob: roles: [manager]"],
    stages = ["lint: { kind: quality }"],
    rules = [rule("quality", "match: {}")],
    more = "",
  } = parts;
  const people = principals.map((line, i) => {
    const [id = "", rest = ""] = line.split(/: (.*)/);
    return rest.includes("keys:")
      ? `  ${id}: { ${rest} }`
      : `  ${id}: { ${rest}, keys: ["${keys[i] ?? ""}"] }`;
  });
  const text = [
    "version: 1",
    "log: { store: git }",
    "principals:",
    ...people,
    "stages:",
    ...stages.map((line) => `  ${line}`),
    "rules:",
    ...rules.map((line) => `  - ${line}`),
    more,
  ].join("\n");
  const { warnings } = parsePolicy(Buffer.from(text), "policy.yaml");
  return warnings.map(({ line, message }) => `${line} ${message}`);
}

describe("a policy that says what it means", () => {
  it("gets no warning", () => {
    expect(warningsOf({})).toEqual([]);
  });

  it("may name one approver more than it needs, when an author is one of them", () => {
    expect(
      warningsOf({
        principals: ["alice: roles: [oncall, manager]", "bob: roles: [manager]"],
        rules: [rule("quality", "match: {}, approvals: { count: 1, from: [manager] }")],
      }),
    ).toEqual([]);
  });

  it("may have a stage that no rule matches, when nothing may ever override it", () => {
    expect(
      warningsOf({
        stages: [
          "lint: { kind: quality }",
          "audit: { kind: legal, never: [skip, allow-failure, force, hold] }",
        ],
        rules: [rule("quality", "match: { kind: quality }")],
      }),
    ).toEqual([]);
  });
});

describe("a warning", () => {
  it.each<[string, Parts, readonly string[]]>([
    [
      "names a role that nobody holds, and the one that may be meant",
      { rules: [rule("quality", "match: {}, may_revoke: [manger, boss]")] },
      [
        '9 rule quality: nobody holds the role manger; did you mean "manager"?',
        "9 rule quality: nobody holds the role boss",
      ],
    ],
    [
      "names a role in may_revoke of the whole policy",
      { more: "may_revoke:\n  - boss" },
      ["11 may_revoke: nobody holds the role boss"],
    ],
    [
      "does not count a role that only a CI identity holds",
      { principals: ["alice: roles: [manager]", "ci: kind: ci, roles: [oncall]"] },
      [
        "5 ci is of kind ci, so its roles have no effect",
        "9 rule quality: nobody holds the role oncall",
      ],
    ],
    [
      "does not count a role that only a person without a key holds",
      { principals: ["alice: roles: [oncall], keys: []"] },
      ["4 alice has no key", "8 rule quality: nobody holds the role oncall"],
    ],
    [
      "names a rule that an earlier one always comes before",
      {
        rules: [
          rule("any", "match: { branches: [main, dev] }"),
          rule("later", "match: { branches: main, kind: quality }"),
        ],
      },
      ["10 rule later never decides: rule any always matches before it"],
    ],
    [
      "names a rule after one that matches everything",
      { rules: [rule("any", "match: {}"), rule("later", "match: {}")] },
      ["10 rule later never decides: rule any always matches before it"],
    ],
    [
      "names a rule that matches no stage",
      {
        rules: [
          rule("quality", "match: { stages: lint }"),
          rule("deploys", "match: { kind: deploy }"),
          rule("tests", "match: { stages: test-* }"),
        ],
      },
      [
        "10 rule deploys matches no stage of the policy",
        "11 rule tests matches no stage of the policy",
      ],
    ],
    [
      "names a stage that no rule matches",
      {
        stages: ["lint: { kind: quality }", "e2e: { kind: slow, never: [skip] }"],
        rules: [rule("quality", "match: { kind: quality }")],
      },
      ["8 no rule matches stage e2e, so nothing may override it"],
    ],
    [
      "tells of approvals that there are too few people for",
      { rules: [rule("quality", "match: {}, approvals: { count: 2, from: [manager] }")] },
      ["9 rule quality needs 2 approvals, and only 1 person could give one"],
    ],
    [
      "tells of approvals that only their author could give",
      {
        principals: ["alice: roles: [oncall, manager]"],
        rules: [rule("quality", "match: {}, approvals: { count: 1, from: [manager] }")],
      },
      ["8 rule quality needs 1 approval, and only 0 people could give one"],
    ],
    [
      "tells of an emergency that may last longer than the rule",
      { rules: [rule("quality", "match: {}, emergency: { who: [oncall], longest: 2h }")] },
      ["9 rule quality allows longer in an emergency than otherwise"],
    ],
    [
      "tells of a glob that looks like something else",
      { rules: [rule("quality", 'match: { branches: ["release/[0-9]", "!main", "v?"] }')] },
      [
        "9 rule quality: only * is special in a glob, so release/[0-9] is literal",
        "9 rule quality: only * is special in a glob, so !main is literal",
        "9 rule quality: only * is special in a glob, so v? is literal",
      ],
    ],
    [
      "tells of an announcement that nobody could receive",
      { rules: [rule("quality", "match: {}, announce: required")] },
      ["9 rule quality requires an announcement, and notify names no channel"],
    ],
  ])("%s", (_, parts, expected) => {
    expect(warningsOf(parts)).toEqual(expected);
  });
});
