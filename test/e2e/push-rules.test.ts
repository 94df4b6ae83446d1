/**
 * Hosts with rules for what is pushed: `init` meets them first, and the log is written in the form
 * that they demand.
 */
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterEach, describe, expect, it } from "vitest";

import { serveGit, type HttpGit } from "../support/http-git.ts";
import {
  git,
  makeStage,
  must,
  optout,
  push,
  type Stage,
  type StageOptions,
} from "../support/stage.ts";

const open: { stage?: Stage; server?: HttpGit } = {};

afterEach(async () => {
  open.stage?.remove();
  await open.server?.close();
  delete open.server;
});

async function stageWith(options: StageOptions = {}): Promise<Stage> {
  const stage = await makeStage(options);
  open.stage = stage;
  return stage;
}

/** A hook of the host, in the words of a shell. */
function hook({ remote }: Stage, script: string): void {
  const file = join(remote, "hooks", "pre-receive");
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
}

/** Refuses every commit of the log whose subject does not name a ticket, as push rules do. */
const ticketRule = `while read old new ref; do
  case $ref in refs/heads/optout-log) ;; *) continue ;; esac
  git log -1 --format=%s $new | grep -q '^OPS-[0-9]' && continue
  echo "Commit message does not follow the pattern '^OPS-[0-9]+'" >&2
  exit 1
done`;

const subjects = ({ laptop, remote }: Stage): Promise<string> =>
  git(laptop, ["log", "--reverse", "--format=%s", "optout-log"], { cwd: remote });

describe("a host that demands a form of commit messages", () => {
  it("refuses at init, in its own words and with what to set", async () => {
    const stage = await stageWith();
    hook(stage, ticketRule);

    const { status, stderr } = await optout(stage.laptop, ["init", "--yes"]);

    expect(status).toBe(4);
    expect(stderr).toContain("does not follow the pattern '^OPS-[0-9]+'");
    expect(stderr).toContain("optout init --subject-prefix TEXT");
    expect(existsSync(join(stage.laptop.directory, ".optout"))).toBe(false);
  });

  it("gets what it demands from every commit once it is in the policy", async () => {
    const stage = await stageWith();
    hook(stage, ticketRule);
    const { laptop } = stage;

    await must(laptop, ["init", "--yes", "--stage", "lint", "--subject-prefix", "OPS-1:"]);
    await push(laptop, "Add the optout policy");
    await must(laptop, ["skip", "lint", "-m", "lint image answers 500"]);

    const [first, ...others] = (await subjects(stage)).split("\n");
    expect(first).toMatch(/^OPS-1: #0 log created \(/);
    expect(others).toHaveLength(2);
    for (const subject of others) expect(subject).toMatch(/^OPS-1: #\d /);
    expect((await optout(laptop, ["check", "lint"])).status).toBe(0);
    expect((await optout(laptop, ["verify"])).status).toBe(0);
  });

  it("is not met by a prefix that would not stay on the first line", async () => {
    const { laptop } = await stageWith();

    const { status, stderr } = await optout(laptop, ["init", "--yes", "--subject-prefix", "a\nb"]);

    expect([status, stderr]).toEqual([2, expect.stringContaining("60 characters of ASCII")]);
  });
});

describe("options of a push", () => {
  const recorder = (file: string): string =>
    `cat > /dev/null; echo "$GIT_PUSH_OPTION_COUNT $GIT_PUSH_OPTION_0" >> ${file}`;

  /** A policy that asks for `ci.skip`, and one override written with it. */
  async function written(stage: Stage): Promise<void> {
    const { laptop } = stage;
    await must(laptop, ["init", "--yes", "--stage", "lint"]);
    const file = join(laptop.directory, ".optout", "policy.yaml");
    const policy = readFileSync(file, "utf8");
    writeFileSync(file, policy.replace("store: git,", "store: git, push_options: [ci.skip],"));
    await push(laptop, "Add the optout policy");
    await must(laptop, ["skip", "lint", "-m", "lint image answers 500"]);
    expect((await optout(laptop, ["check", "lint"])).status).toBe(0);
  }

  it("reach a host that takes them", async () => {
    const stage = await stageWith();
    const file = join(stage.folder, "options");
    await git(stage.laptop, ["config", "receive.advertisePushOptions", "true"], {
      cwd: stage.remote,
    });
    hook(stage, recorder(file));

    await written(stage);

    // the beginning and the policy's own push, then the policy's record and the override
    expect(readFileSync(file, "utf8")).toBe("0 \n0 \n1 ci.skip\n1 ci.skip\n");
  });

  it("are left out for one that does not, over files and over http", async () => {
    await written(await stageWith());
    open.stage?.remove();
    const served = await stageWith({
      url: async (folder) => {
        open.server = await serveGit(folder);
        return `http://alice:s3cret@127.0.0.1:${open.server.port}/shop.git`;
      },
    });

    await written(served);

    expect((await subjects(served)).split("\n")).toHaveLength(3);
  });

  it("are not the user's own where the host does not take them", async () => {
    const stage = await stageWith();
    const { laptop } = stage;
    await must(laptop, ["init", "--yes", "--stage", "lint"]);
    await push(laptop, "Add the optout policy");
    const gitconfig = join(laptop.home, ".gitconfig");
    writeFileSync(
      gitconfig,
      `${readFileSync(gitconfig, "utf8")}[push]\n\tpushOption = mr.create\n`,
    );

    await must(laptop, ["skip", "lint", "-m", "lint image answers 500"]);

    expect((await optout(laptop, ["check", "lint"])).status).toBe(0);
  });

  it("are ci.skip by themselves where the host is GitLab", async () => {
    const stage = await stageWith({
      url: async (folder) => {
        open.server = await serveGit(folder);
        // every name below localhost is this machine (RFC 6761)
        return `http://alice:s3cret@gitlab.localhost:${open.server.port}/shop.git`;
      },
    });
    const file = join(stage.folder, "options");
    await git(stage.laptop, ["config", "receive.advertisePushOptions", "true"], {
      cwd: stage.remote,
    });
    hook(stage, recorder(file));

    await must(stage.laptop, ["init", "--yes", "--stage", "lint"]);

    expect(readFileSync(file, "utf8")).toBe("1 ci.skip\n");
  });
});
