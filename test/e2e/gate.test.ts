/**
 * `optout gate` over a real remote: the same decisions as `check`, one by one, in every form that a
 * forge reads; and an answer that lets stages run whatever is wrong.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { Ajv } from "ajv";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { fileCommands, dotenvVariables, workflowCommands } from "../support/runner.ts";
import {
  makeClone,
  makeTeam,
  must,
  optout,
  parsed,
  git,
  type Place,
  type Team,
} from "../support/stage.ts";

let team: Team;
let job: Place;
const stages = ["lint", "unit-tests", "deploy-prod", "license"] as const;
const hostile =
  "x\nEOF ::error::gone ##[add-mask]y <b>bold</b> ![i](https://evil.example/b.png) %0A | a";

beforeAll(async () => {
  team = await makeTeam();
  const { laptop } = team.stage;
  await must(laptop, ["skip", "lint", "-m", hostile]);
  await must(laptop, ["allow-failure", "unit-tests", "-m", "flaky since yesterday"]);
  await must(laptop, ["hold", "deploy-prod", "-m", "a migration is running"]);
  job = await makeClone(team.stage, "runner");
});

afterAll(() => team.stage.remove());

const outcomes = {
  lint: "skip",
  "unit-tests": "allow-failure",
  "deploy-prod": "hold",
  license: "enforced",
};
const onGithub = (): Record<string, string> => {
  const file = (name: string): string => {
    const path = join(job.home, name);
    writeFileSync(path, "");
    return path;
  };
  return {
    CI: "true",
    GITHUB_ACTIONS: "true",
    GITHUB_EVENT_NAME: "push",
    GITHUB_REF: "refs/heads/main",
    GITHUB_OUTPUT: file("output"),
    GITHUB_STEP_SUMMARY: file("summary.md"),
  };
};
const onGitlab = { CI: "true", GITLAB_CI: "true", CI_COMMIT_BRANCH: "main" };

describe("gate", () => {
  it("decides each stage as check does", async () => {
    const { status, stdout } = await optout(job, ["gate", ...stages, "--json"]);
    const gate = parsed(stdout) as { outcomes: object; decisions: object[] };
    const checks = await Promise.all(
      stages.map(async (stage) => parsed((await optout(job, ["check", stage, "--json"])).stdout)),
    );

    expect(status).toBe(0);
    expect(gate.outcomes).toEqual(outcomes);
    expect(gate.decisions).toEqual(checks);
  });

  it("prints JSON of its schema", async () => {
    const validate = new Ajv().compile(parsed(await must(job, ["schema", "gate"])));

    expect(validate(parsed(await must(job, ["gate", ...stages, "--json"])))).toBe(true);
  });

  it("prints what check prints where there is no forge", async () => {
    const checks = await Promise.all(stages.map((stage) => optout(job, ["check", stage])));

    expect(await must(job, ["gate", ...stages])).toBe(checks.map(({ stdout }) => stdout).join(""));
  });

  it("hands the words to a workflow, and nothing of what people wrote", async () => {
    const env = onGithub();
    const { status, stdout } = await optout(job, ["gate", ...stages], { env });

    expect(status).toBe(0);
    expect(
      Object.fromEntries(fileCommands(readFileSync(env["GITHUB_OUTPUT"] ?? "", "utf8"))),
    ).toEqual(outcomes);
    const commands = workflowCommands(stdout);
    expect(commands.map(({ name }) => name)).toEqual(["group", "endgroup", "warning"]);
    const warned = commands.find(({ name }) => name === "warning")?.data ?? "";
    expect(warned.split("\n")).toHaveLength(3);
    const summary = readFileSync(env["GITHUB_STEP_SUMMARY"] ?? "", "utf8");
    expect(summary).not.toMatch(/<b>|!\[|https:\/\//);
    expect(summary.split("\n").filter((line) => line.startsWith("|"))).toHaveLength(6);
  });

  it("leaves a summary alone that would become too large", async () => {
    const env = onGithub();
    const file = env["GITHUB_STEP_SUMMARY"] ?? "";
    writeFileSync(file, "x".repeat(1024 * 1024 - 10));
    await must(job, ["gate", "lint"], { env });

    expect(readFileSync(file, "utf8")).toHaveLength(1024 * 1024 - 10);
  });

  it("hands the words to GitLab in a dotenv report, and folds its log", async () => {
    const file = join(job.home, "gate.env");
    const { status, stdout } = await optout(job, ["gate", ...stages, "--output", file], {
      env: onGitlab,
    });

    expect(status).toBe(0);
    expect(dotenvVariables(readFileSync(file, "utf8"))).toEqual({
      OPTOUT_LINT: "skip",
      OPTOUT_UNIT_TESTS: "allow-failure",
      OPTOUT_DEPLOY_PROD: "hold",
      OPTOUT_LICENSE: "enforced",
    });
    const marked = stdout.replaceAll("\u001B[0K", "<erase>").replace(/:\d+:/g, ":<time>:");
    expect(marked.startsWith("<erase>section_start:<time>:optout_gate\r<erase>optout gate\n")).toBe(
      true,
    );
    expect(marked.endsWith("<erase>section_end:<time>:optout_gate\r<erase>\n")).toBe(true);
  });

  it("lets stages run, and holds deploys, when the log cannot be reached", async () => {
    const broken = await makeClone(team.stage, "broken");
    await git(broken, ["remote", "set-url", "origin", join(team.stage.folder, "nowhere.git")]);
    const env = onGithub();
    const { status, stdout, stderr } = await optout(broken, ["gate", ...stages], { env });

    expect(status).toBe(0);
    expect(stderr).toContain(
      "! optout could not decide, so every stage runs normally, but for deploy-prod",
    );
    expect(
      Object.fromEntries(fileCommands(readFileSync(env["GITHUB_OUTPUT"] ?? "", "utf8"))),
    ).toEqual({
      lint: "enforced",
      "unit-tests": "enforced",
      "deploy-prod": "hold",
      license: "enforced",
    });
    expect(workflowCommands(stdout).map(({ name }) => name)).toEqual([
      "group",
      "endgroup",
      "warning",
    ]);
    const stop = await must(broken, ["gate", "lint", "--json", "--when-unreachable", "stop"]);
    expect(parsed(stop)).toMatchObject({
      outcomes: { lint: "hold" },
      trouble: { code: "unreachable" },
    });
  });

  it("lets every stage run when the job's facts are in doubt", async () => {
    const env = { ...onGithub(), GITHUB_REF: "" };
    const { stdout } = await optout(job, ["gate", "lint", "--json"], { env });

    expect(parsed(stdout)).toMatchObject({
      outcomes: { lint: "enforced" },
      trouble: { code: "config-invalid" },
    });
  });

  it("refuses a stage that nobody knows, and one that is named twice", async () => {
    expect((await optout(job, ["gate", "lint", "lnt"])).status).toBe(2);
    expect((await optout(job, ["gate", "lint", "lint"])).status).toBe(2);
  });
});
