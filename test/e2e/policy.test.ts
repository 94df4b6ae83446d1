/**
 * Asking the policy: which rule judges, and whether it would let somebody. The same answer as from
 * the commands that write, and nothing is written.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import {
  BIN,
  lines,
  makeTeam,
  optout,
  parsed,
  plain,
  refsOf,
  run,
  type Keys,
  type Place,
  type Result,
  type Stage,
  type Team,
} from "../support/stage.ts";
import { schemaFaults } from "../support/schema-faults.ts";

let team: Team;
let stage: Stage;
let laptop: Place;

beforeAll(async () => {
  team = await makeTeam({ policy });
  ({ stage } = team);
  ({ laptop } = stage);
});

afterAll(() => stage.remove());

function policy({ alice, bob, ci }: Keys): string {
  return lines(
    "version: 1",
    "log: { store: git, branch: optout-log }",
    "principals:",
    `  alice: { roles: [developer, oncall], keys: ["${alice}"] }`,
    `  bob: { roles: [release-manager], keys: ["${bob}"] }`,
    `  ci: { kind: ci, roles: [oncall], keys: ["${ci}"] }`,
    "stages:",
    "  lint: { kind: quality, prefer: allow-failure }",
    "  license: { kind: quality, never: [skip, allow-failure] }",
    "  deploy-prod: { kind: deploy, environment: production }",
    "  docs: { kind: other }",
    "rules:",
    "  - id: quality",
    "    match: { kind: quality }",
    "    actions: [skip, allow-failure, force]",
    "    who: [developer]",
    "    longest: 12h",
    "    default: 2h",
    "    reason: { min: 10 }",
    "  - id: main-deploys",
    "    match: { stages: [deploy-prod], branches: [main] }",
    "    actions: [skip, hold]",
    "    who: [oncall]",
    "    longest: 1h",
    '    reason: { codes: [hotfix, maintenance], ticket: "INC-[0-9]+" }',
    "    approvals: { count: 1, from: [release-manager], pending: 30m }",
    "    emergency: { who: [oncall], longest: 30m, review_within: 24h }",
    "    may_revoke: [release-manager]",
    "    record_use: required",
    "  - id: other-deploys",
    "    match: { kind: deploy }",
    "    actions: [skip]",
    "    who: [developer]",
    "    longest: 4h",
    "limits: { per_stage: { total: 24h, within: 30d } }",
  );
}

const ask = (...line: readonly string[]): Promise<Result> => optout(laptop, ["policy", ...line]);

const words = (line: string): readonly string[] => line.split(" ");

const told = async (...line: readonly string[]): Promise<Result> => {
  const { status, stdout, stderr } = await ask(...line);
  return { status, stdout: plain(stdout, stage), stderr: plain(stderr, stage) };
};
describe("policy explain", () => {
  it("tells the rule that judges, its line, and every condition in words", async () => {
    expect(await told("explain", "deploy-prod")).toEqual({
      status: 0,
      stdout: lines(
        "deploy-prod (line 10 of .optout/policy.yaml at origin/main) on main and pull requests into it in environment production",
        "  kind       deploy",
        "  in         environment production",
        "  in all     up to 1d within 30d; holds are not counted",
        "  no log     stops while the log cannot be read",
        "",
        "✓ main: rule main-deploys (line 20)",
        "  may        skip, hold",
        "  who        oncall (alice)",
        "  longest    1h",
        "  reason     --code hotfix or maintenance",
        "  ticket     one at least, each matching INC-[0-9]+",
        "  approvals  1 approval from release-manager within 30m, never the author's own; none for a hold",
        "             release-manager (bob)",
        "  emergency  in force before approval, up to 30m, review due in 1d",
        "             oncall (alice)",
        "  revoke     its author, or release-manager (bob)",
        "  use        counts only in jobs that can record it",
      ),
      stderr: "",
    });
  });

  it("leaves out of what the rule allows what no one may ever do", async () => {
    const { stdout } = await told("explain", "license");

    expect(stdout).toContain("\n  never      skip, allow-failure, by anyone, by any way at all\n");
    expect(stdout).toContain("\n  may        force\n");
  });

  it("tells the rules of a head's pushes and of its pull requests apart", async () => {
    const { stdout } = await told("explain", "deploy-prod", "--head", "fix/x");

    expect(stdout).toContain("\n✓ pushes to fix/x: rule other-deploys (line 30)\n");
    expect(stdout).toContain(
      "\n✓ pull requests from fix/x into main: rule main-deploys (line 20)\n",
    );
  });

  it("says where no rule fits", async () => {
    const { status, stdout } = await told("explain", "docs");

    expect(status).toBe(0);
    expect(stdout).toContain("\n✗ main: no rule fits, so nothing may override it\n");
  });

  it("is one object with --json, with a rule for each place", async () => {
    const places = ["--branch", "main", "--branch", "release/1"];
    const { stdout } = await ask("explain", "deploy-prod", ...places, "--json");

    expect(schemaFaults("policy-explain", parsed(stdout))).toEqual([]);
    expect(parsed(stdout)).toMatchObject({
      kind: "optout/policy-explain",
      v: 1,
      stage: { id: "deploy-prod", whenUnreachable: "stop", never: [] },
      places: [
        {
          place: "main",
          rule: {
            id: "main-deploys",
            line: 20,
            who: { roles: ["oncall"], people: ["alice"] },
            approvals: { count: 1, from: { people: ["bob"] }, pendingSeconds: 1800 },
            emergency: { longestSeconds: 1800, reviewWithinSeconds: 86_400 },
            reason: { codes: ["hotfix", "maintenance"], ticket: "INC-[0-9]+" },
            recordUse: true,
          },
        },
        { place: "release/1", rule: { id: "other-deploys", approvals: null, emergency: null } },
      ],
    });
  });
});

describe("policy can-i", () => {
  const answers: readonly (readonly [string, string, number, readonly string[]])[] = [
    [
      "says yes, and which command does it",
      "skip lint",
      0,
      [
        "✓ yes: rule quality lets alice skip lint for up to 12h, no approval needed",
        "  on main and pull requests into it",
        "  command:     optout skip lint -m 'say why in at least 10 characters' --for 2h",
      ],
    ],
    [
      "says that it would wait for approvals, and what would not",
      "skip deploy-prod --code hotfix --ticket INC-1 --branch main --once",
      8,
      [
        "… yes, once it is approved: rule main-deploys lets alice skip deploy-prod for up to 1h, 1 approval from release-manager needed",
        "  on main and pull requests into it in environment production",
        "  command:     optout skip deploy-prod -m 'say why' --code hotfix --ticket INC-1 --branch main --once --for 1h     then waits for 1 approval from release-manager",
        "  emergency:   optout skip deploy-prod -m 'say why' --code hotfix --ticket INC-1 --branch main --once --for 30m --emergency     in force at once, review due in 1d",
      ],
    ],
    [
      "says yes to an emergency, with the command that was asked about",
      "skip deploy-prod --code hotfix --ticket INC-1 --for 20m --emergency",
      0,
      [
        "✓ yes: rule main-deploys lets alice skip deploy-prod for up to 30m, no approval needed",
        "  on main and pull requests into it in environment production",
        "  command:     optout skip deploy-prod -m 'say why' --code hotfix --ticket INC-1 --for 20m --emergency     in force at once, review due in 1d",
      ],
    ],
    [
      "says yes to a hold without an approval",
      "hold deploy-prod --code hotfix --ticket INC-1 --for 30m",
      0,
      [
        "✓ yes: rule main-deploys lets alice hold deploy-prod for up to 1h, no approval needed",
        "  on main and pull requests into it in environment production",
        "  command:     optout hold deploy-prod -m 'say why' --code hotfix --ticket INC-1 --for 30m",
      ],
    ],
    [
      "says no with every unmet condition, and the nearest that would work, in the same place",
      "skip lint -m short --for 3d --branch release/1",
      3,
      [
        "✗ no, alice may not",
        "✗ skip lint on release/1: refused by rule quality (line 13 of .optout/policy.yaml at origin/main)",
        "  ✗ longest allowed is 12h, you asked for 3d",
        "  ✗ the reason needs at least 10 characters",
        "  ✗ the stage may be overridden for 1d within 30d, and 0s of it are taken",
        "  would work:  optout skip lint -m 'say why in at least 10 characters' --branch release/1 --for 12h",
      ],
    ],
    [
      "leaves open only the ticket, which it cannot know",
      "skip deploy-prod --code hotfix --ticket OPS-1",
      3,
      [
        "✗ no, alice may not",
        "✗ skip deploy-prod on main: refused by rule main-deploys (line 20 of .optout/policy.yaml at origin/main)",
        "  ✗ ticket OPS-1 does not match INC-[0-9]+",
        "  … needs 1 approval from release-manager",
        "  would work:  optout skip deploy-prod -m 'say why' --code hotfix --ticket TICKET --for 1h",
        "  emergency:   optout skip deploy-prod -m 'say why' --code hotfix --ticket TICKET --for 30m --emergency",
      ],
    ],
    [
      "offers what the policy proposes for the stage, where nothing that was asked for can be had",
      "hold lint",
      3,
      [
        "✗ no, alice may not",
        "✗ hold lint on main: refused by rule quality (line 13 of .optout/policy.yaml at origin/main)",
        "  ✗ the rule allows skip, allow-failure and force only",
        "  would work:  optout allow-failure lint -m 'say why in at least 10 characters' --for 2h",
      ],
    ],
    [
      "offers nothing where no one may",
      "skip license --emergency",
      3,
      [
        "✗ no, alice may not",
        "✗ skip license on main: refused by rule quality (line 13 of .optout/policy.yaml at origin/main)",
        "  ✗ no one may ever skip this stage (line 9 of the policy)",
        "  ✗ the rule allows no emergency",
        "  see:         optout policy explain license",
      ],
    ],
    [
      "offers nothing to who lacks the role, the emergency included",
      "skip deploy-prod --as bob --code hotfix --ticket INC-1",
      3,
      [
        "✗ no, bob may not",
        "✗ skip deploy-prod on main: refused by rule main-deploys (line 20 of .optout/policy.yaml at origin/main)",
        "  ✗ only oncall may do this",
        "  … needs 1 approval from release-manager",
        "  see:         optout policy explain deploy-prod",
      ],
    ],
    [
      "says no to a CI identity, whatever its roles",
      "hold deploy-prod --as ci --code hotfix --ticket INC-1",
      3,
      [
        "✗ no, ci may not",
        "✗ hold deploy-prod on main: refused by rule main-deploys (line 20 of .optout/policy.yaml at origin/main)",
        "  ✗ only oncall may do this",
        "  see:         optout policy explain deploy-prod",
      ],
    ],
  ];

  it.concurrent.each(answers)("%s", async (_title, line, status, shown) => {
    expect(await told("can-i", ...words(line))).toEqual({
      status,
      stdout: lines(...shown),
      stderr: "",
    });
  });

  it.concurrent.each(answers)("%s, as one object with --json", async (_title, line, status) => {
    const end = await ask("can-i", ...words(line), "--json");
    const answer = status === 8 ? "pending" : status === 0 ? "yes" : "no";

    expect({ status: end.status, stderr: end.stderr }).toEqual({ status, stderr: "" });
    expect(parsed(end.stdout)).toMatchObject({ kind: "optout/can-i", v: 1, answer, exit: status });
    expect(schemaFaults("can-i", parsed(end.stdout))).toEqual([]);
  });

  it("names with --json the place, the rule and the commands that would work", async () => {
    const { stdout } = await ask("can-i", "skip", "lint", "--for", "3d", "--json");

    expect(parsed(stdout)).toMatchObject({
      by: "alice",
      action: "skip",
      scope: { branches: ["main"] },
      refused: [
        {
          place: "main",
          rule: { id: "quality", line: 13 },
          objections: [
            { code: "too-long", message: "longest allowed is 12h, you asked for 3d" },
            { code: "limit" },
          ],
        },
      ],
      commands: [
        {
          line: "optout skip lint -m 'say why in at least 10 characters' --for 12h",
          emergency: false,
          waits: false,
        },
      ],
    });
  });

  it("prints nothing with -q: the exit status is the answer", async () => {
    expect(await ask("can-i", "skip", "lint", "-q")).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(await ask("can-i", "hold", "lint", "-q")).toEqual({ status: 3, stdout: "", stderr: "" });
  });

  it("answers as the command itself does, and writes nothing", async () => {
    const before = await refsOf(stage);
    const asked = answers.filter(([, line]) => !line.includes("--as "));
    for (const [, line, status] of asked) {
      const reason = line.includes("-m ") ? [] : ["-m", "the registry is down"];
      const { status: dry } = await optout(laptop, [...words(line), ...reason, "--dry-run"]);

      expect([line, dry]).toEqual([line, status === 3 ? 3 : 0]);
    }
    expect(await refsOf(stage)).toBe(before);
  });

  it("gives a command that does work when it is copied", async () => {
    const { stdout } = await ask("can-i", ...words("skip lint --for 3d --branch it's"));
    const [, line = ""] = /would work: +(.*)\n/.exec(stdout) ?? [];
    const copied = await run(
      laptop,
      "sh",
      ["-c", `optout() { "$NODE" "$BIN" "$@"; }; ${line} -n`],
      {
        env: { NODE: process.execPath, BIN },
      },
    );

    expect(copied).toMatchObject({ status: 0, stderr: "" });
    expect(copied.stdout).toContain("lint is skipped on it's and pull requests into it for 12h");
  });

  const wrong: readonly (readonly [string, string, string])[] = [
    ["skp lint", '✗ "skp" is not one of skip, allow-failure, force, hold', "did you mean skip?"],
    [
      "skip lnt",
      '✗ the policy knows no stage "lnt"; it knows lint, license, deploy-prod, docs',
      "did you mean lint?",
    ],
    [
      "skip lint --as alise",
      '✗ the policy knows nobody called "alise"; it knows alice, bob, ci',
      "did you mean alice?",
    ],
    [
      "skip lint --as alice --key laptop",
      "✗ --as and --key exclude each other",
      "optout help policy can-i",
    ],
  ];

  it.concurrent.each(wrong)("refuses %s", async (line, message, hint) => {
    expect(await ask("can-i", ...words(line))).toEqual({
      status: 2,
      stdout: "",
      stderr: lines(message, ...(hint === "" ? [] : [`  ${hint}`])),
    });
  });
});

describe("a refused override as JSON", () => {
  it("holds no control character of a ticket, and its text all the same", async () => {
    const ticket = "INC-1\u009B31m\u0090q\u009C";
    const line = ["skip", "deploy-prod", "-m", "registry is down", "--code", "hotfix", "--json"];
    const { status, stdout, stderr } = await optout(laptop, [...line, "--ticket", ticket]);

    expect({ status, stdout }).toEqual({ status: 3, stdout: "" });
    expect(stderr).not.toMatch(/[\u0080-\u009F]/);
    const objection = { code: "ticket-mismatch", ticket, pattern: "INC-[0-9]+" };
    expect(parsed(stderr)).toMatchObject({
      error: { code: "refused", refused: [{ places: [{ objections: [objection] }] }] },
    });
  });
});

describe("an override of a stage for which the policy proposes another action", () => {
  it("says so, and is recorded all the same", async () => {
    const { status, stdout } = await optout(laptop, ["skip", "lint", "-m", "registry is down"]);

    expect(status).toBe(0);
    expect(stdout).toContain("  the policy would rather have: optout allow-failure lint\n");
  });
});

describe("an override of all branches", () => {
  it("says for which branches its rule is, since another one judges elsewhere", async () => {
    const line = ["hold", "deploy-prod", "-m", "migration", "--code", "hotfix", "--all-branches"];
    const { status, stdout } = await optout(laptop, [...line, "--ticket", "INC-1"]);

    expect(status).toBe(0);
    expect(stdout).toContain("! rule main-deploys is for main: elsewhere it may have no effect\n");
  });
});
