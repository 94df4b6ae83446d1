/** A broken image turns pull requests red; one command skips the stage and runs them again. */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  emptyGithub,
  serveGithub,
  sha,
  type FakeGithub,
  type FakeRun,
} from "../support/forge/fake-github.ts";
import { makeForgeStage, token, type ForgeStage } from "../support/forge/forge-stage.ts";
import { addRedPull } from "../support/forge/red-runs.ts";
import { sampleSsh } from "../support/sample-keys.ts";
import { must, optout, parsed, type Place, type Result } from "../support/stage.ts";
import { schemaFaults } from "../support/schema-faults.ts";

const workflow = `on: [push, pull_request]
jobs:
  lint:
    runs-on: ubuntu-latest
    steps:
      - run: npx optout run lint -- npm run lint
`;
/** Asks in a job of another file, and under names for people. */
const caller = `on: pull_request
jobs:
  quality:
    name: Quality
    uses: ./.github/workflows/quality.yml
`;
const called = `on: workflow_call
jobs:
  style:
    name: Style + more (Node \${{ matrix.node }})
    runs-on: ubuntu-latest
    strategy: { matrix: { node: [20, 22] } }
    steps:
      - run: npx optout run lint -- npm run lint
`;
const reason = ["-m", "eslint image is broken"];
const nothing = "nothing in scope is red, queued or hung\n";

let github: FakeGithub;
let stage: ForgeStage;
let laptop: Place;

beforeAll(async () => {
  github = await serveGithub(emptyGithub());
  const files = {
    ".github/workflows/ci.yml": workflow,
    ".github/workflows/pr.yml": caller,
    ".github/workflows/quality.yml": called,
  };
  stage = await makeForgeStage({
    forge: "github",
    url: github.url,
    files,
    policy: (text) =>
      text
        .replace("name: Alice Ng", "name: Alice Ng, github: alice, github_id: 583231")
        .replace("    longest: 1h", "    longest: 1h\n    forge_account: match"),
  });
  ({ laptop } = stage);
  await must(laptop, ["skip", "lint", ...reason]);
});

beforeEach(() => {
  github.world.runs.length = 0;
  github.world.pulls.length = 0;
  for (const list of [github.world.demands, github.world.statuses, github.world.queue]) {
    list.length = 0;
  }
  for (const list of [github.requests, github.changes, github.faults, github.watchers]) {
    list.length = 0;
  }
  github.refusals.clear();
  github.tokens.set(token, "alice");
});

afterEach(() => {
  const all = github.violations.splice(0);
  if (all.length > 0) throw new Error(all.join("\n"));
});

afterAll(async () => {
  await Promise.all([github.close(), stage.git.close()]);
  stage.remove();
});

/** A pull request into main with one run. */
const pull = (number: number, own: Partial<FakeRun> = {}): FakeRun =>
  addRedPull(github.world, number, {
    jobs: [
      { id: 9000 + number, name: "lint", status: "completed", conclusion: "failure" },
      { id: 8000 + number, name: "test", status: "completed", conclusion: "success" },
    ],
    ...own,
  });

const base = (): string => `/repos/${stage.repository}`;
const rerunOf = (job: number): string => `POST ${base()}/actions/jobs/${job}/rerun`;
const again = (more: readonly string[] = []): Promise<Result> =>
  optout(laptop, ["rerun", "lint", ...more]);
const changes = (): readonly string[] => github.changes.map(({ call }) => call);
const logTitles = (): readonly string[] =>
  execFileSync("git", ["log", "--format=%s", "-3", "optout-log"], {
    cwd: stage.remote,
    encoding: "utf8",
  }).split("\n");

