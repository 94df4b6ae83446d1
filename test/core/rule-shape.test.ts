/** Alternatives of approvals, as the policy writes them. */
import { describe, expect, it } from "vitest";
import { parsePolicy, policyProblems } from "../../src/core/policy-parse.ts";
import type { Approvals } from "../../src/core/policy.ts";
import { sampleSsh } from "../support/sample-keys.ts";

const withApprovals = (approvals: string, more = ""): Buffer =>
  Buffer.from(`version: 1
log: { store: git }
principals:
  alice: { roles: [oncall], keys: ["${sampleSsh("alice")}"] }
  bob:   { roles: [release-manager, security], keys: ["${sampleSsh("bob")}"] }
stages: { lint: { kind: quality } }
rules:
  - id: quality
    match: { kind: quality }
    actions: [skip]
    who: [oncall]
    longest: 4h
${more}    approvals: ${approvals}
`);

function read(approvals: string): Approvals | null {
  return parsePolicy(withApprovals(approvals), "policy.yaml").rules[0]?.approvals ?? null;
}

const problems = (approvals: string, more = ""): readonly string[] =>
  policyProblems(withApprovals(approvals, more)).map(
    ({ line, column, message }) => `${line}:${column} ${message}`,
  );

describe("a list of approvals", () => {
  it("is the first, and the others with their conditions in their order", () => {
    const two = "{ count: 2, from: [release-manager], pending: 1h }";
    const one = "{ count: 1, from: [security], when: { code: [hotfix, flaky], ticket: true } }";
    const last = "{ count: 3, from: [security], when: { code: drill } }";

    expect(read(`[${two}, ${one}, ${last}]`)).toEqual({
      count: 2,
      from: ["release-manager"],
      pendingSeconds: 86_400,
      or: [
        { count: 1, from: ["security"], when: { codes: ["hotfix", "flaky"], ticket: true } },
        { count: 3, from: ["security"], when: { codes: ["drill"], ticket: false } },
      ],
    });
  });

  it("may begin with one for some overrides only", () => {
    const some = "{ count: 1, from: [security], when: { ticket: true }, pending: 3h }";
    const rest = "{ count: 2, from: [release-manager], pending: 2h }";

    expect(read(`[${some}, ${rest}]`)).toEqual({
      count: 1,
      from: ["security"],
      when: { codes: null, ticket: true },
      pendingSeconds: 10_800,
      or: [{ count: 2, from: ["release-manager"] }],
    });
  });

  it("of one is that one", () => {
    const one = { count: 1, from: ["security"], pendingSeconds: 86_400 };

    expect(read("[{ count: 1, from: [security] }]")).toEqual(one);
    expect(read("{ count: 1, from: [security] }")).toEqual(one);
  });

  it("needs one without a condition", () => {
    const some = "{ count: 1, from: [security], when: { ticket: true } }";
    const why = "rules[0].approvals needs one without when, for all other overrides";

    expect(problems(`[${some}, ${some}]`)).toEqual([`13:16 ${why}`]);
    expect(problems(some)).toEqual([`13:16 ${why}`]);
    expect(problems(`[${some}, { count: 1, from: [security] }]`)).toEqual([]);
  });

  it("must not be empty, and each of it is read as strictly as one", () => {
    expect(problems("[]")).toEqual(["13:16 rules[0].approvals must not be empty"]);
    expect(problems("[{ count: 1, from: [security] }, { count: 1 }]")).toEqual([
      "13:49 rules[0].approvals[1].from is missing",
    ]);
  });
});

describe("a condition of an alternative", () => {
  const withWhen = (when: string): readonly string[] =>
    problems(`[{ count: 1, from: [security] }, { count: 1, from: [security], when: ${when} }]`);

  it("names a code, a ticket or both", () => {
    expect(withWhen("{ code: hotfix }")).toEqual([]);
    expect(withWhen("{ ticket: true }")).toEqual([]);
    const why = "rules[0].approvals[1].when.code is missing, and ticket: true is too";
    expect(withWhen("{ }")).toEqual([`13:85 ${why}`]);
    expect(withWhen("{ ticket: false }")).toEqual([`13:85 ${why}`]);
  });

  it("knows only the codes of reasons", () => {
    expect(withWhen("{ code: hotfixes }")).toEqual([
      expect.stringMatching(/^13:93 rules\[0\]\.approvals\[1\]\.when\.code .*hotfix/),
    ]);
  });
});

describe("the default of a rule", () => {
  const one = "{ count: 1, from: [security] }";

  it("may be as long as the longest, and no longer", () => {
    expect(problems(one, "    default: 4h\n")).toEqual([]);
    expect(problems(one, "    default: 241m\n")).toEqual([
      expect.stringContaining("rules[0].default is longer than the rule's longest"),
    ]);
  });
});
