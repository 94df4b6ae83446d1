/**
 * What `optout run` does beside obeying overrides: its condition, its exit statuses, the record of a
 * result, and signals; with the built program over a real remote.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { workflowCommands } from "../support/runner.ts";
import {
  BIN,
  git,
  makeClone,
  makeTeam,
  must,
  optout,
  type Place,
  type Result,
  type Team,
} from "../support/stage.ts";

let team: Team;
const why = ["-m", "registry is down"] as const;

beforeAll(async () => {
  team = await makeTeam();
});

afterAll(() => team.stage.remove());

const lint = (flags: readonly string[], env = {}): Promise<Result> =>
  optout(team.job, ["run", "lint", ...flags, "--", "sh", "-c", "echo it ran; exit 7"], { env });

const job = (run: string): Record<string, string> => ({
  CI: "true",
  GITHUB_ACTIONS: "true",
  GITHUB_EVENT_NAME: "push",
  GITHUB_REF: "refs/heads/main",
  GITHUB_SHA: "a".repeat(40),
  GITHUB_RUN_ID: run,
  GITHUB_JOB: "lint",
});

describe("the condition of run", () => {
  it("lets the command run when it is met, and its status counts", async () => {
    expect(await lint(["--when", "true"])).toEqual({ status: 7, stdout: "it ran\n", stderr: "" });
  });

  it("leaves the command out when it is not met, and says so", async () => {
    expect(await lint(["--when", "test -e nowhere"])).toEqual({
      status: 0,
      stdout: "",
      stderr: "✓ lint is not run: test -e nowhere ended with 1\n",
    });
  });

  it("runs the command when the condition itself is broken, but not a deploy", async () => {
    const broken = await lint(["--when", "no-such-program 2>/dev/null"]);
    const deploy = await optout(team.job, [
      "run",
      "deploy-prod",
      "--when",
      "kill -9 $$",
      "--",
      "echo",
      "ran",
    ]);

    expect(broken).toMatchObject({ status: 7, stdout: "it ran\n" });
    expect(deploy).toMatchObject({ status: 3, stdout: "" });
  });

  it("is not asked when the stage is forced", async () => {
    await must(team.stage.laptop, ["force", "lint", ...why]);
    const forced = await lint(["--when", "echo asked; false"]);
    await must(team.stage.laptop, ["revoke", "lint"]);

    expect(forced).toMatchObject({ status: 7, stdout: "it ran\n" });
  });

  it("cannot loosen what must not run while the log cannot be reached", async () => {
    const broken = await makeClone(team.stage, "broken");
    await git(broken, ["remote", "set-url", "origin", join(team.stage.folder, "nowhere.git")]);
    const deploy = [
      "run",
      "deploy-prod",
      "--when-unreachable",
      "run",
      "--when",
      "true",
      "--",
      "echo",
      "ran",
    ];

    expect(await optout(broken, deploy)).toMatchObject({ status: 3, stdout: "" });
    const stopped = [
      "run",
      "lint",
      "--when-unreachable",
      "stop",
      "--when",
      "true",
      "--",
      "echo",
      "ran",
    ];
    expect(await optout(broken, stopped)).toMatchObject({ status: 3, stdout: "" });
  });
});

describe("a skipped stage", () => {
  beforeAll(() => must(team.stage.laptop, ["skip", "lint", ...why]));
  afterAll(() => must(team.stage.laptop, ["revoke", "lint"]));

  it("exits with the status that was asked for, and only then", async () => {
    expect(await lint(["--skip-exit-code", "86"])).toMatchObject({ status: 86, stdout: "" });
    expect(await lint([])).toMatchObject({ status: 0, stdout: "" });
  });

  it("is told apart from one whose command ends with that status, which is exit 1", async () => {
    const ran = ["run", "license", "--skip-exit-code", "86", "--", "sh", "-c", "exit 86"];

    expect(await optout(team.job, ran)).toEqual({
      status: 1,
      stdout: "",
      stderr: "! license ended with 86, which stands for a skip, and was not skipped: exit 1\n",
    });
  });

  it("needs a number for it", async () => {
    expect((await lint(["--skip-exit-code", "256"])).status).toBe(2);
    expect((await lint(["--skip-exit-code", "x"])).status).toBe(2);
  });

  it("is a warning of the workflow too", async () => {
    const { stderr } = await lint([], job("300"));

    const warning = workflowCommands(stderr).find(({ name }) => name === "warning");
    expect(warning?.data).toContain("lint skipped by override");
  });
});

describe("the result of an accepted failure", () => {
  it("is recorded once for a run, beside its use, and the log stays intact", async () => {
    await must(team.stage.laptop, ["allow-failure", "unit-tests", ...why]);
    const tests = ["run", "unit-tests", "--record-result", "--", "sh", "-c", "exit 7"];
    const ran = await optout(team.job, tests, { env: job("400") });
    const again = await optout(team.job, tests, { env: job("400") });

    expect([ran.status, again.status]).toEqual([0, 0]);
    const log = await git(team.stage.laptop, ["log", "--format=%s", "optout-log"], {
      cwd: team.stage.remote,
    });
    const uses = log.split("\n").filter((line) => line.includes("run 400"));
    expect(uses).toHaveLength(2);
    expect(uses[0]).toContain("exit 7");
    expect((await optout(team.stage.laptop, ["verify"])).status).toBe(0);
  });

  it("changes no exit status where it cannot be recorded, and that is said", async () => {
    const keyless: Place = { ...team.job, env: {} };
    const tests = ["run", "unit-tests", "--record-result", "--", "sh", "-c", "exit 7"];
    const inJob = await optout(keyless, tests, { env: job("401") });
    const elsewhere = await optout(keyless, [
      ...tests.slice(0, 2),
      "--branch",
      "main",
      ...tests.slice(2),
    ]);

    expect([inJob.status, elsewhere.status]).toEqual([0, 0]);
    expect(inJob.stderr).toMatch(/^! the result is not recorded: .*key/m);
    expect(elsewhere.stderr).toContain("! the result is not recorded: this is no job of GitHub or");
  });
});

describe("a signal to run", () => {
  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "reaches the command, whose end counts: %s",
    async (signal) => {
      const script = `process.on("${signal}", () => process.exit(9)); console.log("ready"); setInterval(() => {}, 1000);`;
      const { child, ended } = await started([process.execPath, "-e", script]);
      child.kill(signal);

      expect(await ended).toEqual([9, null]);
    },
  );

  it("that ends the command is a status beyond 128", async () => {
    const { child, ended } = await started(["sh", "-c", "echo ready; exec sleep 60"]);
    child.kill("SIGTERM");

    expect(await ended).toEqual([143, null]);
  });
});

interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<unknown>;
}

async function started(command: readonly string[]): Promise<Started> {
  const { directory, home } = team.job;
  const child = spawn(process.execPath, [BIN, "run", "license", "--", ...command], {
    cwd: directory,
    env: { PATH: process.env["PATH"], HOME: home },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "close");
  await once(child.stdout, "data");
  return { child, ended };
}
