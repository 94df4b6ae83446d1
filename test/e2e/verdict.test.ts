/**
 * `optout verdict` over a real remote: what it makes of the jobs of a workflow, whatever their gate
 * said.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { Ajv } from "ajv";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { workflowCommands } from "../support/runner.ts";
import {
  makeClone,
  makeTeam,
  must,
  optout,
  parsed,
  plain,
  type Place,
  type Result,
  type Team,
} from "../support/stage.ts";

let team: Team;
let job: Place;
const stages = ["lint", "unit-tests", "deploy=deploy-prod"] as const;
const green = { lint: "success", "unit-tests": "success", deploy: "success" };

beforeAll(async () => {
  team = await makeTeam();
  const { laptop } = team.stage;
  await must(laptop, ["skip", "lint", "-m", "x\n::error::<b>gone</b> the image is broken"]);
  await must(laptop, ["allow-failure", "unit-tests", "-m", "flaky since yesterday"]);
  job = await makeClone(team.stage, "runner");
});

afterAll(() => team.stage.remove());

const needsOf = (results: Readonly<Record<string, string>>): string =>
  JSON.stringify(
    Object.fromEntries(
      Object.entries(results).map(([name, result]) => [
        name,
        { result, outputs: { lint: "skip", "deploy-prod": "skip", "unit-tests": "allow-failure" } },
      ]),
    ),
  );

const verdict = (
  results: Readonly<Record<string, string>>,
  more: Parameters<typeof optout>[2] = {},
  ...flags: readonly string[]
): Promise<Result> =>
  optout(job, ["verdict", ...stages, ...flags, "--needs", needsOf(results)], more);

describe("verdict", () => {
  it("accepts what ran, and what a record explains", async () => {
    const { status, stdout } = await verdict({
      ...green,
      lint: "skipped",
      "unit-tests": "failure",
    });

    expect(plain(stdout, team.stage)).toBe(
      [
        "! lint: skipped, overridden",
        '    ! lint skipped by override #2 until <minute>: alice, "x ⏎ ::error::<b>gone</b> the image is broken"   policy quality @ <commit>',
        "! unit-tests: failure, overridden",
        '    ! unit-tests may fail by override #3 until <minute>: alice, "flaky since yesterday"   policy quality @ <commit>',
        "✓ deploy (deploy-prod): success",
        "! 3 jobs accepted, 2 overridden",
        "",
      ].join("\n"),
    );
    expect(status).toBe(0);
  });

  it.each([
    ["a stage left out by the gate's word alone", { deploy: "skipped" }, "deploy"],
    ["a failure under a skip", { lint: "failure" }, "lint"],
    ["a stage left out under an allow-failure", { "unit-tests": "skipped" }, "unit-tests"],
    ["a cancelled job under a skip", { lint: "cancelled" }, "lint"],
    ["a job that is no stage and was left out", { build: "skipped" }, "build"],
  ])("refuses %s", async (_, results, refused) => {
    const { status, stdout } = await verdict({ ...green, ...results });

    expect(stdout.split("\n").at(-2)).toBe(`✗ not accepted: ${refused}`);
    expect(status).toBe(3);
  });

  it.each(["failure", "cancelled", "skipped"])(
    "does not mind its own gate with %s",
    async (result) => {
      expect((await verdict({ ...green, gate: result }, {}, "--gate", "gate")).status).toBe(0);
    },
  );

  it.each([[], ["--gate", "decide"], ["--gate="]])(
    "judges a job called gate that is not named: %s",
    async (...flags) => {
      const { status, stdout } = await verdict({ ...green, gate: "failure" }, {}, ...flags);

      expect(stdout).toContain("✗ gate: failure, and the job is no stage, nor named by --gate");
      expect(status).toBe(3);
    },
  );

  it("prints JSON of its schema", async () => {
    const { stdout } = await verdict({ ...green, lint: "skipped" }, {}, "--json");
    const validate = new Ajv().compile(parsed(await must(job, ["schema", "verdict"])));

    expect(validate(parsed(stdout))).toBe(true);
    expect(parsed(stdout)).toMatchObject({
      accepted: true,
      jobs: [
        { job: "lint", result: "skipped", outcome: "skip", accepted: true, overridden: true },
        { job: "unit-tests", result: "success", outcome: "allow-failure", overridden: false },
        { job: "deploy", stage: "deploy-prod", outcome: "enforced", overridden: false },
      ],
    });
  });

  it("reads the jobs from standard input", async () => {
    const args = ["verdict", ...stages, "--needs", "-"];

    expect((await optout(job, args, { input: needsOf(green) })).status).toBe(0);
  });

  it("tells a workflow in one error and one warning, and obeys nothing of a reason", async () => {
    const summary = join(job.home, "summary.md");
    writeFileSync(summary, "");
    const env = {
      CI: "true",
      GITHUB_ACTIONS: "true",
      GITHUB_EVENT_NAME: "push",
      GITHUB_REF: "refs/heads/main",
      GITHUB_STEP_SUMMARY: summary,
    };
    const { stdout } = await verdict({ ...green, lint: "skipped", deploy: "failure" }, { env });

    expect(workflowCommands(stdout).map(({ name }) => name)).toEqual([
      "group",
      "endgroup",
      "error",
      "warning",
    ]);
    expect(readFileSync(summary, "utf8")).not.toContain("<b>");
  });

  it("accepts what ran when the log cannot be read, and nothing that did not", async () => {
    const broken = await makeClone(team.stage, "broken");
    const gone = { ...green, deploy: "skipped" };
    const env = {
      GIT_CONFIG_COUNT: "1",
      GIT_CONFIG_KEY_0: "url./nowhere/.insteadOf",
      GIT_CONFIG_VALUE_0: "/",
    };
    const judge = async (stageNames: readonly string[], results: typeof green): Promise<Result> =>
      optout(broken, ["verdict", ...stageNames, "--needs", needsOf(results)], { env });

    const ran = await judge(["lint", "unit-tests"], green);
    expect([ran.status, ran.stdout.split("\n")[0]]).toEqual([
      0,
      expect.stringContaining("! optout could not decide, so every stage runs normally"),
    ]);
    expect((await judge(["lint", "unit-tests"], { ...green, lint: "skipped" })).status).toBe(3);
    expect((await judge(stages, gone)).status).toBe(3);
  });

  it("records no use, so a skip for one use that no job took explains nothing", async () => {
    const { laptop } = team.stage;
    const [number] = (
      await must(laptop, ["skip", "deploy-prod", "-m", "once", "--once", "-q"])
    ).split("\n");
    const env = { ...team.job.env, CI: "true", GITHUB_ACTIONS: "true", GITHUB_RUN_ID: "77" };
    const on = { ...env, GITHUB_EVENT_NAME: "push", GITHUB_REF: "refs/heads/main" };
    const judge = (): Promise<Result> => verdict({ ...green, deploy: "skipped" }, { env: on });

    expect((await judge()).status).toBe(3);
    await must(job, ["run", "deploy-prod", "--", "false"], { env: on });
    expect((await judge()).status).toBe(0);
    await must(laptop, ["revoke", number ?? "", "-m", "done"]);
    expect((await judge()).status).toBe(3);
  });

  it.each([
    [
      "a job that is not needed",
      ["e2e=lint", "--needs", needsOf(green)],
      'needs names no job "e2e"',
    ],
    ["no jobs", ["lint"], "--needs is missing"],
    ["a word that is no pair", ["a=b=c", "--needs", needsOf(green)], '"a=b=c" is neither'],
    ["a stage nobody knows", ["lint=lnt", "--needs", needsOf(green)], "did you mean lint?"],
  ])("refuses %s", async (_, args, why) => {
    const { status, stderr } = await optout(job, ["verdict", ...args]);

    expect([status, stderr]).toEqual([2, expect.stringContaining(why)]);
  });
});
