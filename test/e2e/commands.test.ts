/**
 * The commands as they are typed: what each prints where, its exit status, its JSON, and what it
 * leaves alone.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { Ajv } from "ajv";
import { parse as parseCsv } from "csv-parse/sync";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { commands } from "../../src/commands/table.ts";
import { exitCodes } from "../../src/core/exit.ts";
import {
  copyOf,
  git,
  lines,
  makeClone,
  makePlace,
  makeTeam,
  must,
  optout,
  parsed,
  plain,
  refsOf,
  teamPolicy,
  temporaryOf,
  writeFiles,
  type Keys,
  type More,
  type Place,
  type Result,
  type Stage,
  type Team,
} from "../support/stage.ts";

let team: Team;
const stages: Stage[] = [];

beforeAll(async () => {
  team = await makeTeam({ policy: releasePolicy });
});

afterAll(() => {
  for (const stage of [team.stage, ...stages]) stage.remove();
});

/** With a kind of stages that waits for approval, and a gate that nobody may skip. */
function releasePolicy(keys: Keys): string {
  const policy = teamPolicy(keys)
    .replace("kind: legal", "kind: quality")
    .replace("rules:", "  release: { kind: release }\nrules:");
  return lines(
    policy.trimEnd(),
    "  - id: releases",
    "    match: { kind: release }",
    "    actions: [skip]",
    "    who: [oncall]",
    "    longest: 1h",
    "    approvals: { count: 1, from: [release-manager], pending: 1h }",
    "    emergency: { who: [oncall], longest: 30m, review_within: 24h }",
  );
}

/** The team's repository before anybody opted out of anything. */
async function fresh(): Promise<Stage> {
  const stage = await copyOf(team.stage);
  stages.push(stage);
  return stage;
}

/** Bob's machine, or another one, with a clone of this stage. */
async function machine(stage: Stage, name: string, from: Place): Promise<Place> {
  const place = await makeClone(stage, name);
  return { ...place, env: { XDG_DATA_HOME: join(from.home, "data"), ...from.env } };
}

const shown = (stage: Stage, { status, stdout, stderr }: Result): Result => ({
  status,
  stdout: plain(stdout, stage),
  stderr: plain(stderr, stage),
});

const why = ["-m", "registry is down"] as const;
const failing = ["--", "sh", "-c", "echo the stage runs; exit 7"] as const;

describe("the four actions", () => {
  let stage: Stage;
  let job: Place;

  beforeAll(async () => {
    stage = await fresh();
    job = await makeClone(stage, "runner");
  });

  const lint = (...more: readonly string[]): Promise<Result> =>
    optout(job, ["run", "lint", ...failing, ...more]);

  it("skip does not start the command", async () => {
    await must(stage.laptop, ["skip", "lint", ...why]);

    expect(shown(stage, await lint())).toEqual({
      status: 0,
      stdout: "",
      stderr:
        '! lint skipped by override #2 until <minute>: alice, "registry is down"   policy quality @ <commit>\n',
    });
  });

  it("allow-failure runs it, and its failure is a warning; it beats a skip", async () => {
    await must(stage.laptop, ["allow-failure", "lint", ...why]);

    expect(shown(stage, await lint())).toEqual({
      status: 0,
      stdout: "the stage runs\n",
      stderr: lines(
        '! lint may fail by override #3 until <minute>: alice, "registry is down"   policy quality @ <commit>',
        '  outranked: skip #2 until <minute>: alice, "registry is down"',
        "! lint failed with exit 7; override #3 accepts it",
      ),
    });
  });

  it("force runs it, and its own result counts; it beats what drops the stage", async () => {
    await must(stage.laptop, ["force", "lint", ...why]);

    expect(shown(stage, await lint())).toEqual({
      status: 7,
      stdout: "the stage runs\n",
      stderr: lines(
        '! lint forced to run by override #4 until <minute>: alice, "registry is down"   policy quality @ <commit>',
        '  outranked: allow-failure #3 until <minute>: alice, "registry is down"',
        '  outranked: skip #2 until <minute>: alice, "registry is down"',
      ),
    });
  });

  it("hold does not start it, exit 3; it beats all others", async () => {
    await must(stage.laptop, ["hold", "lint", ...why]);

    expect(shown(stage, await lint())).toEqual({
      status: 3,
      stdout: "",
      stderr: lines(
        '! lint held by override #5 until <minute>: alice, "registry is down"   policy quality @ <commit>',
        '  outranked: force #4 until <minute>: alice, "registry is down"',
        '  outranked: allow-failure #3 until <minute>: alice, "registry is down"',
        '  outranked: skip #2 until <minute>: alice, "registry is down"',
      ),
    });
  });

  it("check names all that is in force, the most protective first, and asks for a skip", async () => {
    expect(shown(stage, await optout(job, ["check", "lint"]))).toEqual({
      status: 11,
      stdout: lines(
        '! lint held by override #5 until <minute>: alice, "registry is down"   policy quality @ <commit>',
        '  outranked: force #4 until <minute>: alice, "registry is down"',
        '  outranked: allow-failure #3 until <minute>: alice, "registry is down"',
        '  outranked: skip #2 until <minute>: alice, "registry is down"',
      ),
      stderr: "",
    });
    expect((await optout(job, ["check", "lint", "--action", "hold", "-q"])).status).toBe(0);
    expect((await optout(job, ["check", "lint", "--action", "force", "-q"])).status).toBe(11);
  });

  it("are ended one by one with undo, the last first", async () => {
    const undone = [];
    for (let count = 0; count < 5; count += 1) undone.push(await optout(stage.laptop, ["undo"]));

    expect(undone.map(({ stdout }) => stdout)).toEqual([
      "✓ #5 is revoked: it no longer holds lint\n! lint is forced to run by #4\n",
      "✓ #4 is revoked: it no longer forces lint\n! a failure of lint is accepted by #3\n",
      "✓ #3 is revoked: it no longer accepts a failure of lint\n! lint is skipped by #2\n",
      "✓ #2 is revoked: it no longer skips lint\n",
      "",
    ]);
    expect(undone.at(-1)).toEqual({
      status: 2,
      stdout: "",
      stderr: lines("✗ nothing of alice is in force or waits", "  optout history --by alice"),
    });
    expect(await lint()).toEqual({ status: 7, stdout: "the stage runs\n", stderr: "" });
  });

  it("protect a deploy the other way round: a skip beats a force", async () => {
    await must(stage.laptop, ["force", "deploy-prod", ...why]);
    await must(stage.laptop, ["skip", "deploy-prod", ...why]);

    const { status, stdout } = await optout(job, ["run", "deploy-prod", ...failing]);
    expect({ status, stdout }).toEqual({ status: 0, stdout: "" });
  });
});

