/** What a change of the policy loosens and tightens, found by asking both. */
import { describe, expect, it } from "vitest";

import { parsePolicy } from "../../src/core/policy-parse.ts";
import { diffPolicies, type PolicyDifferences } from "../../src/operations/policy-diff.ts";
import { testKey } from "../support/keys.ts";

const key = (name: string): string => `"${testKey(name).ssh}"`;

const before = `version: 1
log: { store: git, branch: optout-log }
principals:
  alice: { roles: [oncall], keys: [${key("alice")}] }
  bob:   { roles: [manager], keys: [${key("bob")}] }
  carol: { roles: [manager], keys: [${key("carol")}] }
  dora:  { roles: [manager, oncall], keys: [${key("dora")}] }
  erin:  { roles: [], keys: [${key("erin")}] }
  ci:    { kind: ci, keys: [${key("ci")}] }
stages:
  lint:    { kind: quality }
  license: { kind: quality, never: [skip] }
  prod:    { kind: deploy, environment: production }
rules:
  - id: quality
    match: { kind: quality }
    actions: [skip, force]
    who: [oncall]
    longest: 4h
    reason: { min: 10 }
  - id: main-deploys
    match: { kind: deploy, branches: [main, "release/*"] }
    actions: [skip, hold]
    who: [oncall]
    longest: 1h
    approvals: { count: 2, from: [manager], pending: 1h }
    emergency: { who: [oncall], longest: 30m, review_within: 24h }
    may_revoke: [oncall]
freezes:
  - { id: weekend, weekly: "fri 16:00 to mon 08:00", match: { kind: deploy } }
limits: { per_stage: { total: 24h, within: 7d } }
may_revoke: [manager]
`;

/** The difference that replacing some of the text makes. */
function diff(...edits: readonly (readonly [from: string, to: string])[]): PolicyDifferences {
  const after = edits.reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`no ${from}`);
    return text.replaceAll(from, () => to);
  }, before);
  const [old, now] = [before, after].map((text) => parsePolicy(Buffer.from(text), "policy.yaml"));
  if (old === undefined || now === undefined) throw new Error("no policies");
  return diffPolicies(old, now, "main");
}

const told = ({ differences, remarks }: PolicyDifferences): readonly string[] => [
  ...differences.map(
    ({ direction, stage, actions, emergency, people }) =>
      `${direction} ${stage}: ${actions.join(", ")}${emergency ? "!" : ""} by ${people.join(", ")}`,
  ),
  ...remarks.map(({ direction, code, people }) => [direction, code, ...people].join(" ")),
];

