/**
 * Trust that somebody tries to loosen from where he may write: the work tree and the clone of a job,
 * its environment, a fork. And policies on the trusted ref by which nothing can be decided. Nothing is
 * granted, nothing of the work tree is executed, and the stage runs.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import {
  git,
  makeClone,
  makeKey,
  makeTeam,
  must,
  optout,
  parsed,
  push,
  refsOf,
  writeFiles,
  type More,
  type Place,
  type Team,
} from "../support/stage.ts";
import { makeScene, replaceLog, readLog, type Scene } from "../support/thief.ts";

/** #0 log created, #1 policy recorded, #2 skip of unit-tests. */
let team: Team;
let scene: Scene;

beforeAll(async () => {
  team = await makeTeam();
  await must(team.stage.laptop, ["skip", "unit-tests", "-m", "registry is down"]);
});

afterAll(() => {
  for (const { stage } of [team, ...scenes]) stage.remove();
});

const scenes: Scene[] = [];

async function newScene(): Promise<void> {
  scene = await makeScene(team);
  scenes.push(scene);
}

const failing = ["--", "sh", "-c", "echo the stage runs; exit 7"] as const;
const policyFile = ".optout/policy.yaml";
const policyOf = ({ directory }: Place): string =>
  readFileSync(join(directory, policyFile), "utf8");

async function expectRuns(place: Place, stage: string, more: More = {}): Promise<void> {
  const { status, stdout } = await optout(place, ["run", stage, ...failing], more);
  expect({ status, stdout }).toEqual({ status: 7, stdout: "the stage runs\n" });
}

/** The thief's policy: his key, and everything allowed. */
async function generousPolicy(thief: Place): Promise<string> {
  const key = await makeKey(thief);
  return policyOf(thief)
    .replace('keys: ["ssh', `keys: ["${key}", "ssh`)
    .replace(", never: [skip, allow-failure]", "")
    .replace("match: { kind: quality }", "match: {}");
}

/** What is in force is so, what is not is not, and the log is intact. */
async function statusesIn(place: Place, more: More = {}): Promise<readonly number[]> {
  const ends = await Promise.all(
    [
      ["check", "unit-tests", "-q"],
      ["check", "lint", "-q"],
      ["check", "license", "-q"],
      ["verify", "-q"],
    ].map((args) => optout(place, args, more)),
  );
  return ends.map(({ status }) => status);
}

const asEver = [0, 10, 10, 0];

describe("the environment of a job", () => {
  beforeAll(newScene);

  it("holds no variable that changes what is trusted", async () => {
    const { thief, cold } = scene;
    const file = join(scene.stage.folder, "generous.yaml");
    writeFileSync(file, await generousPolicy(thief));
    const names =
      "POLICY POLICY_FILE POLICY_REF CONFIG TRUSTED_REF REF STORE LOG LOG_BRANCH BRANCH NOW TIME FORCE SKIP SKIP_UNIT_TESTS DISABLED".split(
        " ",
      );
    const env = Object.fromEntries(names.map((name) => [`OPTOUT_${name}`, file]));

    expect(await statusesIn(cold, { env })).toEqual(asEver);
    await expectRuns(cold, "license", { env });
  });

  it("nor is there a flag that does", async () => {
    const flags = ["--policy", "--policy-ref", "--key-file", "--store", "--trust"];
    const ends = await Promise.all(
      flags.map((flag) => optout(scene.cold, ["check", "unit-tests", flag, "x"])),
    );

    expect(ends.map(({ status, stdout }) => ({ status, stdout }))).toEqual(
      flags.map(() => ({ status: 2, stdout: "" })),
    );
  });
});

