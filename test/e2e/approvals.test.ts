/**
 * Requests, approvals and denials, each person at an own machine: what is shown before one signs, what
 * counts, and what has no effect any more.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { git, lines, must, optout, parsed, plain, push, writeFiles } from "../support/stage.ts";
import type { Place, Result } from "../support/stage.ts";
import { makeCrew, type Crew, type CrewKeys } from "../support/crew.ts";

let crew: Crew;

const policy = ({ alice, bob, carol, dora, ci }: CrewKeys): string =>
  lines(
    "version: 1",
    "log: { store: git, branch: optout-log }",
    "principals:",
    `  alice: { name: Alice Ng, roles: [oncall], keys: ["${alice}"] }`,
    `  bob: { name: Bob Ruiz, roles: [release-manager], keys: ["${bob}"] }`,
    `  carol: { roles: [release-manager, oncall], keys: ["${carol}"] }`,
    `  dora: { roles: [developer], keys: ["${dora}"] }`,
    `  ci: { kind: ci, keys: ["${ci}"] }`,
    "stages:",
    "  lint: { kind: quality }",
    "  deploy-prod: { kind: deploy, environment: production }",
    "rules:",
    "  - { id: quality, match: { kind: quality }, actions: [skip], who: [oncall, developer], longest: 2h }",
    "  - id: deploys",
    "    match: { kind: deploy }",
    "    actions: [force, skip]",
    "    who: [oncall]",
    "    longest: 1h",
    "    approvals: { count: 2, from: [release-manager, developer], pending: 1h }",
  );

const workflow = lines(
  "on: push",
  "jobs:",
  "  deploy:",
  "    runs-on: ubuntu-latest",
  "    steps:",
  "      - run: npx optout run deploy-prod -- ./deploy",
  "  smoke:",
  "    needs: deploy",
  "    runs-on: ubuntu-latest",
  "    steps: [{ run: ./smoke }]",
  "  announce:",
  "    needs: [smoke]",
  "    runs-on: ubuntu-latest",
  "    steps: [{ run: ./announce }]",
);

beforeAll(async () => {
  crew = await makeCrew(policy);
  writeFiles(crew.alice, { ".github/workflows/ci.yml": workflow });
  await push(crew.alice, "Deploy");
});

afterAll(() => crew.stage.remove());

const shown = ({ status, stdout, stderr }: Result): Result => ({
  status,
  stdout: plain(stdout, crew.stage),
  stderr: plain(stderr, crew.stage),
});

const hotfix = ["deploy-prod", "-m", "hotfix for INC-1"] as const;

/** Requests a forced deploy; its number. */
async function request(by: Place = crew.alice): Promise<string> {
  const { status, stdout } = await optout(by, ["force", ...hotfix, "--json"]);
  expect(status).toBe(8);
  const { seq } = parsed(stdout) as { seq: number };
  return `${seq}`;
}

const check = ["check", "deploy-prod", "--env", "production", "--branch", "main", "-q"] as const;
const forced = async (): Promise<number> =>
  (await optout(crew.job, [...check, "--action", "force"])).status;

describe("a request", () => {
  it("is exit 8, and tells what it waits for and how they sign", async () => {
    const { status, stdout } = shown(await optout(crew.alice, ["force", ...hotfix]));

    expect(status).toBe(8);
    expect(stdout).toContain(
      "… recorded, not in force yet: needs 2 approvals from release-manager or developer (0 so far)\n",
    );
    expect(stdout).toMatch(/ {2}they sign with: optout approve \d+\n/);
    await must(crew.alice, ["undo"]);
  });

  it("has no times on its card before it is approved", async () => {
    const seq = await request();
    const card = await must(crew.alice, ["show", seq]);
    await must(crew.alice, ["undo"]);

    expect(card).toContain(`#${seq}  force deploy-prod  pending\n`);
    expect(card).toContain("  time      1h, once it is approved\n");
  });

  it("is listed for all, for who may approve, and as one's own", async () => {
    const seq = await request();

    const all = (await must(crew.carol, ["requests", "-q"])).split("\n").length - 1;
    const forBob = shown(await optout(crew.bob, ["requests", "--for-me"]));
    const forAlice = await must(crew.alice, ["requests", "--for-me"]);
    const json = parsed(await must(crew.alice, ["requests", "--mine", "--json"]));

    expect(all).toBe(1);
    expect(forBob.stdout).toBe(
      lines(
        `… #${seq}  alice asks to force deploy-prod on main and pull requests into it in environment production for 1h`,
        `    other: "hotfix for INC-1"`,
        "    needs 2 approvals from release-manager or developer (none so far), until <clock>",
        `    waits for you: optout approve ${seq}   or optout deny ${seq} -m "why not"`,
      ),
    );
    expect(forAlice).toBe("✓ nothing waits for approval\n");
    expect(json).toMatchObject({
      kind: "optout/requests",
      requests: [
        {
          needed: 2,
          have: 0,
          from: ["release-manager", "developer"],
          mine: true,
          forMe: false,
          override: { seq: Number(seq), state: "pending" },
        },
      ],
    });
    expect(await must(crew.dora, ["status"])).toContain(
      `waits for you: optout approve ${seq}   (or deny)`,
    );
    expect(await must(crew.alice, ["status"])).not.toContain("waits for you");
    await must(crew.alice, ["undo"]);
  });
});

