/**
 * `-R`: the commands without a clone, over a path and over http with the user's own credentials.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { serveGit, type HttpGit } from "../support/http-git.ts";
import {
  git,
  makePlace,
  makeStage,
  must,
  optout,
  parsed,
  push,
  snapshotOf,
  type Place,
  type Stage,
} from "../support/stage.ts";

let stage: Stage;
let server: HttpGit;
let http: string;
/** A machine of Alice's with her key and credentials, and no clone. */
let phone: Place;

beforeAll(async () => {
  stage = await makeStage();
  const { laptop } = stage;
  await must(laptop, ["init", "--yes", "--stage", "lint", "--stage", "deploy-prod"]);
  await push(laptop, "Add the optout policy");
  server = await serveGit(stage.folder);
  http = `${server.origin}/shop.git`;
  phone = makePlace(stage, "phone");
  phone = { ...phone, env: { XDG_DATA_HOME: join(laptop.home, "data") } };
  const credentials = join(phone.home, "credentials");
  writeFileSync(credentials, `http://alice:s3cret@127.0.0.1:${server.port}\n`);
  const file = join(phone.home, ".gitconfig");
  const helper = `[credential]\n\thelper = store --file=${credentials}\n`;
  writeFileSync(file, `${readFileSync(file, "utf8")}${helper}`);
});

afterAll(async () => {
  stage.remove();
  await server.close();
});

describe.each([
  ["a path", () => stage.remote],
  ["http", () => http],
])("over %s", (_name, urlOf) => {
  it("an override is made, seen, checked, audited and ended without a clone", async () => {
    const repo = ["-R", urlOf()];
    const before = snapshotOf(phone.directory);
    const made = await optout(phone, [
      "skip",
      "lint",
      ...repo,
      "--branch",
      "main",
      "-m",
      "lint image answers 500",
    ]);

    expect(made.status).toBe(0);
    expect(made.stdout).toContain("! lint is skipped on main and pull requests into it");
    expect(made.stdout).toMatch(/undo: optout revoke \d+ -R \S+shop\.git\n/);
    expect(await must(phone, ["status", ...repo])).toContain("lint");
    expect((await optout(phone, ["check", "lint", ...repo, "--branch", "main"])).status).toBe(0);
    expect((await optout(stage.laptop, ["check", "lint"])).status).toBe(0);
    expect((await optout(phone, ["verify", ...repo])).status).toBe(0);
    const shown = parsed(await must(phone, ["history", ...repo, "-L", "1", "--json"]));
    expect(shown).toMatchObject({ overrides: [{ action: "skip", by: "alice-ng" }] });
    await must(phone, ["revoke", "lint", ...repo]);
    expect((await optout(phone, ["check", "lint", ...repo, "--branch", "main"])).status).toBe(11);
    expect(snapshotOf(phone.directory)).toEqual(before);
  });
});

describe("a repository that is named", () => {
  it("is asked about with a branch, for nothing is checked out", async () => {
    const repo = ["-R", stage.remote];
    const skip = await optout(phone, ["skip", "lint", ...repo, "-m", "lint image answers 500"]);
    const check = await optout(phone, ["check", "lint", ...repo]);
    const run = await optout(phone, ["run", "deploy-prod", ...repo, "--", "echo", "deployed"]);

    expect(skip).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("optout skip lint --branch main -m ") as unknown,
    });
    expect(check).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("--branch NAME") as unknown,
    });
    // the trusted policy is known from before: a deploy does not run unseen
    expect(run).toMatchObject({ status: 3, stdout: "" });
  });

  it("is not the one that a job is of, so the job's facts say nothing of it", async () => {
    const env = {
      CI: "true",
      GITHUB_ACTIONS: "true",
      GITHUB_EVENT_NAME: "push",
      GITHUB_REF: "refs/heads/main",
      GITHUB_REPOSITORY: "acme/other",
    };

    expect((await optout(phone, ["check", "lint", "-R", stage.remote], { env })).status).toBe(2);
  });

  it("tells its stages by the CI files on its default branch, or another", async () => {
    const { laptop } = stage;
    const workflow = join(laptop.directory, ".github");
    await git(laptop, ["checkout", "-q", "-b", "ci"]);
    await must(laptop, ["status"]);
    mkdirSync(join(workflow, "workflows"), { recursive: true });
    writeFileSync(
      join(workflow, "workflows", "ci.yml"),
      "jobs:\n  lint:\n    steps:\n      - run: optout run lint -- true\n",
    );
    await push(laptop, "Ask");
    await git(laptop, ["checkout", "-q", "main"]);

    const main = await must(phone, ["stages", "-R", stage.remote]);
    const ci = await must(phone, ["stages", "-R", stage.remote, "--ref", "ci"]);
    const here = await must(laptop, ["stages", "--ref", "ci"]);
    const none = await optout(phone, ["stages", "-R", stage.remote, "--ref", "nowhere"]);

    expect(main).toContain("lint\tquality\tnothing");
    expect(ci).toContain("lint\tquality\t.github/workflows/ci.yml:4 (job lint)\trun");
    expect(here).toBe(ci);
    expect(none).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('the remote has no branch "nowhere"') as unknown,
    });
  });

  it("is kept under the cache directory, readable by its owner alone", () => {
    const kept = join(phone.home, "cache", "optout", "repositories");

    expect(readdirSync(kept).length).toBeGreaterThan(0);
    for (const name of readdirSync(kept)) {
      const config = readFileSync(join(kept, name, "config"), "utf8");
      expect(config).not.toContain("s3cret");
      expect(existsSync(join(kept, name, "optout", "heads.json"))).toBe(true);
    }
  });

  it("is believed where the user's git refuses bare repositories that it finds", async () => {
    const file = join(phone.home, ".gitconfig");
    const before = readFileSync(file, "utf8");
    writeFileSync(file, `${before}[safe]\n\tbareRepository = explicit\n`);
    const status = await optout(phone, ["status", "-R", http]);
    writeFileSync(file, before);

    expect(status.status).toBe(0);
  });

  it("is named in the commands that errors propose", async () => {
    const unknown = await optout(phone, ["show", "999", "-R", http]);
    const nowhere = await optout(phone, ["skip", "lint", "-m", "registry is down", "-R", http]);

    expect(unknown.stderr).toContain(`\n  optout history -R ${http}\n`);
    expect(nowhere.stderr).toContain("with --repo no branch is known");
    expect(nowhere.stderr).toContain(`-m 'registry is down' -R ${http}   (or --head B`);
  });

  it("is told when it cannot be reached", async () => {
    const { status, stderr } = await optout(phone, ["status", "-R", "./nowhere.git"]);

    expect(status).toBe(6);
    expect(stderr).toMatch(
      /^✗ \S+\/nowhere\.git cannot be reached: .*\n {2}git ls-remote \S+\/nowhere\.git HEAD\n$/,
    );
    expect(stderr).not.toContain("origin");
  });
});
