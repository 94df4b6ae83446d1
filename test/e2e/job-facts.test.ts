/**
 * Who a job is, against everything that could make it another: flags that say nothing, variables of
 * two forges, events whose ref is not what is being built; with the built program over a real remote.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { serveGit, type HttpGit } from "../support/http-git.ts";
import {
  editPolicy,
  git,
  makeClone,
  makeKey,
  makePlace,
  makeTeam,
  must,
  optout,
  teamPolicy,
  type Place,
  type Result,
  type Team,
} from "../support/stage.ts";

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

/** A job of GitHub Actions, with an event file. */
function actions(event: string, ref: string, payload: object = {}): Variables {
  files += 1;
  const path = join(team.job.home, `event-${files}.json`);
  writeFileSync(path, JSON.stringify(payload));
  return {
    GITHUB_ACTIONS: "true",
    GITHUB_EVENT_NAME: event,
    GITHUB_REF: ref,
    GITHUB_EVENT_PATH: path,
    GITHUB_SHA: "a".repeat(40),
    GITHUB_RUN_ID: "1",
  };
}
let files = 0;

const main = "refs/heads/main";
const gitlab = { GITLAB_CI: "true", CI_COMMIT_BRANCH: "feature", CI_PIPELINE_ID: "1" };
const following = (event: string): object => ({
  workflow_run: {
    event,
    head_branch: "main",
    head_sha: "a".repeat(40),
    head_repository: { id: 7 },
  },
  repository: { id: 7 },
});

describe("an event that runs on the default branch", () => {
  it.each([
    ["issue_comment", { issue: { number: 2, pull_request: { url: "" } } }],
    ["check_suite", {}],
    ["workflow_run", following("workflow_run")],
    ["workflow_run", following("issue_comment")],
  ])(
    "and is about something else grants nothing and lets no deploy run: %s",
    async (event, payload) => {
      const env = actions(event, main, payload);
      const asked = await check(env);

      expect(asked).toMatchObject({ status: 2, stdout: "" });
      expect(asked.stderr).toContain("the facts of this job are in doubt: the event");
      expect(await deploy(env)).toMatchObject({ status: 3, stdout: "" });
    },
  );

  it("and builds it is what it is", async () => {
    expect((await check(actions("schedule", main))).status).toBe(0);
    expect((await check(actions("workflow_run", main, following("push")))).status).toBe(0);
  });
});

describe("a push of the merge queue", () => {
  it("is of the branch that receives, and not of one that no hold names", async () => {
    const group = `refs/heads/gh-readonly-queue/main/pr-104-${"b".repeat(40)}`;

    expect((await check(actions("push", group))).status).toBe(0);
    expect(await deploy(actions("push", group))).toMatchObject({ status: 3, stdout: "" });
  });
});

describe("a job of GitLab on another branch, with variables that somebody added", () => {
  it.each([
    ["of a push to GitHub", () => actions("push", main)],
    [
      "of a push to GitHub, and none of GitLab",
      () => ({ ...actions("push", main), GITLAB_CI: "" }),
    ],
    ["of no forge", () => ({ GITLAB_CI: "" })],
    ["of a forge that is nearly one", () => ({ GITLAB_CI: "false" })],
  ])("grants nothing and lets no deploy run: %s", async (_what, added) => {
    const env = { ...gitlab, ...added() };
    const asked = await check(env);

    expect(asked).toMatchObject({ status: 2, stdout: "" });
    expect(asked.stderr).toContain("the facts of this job are in doubt");
    expect(await deploy(env)).toMatchObject({ status: 3, stdout: "" });
  });

  it("is what it is without them", async () => {
    expect((await check(gitlab)).status).toBe(11);
    expect((await check({ ...gitlab, CI_COMMIT_BRANCH: "main" })).status).toBe(0);
  });
});

describe("a clone in a job, when git is turned to another repository", () => {
  let host: HttpGit;
  let job: Place;
  let facts: Variables;
  const as = (path: string): string => `http://alice:s3cret@127.0.0.1:${host.port}/${path}`;
  const turn = async (from: string, to: string): Promise<void> => {
    await git(job, ["config", `url.${to}.insteadOf`, from]);
  };

  /** Real statements and the real log's id stay; the policy lets Mallory skip. */
  beforeAll(async () => {
    const { folder, remote } = team.stage;
    host = await serveGit(folder);
    const mallory = makePlace(team.stage, "thief");
    const key = await makeKey(mallory);
    for (const copy of ["acme/shop.git", "mallory/shop.git"]) {
      await git(mallory, ["clone", "-q", "--bare", remote, join(folder, copy)]);
      await git(mallory, ["config", "http.receivepack", "true"], { cwd: join(folder, copy) });
    }
    await git(mallory, ["clone", "-q", join(folder, "mallory/shop.git"), "."]);
    await editPolicy(mallory, (text) => text.replace(/ssh-ed25519 [^"]+/, key));
    await must(mallory, ["skip", "unit-tests", "-m", "let me in, please"]);
    job = await makeClone(team.stage, "shop-job", { url: as("acme/shop.git") });
    const id = /id: "?([\w-]{43})/.exec(
      readFileSync(join(job.directory, ".optout/policy.yaml"), "utf8"),
    )?.[1];
    facts = {
      ...actions("push", main),
      GITHUB_SERVER_URL: host.origin,
      GITHUB_REPOSITORY: "Acme/Shop",
      OPTOUT_LOG_ID: id ?? "",
    };
  });

  afterAll(() => host.close());

  const asked = (stage: string): Promise<Result> => optout(job, ["check", stage], { env: facts });

  it("asks its own otherwise", async () => {
    expect((await asked("lint")).status).toBe(0);
    expect((await asked("unit-tests")).status).toBe(10);
  });

  it.each([
    ["a fork", () => git(job, ["remote", "set-url", "origin", as("mallory/shop.git")])],
    ["a rewritten URL", () => turn(as("acme/"), as("mallory/"))],
    ["a path", () => turn(as("acme/"), join(team.stage.folder, "mallory/"))],
    [
      "a URL before it",
      () =>
        git(job, [
          "config",
          "-f",
          join(job.home, ".gitconfig"),
          "remote.origin.url",
          as("mallory/shop.git"),
        ]),
    ],
  ])("grants nothing by a copy of the log with a policy of its own: %s", async (_what, change) => {
    const config = join(job.directory, ".git", "config");
    const own = [config, join(job.home, ".gitconfig")].map(
      (file) => [file, readFileSync(file)] as const,
    );
    await change();
    const told = await asked("unit-tests");
    const run = await optout(job, ["run", "unit-tests", "--", "echo", "ran"], { env: facts });
    for (const [file, bytes] of own) writeFileSync(file, bytes);

    expect(told).toMatchObject({ status: 2, stdout: "" });
    expect(told.stderr).toContain("its repository is 127.0.0.1/Acme/Shop, and ");
    expect(told.stderr).toContain("git remote get-url origin");
    expect(told.stderr).not.toContain("s3cret");
    expect(run).toMatchObject({ status: 0, stdout: "ran\n" });
  });
});