describe("a refusal", () => {
  let stage: Stage;
  let refs: string;

  beforeAll(async () => {
    stage = await fresh();
    refs = await refsOf(stage);
  });

  const refused: readonly (readonly [string, readonly string[], readonly string[]])[] = [
    [
      "names the rule, its line and every unmet condition, and the command that would work",
      ["skip", "lint", "-m", "too short", "--for", "3d"],
      [
        "✗ skip lint on main: refused by rule quality (line 14 of .optout/policy.yaml at origin/main)",
        "  ✗ longest allowed is 12h, you asked for 3d",
        "  ✗ the reason needs at least 10 characters",
        "  would work:  optout skip lint -m 'say why in at least 10 characters' --for 12h",
      ],
    ],
    [
      "names the command that would work",
      ["skip", "lint", "-m", "it's 'down' again", "--for", "3d"],
      [
        "✗ skip lint on main: refused by rule quality (line 14 of .optout/policy.yaml at origin/main)",
        "  ✗ longest allowed is 12h, you asked for 3d",
        "  would work:  optout skip lint -m 'it'\\''s '\\''down'\\'' again' --for 12h",
      ],
    ],
    [
      "is final where no one may ever skip the stage, in an emergency too",
      ["skip", "license", ...why, "--emergency"],
      [
        "✗ skip license on main: refused by rule quality (line 14 of .optout/policy.yaml at origin/main)",
        "  ✗ no one may ever skip this stage (line 11 of the policy)",
        "  ✗ the rule allows no emergency",
        "  see:         optout policy explain license",
      ],
    ],
    [
      "tells what the rule allows, and what explains it",
      ["hold", "release", ...why],
      [
        "✗ hold release on main: refused by rule releases (line 27 of .optout/policy.yaml at origin/main)",
        "  ✗ the rule allows skip only",
        "  see:         optout policy explain release",
      ],
    ],
  ];

  it.concurrent.each(refused)("%s", async (_title, args, told) => {
    expect(shown(stage, await optout(stage.laptop, args))).toEqual({
      status: 3,
      stdout: "",
      stderr: lines(...told),
    });
  });

  it("is one object on stderr with --json", async () => {
    const args = ["skip", "lint", "-m", "registry is down", "--for", "3d", "--json"];
    const { status, stdout, stderr } = await optout(stage.laptop, args);

    expect({ status, stdout }).toEqual({ status: 3, stdout: "" });
    expect(parsed(stderr)).toMatchObject({
      error: {
        code: "refused",
        exit: 3,
        message: "the policy refuses skip lint",
        hint: "optout skip lint -m 'registry is down' --for 12h",
        retryable: false,
        refused: [
          {
            stage: "lint",
            places: [{ place: "main", rule: "quality", objections: [{ code: "too-long" }] }],
          },
        ],
      },
    });
  });

  it("of one of several stages records none of them", async () => {
    const { status, stderr } = await optout(stage.laptop, ["skip", "lint", "license", ...why]);

    expect(status).toBe(3);
    expect(stderr).toContain("✗ skip license on main");
    expect(stderr).not.toContain("✗ skip lint on main");
  });

  it("is all that a person without the role and a CI key get", async () => {
    for (const [name, from] of [["manager", team.bob] as const, ["runner", team.job] as const]) {
      const place = await machine(stage, name, from);
      const { status, stdout, stderr } = await optout(place, ["skip", "lint", ...why]);

      expect({ status, stdout }).toEqual({ status: 3, stdout: "" });
      expect(stderr).toContain("  ✗ only developer or oncall may do this\n");
    }
  });

  it("leaves the remote as it was", async () => {
    expect(await refsOf(stage)).toBe(refs);
  });
});

describe("what is wrong with a line", () => {
  const wrong: readonly (readonly [string, readonly string[], readonly string[]])[] = [
    [
      "a stage alone is no command",
      ["lint"],
      ['✗ unknown command "lint"', "  did you mean `optout skip lint`?"],
    ],
    [
      "a slip in a command",
      ["skp", "lint"],
      ['✗ unknown command "skp"', "  did you mean `optout skip`?"],
    ],
    [
      "a missing reason, where nobody can be asked",
      ["skip", "lint"],
      ["✗ a reason is missing", '  optout skip lint -m "why"'],
    ],
    [
      "an empty reason",
      ["skip", "lint", "-m", " "],
      ["✗ the reason is empty", "  optout skip lint -m why"],
    ],
    [
      "a missing reason, with everything that was said already",
      ["skip", "lint", "unit-tests", "--for", "2h", "--ticket", "INC 1", "--no-input", "--once"],
      [
        "✗ a reason is missing",
        `  optout skip lint unit-tests -m "why" --ticket 'INC 1' --for 2h --once`,
      ],
    ],
    [
      "a reason that no reader would take",
      ["skip", "lint", "-m", "the bell \u0007 rings"],
      [
        "✗ the log cannot take this reason.text: it takes 2,000 characters, line breaks, and no other control characters",
        "  optout help skip",
      ],
    ],
    [
      "a ticket that no reader would take, in a dry run too",
      ["skip", "lint", ...why, "--ticket", "INC 1", "--dry-run"],
      [
        "✗ the log cannot take this tickets.0: it takes 16 tickets, each of 1 to 64 characters without spaces",
        "  optout help skip",
      ],
    ],
    [
      "a flag of another command",
      ["skip", "lint", ...why, "--limit", "3"],
      ["✗ unknown flag --limit", "  optout help skip"],
    ],
    [
      "a slip in a flag",
      ["skip", "lint", ...why, "--tiket", "INC-1"],
      ["✗ unknown flag --tiket", "  did you mean --ticket?"],
    ],
    [
      "two ends",
      ["skip", "lint", ...why, "--for", "1h", "--until", "18:00"],
      ["✗ --for and --until exclude each other", "  optout help skip"],
    ],
    [
      "a glob",
      ["skip", "lint", ...why, "--branch", "release/*"],
      [
        '✗ --branch "release/*" is not a name of git\'s',
        "  a scope has exact names, no globs; for all: --all-branches",
      ],
    ],
    [
      "a code that is none",
      ["skip", "lint", ...why, "--code", "flakey"],
      [
        '✗ --code "flakey" is not one of broken-gate, flaky, upstream-outage, hotfix, minor-change, maintenance, forensics, drill, other',
        "  --code flaky",
      ],
    ],
    [
      "a colour that is none",
      ["status", "--color", "sometimes"],
      ['✗ --color "sometimes" is not one of auto, always, never', "  --color auto"],
    ],
  ];

  it.concurrent.each(wrong)("is told with what to type instead: %s", async (_title, args, told) => {
    expect(await optout(team.stage.laptop, args)).toEqual({
      status: 2,
      stdout: "",
      stderr: lines(...told),
    });
  });

  it("is one object on stderr with --json, wherever that stands", async () => {
    const { status, stdout, stderr } = await optout(team.stage.laptop, ["--json", "skip", "lint"]);

    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(parsed(stderr)).toEqual({
      error: {
        code: "usage",
        exit: 2,
        message: "a reason is missing",
        hint: 'optout skip lint -m "why" --json',
        retryable: false,
      },
    });
  });

  it("is a reason that holds a secret, which is not repeated", async () => {
    const token = `ghp_${"a1B2".repeat(9)}`;
    const { status, stdout, stderr } = await optout(team.stage.laptop, [
      "skip",
      "lint",
      "-m",
      `login with ${token} fails`,
    ]);

    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toContain("✗ the reason seems to hold a secret");
    expect(stderr).not.toContain(token);
  });
});

