/**
 * Who a job is, against everything that could make it another: flags that say nothing, variables of
 * two forges, events whose ref is not what is being built; with the built program over a real remote.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { makeTeam, must, optout, teamPolicy, type Result, type Team } from "../support/stage.ts";

let team: Team;

beforeAll(async () => {
  team = await makeTeam({
    policy: (keys) =>
      teamPolicy(keys).replace("{ kind: deploy }", "{ kind: deploy, environment: production }"),
  });
  const { laptop } = team.stage;
  await must(laptop, ["skip", "lint", "-m", "registry is down"]);
  await must(laptop, ["hold", "deploy-prod", "-m", "a migration is running"]);
});

afterAll(() => team.stage.remove());

type Variables = Readonly<Record<string, string>>;

const check = (env: Variables, ...flags: readonly string[]): Promise<Result> =>
  optout(team.job, ["check", "lint", ...flags], { env });
const deploy = (env: Variables, ...flags: readonly string[]): Promise<Result> =>
  optout(team.job, ["run", "deploy-prod", ...flags, "--", "echo", "deployed"], { env });

describe("a flag that says nothing", () => {
  it.each(["--env", "--branch", "--tag", "--head", "--sha", "--pr"])(
    "is not given, and evades no hold: %s",
    async (flag) => {
      const held = { status: 3, stdout: "" };

      expect(await deploy({}, flag, "")).toMatchObject(held);
      expect(await deploy({}, `${flag}=`)).toMatchObject(held);
      expect((await check({}, flag, "")).status).toBe(0);
    },
  );

  it("is not given to gate and verdict either", async () => {
    const flags = ["--env", "", "--branch", "", "--json"];
    const needs = JSON.stringify({ "deploy-prod": { result: "success" } });
    const gate = await optout(team.job, ["gate", "deploy-prod", ...flags]);
    const verdict = await optout(team.job, ["verdict", "deploy-prod", "--needs", needs, ...flags]);

    expect(gate.stdout).toContain('"deploy-prod": "hold"');
    expect(verdict.status).toBe(3);
  });

  it("names no place for a repository that is named", async () => {
    const named = await check({}, "-R", team.stage.remote, "--branch", "");

    expect(named).toMatchObject({ status: 2, stdout: "" });
    expect(named.stderr).toContain("with --repo nothing tells which branch is asked about");
  });

  it("is an error where it names a file to write", async () => {
    const wrong = await optout(team.job, ["gate", "lint", "--output", ""]);

    expect(wrong).toMatchObject({ status: 2, stdout: "" });
    expect(wrong.stderr).toContain("--output names no file");
  });
});
