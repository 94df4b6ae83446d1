/**
 * `optout init` as it is used: the built program in real clones of a real remote.
 */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { beforeEach, describe, expect, it, onTestFinished } from "vitest";

import { statementDigest } from "../../src/core/jws.ts";
import { parsePolicy } from "../../src/core/policy-parse.ts";
import { decodePosition } from "../../src/core/position.ts";

const DOOR = join(import.meta.dirname, "..", "..", "bin", "optout.cjs");

/** One person's machine: her home, her git settings, her keys. */
interface Person {
  readonly home: string;
  git(directory: string, ...args: readonly string[]): string;
  optout(directory: string, ...args: readonly string[]): Ended;
  /** The same with more variables. */
  with(more: Readonly<Record<string, string>>): Person;
}

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "optout-init-"));
  const made = root;
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
});

function person(name: string): Person {
  const home = join(root, `home-${name}`);
  mkdirSync(home);
  const user = `[user]\n  name = ${name}\n  email = ${name.toLowerCase()}@example.com\n`;
  writeFileSync(join(home, ".gitconfig"), `${user}[init]\n  defaultBranch = main\n`);
  return personAt(home, {});
}

function personAt(home: string, more: Readonly<Record<string, string>>): Person {
  const own = { PATH: process.env["PATH"], HOME: home, GIT_CONFIG_NOSYSTEM: "1", TZ: "UTC" };
  const run = (program: string, args: readonly string[], cwd: string): Ended =>
    spawnSync(program, args, { cwd, env: { ...own, ...more }, encoding: "utf8" });
  return {
    home,
    with: (others) => personAt(home, { ...more, ...others }),
    git: (directory, ...args) => {
      const { status, stdout, stderr } = run("git", args, directory);
      if (status !== 0) throw new Error(`git ${args.join(" ")}: ${stderr}`);
      return stdout;
    },
    optout: (directory, ...args) => run(process.execPath, [DOOR, ...args], directory),
  };
}

/** A bare remote; with a first commit unless it is to be empty. */
function remoteOf(someone: Person, { empty = false } = {}): string {
  const remote = join(root, "shop.git");
  someone.git(root, "init", "-q", "--bare", remote);
  if (empty) return remote;
  const clone = cloneOf(someone, remote, "first");
  writeFileSync(join(clone, "README.md"), "# shop\n");
  someone.git(clone, "add", ".");
  someone.git(clone, "commit", "-qm", "first");
  someone.git(clone, "push", "-q", "origin", "main");
  rmSync(clone, { recursive: true });
  return remote;
}

function cloneOf(someone: Person, remote: string, name: string): string {
  someone.git(root, "clone", "-q", remote, name);
  return join(root, name);
}

const policyOf = (clone: string): string =>
  readFileSync(join(clone, ".optout", "policy.yaml"), "utf8");
const logIdIn = (clone: string): string | null =>
  parsePolicy(Buffer.from(policyOf(clone)), "policy.yaml").log.id;

const stagesIn = (clone: string): readonly (readonly string[])[] =>
  [...parsePolicy(Buffer.from(policyOf(clone)), "policy.yaml").stages.values()].map(
    ({ id, kind }) => [id, kind],
  );

/** The positions of the log on the remote, oldest first: the last lines of its commits. */
function positions(someone: Person, remote: string): readonly string[] {
  const messages = someone.git(remote, "log", "--reverse", "-z", "--format=%B", "optout-log");
  return messages
    .split("\0")
    .filter((message) => message.trim() !== "")
    .map((message) => message.trimEnd().split("\n").at(-1) ?? "");
}

/** Everything of a clone that init must leave alone. */
function stateOf(someone: Person, clone: string): object {
  return {
    config: readFileSync(join(clone, ".git", "config"), "utf8"),
    refs: someone.git(clone, "for-each-ref"),
    index: someone.git(clone, "ls-files", "--stage"),
    head: readFileSync(join(clone, ".git", "HEAD"), "utf8"),
  };
}