describe("issuing", () => {
  let stage: Stage;
  let laptop: Place;

  beforeAll(async () => {
    stage = await fresh();
    ({ laptop } = stage);
  });

  it("prints the id alone with -q, one a line for several stages, each an override of its own", async () => {
    const { status, stdout, stderr } = await optout(laptop, [
      "skip",
      "lint",
      "unit-tests",
      ...why,
      "-q",
    ]);

    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const ids = stdout.trimEnd().split("\n");
    expect(ids).toHaveLength(2);
    for (const id of ids) expect(id).toMatch(/^ovr_[0-9a-hjkmnp-tv-z]{16}$/);
    const overrides = await Promise.all(
      ids.map(async (id) => parsed(await must(laptop, ["show", id, "--json"]))),
    );
    expect(overrides).toMatchObject([
      { seq: 2, target: { name: "lint" }, state: "in-force" },
      { seq: 3, target: { name: "unit-tests" }, state: "in-force" },
    ]);
  });

  it("tells several stages in one message", async () => {
    const args = ["allow-failure", "lint", "unit-tests", ...why, "--for", "90m"];

    expect(shown(stage, await optout(laptop, args))).toEqual({
      status: 0,
      stdout: lines(
        "",
        "! lint may fail on main and pull requests into it for 1h30m, until <clock>",
        "  <id>   undo: optout revoke 4",
        "! nothing on main asks optout about lint: this will have no effect",
        "",
        "! unit-tests may fail on main and pull requests into it for 1h30m, until <clock>",
        "  <id>   undo: optout revoke 5",
        "! nothing on main asks optout about unit-tests: this will have no effect",
      ),
      stderr: lines(
        "✓ policy    rule quality lets you allow-failure lint for up to 12h, no approval needed",
        "✓ policy    rule quality lets you allow-failure unit-tests for up to 12h, no approval needed",
        "✓ signed    as alice with key file <stage>/laptop-home/data/optout/keys/default.pem <key>",
        "✓ recorded  #4, #5 in git:optout-log",
      ),
    });
  });

  it("writes nothing with --dry-run, and shows the record it would sign", async () => {
    const before = await refsOf(stage);
    const text = await optout(laptop, ["skip", "lint", ...why, "-n"]);
    const json = await optout(laptop, ["skip", "lint", ...why, "--dry-run", "--json"]);

    expect(text).toMatchObject({ status: 0, stderr: "" });
    expect(plain(text.stdout, stage).split("\n").slice(0, 3)).toEqual([
      "… dry run: nothing is recorded",
      "  rule quality lets you skip lint for up to 12h, no approval needed",
      "  lint is skipped on main and pull requests into it for 2h",
    ]);
    expect(json).toMatchObject({ status: 0, stderr: "" });
    expect(parsed(json.stdout)).toMatchObject({
      kind: "optout/preview",
      v: 1,
      statements: [
        { kind: "override.created", by: "alice", duration: 7200, scope: { branches: ["main"] } },
      ],
    });
    expect(await refsOf(stage)).toBe(before);
  });

  it("reads the reason from standard input with -m -", async () => {
    const args = ["skip", "unit-tests", "-m", "-", "--json"];
    const { stdout } = await optout(laptop, args, { input: "registry is down\nsince\tnoon\n" });

    expect(parsed(stdout)).toMatchObject({ reason: { text: "registry is down\nsince noon" } });
  });

  it("is for the branch a change comes from, on a feature branch", async () => {
    await git(laptop, ["checkout", "-q", "-b", "fix"]);
    const { status, stdout } = await optout(laptop, ["skip", "license", ...why]);
    const skip = shown(stage, await optout(laptop, ["skip", "lint", ...why]));
    await git(laptop, ["checkout", "-q", "main"]);

    expect({ status, stdout }).toEqual({ status: 3, stdout: "" });
    expect(skip.stdout).toContain(
      "! lint is skipped on branch fix (its pushes and pull requests) for 2h, until <clock>\n",
    );
    const { scope } = parsed(await must(laptop, ["show", "7", "--json"]));
    expect(scope).toMatchObject({ branches: [], heads: ["fix"], tags: [] });
  });

  it("is for the receiving branch on a release branch", async () => {
    await git(laptop, ["checkout", "-q", "-b", "release/1.4"]);
    const skip = shown(stage, await optout(laptop, ["skip", "lint", ...why]));
    await git(laptop, ["checkout", "-q", "main"]);

    expect(skip.stdout).toContain(
      "! lint is skipped on release/1.4 and pull requests into it for 2h, until <clock>\n",
    );
  });

  it("is everywhere only with --all-branches", async () => {
    const skip = shown(stage, await optout(laptop, ["skip", "lint", ...why, "--all-branches"]));
    const { scope } = parsed(await must(laptop, ["show", "9", "--json"]));
    const elsewhere = await optout(laptop, ["check", "lint", "--branch", "any/other", "-q"]);

    expect(skip.stdout).toContain("! lint is skipped on all branches and tags for 2h");
    expect(scope).toMatchObject({ branches: "*", heads: [], tags: [] });
    expect(elsewhere.status).toBe(0);
  });

  it("needs to be told where, when no branch is checked out", async () => {
    await git(laptop, ["checkout", "-q", "--detach"]);
    const skip = await optout(laptop, ["skip", "lint", ...why]);
    await git(laptop, ["checkout", "-q", "main"]);

    expect(skip).toEqual({
      status: 2,
      stdout: "",
      stderr: lines(
        "✗ no branch is checked out: say where the override applies",
        "  optout skip lint --branch main -m 'registry is down'   (or --head B, --tag T, --all-branches)",
      ),
    });
  });

  it("starts later with --from, and is scheduled until then", async () => {
    const from = new Date(Date.now() + 3_600_000).toISOString().replace(/\.\d+Z$/, "Z");
    const { status, stdout } = await optout(laptop, [
      "skip",
      "unit-tests",
      ...why,
      "--branch",
      "later",
      "--from",
      from,
      "--json",
    ]);

    expect(status).toBe(0);
    expect(parsed(stdout)).toMatchObject({ state: "scheduled", notBefore: from });
    expect((await optout(laptop, ["check", "unit-tests", "--branch", "later", "-q"])).status).toBe(
      11,
    );
  });

  it("waits for approvals where the rule asks for them, exit 8", async () => {
    expect(shown(stage, await optout(laptop, ["skip", "release", ...why]))).toEqual({
      status: 8,
      stdout: lines(
        "",
        "… recorded, not in force yet: needs 1 approval from release-manager (0 so far)",
        "  they sign with: optout approve 11",
        "  <id>   undo: optout revoke 11",
        "! nothing on main asks optout about release: this will have no effect",
      ),
      stderr: lines(
        "✓ policy    rule releases lets you skip release for up to 1h, 1 approval from release-manager needed",
        "✓ signed    as alice with key file <stage>/laptop-home/data/optout/keys/default.pem <key>",
        "✓ recorded  #11 in git:optout-log",
      ),
    });
    expect((await optout(laptop, ["run", "release", ...failing])).status).toBe(7);
  });

  it("is in force at once in an emergency, for the shorter time", async () => {
    const { status, stdout } = await optout(laptop, [
      "skip",
      "release",
      ...why,
      "--emergency",
      "--json",
    ]);

    expect(status).toBe(0);
    expect(parsed(stdout)).toMatchObject({ state: "in-force", emergency: true });
    expect((await optout(laptop, ["check", "release"])).status).toBe(0);
  });

  it("shows a hostile reason as text", async () => {
    const reason = "::error::no\n::set-output name=x::y\n@everyone <script> =1+1";
    await must(laptop, ["skip", "unit-tests", "-m", reason, "--branch", "hostile"]);

    const { stderr } = await optout(laptop, [
      "run",
      "unit-tests",
      "--branch",
      "hostile",
      ...failing,
    ]);
    expect(stderr.split("\n")).toHaveLength(2);
    expect(stderr).toMatch(/^! unit-tests skipped by override #13 /);
    const { status, stderr: refusal } = await optout(laptop, [
      "skip",
      "lint",
      "-m",
      "red \u001b[31m alert \u202e",
    ]);
    expect(status).toBe(2);
    expect(refusal).not.toContain("\u001b[31m");
  });
});

describe("revoking", () => {
  let stage: Stage;
  let laptop: Place;

  beforeAll(async () => {
    stage = await fresh();
    ({ laptop } = stage);
    for (const branch of ["one", "two", "three", "four"]) {
      await must(laptop, ["skip", "lint", ...why, "--branch", branch]);
    }
    await must(laptop, ["hold", "deploy-prod", ...why]);
  });

  it("is refused while a stage's name may mean several", async () => {
    const { status, stdout, stderr } = await optout(laptop, ["revoke", "lint"]);

    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(plain(stderr, stage)).toBe(
      lines(
        "✗ lint may mean #2 (<id>), #3 (<id>), #4 (<id>), #5 (<id>)",
        "  optout revoke 2   (or another of them)",
      ),
    );
    const json = await optout(laptop, ["show", "lint", "--json"]);
    expect(parsed(json.stderr)).toMatchObject({ error: { code: "ambiguous", exit: 2 } });
  });

  it("ends none of several when one of the names means nothing", async () => {
    const before = await refsOf(stage);
    const { status, stdout, stderr } = await optout(laptop, ["revoke", "2", "99"]);

    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toBe(lines('✗ no override answers to "99"', "  optout history"));
    expect(await refsOf(stage)).toBe(before);
  });

  it("takes a number, with or without #", async () => {
    expect(await optout(laptop, ["revoke", "#2"])).toEqual({
      status: 0,
      stdout: "✓ #2 is revoked: it no longer skips lint\n",
      stderr: "",
    });
  });

  it("takes an id, or the beginning of one that is enough", async () => {
    const { id } = parsed(await must(laptop, ["show", "3", "--json"]));

    const { status, stdout } = await optout(laptop, ["revoke", String(id).slice(0, 12), "-q"]);

    expect({ status, stdout }).toEqual({ status: 0, stdout: `${String(id)}\n` });
  });

  it("prints the override with --json, and one object for several", async () => {
    const input = "the registry is back\n";
    const one = await optout(laptop, ["revoke", "4", "-m", "-", "--json"], { input });
    const several = await optout(laptop, ["revoke", "4", "5", "--json"]);

    expect(one).toMatchObject({ status: 0, stderr: "" });
    expect(parsed(one.stdout)).toMatchObject({ kind: "optout/override", seq: 4, state: "revoked" });
    expect(await must(laptop, ["show", "4"])).toContain(
      'revoke #4 (alice): "the registry is back"',
    );
    expect(several).toMatchObject({ status: 0, stderr: "" });
    expect(parsed(several.stdout)).toMatchObject({
      kind: "optout/overrides",
      v: 1,
      overrides: [
        { seq: 4, state: "revoked" },
        { seq: 5, state: "revoked" },
      ],
    });
  });

  it("takes a stage's name when one override of it is in force", async () => {
    const bob = await machine(stage, "bob-here", team.bob);

    // bob is a release manager, whom the rule lets end it
    expect(await optout(bob, ["revoke", "deploy-prod", "-m", "the migration is done"])).toEqual({
      status: 0,
      stdout: "✓ #6 is revoked: it no longer holds deploy-prod\n",
      stderr: "",
    });
    expect((await optout(laptop, ["run", "deploy-prod", ...failing])).status).toBe(7);
  });

  it("is refused to those whom nobody named, with who may", async () => {
    await must(laptop, ["skip", "unit-tests", ...why]);
    const bob = await machine(stage, "bob-again", team.bob);
    const before = await refsOf(stage);

    expect(await optout(bob, ["revoke", "unit-tests"])).toEqual({
      status: 3,
      stdout: "",
      stderr: lines("✗ bob may not revoke #12: alice may", "  optout show 12"),
    });
    expect(await refsOf(stage)).toBe(before);
    expect((await optout(laptop, ["check", "unit-tests"])).status).toBe(0);
  });
});

describe("an override for one run", () => {
  let stage: Stage;
  let job: Place;
  let recorded: string;

  beforeAll(async () => {
    stage = await fresh();
    job = await machine(stage, "job-here", team.job);
    recorded = await must(stage.laptop, ["skip", "lint", ...why, "--once"]);
  });

  it("says so wherever it says until when it lasts", async () => {
    const said = / UTC, for one run\n/;
    expect(recorded).toMatch(said);
    expect(await must(stage.laptop, ["status"])).toMatch(said);
  });

  const run = (id: string, attempt: string): More => ({
    env: {
      CI: "true",
      GITHUB_ACTIONS: "true",
      GITHUB_EVENT_NAME: "push",
      GITHUB_REF: "refs/heads/main",
      GITHUB_SHA: "0".repeat(40),
      GITHUB_RUN_ID: id,
      GITHUB_RUN_ATTEMPT: attempt,
      GITHUB_JOB: "lint",
    },
  });

  it("is not granted without a key to record the use with, and says so", async () => {
    const keyless = { ...job, env: {} };
    const check = await optout(keyless, ["check", "lint"], run("100", "1"));
    const ran = await optout(keyless, ["run", "lint", ...failing], run("100", "1"));

    expect(check).toEqual({
      status: 11,
      stdout: lines(
        "✓ lint runs normally on main: no override applies",
        "::group::optout details",
        "  ✗ #2 skip by alice: its use could not be recorded: there is no key to sign with",
        "::endgroup::",
      ),
      stderr: "",
    });
    expect(ran).toMatchObject({ status: 7, stdout: "the stage runs\n" });
  });

  it("is not granted outside of a job, nor to a person's key", async () => {
    const outside = await optout(job, ["check", "lint"]);
    const person = await optout(stage.laptop, ["check", "lint"], run("100", "1"));

    expect(outside.stdout).toContain(
      "its use could not be recorded: this is not a job of a forge, so there is no run to record\n",
    );
    expect(person.stdout).toContain(
      "its use could not be recorded: alice is a person; uses are recorded by ci\n",
    );
    expect([outside.status, person.status]).toEqual([11, 11]);
  });

  it("is granted to the first run, and its use is in the log", async () => {
    const ran = await optout(job, ["run", "lint", ...failing], run("101", "1"));

    expect(ran).toMatchObject({ status: 0, stdout: "" });
    expect(ran.stderr).toContain("! lint skipped by override #2");
    const { stdout } = await optout(stage.laptop, ["show", "2"]);
    expect(plain(stdout, stage)).toContain("#3  <clock>  use of #2 by run 101 (ci)\n");
  });

  it("is granted to the same run again, in another job or attempt, without another use", async () => {
    const refs = await refsOf(stage);
    const again = await optout(job, ["run", "lint", ...failing], run("101", "2"));
    const check = await optout(job, ["check", "lint"], run("101", "1"));

    expect([again.status, again.stdout, check.status]).toEqual([0, "", 0]);
    expect(await refsOf(stage)).toBe(refs);
  });

  it("is refused to the second run, which writes nothing", async () => {
    const refs = await refsOf(stage);
    const check = await optout(job, ["check", "lint"], run("102", "1"));
    const ran = await optout(job, ["run", "lint", ...failing], run("102", "1"));

    expect(check).toEqual({
      status: 11,
      stdout: lines(
        "✓ lint runs normally on main: no override applies",
        "::group::optout details",
        "  ✗ #2 skip by alice: already used by run 101",
        "::endgroup::",
      ),
      stderr: "",
    });
    expect(ran).toMatchObject({ status: 7, stdout: "the stage runs\n" });
    expect(await refsOf(stage)).toBe(refs);
    expect(parsed(await must(stage.laptop, ["show", "2", "--json"]))).toMatchObject({
      once: true,
      uses: 1,
      state: "used-up",
    });
    expect((await optout(stage.laptop, ["verify"])).status).toBe(0);
  });

  it("goes to one of two runs that ask at the same time", async () => {
    await must(stage.laptop, ["skip", "unit-tests", ...why, "--once"]);
    const other = await machine(stage, "job-there", team.job);

    const ends = await Promise.all([
      optout(job, ["check", "unit-tests"], run("201", "1")),
      optout(other, ["check", "unit-tests"], run("202", "1")),
    ]);

    expect(ends.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([0, 11]);
    expect((await optout(stage.laptop, ["verify"])).status).toBe(0);
  });

  it("tells with --debug which git ran, on stderr, also where it was asked before", async () => {
    const { stdout, stderr } = await optout(job, ["check", "unit-tests", "--debug"], run("9", "1"));

    expect(stdout).not.toContain("debug:");
    expect(stderr).toMatch(/^debug: git .*\bfetch\b.* ended with 0 after \d+ ms$/m);
  });

  it("never shows the key of the job", async () => {
    const { stdout, stderr } = await optout(job, ["check", "lint", "--debug"], run("102", "1"));

    expect(stdout + stderr).not.toContain("PRIVATE KEY");
    const wrong = await optout(job, ["skip", "lint", ...why], { env: { OPTOUT_KEY: "hunter2" } });
    expect({ status: wrong.status, stdout: wrong.stdout }).toEqual({ status: 4, stdout: "" });
    expect(wrong.stderr).not.toContain("hunter2");
  });
});

describe("looking back", () => {
  let stage: Stage;
  let laptop: Place;

  /** #2 skip lint (revoked by #3), #4 allow-failure unit-tests, #5 hold deploy-prod, #6 skip lint on release/1. */
  beforeAll(async () => {
    stage = await fresh();
    ({ laptop } = stage);
    await must(laptop, [
      "skip",
      "lint",
      "-m",
      "lint image answers 500",
      "--ticket",
      "INC-4312",
      "--code",
      "broken-gate",
    ]);
    await must(laptop, ["revoke", "lint", "-m", "image is repaired"]);
    await must(laptop, ["allow-failure", "unit-tests", ...why]);
    await must(laptop, ["hold", "deploy-prod", ...why]);
    await must(laptop, ["skip", "lint", ...why, "--branch", "release/1"]);
  });

  const numbers = async (...args: readonly string[]): Promise<readonly string[]> => {
    const { status, stdout } = await optout(laptop, ["history", ...args]);
    expect(status).toBe(0);
    return stdout
      .trimEnd()
      .split("\n")
      .map((line) => line.split("\t")[0] ?? "");
  };

  it("history prints a line of tab-separated values for each override, newest first", async () => {
    expect(shown(stage, await optout(laptop, ["history"]))).toEqual({
      status: 0,
      stdout: lines(
        "6\t<time>\tin-force\tskip\tlint\trelease/1\t<time>\talice\tregistry is down\t\t<id>",
        "5\t<time>\tin-force\thold\tdeploy-prod\tmain\t<time>\talice\tregistry is down\t\t<id>",
        "4\t<time>\tin-force\tallow-failure\tunit-tests\tmain\t<time>\talice\tregistry is down\t\t<id>",
        "2\t<time>\trevoked\tskip\tlint\tmain\t<time>\talice\tlint image answers 500\tINC-4312\t<id>",
      ),
      stderr: "",
    });
  });

  const filters: readonly (readonly [string, readonly string[]])[] = [
    ["-L 2", ["6", "5"]],
    ["lint", ["6", "2"]],
    ["lint unit-tests", ["6", "4", "2"]],
    ["--state revoked", ["2"]],
    ["--state in-force --action skip", ["6"]],
    ["--action hold --action allow-failure", ["5", "4"]],
    ["--by alice -L 1", ["6"]],
    ["--branch release/1", ["6"]],
    ["--since 1h", ["6", "5", "4", "2"]],
    ["--since 2020-01-01 --before 2099-01-01T00:00:00Z", ["6", "5", "4", "2"]],
  ];

  it.concurrent.each(filters)("history %s shows what was asked for", async (line, found) => {
    expect(await numbers(...line.split(" "))).toEqual(found);
  });

  it.concurrent.each([
    "--by bob",
    "--before 1h",
    "--since 2099-01-01",
    "--emergency",
    "license",
    "--state denied",
  ])("history %s finds nothing, exit 0", async (line) => {
    expect(await optout(laptop, ["history", ...line.split(" ")])).toEqual({
      status: 0,
      stdout: "",
      stderr: "no override answers to that\n",
    });
  });

  it.each([
    [
      "--state gone",
      "--state gone is not one of pending, in-force, scheduled, expired, revoked, denied, used-up, void",
    ],
    ["-L none", "--limit none is not a number from 1"],
  ])("history %s is refused", async (line, told) => {
    const { status, stdout, stderr } = await optout(laptop, [
      "history",
      ...line.split(" "),
      "--json",
    ]);

    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(parsed(stderr)).toMatchObject({ error: { code: "usage", message: told } });
  });

  it("history --json is one object, --jsonl one a line, --fields the members asked for", async () => {
    const json = await optout(laptop, ["history", "--json", "-L", "2"]);
    const empty = await optout(laptop, ["history", "--json", "--by", "bob"]);
    const jsonl = await optout(laptop, ["history", "lint", "--jsonl", "--fields", "seq,state,by"]);

    expect(parsed(json.stdout)).toMatchObject({
      kind: "optout/history",
      v: 1,
      overrides: [{ seq: 6 }, { seq: 5 }],
    });
    expect(parsed(empty.stdout)).toEqual({ kind: "optout/history", v: 1, overrides: [] });
    expect(jsonl).toEqual({
      status: 0,
      stdout: lines(
        '{"seq":6,"state":"in-force","by":"alice"}',
        '{"seq":2,"state":"revoked","by":"alice"}',
      ),
      stderr: "",
    });
    const wrong = await optout(laptop, ["history", "--json", "--fields", "seq,what"]);
    expect({ status: wrong.status, stdout: wrong.stdout }).toEqual({ status: 2, stdout: "" });
  });

  it("history --csv is a table for a spreadsheet, with a heading", async () => {
    const { status, stdout, stderr } = await optout(laptop, ["history", "--csv", "-L", "2"]);
    const rows = parseCsv(stdout, { columns: true, record_delimiter: "\r\n" });

    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(rows).toMatchObject([
      { seq: "6", stage: "lint", branches: "release/1", state: "in-force", by: "alice" },
      { seq: "5", stage: "deploy-prod", action: "hold", reason: "registry is down" },
    ]);
  });

  it("takes --jsonl and --fields wherever overrides are printed", async () => {
    const status = await must(laptop, ["status", "--json", "--fields", "seq,state"]);
    const live = await must(laptop, ["status", "--jsonl", "--fields", "seq"]);
    const one = await must(laptop, ["show", "5", "--jsonl", "--fields", "action,seq"]);
    const wrong = await optout(laptop, ["show", "5", "--json", "--fields", "sequence"]);

    expect(parsed(status)).toMatchObject({
      kind: "optout/status",
      overrides: [4, 5, 6].map((seq) => ({ seq, state: "in-force" })),
    });
    expect(live).toBe('{"seq":4}\n{"seq":5}\n{"seq":6}\n');
    expect(one).toBe('{"action":"hold","seq":5}\n');
    expect(wrong.status).toBe(2);
  });

  it.each([
    ["skip lint -m why --for 3x", '--for: the duration "3x"'],
    ["skip lint -m why --until 25:00", '--until: the time "25:00"'],
    ["skip lint -m why --from tomorrow", '--from: the time "tomorrow"'],
    ["check lint --timeout 1ms", '--timeout: the duration "1ms"'],
    ["history --since foo", '--since: the time "foo"'],
    ["history nostage", 'the policy knows no stage "nostage"'],
    ["verify --json --format sarif", "--json and --format sarif exclude each other"],
  ])("names what cannot be read: %s", async (line, told) => {
    const { status, stdout, stderr } = await optout(laptop, line.split(" "));

    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toContain(told);
  });

  it("refuses a wrong member before anything is recorded", async () => {
    const before = await refsOf(stage);
    const line = ["skip", "lint", "-m", "registry is down", "--json", "--fields", "seq,what"];
    const { status, stderr } = await optout(laptop, line);
    const dry = await optout(laptop, [...line.slice(0, -1), "seq", "--dry-run"]);

    expect([status, dry.status]).toEqual([2, 2]);
    expect(parsed(stderr)).toMatchObject({
      error: { message: '--fields: an override has no member "what"' },
    });
    expect(await refsOf(stage)).toBe(before);
  });

  it.each([
    ["--csv --jsonl", "--jsonl and --csv exclude each other"],
    ["--csv --fields seq", "--fields chooses members of the JSON"],
  ])("history %s is refused", async (line, told) => {
    const { status, stdout, stderr } = await optout(laptop, ["history", ...line.split(" ")]);

    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toContain(told);
  });

  it("show prints a card with its timeline", async () => {
    const { status, stdout, stderr } = await optout(laptop, ["show", "2"]);

    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const card = plain(stdout, stage).replace(/(just now|\d+\w+ ago)/, "<ago>");
    expect(card.replaceAll(/policy [0-9a-f]{7}\b/g, "policy <commit>")).toBe(
      lines(
        "#2  skip lint  revoked",
        "  id        <id>",
        "  where     main and pull requests into it",
        "  why       broken-gate: lint image answers 500",
        "  tickets   INC-4312",
        "  by        alice (Alice Ng) with <key>",
        "  when      <clock>, <ago>",
        "  time      <clock> – <clock>, 2h",
        "  rule      quality, policy <commit>",
        "  entry     <hash>",
        "  not now   revoked by alice (#3)",
        "",
        "  #2  <clock>  skip lint on main until <minute> (alice)",
        '  #3  <clock>  revoke #2 (alice): "image is repaired"',
      ),
    );
  });

  it.concurrent.each([0, 1, 2, 3, 6])(
    "show %i --raw prints exactly the bytes of the position",
    async (seq) => {
      const { status, stdout, stderr } = await optout(laptop, ["show", `${seq}`, "--raw"]);

      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
      const commit = await git(laptop, ["cat-file", "commit", `optout-log~${6 - seq}`], {
        cwd: stage.remote,
      });
      expect(stdout).toBe(`${commit.trimEnd().split("\n").at(-1) ?? ""}\n`);
    },
  );

  it("show tells a position that is no override, and has no JSON of it", async () => {
    const text = await optout(laptop, ["show", "3"]);
    const json = await optout(laptop, ["show", "3", "--json"]);
    const beyond = await optout(laptop, ["show", "4711"]);

    expect(plain(text.stdout, stage)).toMatch(
      /^#3 {2}revoke .* \(alice\) {2}<clock>, .*\n {2}entry <hash>\n$/,
    );
    expect(parsed(json.stderr)).toMatchObject({
      error: { code: "not-found", hint: "optout show 3 --raw" },
    });
    expect(beyond).toEqual({
      status: 2,
      stdout: "",
      stderr: lines("✗ the log ends at #6", "  optout history"),
    });
  });

  it("status shows what is in force, and who revoked a key", async () => {
    const { status, stdout, stderr } = await optout(laptop, ["status", "--json"]);

    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(parsed(stdout)).toMatchObject({
      kind: "optout/status",
      v: 1,
      overrides: [{ seq: 4 }, { seq: 5 }, { seq: 6 }],
      revokedKeys: [],
      policy: { source: ".optout/policy.yaml at origin/main" },
      log: { store: "git:optout-log", head: { seq: 6 } },
    });
  });

  describe("verify", () => {
    const head = async (): Promise<{ seq: number; hash: string }> => {
      const { head: last } = parsed(await must(laptop, ["verify", "--json"])) as {
        head: { seq: number; hash: string };
      };
      return last;
    };

    it("prints what it counted, in words and as JSON", async () => {
      expect(shown(stage, await optout(laptop, ["verify"]))).toEqual({
        status: 0,
        stdout: lines(
          "✓ git:optout-log is intact: 7 positions",
          "  1 log.created, 1 policy.recorded, 4 override.created, 1 override.revoked",
          "  head 6:<hash>",
        ),
        stderr: "",
      });
      expect(parsed(await must(laptop, ["verify", "--json"]))).toMatchObject({
        kind: "optout/verify",
        v: 1,
        intact: true,
        store: "git:optout-log",
        from: 0,
        positions: 7,
        head: { seq: 6 },
        statements: { "override.created": 4 },
        findings: [],
      });
    });

    it("holds the log against a head that is given", async () => {
      const { seq, hash } = await head();
      const right = await optout(laptop, [
        "verify",
        "--head",
        `${seq}:${hash}`,
        "--head",
        `#${seq}:${hash}`,
      ]);
      const wrong = await optout(laptop, ["verify", "--head", `${seq - 1}:${hash}`]);
      const beyond = await optout(laptop, ["verify", "--head", `${seq + 1}:${hash}`]);

      expect(right).toMatchObject({ status: 0, stderr: "" });
      expect({ status: wrong.status, stderr: wrong.stderr }).toEqual({ status: 5, stderr: "" });
      expect(plain(wrong.stdout, stage)).toContain(
        "✗ #5 HEAD_MISMATCH: the log differs from an anchor that was seen before (<hash> is not <hash>)\n✗ git:optout-log is not intact: 7 positions\n",
      );
      expect(beyond.status).toBe(5);
      expect(beyond.stdout).toContain("✗ #7 HEAD_MISSING: ");
      const later = await optout(laptop, ["verify", "--from", `${seq + 1}`, "--json"]);
      expect(later.status).toBe(5);
      expect(parsed(later.stdout)).toMatchObject({
        intact: false,
        positions: 0,
        findings: [{ code: "HEAD_MISSING", seq: seq + 1 }],
      });
      const malformed = await optout(laptop, ["verify", "--head", "6", "--json"]);
      expect({ status: malformed.status, stdout: malformed.stdout }).toEqual({
        status: 2,
        stdout: "",
      });
    });

    it("prints the same as --json with --format json, and SARIF with --format sarif", async () => {
      const json = await must(laptop, ["verify", "--json"]);
      const wrong = await optout(laptop, [
        "verify",
        "--format",
        "sarif",
        "--head",
        `6:${"A".repeat(43)}`,
      ]);

      expect(await must(laptop, ["verify", "--format", "json"])).toBe(json);
      expect(await must(laptop, ["verify", "--format", "text"])).toBe(
        await must(laptop, ["verify"]),
      );
      expect(parsed(await must(laptop, ["verify", "--format", "sarif"]))).toMatchObject({
        version: "2.1.0",
        runs: [{ results: [], properties: { intact: true, positions: 7 } }],
      });
      expect(wrong.status).toBe(5);
      expect(parsed(wrong.stdout)).toMatchObject({
        runs: [{ results: [{ ruleId: "HEAD_MISMATCH", level: "error" }] }],
      });
      expect((await optout(laptop, ["verify", "--format", "xml"])).status).toBe(2);
    });

    it("begins later with --from", async () => {
      expect(shown(stage, await optout(laptop, ["verify", "--from", "4"]))).toEqual({
        status: 0,
        stdout: lines(
          "✓ git:optout-log is intact: 3 positions from #4",
          "  3 override.created",
          "  head 6:<hash>",
        ),
        stderr: "",
      });
      expect((await optout(laptop, ["verify", "--from", "now"])).status).toBe(2);
    });
  });

  describe("the JSON", () => {
    const ajv = new Ajv({ strict: false });
    /** What is wrong with a value, by the schema that the program prints. */
    const faultsBy = async (kind: string): Promise<(value: unknown) => readonly unknown[]> => {
      const validate = ajv.compile(parsed(await must(laptop, ["schema", kind])));
      return (value) => (validate(value) ? [] : (validate.errors ?? []));
    };

    it("of an override is the same from every command but for its effects, and fits its schema", async () => {
      const faults = await faultsBy("override");
      const scope = ["--tag", "v1", "--sha", "a".repeat(40), "--pr", "7", "--env", "eu", "--forks"];
      const line = ["skip", "lint", ...why, ...scope, "--once", "--json"];
      const recorded = parsed(await must(laptop, line));
      const { effects, told, repeat, ...issued } = recorded;
      const listed = parsed(await must(laptop, ["history", "--json"])) as { overrides: unknown[] };
      const [first = ""] = (await must(laptop, ["history", "--jsonl", "-L", "1"])).split("\n");
      const shownAgain = parsed(await must(laptop, ["show", "7", "--json"]));
      const live = parsed(await must(laptop, ["status", "--json"])) as { overrides: unknown[] };
      const { told: toldAgain, ...undone } = parsed(await must(laptop, ["undo", "--json"]));

      const same = [listed.overrides[0], parsed(first), shownAgain, live.overrides.at(-1)];
      expect(same).toEqual([issued, issued, issued, issued]);
      expect(undone).toEqual({ ...issued, state: "revoked" });
      expect([told, toldAgain]).toEqual([[], []]);
      // whether #2 counts depends on the second in which it was revoked
      expect(JSON.stringify(repeat)).toMatch(/^null$|"stage":"lint"/);
      expect(effects).toEqual([
        {
          action: "skip",
          on: ["v1", "main"],
          others: false,
          asks: [],
          notRun: [],
          behind: [],
          doubt: null,
        },
      ]);
      const all = [recorded, undone, ...listed.overrides, ...live.overrides];
      expect(all.flatMap(faults)).toEqual([]);
      expect(faults({ ...issued, state: "fine" })).not.toEqual([]);
    });

    it("of a decision fits its schema, whatever the decision", async () => {
      const faults = await faultsBy("decision");
      const asked = ["lint", "unit-tests", "deploy-prod", "lint --branch release/1"];
      const decisions = await Promise.all(
        asked.map((line) => optout(laptop, ["check", ...line.split(" "), "--json"])),
      );

      expect(decisions.flatMap(({ stdout }) => faults(parsed(stdout)))).toEqual([]);
    });

    it.each([
      ["status", "status"],
      ["history", "history"],
      ["history", "history --fields id,state"],
      ["verify", "verify"],
      ["verify", `verify --head 6:${"A".repeat(43)} --head 99:${"A".repeat(43)}`],
    ])("of %s fits its schema: %s", async (kind, line) => {
      const faults = await faultsBy(kind);
      const { stdout } = await optout(laptop, [...line.split(" "), "--json"]);
      const printed = parsed(stdout);

      expect(faults(printed)).toEqual([]);
      expect(faults({ ...printed, kind: "optout/other" })).not.toEqual([]);
      const emptied = Object.entries(printed).map(([name]) => ({ ...printed, [name]: undefined }));
      const missing = emptied.map((value) => parsed(JSON.stringify(value)));
      expect(missing.filter((value) => faults(value).length === 0)).toEqual([]);
    });

    it("of an error fits its schema", async () => {
      const faults = await faultsBy("error");
      const wrong = ["check lnt", "show 4711", "skip lint", "skip lint -m short"];
      const ends = await Promise.all(
        wrong.map((line) => optout(laptop, [...line.split(" "), "--json"])),
      );

      expect(ends.map(({ stdout }) => stdout)).toEqual(["", "", "", ""]);
      expect(ends.flatMap(({ stderr }) => faults(parsed(stderr)))).toEqual([]);
    });

    it("of every command is one object with its kind and version", async () => {
      const asked = [
        "whoami",
        "keys list",
        "keys show",
        "policy check",
        "policy explain lint",
        "policy can-i skip lint",
        "status",
        "history",
        "verify",
        "check lint",
        "init --yes",
      ];
      const kinds = await Promise.all(
        asked.map(async (line) => {
          const { stdout } = await optout(laptop, [...line.split(" "), "--json"]);
          const { kind, v } = parsed(stdout);
          return [line, kind, v];
        }),
      );
      const kindOf = (line: string): string | undefined =>
        commands.find(({ name }) => line === name || line.startsWith(`${name} `))?.json;

      expect(kinds).toEqual(asked.map((line) => [line, kindOf(line), 1]));
    });
  });
});

describe("who I am, and with which key", () => {
  it("whoami names the principal, the key and what the rules let it do", async () => {
    const { laptop } = team.stage;

    expect(shown(team.stage, await optout(laptop, ["whoami"]))).toMatchObject({
      status: 0,
      stderr: "",
    });
    expect(
      plain(await must(laptop, ["whoami"]), team.stage).replace(/\([0-9a-f]{7}\)/, "(<commit>)"),
    ).toBe(
      lines(
        "✓ alice (Alice Ng): developer, oncall",
        "  key     key file <stage>/laptop-home/data/optout/keys/default.pem <key>",
        "  policy  .optout/policy.yaml at origin/main (<commit>)",
        "",
        "What the rules let you do on main:",
        "STAGE        ACTIONS                        FOR UP TO  RULE      NEEDS",
        "lint         skip allow-failure force hold  12h        quality",
        "unit-tests   skip allow-failure force hold  12h        quality",
        "deploy-prod  skip force hold                1h         deploys",
        "license      force hold                     12h        quality",
        "release      skip                           1h         releases  1 approval from release-manager, or --emergency",
      ),
    );
    expect(await must(team.job, ["whoami", "-q"])).toBe("ci\n");
    expect(await must(team.job, ["whoami"])).toContain(
      "✓ ci: a CI identity\n  key     OPTOUT_KEY SHA256:",
    );
  });

  it("keys create, list and show make a key and print its line for the policy, never the key", async () => {
    const place = makePlace(team.stage, "newcomer");
    const made = await optout(place, ["keys", "create", "laptop", "--no-passphrase"]);
    const p256 = await optout(place, [
      "keys",
      "create",
      "old",
      "--type",
      "p256",
      "--no-passphrase",
      "--json",
    ]);
    const again = await optout(place, ["keys", "create", "laptop", "--no-passphrase"]);
    const listed = await optout(place, ["keys", "list"]);
    const ssh = await optout(place, ["keys", "show", "laptop", "--ssh"]);

    expect(made.status).toBe(0);
    expect(made.stdout).toMatch(/^ssh-ed25519 [A-Za-z0-9+/=]+ laptop\n$/);
    expect(plain(made.stderr, team.stage)).toBe(
      lines(
        "✓ key laptop made, without a passphrase: <stage>/newcomer-home/data/optout/keys/laptop.pem",
        "  put this line under your keys in .optout/policy.yaml, and have it merged:",
      ),
    );
    expect(parsed(p256.stdout)).toMatchObject({
      kind: "optout/key",
      name: "old",
      type: "p256",
      encrypted: false,
    });
    expect(again).toEqual({
      status: 2,
      stdout: "",
      stderr: lines(
        "✗ there is a key named laptop already, and none is overwritten",
        "  optout keys show laptop   or choose another: optout keys create NAME",
      ),
    });
    expect(plain(listed.stdout, team.stage)).toBe(
      lines("laptop\ted25519\t<key>\tno passphrase", "old\tp256\t<key>\tno passphrase"),
    );
    expect(ssh).toEqual({ status: 0, stdout: made.stdout, stderr: "" });
    const pem = readFileSync(join(place.home, "data/optout/keys/laptop.pem"), "utf8");
    const secret = pem.split("\n")[1] ?? pem;
    for (const { stdout, stderr } of [made, p256, again, listed, ssh]) {
      expect(stdout + stderr).not.toContain(secret);
      expect(stdout + stderr).not.toContain("PRIVATE");
    }
  });

  it("keys create asks for a passphrase, and says what to type where nobody is there", async () => {
    const place = makePlace(team.stage, "nobody");

    expect(await optout(place, ["keys", "create"])).toEqual({
      status: 2,
      stdout: "",
      stderr: lines(
        "✗ there is nobody to ask for a passphrase",
        "  optout keys create --no-passphrase",
      ),
    });
    expect(await optout(place, ["keys", "list"])).toMatchObject({ status: 0, stdout: "" });
  });

  it("an explicit --key is used alone", async () => {
    const stage = await fresh();
    await must(stage.laptop, ["keys", "create", "other", "--no-passphrase"]);

    const other = await optout(stage.laptop, ["skip", "lint", ...why, "--key", "other", "--json"]);
    const named = await optout(stage.laptop, ["skip", "lint", ...why, "--key", "default", "-q"]);

    expect(parsed(other.stderr)).toMatchObject({ error: { code: "key-unknown", exit: 4 } });
    expect(named).toMatchObject({ status: 0, stderr: "" });
  });
});

describe("the policy", () => {
  it("check says that it is valid, or names each mistake with line and column", async () => {
    const stage = await fresh();
    const { laptop } = stage;
    const valid = await optout(laptop, ["policy", "check"]);
    const text = readFileSync(join(laptop.directory, ".optout/policy.yaml"), "utf8");
    writeFiles(laptop, {
      "wrong.yaml": text.replace("kind: ci", "kind: robot").replace("longest: 12h", "longest: 12x"),
    });
    const wrong = await optout(laptop, ["policy", "check", "wrong.yaml"]);
    const missing = await optout(laptop, ["policy", "check", "none.yaml"]);

    expect(valid).toEqual({
      status: 0,
      stdout: "✓ .optout/policy.yaml is a valid policy (principals: 3, stages: 5, rules: 3)\n",
      stderr: "",
    });
    expect({ status: wrong.status, stderr: wrong.stderr }).toEqual({ status: 2, stderr: "" });
    expect(wrong.stdout).toMatch(/^✗ wrong\.yaml:6:15 .*"robot".*\n✗ wrong\.yaml:18:14 .*12x.*\n/);
    expect(wrong.stdout).toContain("wrong.yaml has 2 problems, and permits nothing as it is\n");
    expect(missing).toEqual({
      status: 2,
      stdout: "",
      stderr: lines("✗ there is no none.yaml", "  optout help policy check"),
    });
  });

  it("schema accepts the policy of the team, as a JSON Schema", async () => {
    const schema = parsed(await must(team.stage.laptop, ["policy", "schema"]));
    const written = readFileSync(
      join(team.stage.laptop.directory, ".optout/policy.schema.json"),
      "utf8",
    );

    expect(parsed(written)).toEqual(schema);
    expect(schema).toMatchObject({ type: "object" });
    expect(() => new Ajv({ strict: false }).compile(schema)).not.toThrow();
  });
});

describe("optout alone", () => {
  it("shows the state first, then what could come next", async () => {
    const alone = await optout(team.stage.laptop, []);
    const status = await optout(team.stage.laptop, ["status"]);

    expect(alone).toEqual({
      status: 0,
      stdout: "✓ no override is in force: every stage runs normally\n",
      stderr: lines(
        "",
        '  optout skip STAGE -m "why"  let jobs leave a stage out',
        "  optout history              who opted out of what, when and why",
        "  optout help                 all commands",
      ),
    });
    expect(status).toEqual({ ...alone, stderr: "" });
  });

  it("works from a directory below, and from elsewhere with -C", async () => {
    const { laptop, folder } = team.stage;
    const below = await optout(laptop, ["status"], { cwd: join(laptop.directory, ".optout") });
    const elsewhere = await optout(laptop, ["-C", laptop.directory, "check", "lint"], {
      cwd: folder,
    });

    expect(below).toMatchObject({ status: 0, stderr: "" });
    expect(elsewhere).toMatchObject({ status: 10, stderr: "" });
  });
});

describe("colour", () => {
  let laptop: Place;

  beforeAll(async () => {
    ({ laptop } = await fresh());
    await must(laptop, ["skip", "lint", ...why]);
  });

  const cases: readonly (readonly [string, readonly string[], Record<string, string>, boolean])[] =
    [
      ["there is none in a pipe", [], {}, false],
      ["--color always brings it", ["--color", "always"], {}, true],
      [
        "--color always brings it in spite of NO_COLOR",
        ["--color", "always"],
        { NO_COLOR: "1" },
        true,
      ],
      ["FORCE_COLOR brings it", [], { FORCE_COLOR: "1" }, true],
      ["CLICOLOR_FORCE brings it", [], { CLICOLOR_FORCE: "1" }, true],
      ["NO_COLOR beats FORCE_COLOR", [], { NO_COLOR: "1", FORCE_COLOR: "1" }, false],
      ["--color never beats FORCE_COLOR", ["--color", "never"], { FORCE_COLOR: "1" }, false],
    ];

  it.concurrent.each(cases)("%s", async (_title, args, env, colored) => {
    const { status, stdout } = await optout(laptop, ["status", ...args], { env });

    expect(status).toBe(0);
    expect(stdout.includes("\u001b[")).toBe(colored);
    // an override in force is yellow, and never green
    expect(stdout.startsWith(colored ? "\u001b[33m!\u001b[39m #2" : "! #2")).toBe(true);
    expect(stdout).not.toContain("\u001b[32m");
  });

  it("is in an error too, and only, as --color says", async () => {
    const always = await optout(laptop, ["show", "999", "--color", "always"]);
    const never = await optout(laptop, ["show", "999", "--color=never"], {
      env: { FORCE_COLOR: "1" },
    });

    expect(always.stderr).toContain("\u001b[31m✗\u001b[39m");
    expect(never.stderr).not.toContain("\u001b");
  });

  it("is never in what a job prints", async () => {
    const env = { FORCE_COLOR: "1" };
    const check = await optout(laptop, ["check", "lint"], { env });
    const ran = await optout(laptop, ["run", "lint", ...failing], { env });

    expect(check.stdout + ran.stderr).not.toContain("\u001b");
  });
});

describe("help", () => {
  const topics = ["", "keys", "policy", "exit-codes", "environment", "scope"];
  const pages = [
    ...topics.map((topic) => `help ${topic}`.trim()),
    ...commands.map(({ name }) => `${name} --help`),
  ];

  it.concurrent.each(pages)("optout %s fits into 80 columns, on stdout, exit 0", async (line) => {
    const { status, stdout, stderr } = await optout(team.stage.laptop, line.split(" "));

    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout.split("\n").filter((one) => one.length > 80)).toEqual([]);
  });

  it("begins with examples, for a command", async () => {
    const page = await must(team.stage.laptop, ["keys", "create", "--help"]);

    expect(page).toMatch(/^optout keys create: .*\n\nEXAMPLES\n/);
    expect(page.indexOf("EXAMPLES")).toBeLessThan(page.indexOf("USAGE"));
  });

  it("needs no repository", async () => {
    const { status } = await optout(team.stage.laptop, ["--help"], { cwd: team.stage.folder });

    expect(status).toBe(0);
  });

  it("lists every exit status", async () => {
    const page = await must(team.stage.laptop, ["help", "exit-codes"]);

    for (const [name, { status }] of Object.entries(exitCodes)) {
      expect(page).toMatch(new RegExp(`^ +${status} {2}${name} `, "m"));
    }
  });
});

describe("nothing of all this", () => {
  it("leaves a file in a temporary directory", async () => {
    const { readdirSync } = await import("node:fs");
    const left = [team.stage, ...stages].flatMap(({ laptop }) => readdirSync(temporaryOf(laptop)));

    expect(left).toEqual([]);
  });

  it("pushes to another branch than the log's", async () => {
    for (const stage of [team.stage, ...stages]) {
      const refs = (await refsOf(stage)).split("\n").map((line) => line.split("\t")[1]);
      expect(refs).toEqual(["refs/heads/main", "refs/heads/optout-log"]);
    }
  });
});
