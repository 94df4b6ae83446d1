/**
 * A gate that is opted out of again and again, and what its runs would have come to: told where people
 * look, with the reasons as text and nothing but text.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { makeTeam, must, optout, parsed, plain, type Result, type Team } from "../support/stage.ts";
import { schemaFaults } from "../support/schema-faults.ts";

let team: Team;

beforeAll(async () => {
  team = await makeTeam();
});

afterAll(() => team.stage.remove());

const hostile = "eslint crash <!channel>\n::error file=x::y\n✓ all good";

const skip = (stage: string, reason: string, ...flags: readonly string[]): Promise<Result> =>
  optout(team.stage.laptop, ["skip", stage, "-m", reason, ...flags]);

describe("the third override of a stage within 14 days", () => {
  it("says so when it is made, with the reasons given so far, as text", async () => {
    const first = await skip("lint", hostile);
    const second = await skip("lint", "registry is down", "--json");
    await must(team.stage.laptop, ["extend", "3", "-m", "registry is still down"]);
    const third = await skip("lint", "flaky on Tuesdays");

    expect(first.stdout + first.stderr).not.toContain("fix or drop");
    expect(parsed(second.stdout)).toMatchObject({ repeat: null });
    const told = plain(third.stdout, team.stage).replaceAll(/\d+[sm] ago|just now/g, "<ago>");
    expect(told).toContain(
      [
        "! lint was opted out of 3 times within 14 days: fix or drop this gate",
        '    #2  <ago>, alice: "eslint crash <!channel> ⏎ ::error file=x::y ⏎ ✓ all good"',
        '    #3  <ago>, alice: "registry is down"',
        "",
      ].join("\n"),
    );
  });

  it("is in the JSON of what was recorded, as its schema says", async () => {
    const made = parsed((await skip("lint", "the cache is cold", "--json")).stdout);

    expect(made["repeat"]).toMatchObject({
      count: 4,
      withinDays: 14,
      overrides: [
        { seq: 2, by: "alice", reason: { code: "other", text: hostile } },
        { seq: 3 },
        { seq: 5, reason: { text: "flaky on Tuesdays" } },
      ],
    });
    expect(schemaFaults("override", made)).toEqual([]);
  });

  it("stays in status, until the gate is dropped or the days are over", async () => {
    const { stdout } = await optout(team.stage.laptop, ["status"]);
    expect(stdout).toContain(
      "! lint was opted out of 4 times within 14 days: fix or drop this gate\n",
    );
    expect(stdout).toContain('alice: "flaky on Tuesdays"\n');

    const status = parsed(await must(team.stage.laptop, ["status", "--json"]));
    expect(status["repeats"]).toMatchObject([{ stage: "lint", count: 4, withinDays: 14 }]);
    expect(schemaFaults("status", status)).toEqual([]);
  });

  it("is no matter of another stage, nor of holds", async () => {
    const { laptop } = team.stage;
    for (let i = 0; i < 3; i += 1) {
      const { stdout } = await optout(laptop, ["hold", "deploy-prod", "-m", "the disk is full"]);
      expect(stdout).not.toContain("fix or drop");
    }
    expect((await skip("license", "x", "-n")).stdout).not.toContain("fix or drop");
  });
});

describe("a failure that is allowed", () => {
  const run = (id: string, script: string): Promise<Result> =>
    optout(team.job, ["run", "unit-tests", "--record-result", "--", "sh", "-c", script], {
      env: {
        CI: "true",
        GITHUB_ACTIONS: "true",
        GITHUB_EVENT_NAME: "push",
        GITHUB_REF: "refs/heads/main",
        GITHUB_SHA: "a".repeat(40),
        GITHUB_RUN_ID: id,
        GITHUB_JOB: "unit-tests",
      },
    });

  it("keeps its true result: status, history and show say how many would have passed", async () => {
    const { laptop } = team.stage;
    const allowed = ["allow-failure", "unit-tests", "-m", "two tests are flaky", "--json"];
    const { seq } = parsed(await must(laptop, allowed)) as { seq: number };
    expect((await optout(laptop, ["status"])).stdout).not.toContain("would have passed");
    for (const [id, script] of [
      ["1", "true"],
      ["2", "exit 7"],
      ["3", "true"],
    ] as const) {
      expect((await run(id, script)).status).toBe(0);
    }

    expect((await optout(laptop, ["status"])).stdout).toContain("    2 of 3 would have passed\n");
    expect((await optout(laptop, ["history", "unit-tests"])).stdout).toMatch(
      /\t2 of 3 would have passed\n$/,
    );
    expect((await optout(laptop, ["show", `${seq}`])).stdout).toContain(
      "  results   2 of 3 would have passed\n",
    );
    const shown = parsed(await must(laptop, ["show", `${seq}`, "--json"]));
    expect(shown["results"]).toEqual({ recorded: 3, passed: 2 });
    const [heading = "", row = ""] = (await must(laptop, ["history", "unit-tests", "--csv"])).split(
      "\r\n",
    );
    expect(heading).toMatch(
      /,"results_recorded","results_passed","key_in_policy","runs","signed_under"$/,
    );
    expect(row).toMatch(/,"3","2","true","github:\d+ github:\d+ github:\d+","[0-9a-f]{40}"$/);
  });
});