describe("an approval", () => {
  it("tells who is asked that no job would obey it", async () => {
    const odd = workflow.replace(
      "optout run deploy-prod --",
      "optout check deploy-prod --action hold ||",
    );
    await git(crew.alice, ["switch", "-q", "-c", "odd"]);
    writeFiles(crew.alice, { ".github/workflows/ci.yml": odd });
    await push(crew.alice, "Ask for a hold");
    await git(crew.alice, ["switch", "-q", "main"]);
    const { stdout } = await optout(crew.alice, ["skip", ...hotfix, "--branch", "odd", "--json"]);
    const { seq } = parsed(stdout) as { seq: number };

    const { stderr } = await optout(crew.bob, ["approve", `${seq}`]);
    await must(crew.alice, ["revoke", `${seq}`, "-m", "asked in vain"]);

    expect(stderr).toContain(
      "\n  asked by  .github/workflows/ci.yml (job deploy) asks about deploy-prod with check ||, which does not obey a skip\n",
    );
  });

  it("first shows what it exposes, and takes effect with the last that is needed", async () => {
    await must(crew.alice, ["skip", "lint", "-m", "lint image answers 500"]);
    const seq = await request();

    const first = shown(await optout(crew.bob, ["approve", seq]));
    const before = await forced();
    const second = shown(await optout(crew.carol, ["approve", seq, "-m", "watched the canary"]));

    expect(first.status).toBe(0);
    expect(first.stderr).toContain(
      lines(
        `… #${seq}  alice asks to force deploy-prod on main and pull requests into it in environment production for 1h`,
        `  why       other: "hotfix for INC-1"`,
        "  stage     deploy-prod, of kind deploy, environment production",
        "  where     main and pull requests into it in environment production",
        "  length    1h from the last approval",
        "  rule      deploys: needs 2 approvals from release-manager or developer (none so far), until <clock>",
        "  asked by  .github/workflows/ci.yml (job deploy)",
        "  behind it jobs smoke, announce",
      ),
    );
    expect(first.stderr).toMatch(/ {2}before {4}by alice: #\d+ skip lint .* \(in-force\);/);
    expect(first.stdout).toBe(
      `… #${seq} has your approval, and is pending: needs 2 approvals from release-manager or developer (1 so far)\n`,
    );
    expect(before).toBe(11);
    expect(second.stdout).toBe(
      `! #${seq} is approved: deploy-prod is forced to run for 1h, until <clock>\n`,
    );
    expect(await forced()).toBe(0);
    const story = plain(await must(crew.alice, ["show", seq]), crew.stage);
    expect(story).toContain(`approve #${seq} (carol): "watched the canary"`);
  });

  it("that has no effect any more says so, and is not recorded", async () => {
    const { requests } = parsed(await must(crew.dora, ["requests", "--json"])) as {
      requests: unknown[];
    };
    expect(requests).toEqual([]);
    const [{ seq }] = (
      parsed(await must(crew.dora, ["status", "--json"])) as { overrides: { seq: number }[] }
    ).overrides.slice(-1) as [{ seq: number }];
    const head = await git(crew.alice, ["ls-remote", crew.stage.remote, "optout-log"]);

    const late = await optout(crew.dora, ["approve", `${seq}`]);

    expect(late).toEqual({
      status: 0,
      stdout: `✓ #${seq} needs no approval any more: it is in-force; nothing was recorded\n`,
      stderr: "",
    });
    expect(await git(crew.alice, ["ls-remote", crew.stage.remote, "optout-log"])).toBe(head);
    await must(crew.alice, ["undo"]);
    expect(await optout(crew.dora, ["approve", `${seq}`])).toMatchObject({
      status: 3,
      stdout: `✗ #${seq} has ended: it is revoked (revoked by alice (#${seq + 3})); nothing was recorded\n`,
    });
  });

  it("is refused of one's own override, and of one who holds no such role", async () => {
    const seq = await request(crew.carol);

    expect(await optout(crew.carol, ["approve", seq])).toMatchObject({
      status: 3,
      stderr: lines(
        `✗ carol made #${seq}, and nobody approves her own: it needs someone who is release-manager or developer`,
        `  optout show ${seq}`,
      ),
    });
    expect((await optout(crew.alice, ["approve", seq])).status).toBe(3);
    expect((await optout(crew.job, ["approve", seq])).status).toBe(3);
    await must(crew.bob, ["approve", seq]);
    expect((await optout(crew.bob, ["approve", seq])).stdout).toBe(
      `… #${seq} has your approval already; nothing was recorded\n`,
    );
    await must(crew.carol, ["undo"]);
  });
});

describe("a denial", () => {
  it("needs a note, and ends the request for good", async () => {
    const seq = await request();

    expect(await optout(crew.bob, ["deny", seq])).toMatchObject({ status: 2 });
    expect(await optout(crew.bob, ["deny", seq, "-m", "the database migrates"])).toMatchObject({
      status: 0,
      stdout: `✓ #${seq} is denied, and ended for good\n`,
    });
    expect((await optout(crew.carol, ["approve", seq])).status).toBe(3);
    expect((await optout(crew.dora, ["deny", seq, "-m", "me too"])).stdout).toContain(
      `#${seq} has ended: it is denied`,
    );
    expect(await forced()).toBe(11);
  });

  it("is refused of one whom the rule does not name", async () => {
    const seq = await request(crew.carol);

    expect(await optout(crew.alice, ["deny", seq, "-m", "not today"])).toMatchObject({ status: 3 });
    expect(await optout(crew.carol, ["deny", seq, "-m", "not today"])).toMatchObject({ status: 3 });
    await must(crew.carol, ["undo"]);
  });
});

describe("--wait", () => {
  /** Starts waiting, and what it waits for. */
  async function waiting(
    ...more: readonly string[]
  ): Promise<{ readonly seq: string; readonly end: Promise<Result> }> {
    const end = optout(crew.alice, ["force", ...hotfix, "--wait", ...more]);
    for (;;) {
      const { requests } = parsed(await must(crew.bob, ["requests", "--for-me", "--json"])) as {
        requests: { override: { seq: number } }[];
      };
      const [one] = requests;
      if (one !== undefined) return { seq: `${one.override.seq}`, end };
    }
  }

  it("ends with exit 0 once it is approved", async () => {
    const { seq, end } = await waiting();
    await must(crew.bob, ["approve", seq]);
    await must(crew.dora, ["approve", seq]);

    const { status, stderr } = await end;

    expect(status).toBe(0);
    expect(plain(stderr, crew.stage)).toContain(
      `! #${seq} is approved: deploy-prod is forced to run for 1h, until <clock>\n`,
    );
    await must(crew.alice, ["undo"]);
  });

  it("ends with exit 3 once it is denied", async () => {
    const { seq, end } = await waiting("--json");
    await must(crew.bob, ["deny", seq, "-m", "not during the migration"]);

    const { status, stdout } = await end;

    expect(status).toBe(3);
    expect(parsed(stdout)).toMatchObject({ seq: Number(seq), state: "denied" });
  });

  it("ends with exit 124 when the time runs out; the request stays", async () => {
    const { status, stderr } = await optout(crew.alice, [
      "force",
      ...hotfix,
      "--wait",
      "--timeout",
      "1s",
    ]);

    expect(status).toBe(124);
    expect(stderr).toMatch(/… #\d+ still waits: needs 2 approvals/);
    expect(await must(crew.alice, ["requests", "--mine"])).toContain("yours; to take it back");
    await must(crew.alice, ["undo"]);
  });
});