describe("a job's clone", () => {
  beforeEach(newScene);

  /** A program that tells that it was started. */
  function spy(name: string): { readonly path: string; readonly started: () => boolean } {
    const mark = join(scene.stage.folder, `${name}-started`);
    const path = join(scene.stage.folder, name);
    writeFileSync(path, `#!/bin/sh\ntouch '${mark}'\ncat\n`, { mode: 0o755 });
    return { path, started: () => existsSync(mark) };
  }

  it("may replace commits and graft histories: those of the host count", async () => {
    const { thief, cold } = scene;
    const generous = await generousPolicy(thief);
    for (const place of [cold, scene.warm]) {
      writeFiles(place, { [policyFile]: generous });
      await git(place, ["commit", "-qam", "Generous"]);
      const evil = await git(place, ["rev-parse", "HEAD"]);
      await git(place, ["fetch", "-q", "origin", "main", "optout-log"]);
      const log = await git(place, ["ls-remote", "-q", "origin", "optout-log"]);
      const [tip = ""] = log.split("\t");
      await git(place, ["replace", "origin/main", evil]);
      await git(place, ["replace", tip, `${tip}~1`]);
      mkdirSync(join(place.directory, ".git/info"), { recursive: true });
      writeFileSync(join(place.directory, ".git/info/grafts"), `${tip}\n`);

      expect(await statusesIn(place)).toEqual(asEver);
      await expectRuns(place, "license");
    }
  });

  it("may hold attributes with filters: the policy is read as it was committed", async () => {
    const { warm, thief } = scene;
    const filter = spy("filter");
    const attributes = "* filter=evil diff=evil merge=evil ident text eol=crlf export-ignore\n";
    writeFiles(warm, { ".gitattributes": attributes, ".optout/.gitattributes": attributes });
    await push(warm, "Attributes");
    await git(thief, ["pull", "-q", "origin", "main"]);
    for (const member of ["smudge", "clean", "process"]) {
      await git(thief, ["config", `filter.evil.${member}`, filter.path]);
    }
    await git(thief, ["config", "diff.evil.textconv", filter.path]);
    await git(thief, ["config", "core.autocrlf", "true"]);
    await git(thief, ["config", "core.attributesFile", join(thief.directory, ".gitattributes")]);

    expect(await statusesIn(thief)).toEqual(asEver);
    expect(filter.started()).toBe(false);
  });

  it("executes nothing that its settings name: hooks, monitors, pagers, editors, askers", async () => {
    const { cold } = scene;
    const program = spy("program");
    const hooks = join(scene.stage.folder, "hooks");
    mkdirSync(hooks);
    for (const hook of ["pre-push", "reference-transaction", "post-checkout", "pre-auto-gc"]) {
      symlinkSync(program.path, join(hooks, hook));
    }
    const settings = {
      "core.hooksPath": hooks,
      "core.fsmonitor": program.path,
      "core.pager": program.path,
      "core.editor": program.path,
      "core.alternateRefsCommand": program.path,
      "pager.log": program.path,
      "gpg.program": program.path,
      "gpg.ssh.program": program.path,
      "commit.gpgSign": "true",
      "push.gpgSign": "true",
      "uploadpack.packObjectsHook": program.path,
      "diff.external": program.path,
      "alias.fetch": `!${program.path}`,
      "alias.cat-file": `!${program.path}`,
    };
    for (const [key, value] of Object.entries(settings)) await git(cold, ["config", key, value]);

    expect(await statusesIn(cold)).toEqual(asEver);
    await must(cold, ["skip", "lint", "-m", "lint image answers 500"]);
    expect(program.started()).toBe(false);
  });

  it("is not one that stands as a bare repository in the work tree", async () => {
    const { thief, stage } = scene;
    const program = spy("upload-pack");
    const mine = await ownRepository(thief);
    await git(thief, ["init", "-q", "--bare", "packages/app"]);
    const app = { cwd: join(thief.directory, "packages/app") };
    await git(thief, ["config", "remote.origin.url", mine], app);
    await git(thief, ["config", "remote.origin.uploadpack", program.path], app);
    await git(thief, ["config", "core.fsmonitor", program.path], app);
    await git(thief, ["remote", "set-url", "origin", stage.remote]);
    await git(thief, ["reset", "-q", "--hard", "FETCH_HEAD"]);

    const check = await optout(thief, ["check", "lint", "--json"], app);
    expect({ status: check.status, stdout: check.stdout }).toEqual({ status: 2, stdout: "" });
    expect(parsed(check.stderr)).toMatchObject({ error: { code: "not-a-repository" } });
    await expectRuns(thief, "lint", app);
    expect(program.started()).toBe(false);
  });

  it("may name a device, a pipe or itself as its policy, which ends nothing", async () => {
    const { cold } = scene;
    for (const target of ["/dev/zero", "/proc/self/fd/0", "..", "policy.yaml"]) {
      rmSync(join(cold.directory, policyFile));
      symlinkSync(target, join(cold.directory, policyFile));

      expect((await optout(cold, ["check", "unit-tests", "-q"])).status).toBe(0);
    }
    expect(await statusesIn(cold)).toEqual(asEver);
  });
});

