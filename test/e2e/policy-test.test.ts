/** Tests of a policy: cases that say what it must answer, asked of it by the built program. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import {
  lines,
  makeStage,
  optout,
  parsed,
  writeFiles,
  type Place,
  type Result,
  type Stage,
} from "../support/stage.ts";
import { schemaFaults } from "../support/schema-faults.ts";
import { testKey } from "../support/keys.ts";

let stage: Stage;
let desk: Place;

const policy = lines(
  "version: 1",
  "log: { store: git, branch: optout-log }",
  "principals:",
  `  alice: { roles: [oncall], keys: ["${testKey("alice").ssh}"] }`,
  `  bob: { roles: [release-manager], keys: ["${testKey("bob").ssh}"] }`,
  "stages:",
  "  lint: { kind: quality }",
  "  license: { kind: quality, never: [skip] }",
  "  deploy-prod: { kind: deploy, environment: production }",
  "rules:",
  "  - id: quality",
  "    match: { kind: quality }",
  "    actions: [skip]",
  "    who: [oncall]",
  "    longest: 12h",
  "    default: 2h",
  "    reason: { min: 10 }",
  "  - id: deploys",
  "    match: { environments: [production], branches: [main] }",
  "    actions: [skip, force]",
  "    who: [oncall]",
  "    longest: 1h",
  "    approvals: { count: 2, from: [release-manager] }",
  "    emergency: { who: [oncall], longest: 30m }",
  "freezes:",
  '  - { id: weekend, weekly: "fri 16:00 to mon 08:00", match: { kind: quality } }',
);

beforeAll(async () => {
  stage = await makeStage();
  desk = stage.laptop;
});

beforeEach(() => writeFiles(desk, { "policy.yaml": policy }));

afterAll(() => stage.remove());

const test = async (cases: readonly string[], ...flags: readonly string[]): Promise<Result> => {
  writeFiles(desk, { "policy.test.yaml": lines("version: 1", "cases:", ...cases) });
  return optout(desk, ["policy", "test", "policy.yaml", ...flags]);
};

const bothFail = [
  "  - { who: bob, action: skip, stage: lint, expect: allowed }",
  "  - name: <two> & too long",
  "    who: alice",
  "    action: skip",
  "    stage: lint",
  "    for: 13h",
  "    expect: refused",
  "    because: [who]",
];

describe("policy test", () => {
  it("passes where the policy answers everybody as expected", async () => {
    const { status, stdout } = await test([
      "  - { who: alice, action: skip, stage: lint, expect: allowed, rule: quality }",
      "  - { roles: [oncall], action: skip, stage: lint, for: 12h, expect: allowed }",
      "  - { who: bob, action: skip, stage: lint, expect: refused, because: who }",
      "  - { who: alice, action: skip, stage: lint, for: 13h, expect: refused, because: too-long }",
      "  - { who: alice, action: skip, stage: lint, reason: short, expect: refused, because: [reason-too-short] }",
      "  - { who: alice, action: skip, stage: license, expect: refused, because: [never] }",
      "  - { who: alice, action: force, stage: deploy-prod, expect: pending, approvals: 2 }",
      "  - { who: alice, action: force, stage: deploy-prod, emergency: true, expect: allowed }",
      "  - who: alice",
      "    action: force",
      "    stage: deploy-prod",
      "    scope: { branches: [main, dev] }",
      "    expect: refused",
      "    because: no-rule",
      '  - { who: alice, action: skip, stage: lint, when: "2026-11-20T15:59Z", expect: allowed }',
      '  - { who: alice, action: skip, stage: lint, when: "2026-11-20T16:00Z", expect: frozen }',
      '  - { who: alice, action: skip, stage: lint, when: "2026-11-20T17:00+01:00", expect: frozen }',
    ]);

    expect(stdout).toBe("✓ policy.yaml answers as expected in 12 cases\n");
    expect(status).toBe(0);
  });

  it("names the line of each case that fails, and the answer with the rule's line", async () => {
    const { status, stdout } = await test(bothFail);

    expect(stdout).toBe(
      lines(
        "✗ policy.test.yaml:3:5 bob: skip lint on main and pull requests into it: allowed was expected, and the policy says: refused on main by rule quality (line 11 of policy.yaml): only oncall may do this",
        "✗ policy.test.yaml:4:5 <two> & too long: it was expected to be refused because of who, and the policy says: refused on main by rule quality (line 11 of policy.yaml): longest allowed is 12h, it asked for 13h",
        "✗ 2 of 2 cases failed",
      ),
    );
    expect(status).toBe(1);
  });

  it("fails a case about somebody or something that the policy does not know", async () => {
    const { status, stdout } = await test([
      "  - { who: mallory, action: skip, stage: linnt, expect: refused }",
    ]);

    expect(stdout).toContain(
      "the policy knows no stage linnt; the policy knows nobody called mallory",
    );
    expect(status).toBe(1);
  });

  it("fails a case that another rule, or another number of approvals, answers", async () => {
    const { stdout } = await test([
      "  - { who: alice, action: skip, stage: lint, expect: allowed, rule: deploys }",
      "  - { who: alice, action: force, stage: deploy-prod, expect: pending, approvals: 1 }",
      '  - { who: alice, action: skip, stage: lint, when: "2026-11-21T12:00Z", expect: allowed }',
    ]);

    expect(stdout).toContain(":3:5");
    expect(stdout).toContain("rule deploys was expected to judge");
    expect(stdout).toContain("it was expected to need 1 approval,");
    expect(stdout).toContain("frozen by weekend (line 26 of policy.yaml)");
  });

  it("prints JSON that its schema describes", async () => {
    const { status, stdout } = await test(bothFail, "--json");

    const report = parsed(stdout);
    expect(report).toMatchObject({
      kind: "optout/policy-test",
      ok: false,
      results: [
        { line: 3, ok: false, expected: "allowed", answer: "refused" },
        { line: 4, ok: false, expected: "refused", answer: "refused" },
      ],
    });
    expect(schemaFaults("policy-test", report)).toEqual([]);
    expect(status).toBe(1);
  });

  it("prints XML of JUnit, which no name of a case can break", async () => {
    const { status, stdout } = await test(bothFail, "--format", "junit");

    expect(stdout).toContain('tests="2" failures="2" errors="0"');
    expect(stdout).toContain('name="&lt;two&gt; &amp; too long" file="policy.test.yaml" line="4"');
    expect(stdout.match(/<failure message="[^"<>]+">/g)).toHaveLength(2);
    expect(status).toBe(1);
  });

  it("refuses a file of cases that says something else, with every line", async () => {
    const { status, stderr } = await test([
      "  - { who: alice, roles: [oncall], action: skip, stage: lint, expect: allowed }",
      "  - { who: alice, action: skp, stage: lint, expect: perhaps }",
      "  - { who: alice, action: skip, stage: lint, expect: allowed, becuase: who }",
      '  - { who: alice, action: skip, stage: lint, expect: allowed, when: "18:00" }',
    ]);

    expect(stderr).toContain("policy.test.yaml:3:7 cases[0].who and roles exclude each other");
    expect(stderr).toContain("policy.test.yaml:4:27 cases[1].action must be one of skip");
    expect(stderr).toContain('unknown member "becuase" in cases[2]; did you mean "because"?');
    expect(stderr).toContain("must be a date and time like 2026-12-24T18:00Z");
    expect(status).toBe(2);
  });

  it("takes the cases from elsewhere, and says when there are none", async () => {
    writeFiles(desk, { "other.yaml": policy, "cases/own.yaml": "version: 1\ncases: []\n" });

    const missing = await optout(desk, ["policy", "test", "other.yaml"]);
    const empty = await optout(desk, ["policy", "test", "other.yaml", "--cases", "cases/own.yaml"]);

    expect(missing.stderr).toContain("there is no other.test.yaml");
    expect(missing.status).toBe(2);
    expect(empty.stderr).toContain("cases/own.yaml:2:8 cases must not be empty");
    expect(empty.status).toBe(2);
  });
});
