/** Freezes and starts that are scheduled, on the built program: what a job does, and what people see. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { lines, makeTeam, must, optout, parsed, type Keys, type Team } from "../support/stage.ts";

let team: Team;

const policy = ({ alice, bob, ci }: Keys): string =>
  lines(
    "version: 1",
    "log: { store: git, branch: optout-log }",
    "principals:",
    `  alice: { roles: [oncall], keys: ["${alice}"] }`,
    `  bob: { roles: [release-manager], keys: ["${bob}"] }`,
    `  ci: { kind: ci, keys: ["${ci}"] }`,
    "stages:",
    "  lint: { kind: quality }",
    "  deploy-prod: { kind: deploy }",
    "rules:",
    "  - { id: deploys, match: { kind: [deploy, quality] }, actions: [skip, force, hold], who: [oncall], longest: 1h }",
    "freezes:",
    '  - { id: century, from: "2020-01-01T00:00", until: "2099-01-01T00:00", match: { kind: deploy } }',
  );

beforeAll(async () => {
  team = await makeTeam({ policy });
});

afterAll(() => team.stage.remove());

const why = ["-m", "hotfix for INC-1"] as const;
const deploy = [
  "run",
  "deploy-prod",
  "--branch",
  "main",
  "--",
  "sh",
  "-c",
  "echo deployed",
] as const;
const told =
  "! deploy-prod is frozen by century until 2099-01-01T00:00Z (line 13 of the policy); what must run now: optout force deploy-prod\n";

describe("a frozen stage", () => {
  it("is not run, exit 3, and says until when and what beats it", async () => {
    expect(await optout(team.job, deploy)).toEqual({ status: 3, stdout: "", stderr: told });
  });

  it("is no skip to check, and frozen to the gate and in status", async () => {
    const check = await optout(team.job, ["check", "deploy-prod", "--branch", "main", "--json"]);
    const gate = ["gate", "deploy-prod", "lint", "--branch", "main", "--format", "json"];

    expect(check.status).toBe(10);
    expect(parsed(check.stdout)).toMatchObject({
      decision: "frozen",
      freeze: { id: "century", line: 13 },
    });
    expect(parsed(await must(team.job, gate))).toMatchObject({
      outcomes: { "deploy-prod": "frozen", lint: "enforced" },
    });
    expect(await must(team.bob, ["status"])).toContain(told);
    expect(parsed(await must(team.bob, ["status", "--json"]))).toMatchObject({
      frozen: [{ stage: "deploy-prod", freeze: "century", line: 13 }],
    });
  });

  it("is not accepted by the verdict, though its job succeeded", async () => {
    const needs = JSON.stringify({ "deploy-prod": { result: "success", outputs: {} } });
    const verdict = ["verdict", "deploy-prod", "--needs", needs, "--branch", "main"];
    const { status, stdout } = await optout(team.job, verdict);

    expect(status).toBe(3);
    expect(stdout).toContain("and the stage is frozen");
  });

  it("is frozen also for a skip, which says so", async () => {
    await must(team.stage.laptop, ["skip", "deploy-prod", ...why]);
    const { status, stderr } = await optout(team.job, deploy);
    const check = await optout(team.job, ["check", "deploy-prod", "--branch", "main"]);
    await must(team.stage.laptop, ["undo"]);

    expect([status, stderr]).toEqual([3, told]);
    expect(check.status).toBe(11);
    expect(check.stdout).toContain("the freeze century is above it (line 13 of the policy)");
  });

  it("runs by force within the rules, and not under a hold", async () => {
    await must(team.stage.laptop, ["force", "deploy-prod", ...why]);
    const forced = await optout(team.job, deploy);
    await must(team.stage.laptop, ["hold", "deploy-prod", ...why]);
    const held = await optout(team.job, deploy);

    expect(forced).toMatchObject({ status: 0, stdout: "deployed\n" });
    expect(held).toMatchObject({ status: 3, stdout: "" });
  });
});

describe("--from", () => {
  it("schedules a start: recorded, not in force yet, and told as such", async () => {
    const from = new Date(Date.now() + 3_600_000).toISOString().replace(/\.\d+Z/, "Z");
    const made = parsed(
      await must(team.stage.laptop, [
        "skip",
        "lint",
        ...why,
        "--from",
        from,
        "--for",
        "30m",
        "--json",
      ]),
    );
    const check = await optout(team.job, ["check", "lint", "--branch", "main"]);

    expect(made).toMatchObject({ state: "scheduled", notBefore: from });
    expect(check.status).toBe(11);
    expect(check.stdout).toContain("starts at");
    expect(await must(team.bob, ["status"])).toMatch(/lint is skipped .* from .* for 30m/);
  });

  it("is refused in the past, and beyond seven days", async () => {
    const skip = ["skip", "lint", ...why, "--from"];

    expect((await optout(team.stage.laptop, [...skip, "2020-01-01T00:00:00Z"])).status).toBe(2);
    expect((await optout(team.stage.laptop, [...skip, "2099-01-01T00:00:00Z"])).status).toBe(2);
  });
});