/** A repository of the thief's with a policy and a log of his own, in which lint is skipped. */
async function ownRepository(thief: Place): Promise<string> {
  const mine = join(scene.stage.folder, "mine.git");
  await git(thief, ["init", "-q", "--bare", "-b", "main", mine]);
  await git(thief, ["fetch", "-q", "origin", "main"]);
  await git(thief, ["remote", "set-url", "origin", mine]);
  await git(thief, ["rm", "-rq", ".optout"]);
  await git(thief, ["commit", "-q", "-m", "Mine"]);
  await git(thief, ["push", "-q", "origin", "HEAD:main"]);
  await must(thief, ["init", "--yes", "--stage", "lint", "--stage", "unit-tests"]);
  await push(thief, "My own policy");
  await must(thief, ["skip", "lint", "-m", "let me in, please"]);
  return mine;
}

describe("a fork", () => {
  beforeEach(newScene);

  it("with a log of its own under the team's policy has nothing in force", async () => {
    const { thief, stage } = scene;
    const fork = join(stage.folder, "fork.git");
    await git(thief, ["clone", "-q", "--bare", stage.remote, fork]);
    const theirs = await readLog(scene);
    await ownRepository(thief);
    const mine = await readLog(scene);
    await git(thief, ["remote", "set-url", "origin", fork]);
    await replaceLog(scene, mine);
    const job = await makeClone(stage, "fork-job", { url: fork });

    for (const name of ["lint", "unit-tests"]) {
      const { status, stdout, stderr } = await optout(job, ["check", name, "--json"]);
      expect({ status, stdout }).toEqual({ status: 5, stdout: "" });
      expect(parsed(stderr)).toMatchObject({ error: { code: "wrong-log" } });
    }
    await expectRuns(job, "unit-tests");
    expect(mine[0]).not.toBe(theirs[0]);
  });

  it("has no say in the parent, whatever its log holds", async () => {
    const { thief, cold, stage } = scene;
    const fork = join(stage.folder, "fork.git");
    await git(thief, ["clone", "-q", "--bare", stage.remote, fork]);
    const before = await refsOf(stage);
    await ownRepository(thief);
    await git(thief, ["push", "-q", "--force", fork, "HEAD:main"]);
    // the work tree of the parent's job is the fork's change
    await git(cold, ["fetch", "-q", fork, "main"]);
    await git(cold, ["checkout", "-q", "--detach", "FETCH_HEAD"]);

    expect(await statusesIn(cold, { env: pushTo("main") })).toEqual(asEver);
    await expectRuns(cold, "lint", { env: pushTo("main") });
    expect(await refsOf(stage)).toBe(before);
  });

  const pushTo = (branch: string): Record<string, string> => ({
    GITHUB_ACTIONS: "true",
    GITHUB_EVENT_NAME: "push",
    GITHUB_REF: `refs/heads/${branch}`,
    GITHUB_SHA: "0".repeat(40),
  });
});

describe("a log that was copied with everything into another repository", () => {
  beforeEach(newScene);

  it("is not the log of a second repository with the same people", async () => {
    const { thief, stage } = scene;
    const log = await readLog(scene);
    const second = join(stage.folder, "second.git");
    await git(thief, ["init", "-q", "--bare", "-b", "main", second]);
    await git(thief, ["remote", "set-url", "origin", second]);
    const other = policyOf(thief).replace(/, id: "?[\w-]{43}"?/, "");
    writeFiles(thief, { [policyFile]: other });
    await git(thief, ["push", "-q", "origin", "HEAD:main"]);
    const alice = { ...thief, env: { XDG_DATA_HOME: join(stage.folder, "laptop-home", "data") } };
    await must(alice, ["init", "--yes"]);
    await push(thief, "The same people");
    await replaceLog(scene, log);

    const job = await makeClone(stage, "second-job", { url: second });
    const { status, stderr } = await optout(job, ["check", "unit-tests", "--json"]);
    expect(status).toBe(5);
    expect(parsed(stderr)).toMatchObject({ error: { code: "wrong-log" } });
    await expectRuns(job, "unit-tests");
  });
});