describe("optout init", () => {
  it("makes key, log, policy and schema, and leaves the clone as it was", () => {
    const alice = person("Alice");
    const remote = remoteOf(alice);
    const clone = cloneOf(alice, remote, "clone");
    const before = stateOf(alice, clone);

    const { status, stdout, stderr } = alice.optout(clone, "init", "--yes");

    expect([status, stderr]).toEqual([0, expect.stringContaining("✓ log      created")]);
    expect(stdout).toContain("git add .optout && git commit");
    expect(stateOf(alice, clone)).toEqual(before);
    expect(alice.git(clone, "status", "--porcelain")).toBe("?? .optout/\n");
    const [first, ...others] = positions(alice, remote);
    expect(others).toEqual([]);
    const { statement = "" } = decodePosition(Buffer.from(first ?? "")) ?? {};
    expect(logIdIn(clone)).toBe(statementDigest(statement));
    expect(alice.git(remote, "log", "--format=%s", "optout-log")).toBe("#0 log created (alice)\n");
    expect(existsSync(join(alice.home, ".local/share/optout/keys/default.pem"))).toBe(true);
  });

  it("works from there: what it says to do next makes overrides work", () => {
    const alice = person("Alice");
    const clone = cloneOf(alice, remoteOf(alice), "clone");
    alice.optout(clone, "init", "--yes");

    expect(alice.optout(clone, "whoami").status).toBe(2);
    alice.git(clone, "add", ".optout");
    alice.git(clone, "commit", "-qm", "Add the optout policy");
    alice.git(clone, "push", "-q");

    expect(alice.optout(clone, "whoami", "-q")).toMatchObject({ status: 0, stdout: "alice\n" });
    expect(alice.optout(clone, "policy", "check").status).toBe(0);
    expect(alice.optout(clone, "init")).toMatchObject({
      status: 0,
      stdout: "everything is in place\n",
    });
    expect(alice.optout(clone, "init", "--yes", "--as", "alice", "--stage", "lint").status).toBe(0);
    expect(alice.optout(clone, "init", "--yes", "--stage", "lint", "--stage", "e2e")).toMatchObject(
      {
        status: 2,
        stderr: expect.stringContaining(
          "✗ .optout/policy.yaml is there, and has no stage e2e; add it there\n",
        ) as unknown,
      },
    );
    expect(alice.git(clone, "status", "--porcelain")).toBe("");
    expect(alice.optout(clone, "verify").status).toBe(0);
  });

  it("makes a key for CI where one is wanted: jobs record with it, people never sign with it", () => {
    const alice = person("Alice");
    const remote = remoteOf(alice);
    const clone = cloneOf(alice, remote, "clone");
    const { status, stdout, stderr } = alice.optout(clone, "init", "--yes", "--ci-key");
    const file = join(alice.home, ".local/share/optout/keys/ci-shop.pem");

    expect([status, stderr]).toEqual([0, expect.stringContaining("for jobs (ci)")]);
    expect(stdout).toContain(
      `Hand the jobs that record ${file} as OPTOUT_KEY_FILE, then delete the file: rm ${file}`,
    );
    alice.git(clone, "add", ".optout");
    alice.git(clone, "commit", "-qm", "Add the optout policy");
    alice.git(clone, "push", "-q");
    // its file comes before default.pem
    const skip = alice.optout(clone, "skip", "lint", "-m", "the image is broken", "--once");
    expect([skip.status, skip.stderr]).toEqual([0, expect.stringContaining("recorded")]);
    const job = cloneOf(alice, remote, "job");
    const asJob = alice.optout(job, "run", "lint", "--", "false");
    expect(asJob.status).toBe(1);
    const withKey = alice.with({
      OPTOUT_KEY_FILE: file,
      CI: "true",
      GITHUB_ACTIONS: "true",
      GITHUB_EVENT_NAME: "push",
      GITHUB_REF: "refs/heads/main",
      GITHUB_SHA: "0".repeat(40),
      GITHUB_RUN_ID: "7",
      GITHUB_RUN_ATTEMPT: "1",
      GITHUB_JOB: "lint",
    });
    const used = withKey.optout(job, "run", "lint", "--", "false");
    expect([used.status, used.stderr]).toEqual([0, expect.stringContaining("lint skipped by")]);
    const kinds = positions(alice, remote).map((text) => {
      const { statement = "" } = decodePosition(Buffer.from(text)) ?? {};
      const [, payload = ""] = statement.split(".");
      const { kind, by } = JSON.parse(Buffer.from(payload, "base64url").toString()) as {
        kind: string;
        by: string;
      };
      return `${kind} ${by}`;
    });
    expect(kinds.slice(-2)).toEqual(["override.created alice", "override.used ci"]);
  });

  it("never takes a key that was made for CI as a person's", () => {
    const alice = person("Alice");
    const remote = remoteOf(alice);
    alice.optout(root, "keys", "create", "ci", "--no-passphrase");
    alice.optout(root, "keys", "create", "ci-other", "--no-passphrase");
    const clone = cloneOf(alice, remote, "clone");

    const named = alice.optout(clone, "init", "--yes", "--key", "ci-other");
    expect([named.status, named.stderr]).toEqual([
      2,
      expect.stringContaining("ci-other.pem was made for CI, and is no person's"),
    ]);
    expect(named.stderr).not.toContain("+version: 1");
    const { status, stderr } = alice.optout(clone, "init", "--yes");
    expect([status, stderr]).toEqual([0, expect.stringContaining("keys/default.pem")]);
    expect(stderr).not.toContain("/ci");
  });

  it("makes a key for CI for each repository, and goes on with it when it was stopped", () => {
    const alice = person("Alice");
    const remote = remoteOf(alice);
    const first = cloneOf(alice, remote, "clone");
    const keys = join(alice.home, ".local/share/optout/keys");
    const line = ["init", "--yes", "--ci-key"];
    expect(alice.optout(first, ...line).status).toBe(0);
    rmSync(join(first, ".optout"), { recursive: true });
    const again = alice.optout(first, ...line, "--log-branch", "optout-log-2");
    expect(again.status).toBe(0);
    expect(again.stderr).toContain(`in place: key file ${join(keys, "ci-shop.pem")}`);

    // a repository of the same name, after the key was handed over and its file deleted
    rmSync(join(keys, "ci-shop.pem"));
    const second = cloneOf(alice, remote, "second");
    const other = alice.optout(second, ...line, "--log-branch", "optout-log-3");
    expect(other.status).toBe(0);
    expect(other.stderr).toContain(`key file ${join(keys, "ci-shop-2.pem")}`);
    const { principals } = parsePolicy(Buffer.from(policyOf(second)), "policy.yaml");
    expect([...principals.keys()]).toEqual(["alice", "ci"]);
  });

  it("finds out that no key can be made before it shows what it would write", () => {
    const alice = person("Alice");
    const clone = cloneOf(alice, remoteOf(alice), "clone");
    const keys = join(alice.home, ".local/share/optout/keys");
    mkdirSync(keys, { recursive: true });
    writeFileSync(join(keys, "default.pub"), "");

    const { status, stderr } = alice.optout(clone, "init", "--yes");

    expect(status).toBe(2);
    expect(stderr).toContain("there is a key named default already");
    expect(stderr).not.toContain("+version: 1");
  });

  it("takes the stages that the repository has, and says where each came from", () => {
    const alice = person("Alice");
    const clone = cloneOf(alice, remoteOf(alice), "clone");
    mkdirSync(join(clone, ".github", "workflows"), { recursive: true });
    const jobs = "jobs:\n  test: { steps: [] }\n  publish: { steps: [] }\n";
    writeFileSync(join(clone, ".github", "workflows", "a\n# b.yml"), "jobs:\n  e2e: {}\n");
    writeFileSync(join(clone, ".github", "workflows", "ci.yml"), jobs);
    writeFileSync(join(clone, "package.json"), '{ "scripts": { "lint": "eslint ." } }\n');

    const { status, stderr } = alice.optout(clone, "init", "--yes");

    expect([status, stderr]).toEqual([0, expect.stringContaining("✓ stages   found in this")]);
    expect(stderr).toContain("quality  lint (package.json:1)");
    expect(stderr).toContain("deploy   publish (.github/workflows/ci.yml:3)");
    expect(stagesIn(clone)).toEqual([
      ["e2e", "quality"],
      ["test", "quality"],
      ["lint", "quality"],
      ["publish", "deploy"],
    ]);
    expect(policyOf(clone)).toContain("test: { kind: quality } # .github/workflows/ci.yml\n");
  });

  it("takes the stages that flags name instead, and nothing but them", () => {
    const alice = person("Alice");
    const clone = cloneOf(alice, remoteOf(alice), "clone");
    writeFileSync(join(clone, "package.json"), '{ "scripts": { "lint": "eslint ." } }\n');

    const { stderr } = alice.optout(clone, "init", "--yes", "--stage", "release");

    expect(stagesIn(clone)).toEqual([["release", "deploy"]]);
    expect(stderr).not.toContain("✓ stages");
  });

  it("goes on with the same log when the policy was lost before it was committed", () => {
    const alice = person("Alice");
    const remote = remoteOf(alice);
    const clone = cloneOf(alice, remote, "clone");
    alice.optout(clone, "init", "--yes");
    const id = logIdIn(clone);
    rmSync(join(clone, ".optout"), { recursive: true });

    const { status, stderr } = alice.optout(clone, "init", "--yes");

    expect([status, logIdIn(clone)]).toEqual([0, id]);
    expect(stderr).toContain("✓ log      adopted");
    expect(positions(alice, remote)).toHaveLength(1);
  });

  it("does not let somebody else take a log that no policy of hers knows", () => {
    const [alice, bob] = [person("Alice"), person("Bob")];
    const remote = remoteOf(alice);
    alice.optout(cloneOf(alice, remote, "of-alice"), "init", "--yes");
    const clone = cloneOf(bob, remote, "of-bob");

    expect(bob.optout(clone, "init", "--yes")).toMatchObject({
      status: 4,
      stderr: expect.stringContaining("git pull") as unknown,
    });
    bob.optout(clone, "keys", "create", "--no-passphrase");
    const { status, stderr } = bob.optout(clone, "init", "--yes");

    expect(status).toBe(2);
    expect(stderr).toContain("git:optout-log has a log already");
    expect(stderr).toContain("it says: by alice on ");
    expect(existsSync(join(clone, ".optout"))).toBe(false);
    expect(positions(bob, remote)).toHaveLength(1);
  });

  it("completes a policy that was written by hand, and keeps its comments", () => {
    const alice = person("Alice");
    const clone = cloneOf(alice, remoteOf(alice), "clone");
    const line = alice.optout(clone, "keys", "create", "--no-passphrase", "-q").stdout.trim();
    const byHand = `# by hand
version: 1
log:
  store: git     # the default place
principals: { alice: { roles: [oncall], keys: ["${line}"] } }
stages: { lint: { kind: quality } }
rules: [ { id: all, match: {}, actions: [skip], who: [oncall], longest: 1h } ]
`;
    mkdirSync(join(clone, ".optout"));
    writeFileSync(join(clone, ".optout", "policy.yaml"), byHand);

    const { status, stderr } = alice.optout(clone, "init", "--yes");

    expect(status).toBe(0);
    expect(stderr).toContain("@@ -2,6 +2,7 @@");
    expect(stderr).toContain("\n+  id: (its id)\n");
    const id = logIdIn(clone) ?? "";
    const written = policyOf(clone);
    expect(written.replace(/\n {2}id: .*/, "")).toBe(byHand);
    expect(written).toContain(id);
  });
});

