/**
 * `optout gate` over a real remote: the same decisions as `check`, one by one, in every form that a
 * forge reads; and an answer that lets stages run whatever is wrong.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { Ajv } from "ajv";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { fileCommands, dotenvVariables, workflowCommands } from "../support/runner.ts";
import { dotenvTrouble, gateDotenv } from "../../src/output/gate-words.ts";
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
    ).toEqual({ ...outcomes, all_decisions: JSON.stringify(outcomes) });
    const commands = workflowCommands(stdout);
    expect(commands.map(({ name }) => name)).toEqual(["group", "endgroup", "warning"]);
    const warned = commands.find(({ name }) => name === "warning")?.data ?? "";
    expect(warned.split("\n")).toHaveLength(3);
    const summary = readFileSync(env["GITHUB_STEP_SUMMARY"] ?? "", "utf8");
    expect(summary).not.toMatch(/<b>|!\[|https:\/\//);
    expect(summary.split("\n").filter((line) => line.startsWith("|"))).toHaveLength(6);
    expect(summary).toMatch(/\nLog head `\d+:[\w-]{43}`\n/);
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

  it("says when a GitLab would refuse the dotenv report", () => {
    const report = (count: number, name: string): string =>
      gateDotenv({
        answers: Array.from({ length: count }, (_, index) => ({
          stage: `${name}${index}`,
          outcome: "allow-failure" as const,
          lines: [],
        })),
        head: null,
        trouble: null,
      });

    expect(dotenvTrouble(report(20, "s"))).toBeNull();
    expect(dotenvTrouble(report(21, "s"))).toContain("takes 20 variables");
    expect(
      dotenvTrouble(report(70, "a-stage-with-a-very-long-name-that-is-as-long-as-it-may-be")),
    ).toContain("refuses a dotenv report");
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
    ).toMatchObject({
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

describe("check and run in a forge's job", () => {
  it("check warns once of what decides, and adds it to the summary", async () => {
    const env = onGithub();
    const { status, stdout, stderr } = await optout(job, ["check", "lint"], { env });

    expect(status).toBe(0);
    expect(stdout).toMatch(/^! lint skipped by override #\d+ until /);
    expect(workflowCommands(stderr).map(({ name, data }) => [name, data])).toEqual([
      ["warning", stdout.trimEnd()],
    ]);
    const summary = readFileSync(env["GITHUB_STEP_SUMMARY"] ?? "", "utf8");
    expect(summary).toMatch(/^### optout\n/);
    expect(summary).toMatch(/\nLog head `\d+:[\w-]{43}`\n/);
    expect(summary).not.toMatch(/<b>|!\[|https:\/\//);
  });

  it("run says what it left out, warns once, and adds it to the summary", async () => {
    const env = onGithub();
    const { status, stderr } = await optout(job, ["run", "lint", "--", "false"], { env });

    expect(status).toBe(0);
    expect(workflowCommands(stderr).map(({ name }) => name)).toEqual(["warning"]);
    const summary = readFileSync(env["GITHUB_STEP_SUMMARY"] ?? "", "utf8");
    expect(summary.split("\n").filter((line) => line.startsWith("| lint |"))).toHaveLength(1);
  });

  it.each([
    ["check", ["check", "license"]],
    ["run", ["run", "license", "--", "true"]],
  ])("%s is silent towards the forge about a stage that runs normally", async (_name, line) => {
    const env = onGithub();
    const { stderr } = await optout(job, line, { env });

    expect(stderr).toBe("");
    expect(readFileSync(env["GITHUB_STEP_SUMMARY"] ?? "", "utf8")).toBe("");
  });

  it("both fold away which overrides do not apply, and nothing obeys what people wrote", async () => {
    const elsewhere = { ...onGithub(), GITHUB_REF: "refs/heads/release/9" };
    const check = await optout(job, ["check", "lint"], { env: elsewhere });
    const ran = await optout(job, ["run", "lint", "--", "true"], { env: elsewhere });
    const onRelease = { ...onGitlab, CI_COMMIT_BRANCH: "release/9" };
    const gitlab = await optout(job, ["run", "lint", "--", "true"], { env: onRelease });

    for (const text of [check.stdout, ran.stderr]) {
      expect(text).toMatch(/^✓ lint runs normally on release\/9: no override applies\n::group::/);
      expect(workflowCommands(text).map(({ name }) => name)).toEqual(["group", "endgroup"]);
    }
    expect(gitlab.stderr).toMatch(
      // eslint-disable-next-line no-control-regex -- GitLab's own marks
      /^✓ lint .*\n\u001B\[0Ksection_start:\d+:optout_details\[collapsed=true\]\r\u001B\[0Koptout details\n  ✗ #\d+ skip/,
    );
  });

  it("run warns of trouble, and the stage runs", async () => {
    const broken = await makeClone(team.stage, "broken-run");
    await git(broken, ["remote", "set-url", "origin", join(team.stage.folder, "nowhere.git")]);
    const ran = await optout(broken, ["run", "lint", "--", "sh", "-c", "exit 7"], {
      env: onGithub(),
    });

    expect(ran.status).toBe(7);
    expect(workflowCommands(ran.stderr).map(({ name }) => name)).toEqual(["warning"]);
  });
});
