/**
 * `optout whoami --ready`: before the night, with the built program over a real remote.
 */
import { chmodSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import {
  git,
  lines,
  makeTeam,
  must,
  optout,
  parsed,
  plain,
  refsOf,
  snapshotOf,
  type Team,
} from "../support/stage.ts";

describe("whoami --ready", () => {
  let team: Team;

  beforeAll(async () => {
    team = await makeTeam();
  });

  afterAll(() => team.stage.remove());

  it("says of every stage whether she could skip it, and why not; exit 3 for a no", async () => {
    const { status, stdout } = await optout(team.stage.laptop, ["whoami", "--ready"]);

    const [head = "", answers = ""] = plain(stdout, team.stage).split("\n\n");
    expect(head).toContain("✓ alice (Alice Ng): developer, oncall\n");
    expect(head).toMatch(/\n  log     git:optout-log: \d+ positions; a push is accepted/);
    expect(answers).toBe(
      lines(
        "You can skip, on main, now:",
        "✓ lint: yes, for up to 12h",
        "✓ unit-tests: yes, for up to 12h",
        "✓ deploy-prod: yes, for up to 1h",
        "✗ license: no, because no one may ever skip this stage (line 11 of the policy); no rule of the policy fits",
      ),
    );
    expect(status).toBe(3);
  });

  it("ends with 0 when the answer is yes for all that were named", async () => {
    const { laptop } = team.stage;

    expect((await optout(laptop, ["whoami", "--ready", "lint", "deploy-prod"])).status).toBe(0);
    expect((await optout(laptop, ["whoami", "--ready", "lint", "license"])).status).toBe(3);
  });

  it("gives the reasons as data with --json", async () => {
    const { status, stdout } = await optout(team.bob, ["whoami", "--ready", "lint", "--json"]);

    expect(status).toBe(3);
    expect(parsed(stdout)).toMatchObject({
      kind: "optout/whoami",
      principal: { id: "bob" },
      ready: {
        log: { store: "git:optout-log", appendable: true },
        branch: "main",
        stages: [
          {
            stage: "lint",
            ready: false,
            emergency: false,
            longestSeconds: null,
            ticket: null,
            because: [{ code: "who", message: "only developer or oncall may do this" }],
          },
        ],
      },
    });
  });

  it("answers what skip would do", async () => {
    const { laptop } = team.stage;
    const { status } = await optout(team.bob, ["skip", "lint", "-m", "lint image answers 500"]);

    expect(status).toBe(3);
    await must(laptop, ["skip", "lint", "-m", "lint image answers 500", "--branch", "main"]);
  });

  it("writes nothing, here or there", async () => {
    const before = [await refsOf(team.stage), snapshotOf(team.bob.directory)];

    await optout(team.bob, ["whoami", "--ready"]);

    expect([await refsOf(team.stage), snapshotOf(team.bob.directory)]).toEqual(before);
  });

  it("refuses a stage that the policy does not know, and stages without --ready", async () => {
    const unknown = await optout(team.bob, ["whoami", "--ready", "lnt"]);
    const unasked = await optout(team.bob, ["whoami", "lint"]);

    expect(unknown.status).toBe(2);
    expect(unknown.stderr).toContain("did you mean lint?");
    expect(unasked.status).toBe(2);
    expect(unasked.stderr).toContain("optout whoami --ready lint");
  });

  it("ends with 4 without a key that can sign, and with 6 without the log", async () => {
    const { bob } = team;
    const key = join(bob.home, "data", "optout", "keys", "default.pem");
    chmodSync(key, 0o644);
    const keyless = await optout(bob, ["whoami", "--ready", "lint"]);
    chmodSync(key, 0o600);
    await git(bob, ["remote", "set-url", "origin", join(team.stage.folder, "nowhere.git")]);
    const cut = await optout(bob, ["whoami", "--ready", "lint"]);
    await git(bob, ["remote", "set-url", "origin", team.stage.remote]);

    expect(keyless).toMatchObject({ status: 4, stdout: "" });
    expect(keyless.stderr).toContain(`chmod 600 ${key}`);
    expect(cut).toMatchObject({ status: 6, stdout: "" });
  });
});