describe("rerun", () => {
  it("sends what --dry-run prints, and does only what is left when it is done again", async () => {
    for (let number = 1; number <= 3; number += 1) pull(number);
    pull(4, { jobs: [], conclusion: "cancelled" });

    const shown = await again(["--dry-run"]);
    const before = changes();
    const first = await again();
    const sent = changes();
    const second = await again();

    const printed = shown.stdout.split("\n").filter((line) => line.startsWith("  POST"));
    expect(before).toEqual([]);
    expect(first).toMatchObject({ status: 0, stdout: "✓ runs that go on: 4 of 4\n" });
    expect(printed).toEqual(sent.map((call) => `  ${call}`));
    expect(sent.toSorted()).toEqual([
      ...[9001, 9002, 9003].map(rerunOf),
      `POST ${base()}/actions/runs/5004/rerun`,
    ]);
    expect(second).toMatchObject({ status: 0, stdout: nothing });
    expect(changes()).toEqual(sent);
  });

  it("knows the job of a called workflow by the name that people gave it", async () => {
    const jobs = (conclusion: string): FakeRun["jobs"] => [
      { id: 41, name: "Quality / Style + more (Node 20)", status: "completed", conclusion },
      { id: 42, name: "Quality / test", status: "completed", conclusion: "failure" },
    ];
    pull(1, { path: ".github/workflows/pr.yml", jobs: jobs("failure") });
    pull(2, { path: ".github/workflows/pr.yml", jobs: jobs("success") });
    pull(3, { path: ".github/workflows/other.yml" });

    const result = await again();

    expect(result).toMatchObject({ status: 0, stdout: "✓ runs that go on: 1 of 1\n" });
    expect(changes()).toEqual([rerunOf(41)]);
  });

  it("cancels what hangs, by force where it is deaf, and runs it again once it has ended", async () => {
    const long = { run_started_at: "2026-01-01T00:00:00Z", conclusion: null };
    const jobs = [{ id: 7, name: "lint", status: "in_progress", conclusion: null }];
    pull(1, { ...long, status: "in_progress", deaf: true, jobs });

    const result = await again(["--force-after", "1s"]);

    expect(result.status).toBe(0);
    expect(changes()).toEqual([
      `POST ${base()}/actions/runs/5001/cancel`,
      `POST ${base()}/actions/runs/5001/force-cancel`,
      rerunOf(7),
    ]);
  });

  it("leaves alone what works, what passed its job, and what other workflows made red", async () => {
    const jobs = [{ id: 7, name: "lint", status: "completed", conclusion: "success" }];
    pull(1, { status: "in_progress", conclusion: null });
    pull(2, { jobs });
    pull(3, { path: ".github/workflows/other.yml" });

    expect((await again()).stdout).toBe(nothing);
    expect(changes()).toEqual([]);
  });

  it("records the intent before anything is sent, and the answers after it", async () => {
    pull(1);
    const atChange: string[] = [];
    github.watchers.push(() => atChange.push(logTitles()[0] ?? ""));

    await again();

    expect(atChange).toEqual([expect.stringMatching(/^#\d+ rerun of 1 runs planned \(alice\)$/)]);
    expect(logTitles()[0]).toMatch(/^#\d+ rerun done: 1 requests \(alice\)$/);
    expect(await must(laptop, ["verify"])).toContain("intact");
    expect((await optout(laptop, ["check", "lint", "--branch", "main"])).status).toBe(0);
  });

  it("tells what GitHub refuses, goes on with the others, and ends with 1", async () => {
    pull(1);
    pull(2);
    github.refusals.set(rerunOf(9002), { status: 403, body: { message: "No\u001b[2J admin" } });

    const result = await again();

    expect(result.status).toBe(1);
    expect(result.stdout).toContain("runs that go on: 1 of 2");
    expect(result.stdout).toContain("403 No");
    expect(result.stdout).not.toContain("\u001b");
    expect(changes()).toContain(rerunOf(9001));
  });

  it("puts into the merge queue again what it dropped, each pull request once", async () => {
    for (const number of [7, 8]) {
      const queue = `gh-readonly-queue/main/pr-${number}-${sha(number)}`;
      pull(number, { event: "merge_group", head_branch: queue });
    }

    const first = await again();
    const second = await again();

    expect(first).toMatchObject({ status: 0, stdout: "✓ runs that go on: 2 of 2\n" });
    expect(new Set(github.world.queue)).toEqual(new Set([7, 8]));
    expect(second.status).toBe(0);
    expect(github.world.queue).toHaveLength(2);
  });

  it("tells where a maintainer has to let a stranger's run start, and does not do it", async () => {
    pull(7, { conclusion: "action_required", jobs: [] });

    const result = await again();

    expect(result.stdout).toContain("by hand: http://127.0.0.1/runs/5007");
    expect(result.stderr).toContain("CI #7 is unapproved: by hand");
    expect(changes()).toEqual([]);
  });

  it("sets the status that main demands where no run reports it, and only there", async () => {
    github.world.pulls.push(
      { number: 7, base: "main", head: "docs", sha: sha(7) },
      { number: 8, base: "release/1.4", head: "docs-2", sha: sha(8) },
      { number: 9, base: "main", head: "docs-3", sha: sha(9) },
    );
    github.world.demands.push(
      { branch: "main", context: "optout / lint" },
      { branch: "release/1.4", context: "optout / lint" },
    );
    github.world.statuses.push({ sha: sha(9), context: "optout / lint", state: "success" });

    const first = await again();
    const [set] = github.changes;
    const second = await again();

    expect(first.stderr).toContain("pull request 7 is unreported: set the status");
    expect(first.stdout).toContain("runs that go on: 1 of 1");
    expect(changes()).toEqual([`POST ${base()}/statuses/${sha(7)}`]);
    expect(JSON.stringify(set?.body)).toMatch(/"overridden: #\d+ skips lint \(alice\)"/);
    expect(set?.body).toMatchObject({
      context: "optout / lint",
      state: "success",
      target_url: "http://127.0.0.1/acme/shop/commits/optout-log",
    });
    expect(second.stdout).toBe(nothing);
  });

  it("sets none that only an App may report, and one that the older protection demands", async () => {
    github.world.pulls.push({ number: 7, base: "main", head: "docs", sha: sha(7) });
    github.world.demands.push({ branch: "main", context: "optout / lint", app: 15_368 });
    const ofApp = await again();
    github.world.demands.splice(0, 1, { branch: "main", context: "optout / lint", isOld: true });
    const ofAnyone = await again(["--dry-run"]);

    expect([ofApp.stdout, changes()]).toEqual([nothing, []]);
    expect(ofAnyone.stdout).toContain(`POST ${base()}/statuses/${sha(7)}`);
  });

  it("says no where nothing is in force", async () => {
    const result = await optout(laptop, ["rerun", "unit-tests"]);

    expect(result.status).toBe(2);
    expect(result.stderr).toContain("no override of unit-tests is in force");
  });

  it("prints as JSON what its schema says, and so does login", async () => {
    pull(1);
    const planned = await must(laptop, ["rerun", "lint", "--dry-run", "--json"]);
    const done = await again(["--json"]);
    const login = ["login", "--host", github.url, "--forge", "github", "--with-token", "--json"];
    const signedIn = await must(laptop, login, { input: `${token}\n` });

    for (const stdout of [planned, done.stdout]) {
      expect(schemaFaults("rerun", JSON.parse(stdout))).toEqual([]);
    }
    expect(parsed(planned)["results"]).toBeNull();
    expect(schemaFaults("login", JSON.parse(signedIn))).toEqual([]);
  });

  it("never shows the token", async () => {
    pull(1);
    const calm = await again(["--debug", "--json"]);
    github.faults.push(...Array.from({ length: 60 }, () => "cut" as const));
    const broken = await again(["--debug", "--json"]);
    github.faults.length = 0;
    github.tokens.clear();
    const refused = await again(["--debug"]);

    for (const { stdout, stderr } of [calm, broken, refused]) {
      expect(stdout + stderr).not.toContain(token);
    }
    expect(parsed(calm.stdout)).toMatchObject({ kind: "optout/rerun" });
    expect([broken.status, refused.status]).toEqual([6, 4]);
  });
});

describe("skip", () => {
  it("names the red runs in scope at its end", async () => {
    pull(1);
    pull(2);

    const { stdout } = await optout(laptop, ["skip", "unit-tests", ...reason]);
    const second = await optout(laptop, ["skip", "lint", ...reason]);

    expect(stdout).toContain("nothing on main asks optout about unit-tests");
    expect(stdout).not.toContain("red runs");
    expect(second.stdout).toContain("2 red runs in scope: optout rerun lint");
  });

  it("runs them again with --rerun", async () => {
    pull(1);

    const { status, stdout } = await optout(laptop, ["skip", "lint", "--rerun", ...reason]);

    expect(status).toBe(0);
    expect(stdout).toContain("runs that go on: 1 of 1");
    expect(changes()).toEqual([rerunOf(9001)]);
  });
});

describe("whoami", () => {
  it("tells the account on the forge, with the number for the policy", async () => {
    const { stdout } = await optout(laptop, ["whoami"]);
    const json = parsed(await must(laptop, ["whoami", "--json"]));

    expect(stdout).toContain("  forge   alice on 127.0.0.1 (github_id: 583231)\n");
    expect(json["account"]).toEqual({
      forge: "github",
      host: "127.0.0.1",
      login: "alice",
      id: 583_231,
    });
  });

  it("tells who is not signed in, and what the forge does not answer", async () => {
    github.tokens.clear();
    const refused = await optout(laptop, ["whoami"]);
    github.faults.push(...Array.from({ length: 9 }, () => ({ status: 500 })));
    const broken = await optout(laptop, ["whoami"]);
    github.faults.length = 0;

    expect([refused.status, broken.status]).toEqual([0, 0]);
    expect(refused.stdout).toContain("  forge   not signed in to 127.0.0.1: optout login\n");
    expect(broken.stdout).toMatch(/ {2}forge {3}127\.0\.0\.1 (answered 500|does not answer)/);
  });
});

describe("keys import", () => {
  it("proposes the signing keys that optout can use as a diff, and writes it with --yes", async () => {
    const ssh = sampleSsh("bob").split(" ").slice(0, 2).join(" ");
    github.world.users["alice"] = {
      id: 583_231,
      type: "User",
      keys: [ssh, "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAA"],
    };
    const file = join(laptop.directory, ".optout", "policy.yaml");
    const before = readFileSync(file, "utf8");

    const shown = await optout(laptop, ["keys", "import", "--from", "github"]);
    const unchanged = readFileSync(file, "utf8");
    await must(laptop, ["keys", "import", "--yes"]);

    expect(shown.status).toBe(0);
    expect(shown.stdout).toContain(`"${ssh} alice"]`);
    expect(shown.stdout).not.toContain("ssh-rsa");
    expect(unchanged).toBe(before);
    expect(readFileSync(file, "utf8")).toContain(`"${ssh} alice"]`);
    await must(laptop, ["policy", "check"]);
    writeFileSync(file, before);
  });
});

describe("without a sign-in", () => {
  const deploy = ["skip", "deploy-prod", "-m", "migration is running"];

  it("rerun prints where the runs are, and a rule that wants the account says no", async () => {
    const taken = await optout(laptop, deploy);
    github.world.users["alice"] = { id: 1, type: "User", keys: [] };
    const other = await optout(laptop, deploy);
    await must(laptop, ["logout", "--host", github.url, "--forge", "github"]);
    const nobody = await optout(laptop, deploy);
    const links = await again();

    expect([taken, other, nobody, links].map(({ status }) => status)).toEqual([0, 3, 3, 4]);
    expect(other.stderr).toContain(
      "you are signed in as alice on 127.0.0.1, and the policy says alice",
    );
    expect(nobody.stderr).toContain("you are not signed in to the forge: optout login");
    expect(links.stderr).toContain(`https://127.0.0.1/${stage.repository}/actions?query=`);
    expect(links.stderr).toContain("branch%3Amain");
  });
});