describe("a policy on the trusted ref that cannot be read", () => {
  const bomb = [..."abcdefghi"].map((name, index, all) => {
    const before = all[index - 1];
    const list = before === undefined ? "lol" : Array.from({ length: 9 }, () => `*${before}`);
    return `${name}: &${name} [${String(list)}]\n`;
  });
  const smallOrder = Buffer.concat(
    ["ssh-ed25519", Buffer.alloc(32)].flatMap((part) => {
      const bytes = Buffer.from(part);
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.length);
      return [length, bytes];
    }),
  ).toString("base64");

  type Edit = (text: string) => string;
  const policies: readonly (readonly [string, Edit])[] = [
    ["empty", () => ""],
    ["only a comment", () => "# later\n"],
    ["not YAML", () => "{{{ : ]\n\t- x"],
    ["not text", () => "\u0000\u0001\u0002"],
    ["a list", () => "- 1\n"],
    ["of a newer version", (text) => text.replace("version: 1", "version: 2")],
    ["of no version", (text) => text.replace("version: 1\n", "")],
    ["with a member that is not known", (text) => `${text}allow: everything\n`],
    ["with a member twice", (text) => `${text}rules: []\n`],
    ["with a second document", (text) => `${text}---\nversion: 1\n`],
    ["with a tag of the parser's language", (text) => `${text}limits: !!js/function "x"\n`],
    ["with aliases that grow without end", (text) => `${bomb.join("")}${text}`],
    ["larger than 256 KiB", (text) => `${text}#${"x".repeat(260 * 1024)}\n`],
    [
      "with a key of small order",
      (text) => text.replace('keys: ["', `keys: ["ssh-ed25519 ${smallOrder}", "`),
    ],
    [
      "with one key for two people",
      (text) =>
        text.replace(/(bob:.*keys: \[")[^"]*/, `$1${/alice:.*keys: \["([^"]*)/.exec(text)?.[1]}`),
    ],
  ];

  /** As it was before anybody spoiled it. */
  let sound: string;

  beforeAll(async () => {
    await newScene();
    sound = policyOf(scene.warm);
    await must(scene.cold, ["check", "unit-tests", "-q"]);
  });

  it.each(policies)("permits nothing: %s", async (_title, edit) => {
    const { warm, cold, stage } = scene;
    writeFiles(warm, { [policyFile]: edit(sound) });
    await push(warm, "Spoil the policy");
    const before = await refsOf(stage);

    const [check, skip, lint, deploy] = await Promise.all([
      optout(cold, ["check", "unit-tests", "--json"]),
      optout(warm, ["skip", "lint", "-m", "lint image answers 500"]),
      optout(cold, ["run", "unit-tests", ...failing]),
      // the policy that was read here before says what must not run unseen
      optout(cold, ["run", "deploy-prod", ...failing]),
    ]);
    expect({ status: check.status, stdout: check.stdout }).toEqual({ status: 2, stdout: "" });
    expect(parsed(check.stderr)).toMatchObject({ error: { code: "policy-invalid" } });
    expect({ skip: skip.status, lint: lint.status }).toEqual({ skip: 2, lint: 7 });
    expect(deploy).toMatchObject({ status: 3, stdout: "" });
    expect(await refsOf(stage)).toBe(before);
  });

  it("permits nothing: missing, although it was there", async () => {
    const { warm, cold } = scene;
    await git(warm, ["rm", "-rq", ".optout"]);
    await push(warm, "Drop the policy");

    const check = await optout(cold, ["check", "unit-tests", "--json"]);
    expect({ status: check.status, stdout: check.stdout }).toEqual({ status: 2, stdout: "" });
    expect(parsed(check.stderr)).toMatchObject({ error: { code: "policy-missing" } });
    await expectRuns(cold, "unit-tests");
  });

  it("releases no deploy: it is stopped by the last policy that could be read", async () => {
    await newScene();
    const { warm, stage } = scene;
    await must(warm, ["hold", "deploy-prod", "-m", "migration is running"]);
    for (const [text, message] of [
      [sound.replace("version: 1", "version: 9"), "Another version"],
      [sound.replace("rules:", "rulez:"), "A typo"],
      [null, "No policy at all"],
      [sound.replace("version: 1", "version: 9"), "And again"],
    ] as const) {
      if (text === null) await git(warm, ["rm", "-rq", ".optout"]);
      else writeFiles(warm, { [policyFile]: text });
      await push(warm, message);
    }
    const url = `file://${stage.remote}`;
    const [shallow, whole, alone] = await Promise.all([
      makeClone(stage, "shallow-job", { flags: ["--depth=1"], url }),
      makeClone(stage, "whole-job"),
      makeClone(stage, "alone-job"),
    ]);
    await git(alone, ["remote", "remove", "origin"]);

    for (const job of [shallow, whole, alone]) {
      const deploy = await optout(job, ["run", "deploy-prod", ...failing]);
      expect(deploy).toMatchObject({ status: 3, stdout: "" });
      expect(deploy.stderr).toContain("could not decide about deploy-prod, so it is stopped");
      await expectRuns(job, "lint");
      const gate = await optout(job, ["gate", "deploy-prod", "lint", "--json"]);
      expect(parsed(gate.stdout)).toMatchObject({
        outcomes: { "deploy-prod": "hold", lint: "enforced" },
      });
    }
    expect(existsSync(join(shallow.directory, ".git", "shallow"))).toBe(true);
    expect(await git(shallow, ["rev-list", "--count", "HEAD"])).toBe("1");
  });

  it("releases no deploy by what stood on a branch only, before it was merged", async () => {
    await newScene();
    const { warm, stage } = scene;
    await git(warm, ["checkout", "-qb", "topic"]);
    const loose = sound.replace("kind: deploy", "kind: quality");
    for (const text of [loose, sound.replace("version: 1", "version: 9")]) {
      writeFiles(warm, { [policyFile]: text });
      await git(warm, ["commit", "-qam", "Change the policy"]);
    }
    await git(warm, ["checkout", "-q", "main"]);
    await git(warm, ["merge", "-q", "--no-ff", "-m", "Merge", "topic"]);
    await git(warm, ["push", "-q", "origin", "main"]);
    const url = `file://${stage.remote}`;
    const job = await makeClone(stage, "job-of-merge", { flags: ["--depth=1"], url });

    expect(await optout(job, ["run", "deploy-prod", ...failing])).toMatchObject({ status: 3 });
  });

  it("holds a pattern for tickets only where it is matched in bounded time", async () => {
    const { warm } = scene;
    const slow = sound.replace("min: 10 }", 'min: 10, ticket: "^(a|a|aa|a*)*b$" }');
    writeFiles(warm, { [policyFile]: slow });
    await push(warm, "Ask for tickets");
    const words = ["skip", "lint", "-m", "lint image answers 500", "--timeout", "10s"];

    const { status } = await optout(warm, [...words, "--ticket", "a".repeat(60)]);
    expect([2, 3]).toContain(status);
  });
});

