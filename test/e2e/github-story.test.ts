/**
 * The whole story on GitHub: a broken image turns forty pull requests red, one command skips the stage
 * and has their gates decide anew, people are told, it ends by itself, and an auditor verifies it all.
 *
 * The workflow is the template, run by GitHub's own parser and evaluator with the released action; the
 * repository is a real one over http; the API knows what GitHub's description knows.
 */
import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { emptyGithub, serveGithub, type FakeGithub } from "../support/forge/fake-github.ts";
import { makeForgeStage, type ForgeStage } from "../support/forge/forge-stage.ts";
import { addRedPull } from "../support/forge/red-runs.ts";
import { faketime } from "../support/programs.ts";
import { startReceiver, type Receiver } from "../support/receiver.ts";
import { git, lines, makeClone, must, optout, parsed, push, ROOT } from "../support/stage.ts";
import type { Place } from "../support/stage.ts";
import { runWorkflow, type JobRun } from "../support/workflow.ts";

const workflow = readFileSync(join(ROOT, "templates", "github", "workflows", "ci.yml"), "utf8");
const actionPath = ".github/actions/optout";
const why = "the lint image does not start";
const many = 40;
/** GitHub's number of the repository. */
const repositoryId = "4711";

let github: FakeGithub;
let chat: Receiver;
let stage: ForgeStage;
let laptop: Place;
let runner: Place;

beforeAll(async () => {
  [github, chat] = await Promise.all([serveGithub(emptyGithub()), startReceiver()]);
  stage = await makeForgeStage({
    forge: "github",
    url: github.url,
    files: {
      ".github/workflows/ci.yml": workflow,
      // the broken image: whatever runs in it fails
      "package.json": JSON.stringify({ scripts: { lint: "exit 125", test: "exit 0" } }),
    },
    policy: (text) =>
      text +
      lines(
        "notify:",
        `  - { to: slack, name: shop-oncall, url_env: CHAT, hosts: ["${chat.host}"] }`,
      ),
  });
  ({ laptop } = stage);
  cpSync(join(ROOT, "release", "action"), join(laptop.directory, actionPath), { recursive: true });
  await push(laptop, "Ask optout in the workflow");
  github.world.branches["main"] = await git(laptop, ["rev-parse", "HEAD"]);
  // a job's token may read
  const url = `${stage.git.origin.replace("//", "//bob:r0@")}/${stage.repository}.git`;
  runner = await makeClone(stage, "actions-runner", { url });
});

afterAll(async () => {
  await Promise.all([github.close(), chat.close(), stage.git.close()]);
  stage.remove();
  if (github.violations.length > 0) throw new Error(github.violations.join("\n"));
});

type Jobs = Readonly<Record<string, JobRun>>;

/** Runs the workflow of a pull request into main. */
function play(number: number, env: Readonly<Record<string, string>> = {}): Promise<Jobs> {
  const repository = { id: Number(repositoryId) };
  return runWorkflow(workflow, {
    place: runner,
    env,
    github: {
      server_url: stage.git.origin,
      repository: stage.repository,
      repository_id: repositoryId,
      event_name: "pull_request",
      ref: `refs/pull/${number}/merge`,
      run_id: String(5000 + number),
      base_ref: "main",
      head_ref: `fix-${number}`,
      event: {
        pull_request: {
          number,
          base: { ref: "main", repo: repository },
          head: { ref: `fix-${number}`, repo: repository },
        },
      },
    },
  });
}

const resultsOf = (jobs: Jobs): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(jobs).map(([name, { result }]) => [name, result]));

/** What GitHub shows of a pull request whose jobs came to this. */
function show(number: number, jobs: Jobs): void {
  addRedPull(github.world, number, {
    jobs: Object.entries(jobs).map(([name, { result }], i) => ({
      id: number * 100 + i,
      name,
      status: "completed",
      conclusion: result,
    })),
  });
}

const gateOf = (number: number): string =>
  `POST /repos/${stage.repository}/actions/jobs/${number * 100}/rerun`;

describe("a broken image on GitHub", () => {
  it("turns forty pull requests red", async () => {
    const jobs = await play(1);
    for (let number = 1; number <= many; number += 1) show(number, jobs);

    expect(resultsOf(jobs)).toEqual({
      gate: "success",
      lint: "failure",
      "unit-tests": "success",
      verdict: "failure",
      "deploy-prod": "skipped",
    });
  });

  it("is skipped by one command, which tells people and has every gate decide anew", async () => {
    const args = ["skip", "lint", "-m", why, "--for", "2h", "--rerun"];
    const { status, stdout, stderr } = await optout(laptop, args, { env: { CHAT: chat.address } });

    expect(status).toBe(0);
    expect(stdout).toContain(`runs that go on: ${many} of ${many}`);
    expect(stderr).toContain("✓ told      shop-oncall (Slack)");
    expect(github.changes.map(({ call }) => call)).toEqual(
      github.world.pulls.map(({ number }) => gateOf(number)).toReversed(),
    );
    expect(chat.received).toHaveLength(1);
    expect(chat.received[0]?.body).toContain(why);
  });

  it("stops no pull request any more: the verdicts accept that lint was left out", async () => {
    // each takes seconds, and they differ by their number alone
    for (const { number } of github.world.pulls.filter((pull) => pull.number % 8 === 0)) {
      const jobs = await play(number);
      expect(resultsOf(jobs), `pull request ${number}`).toEqual({
        gate: "success",
        lint: "skipped",
        "unit-tests": "success",
        verdict: "success",
        "deploy-prod": "skipped",
      });
      expect(jobs["verdict"]?.log).toContain(why);
    }
  });

  it.skipIf(faketime === "")(
    "is stopped again once the time is over (needs faketime)",
    async () => {
      const jobs = await play(1, {
        LD_PRELOAD: faketime,
        FAKETIME: "+7260",
        DONT_FAKE_MONOTONIC: "1",
        FAKETIME_DONT_FAKE_MONOTONIC: "1",
        NO_FAKE_STAT: "1",
      });

      expect(resultsOf(jobs)).toMatchObject({ lint: "failure", verdict: "failure" });
      expect(jobs["gate"]?.log).toContain("expired");
    },
  );

  it("is a story that an auditor verifies on a machine of her own", async () => {
    const url = `${stage.git.origin.replace("//", "//bob:r0@")}/${stage.repository}.git`;
    const auditor = await makeClone(stage, "auditor", { url });

    expect(await must(auditor, ["verify"])).toContain("intact");
    const history = await must(auditor, ["history", "lint", "--json"]);
    expect(parsed(history)).toMatchObject({ kind: "optout/history" });
    expect(history).toContain(why);
    const titles = await git(auditor, ["log", "--format=%s", "origin/optout-log"]);
    expect(titles).toMatch(/rerun done: 40 requests \(alice\)/);
    expect(titles).toMatch(/rerun of 40 runs planned \(alice\)/);
    expect(titles).toMatch(/notice of \S+ to shop-oncall delivered \(alice\)/);
  });
});