describe("optout init in trouble writes no policy and no log", () => {
  it("while the remote has no branch that is not the log", () => {
    const alice = person("Alice");
    const remote = remoteOf(alice, { empty: true });
    const clone = cloneOf(alice, remote, "clone");

    const { status, stderr } = alice.optout(clone, "init", "--yes");

    expect([status, stderr]).toEqual([2, expect.stringContaining("git push -u origin HEAD")]);
    expect(alice.git(remote, "for-each-ref")).toBe("");
    expect(existsSync(join(clone, ".optout"))).toBe(false);
  });

  it("when the host refuses the push", () => {
    const alice = person("Alice");
    const remote = remoteOf(alice);
    const clone = cloneOf(alice, remote, "clone");
    const hook = join(remote, "hooks", "pre-receive");
    writeFileSync(hook, "#!/bin/sh\necho 'branches are closed' >&2\nexit 1\n");
    chmodSync(hook, 0o755);

    const { status, stderr } = alice.optout(clone, "init", "--yes");

    expect([status, stderr]).toEqual([4, expect.stringContaining("branches are closed")]);
    expect(existsSync(join(clone, ".optout"))).toBe(false);
    rmSync(hook);
    expect(alice.optout(clone, "init", "--yes").status).toBe(0);
  });

  it("when the remote cannot be reached", () => {
    const alice = person("Alice");
    const clone = cloneOf(alice, remoteOf(alice), "clone");
    alice.git(clone, "remote", "set-url", "origin", join(root, "gone.git"));

    const { status } = alice.optout(clone, "init", "--yes");

    expect(status).toBe(6);
    expect(existsSync(join(clone, ".optout"))).toBe(false);
    expect(existsSync(join(alice.home, ".local/share/optout"))).toBe(false);
  });

  it("when there is no remote to keep a branch in, unless the log is a directory", () => {
    const alice = person("Alice");
    const alone = join(root, "alone");
    alice.git(root, "init", "-q", alone);

    expect(alice.optout(alone, "init", "--yes")).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("git remote add origin URL") as unknown,
    });
    expect(existsSync(join(alone, ".optout"))).toBe(false);

    const inDirectory = ["--store", "dir", "--path", "../log"];
    expect(alice.optout(alone, "init", "--yes", ...inDirectory).status).toBe(0);
    expect(policyOf(alone)).toContain(`path: ${join(root, "log")}`);
    expect(alice.optout(alone, "status").status).toBe(0);
  });

  it("outside of a repository", () => {
    const alice = person("Alice");

    expect(alice.optout(root, "init", "--yes").status).toBe(2);
  });

  it("but shows what it would write before it asks", () => {
    const alice = person("Alice");
    const clone = cloneOf(alice, remoteOf(alice), "clone");

    const { status, stderr } = alice.optout(clone, "init", "--as", "alice", "--stage", "lint");

    expect(status).toBe(2);
    expect(stderr).toContain("+++ .optout/policy.yaml\n@@ -0,0 +1,");
    expect(stderr).toContain("+log: { store: git, branch: optout-log, id: (its id) }\n");
    expect(stderr).toContain('+      - "(the key that is made next) alice"\n');
    expect(stderr).toMatch(/\+\+\+ \.optout\/policy\.schema\.json\n@@ -0,0 \+1,\d+ @@ for editors/);
    expect(existsSync(join(clone, ".optout"))).toBe(false);
    expect(existsSync(join(alice.home, ".local/share/optout"))).toBe(false);
  });

  it("when nobody is there to agree", () => {
    const alice = person("Alice");
    const remote = remoteOf(alice);
    const clone = cloneOf(alice, remote, "clone");

    const { status, stdout, stderr } = alice.optout(clone, "init", "--json");

    expect([status, stdout]).toEqual([2, ""]);
    expect(JSON.parse(stderr)).toMatchObject({
      error: { code: "usage", exit: 2, hint: "optout init --yes --json" },
    });
    expect(alice.git(remote, "for-each-ref", "refs/heads/optout-log")).toBe("");
  });
});