describe("what is far too large", () => {
  beforeEach(newScene);

  const huge = (bytes: number): string => `hm\n\n${"x".repeat(bytes)}\n`;

  async function pushHuge(bytes: number): Promise<void> {
    const { thief } = scene;
    await git(thief, ["fetch", "-q", "origin", "optout-log"]);
    const tip = await git(thief, ["rev-parse", "FETCH_HEAD"]);
    const tree = await git(thief, ["mktree"]);
    const input = huge(bytes);
    const id = await git(thief, ["commit-tree", tree, "-p", tip], { input });
    await git(thief, ["push", "-q", "origin", `${id}:refs/heads/optout-log`]);
  }

  it("is void as a position of a megabyte, and stops nothing", async () => {
    await pushHuge(1 << 20);

    expect((await optout(scene.cold, ["check", "unit-tests", "-q"])).status).toBe(0);
    const { status, stdout } = await optout(scene.cold, ["verify", "--json"]);
    expect(status).toBe(5);
    expect(parsed(stdout)["findings"]).toMatchObject([{ code: "POSITION_FORM", seq: 3 }]);
  });

  it("is no position of 65 megabytes: nothing is decided, and the stage runs", async () => {
    await pushHuge(65 << 20);

    const args = ["run", "unit-tests", "--timeout", "2m", ...failing];
    const { status, stdout, stderr } = await optout(scene.cold, args);
    expect({ status, stdout }).toEqual({ status: 7, stdout: "the stage runs\n" });
    expect(stderr).toMatch(/could not decide about unit-tests.* more than 67108864 bytes/);
  });
});