describe("the comparison of two policies", () => {
  it("finds nothing where nothing but words changed", () => {
    const same = diff(
      ["id: quality", "id: gates"],
      ["version: 1", "# why\nversion: 1"],
      ["[skip, force]", "[force, skip]"],
    );

    expect(told(same)).toEqual([]);
    expect(same.loosens).toBe(false);
  });

  it("names everybody who may do more, with the terms before and now", () => {
    const { differences } = diff(["longest: 4h", "longest: 12h"]);

    expect(differences).toMatchObject([
      {
        direction: "loosens",
        stage: "lint",
        people: ["alice", "dora"],
        actions: ["skip", "force"],
        was: { terms: { longestSeconds: 14_400, rule: { id: "quality", line: 15 } } },
        now: { terms: { longestSeconds: 43_200 } },
      },
      { direction: "loosens", stage: "license", actions: ["force"] },
    ]);
  });

  it.each<readonly [string, readonly (readonly [string, string])[], readonly string[]]>([
    [
      "a shorter time",
      [["longest: 4h", "longest: 1h"]],
      ["tightens lint: skip, force by alice, dora", "tightens license: force by alice, dora"],
    ],
    [
      "a role more",
      [["erin:  { roles: []", "erin:  { roles: [oncall]"]],
      [
        "loosens lint: skip, force by erin",
        "loosens license: force by erin",
        "loosens prod: skip! by erin",
        "tightens prod: hold by erin",
        "tightens prod: hold! by erin",
        "loosens prod: skip by erin",
        "tightens may-end erin",
        "loosens may-lift erin",
      ],
    ],
    ["never less", [[", never: [skip]", ""]], ["loosens license: skip by alice, dora"]],
    ["an action less", [["[skip, force]", "[force]"]], ["tightens lint: skip by alice, dora"]],
    [
      "a hold less",
      [["[skip, hold]", "[skip]"]],
      ["loosens prod: hold by alice, dora", "loosens prod: hold! by alice, dora"],
    ],
    ["an approval less", [["count: 2", "count: 1"]], ["loosens prod: skip by alice, dora"]],
    [
      "no approvals",
      [["    approvals: { count: 2, from: [manager], pending: 1h }\n", ""]],
      [
        "loosens prod: skip by alice, dora",
        "loosens may-end bob carol dora",
        "tightens may-lift bob carol dora",
      ],
    ],
    [
      "a longer wait for approvals",
      [["pending: 1h", "pending: 2h"]],
      ["loosens prod: skip by alice, dora"],
    ],
    [
      "an approver more",
      [["erin:  { roles: []", "erin:  { roles: [manager]"]],
      [
        "loosens prod: skip by alice, dora",
        "tightens may-end erin",
        "loosens may-lift erin",
        "tightens key-revoker erin",
      ],
    ],
    [
      "an alternative more",
      [
        [
          "approvals: { count: 2, from: [manager], pending: 1h }",
          "approvals: [{ count: 2, from: [manager], pending: 1h }, { count: 1, from: [manager], when: { code: [drill] }, pending: 1h }]",
        ],
      ],
      ["loosens prod: skip by alice, dora"],
    ],
    [
      "a longer emergency",
      [["longest: 30m", "longest: 45m"]],
      ["loosens prod: skip! by alice, dora", "tightens prod: hold! by alice, dora"],
    ],
    [
      "a later review",
      [["review_within: 24h", "review_within: 48h"]],
      ["loosens prod: skip! by alice, dora"],
    ],
    [
      "a shorter reason",
      [["min: 10", "min: 5"]],
      ["loosens lint: skip, force by alice, dora", "loosens license: force by alice, dora"],
    ],
    [
      "a ticket that is needed",
      [["min: 10 }", 'min: 10, ticket: "OPS-[0-9]+" }']],
      ["tightens lint: skip, force by alice, dora", "tightens license: force by alice, dora"],
    ],
    [
      "a recorded use",
      [["    longest: 4h\n", "    longest: 4h\n    record_use: required\n"]],
      ["tightens lint: skip, force by alice, dora", "tightens license: force by alice, dora"],
    ],
    [
      "a sign-in",
      [["    longest: 4h\n", "    longest: 4h\n    forge_account: match\n"]],
      ["tightens lint: skip, force by alice, dora", "tightens license: force by alice, dora"],
    ],
    [
      "a rule for more branches",
      [['[main, "release/*"]', '["**"]']],
      [
        "loosens prod: skip by alice, dora",
        "loosens prod: skip! by alice, dora",
        "tightens prod: hold by alice, dora",
        "tightens prod: hold! by alice, dora",
      ],
    ],
    [
      "one who leaves",
      [[`  carol: { roles: [manager], keys: [${key("carol")}] }\n`, ""]],
      ["tightens prod: skip by alice, dora", "loosens key-revoker carol"],
    ],
    ["a shorter freeze", [["mon 08:00", "sun 08:00"]], ["loosens freeze"]],
    [
      "a freeze in another zone",
      [
        [
          "match: { kind: deploy } }\nlimits",
          "zone: Europe/Berlin, match: { kind: deploy } }\nlimits",
        ],
      ],
      ["loosens freeze", "tightens freeze"],
    ],
    ["a higher limit", [["total: 24h", "total: 48h"]], ["loosens limits"]],
    ["a lower limit", [["total: 24h", "total: 12h"]], ["tightens limits"]],
    [
      "running while the log cannot be read",
      [["environment: production }", "environment: production, when_unreachable: run }"]],
      ["loosens when-unreachable"],
    ],
    ["another log", [["branch: optout-log", "branch: other-log"]], ["loosens log"]],
    [
      "a key more",
      [[`keys: [${key("erin")}]`, `keys: [${key("erin")}, ${key("erin:second")}]`]],
      ["loosens key-added erin"],
    ],
    ["a ci that becomes a person", [["kind: ci,", "kind: person,"]], ["loosens principal-kind ci"]],
  ])("tells %s", (_what, edits, expected) => {
    const found = diff(...edits);

    expect([...told(found)].toSorted()).toEqual([...expected].toSorted());
    expect(found.loosens).toBe(expected.some((line) => line.startsWith("loosens")));
  });

  it("takes another pattern for tickets for looser and tighter, for nobody can tell", () => {
    const both = diff(["min: 10 }", 'min: 10, ticket: "OPS-[0-9]+" }']);
    const [old, now] = ["OPS-[0-9]+", "INC-[0-9]+"].map((ticket) =>
      parsePolicy(
        Buffer.from(before.replace("min: 10 }", `min: 10, ticket: "${ticket}" }`)),
        "policy.yaml",
      ),
    );
    if (old === undefined || now === undefined) throw new Error("no policies");

    const other = diffPolicies(old, now, "main");

    expect(both.loosens).toBe(false);
    expect(other.differences.map(({ direction }) => direction)).toContain("loosens");
    expect(other.differences.map(({ direction }) => direction)).toContain("tightens");
  });

  it("finds a branch that only two globs together tell apart", () => {
    const narrow = '[main, "release/*"]';
    const { differences } = diff(
      [
        `branches: ${narrow} }\n    actions: [skip, hold]`,
        `branches: ${narrow}, stages: prod }\n    actions: [skip, hold]`,
      ],
      [
        "rules:\n",
        'rules:\n  - { id: hotfixes, match: { kind: deploy, branches: "*/hotfix" }, actions: [skip], who: [oncall], longest: 1h }\n',
      ],
    );

    expect(differences.flatMap(({ places }) => places)).toContain("release/hotfix");
  });
});
