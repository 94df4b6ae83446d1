/**
 * A key of the ssh agent from one end to the other: the built program, a real agent, a real remote.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { parseSshPublicKey } from "../../src/core/keys.ts";
import {
  hasSshAgent,
  makeSshKey,
  publicLine,
  startAgent,
  type RealAgent,
} from "../support/ssh-agent.ts";
import {
  makeClone,
  makeStage,
  must,
  optout,
  parsed,
  push,
  type Place,
  type Stage,
} from "../support/stage.ts";

describe.skipIf(!hasSshAgent)("a person with a key in the ssh agent", () => {
  let stage: Stage;
  let agent: RealAgent;
  let laptop: Place;
  let job: Place;
  let key: string;

  beforeAll(async () => {
    stage = await makeStage();
    agent = await startAgent(stage.folder);
    laptop = { ...stage.laptop, env: { SSH_AUTH_SOCK: agent.path } };
    key = makeSshKey(join(laptop.home, ".ssh", "id_ed25519"), "ed25519", "alice@laptop");
    agent.add([key]);
    await must(laptop, ["init", "--yes", "--stage", "lint", "--stage", "deploy-prod"]);
    await push(laptop, "Add the optout policy");
    job = await makeClone(stage, "job");
  });

  afterAll(() => {
    agent.stop();
    stage.remove();
  });

  it("needs no other: init put the agent's key into the policy, and made none", () => {
    expect(readdirSync(join(laptop.home))).not.toContain("data");
  });

  it("skips a stage, and every job sees it", async () => {
    expect((await optout(job, ["check", "lint"])).status).toBe(10);

    const { status, stderr } = await optout(laptop, [
      "skip",
      "lint",
      "-m",
      "lint image answers 500",
    ]);

    const { fingerprint } = parseSshPublicKey(publicLine(key));
    expect(stderr).toContain(`as alice-ng with ssh key alice@laptop ${fingerprint}`);
    expect(status).toBe(0);
    expect((await optout(job, ["check", "lint"])).status).toBe(0);
    expect((await optout(job, ["verify"])).status).toBe(0);
  });

  it("sees it among the keys of the machine", async () => {
    const rsa = makeSshKey(join(laptop.home, "elsewhere", "id_rsa"), "rsa", "old");
    agent.add([rsa]);
    const { fingerprint } = parseSshPublicKey(publicLine(key));

    const listed = await must(laptop, ["keys", "list"]);
    const { agent: told } = parsed(await must(laptop, ["keys", "list", "--json"]));

    agent.add(["-d", rsa]);
    expect(listed.split("\n").map((line) => line.split("\t"))).toEqual([
      ["alice@laptop", "ed25519", fingerprint, "in the ssh agent"],
      ["old", "?", expect.stringMatching(/^SHA256:/), expect.stringContaining("not supported")],
      [""],
    ]);
    expect(told).toMatchObject({
      socket: agent.path,
      keys: [
        { comment: "alice@laptop", fingerprint, problem: null },
        { comment: "old", ssh: null },
      ],
      problem: null,
    });
  });

  it("says in keys list that the agent is dead", async () => {
    const env = { SSH_AUTH_SOCK: join(stage.folder, "gone.sock") };

    const told = await optout(laptop, ["keys", "list"], { env });

    expect(told).toMatchObject({ status: 0, stdout: "" });
    expect(told.stderr).toContain("cannot be asked (ENOENT)");
  });

  it("signs with P-256 too", async () => {
    const path = makeSshKey(join(laptop.home, "elsewhere", "id_ecdsa"), "ecdsa", "alice@desk");
    agent.add([path]);
    const policy = join(laptop.directory, ".optout", "policy.yaml");

    const text = readFileSync(policy, "utf8");
    const another = `    keys:\n      - "${publicLine(path)}"\n`;
    writeFileSync(policy, text.replace("    keys:\n", another));
    await push(laptop, "Add my other key");

    const revoked = await optout(laptop, ["revoke", "lint", "--key", "alice@desk"]);

    expect(revoked).toMatchObject({
      status: 0,
      stdout: expect.stringContaining("is revoked") as unknown,
    });
    expect((await optout(job, ["check", "lint"])).status).toBe(11);
    expect((await optout(job, ["verify"])).status).toBe(0);
  });

  it("is told to add the key where the agent does not hold it, and nothing is recorded", async () => {
    agent.add(["-D"]);

    const told = await optout(laptop, ["skip", "lint", "-m", "lint image answers 500"]);

    agent.add([key]);
    expect(told).toMatchObject({ status: 4, stdout: "" });
    expect(told.stderr).toContain(`ssh key ${key}: the ssh agent does not hold it`);
    expect(told.stderr).toContain(`ssh-add ${key}`);
    expect((await optout(job, ["check", "lint"])).status).toBe(11);
  });

  it("is told to start an agent where its socket is dead", async () => {
    const env = { SSH_AUTH_SOCK: join(stage.folder, "gone.sock") };

    const told = await optout(laptop, ["skip", "lint", "-m", "lint image answers 500"], { env });

    expect(told.status).toBe(4);
    expect(told.stderr).toContain("cannot be asked (ENOENT)");
    expect(told.stderr).toContain(`eval "$(ssh-agent)" && ssh-add ${key}`);
  });

  it("records nothing where the owner declines to confirm", async () => {
    agent.add(["-D"]);
    agent.add(["-c", key]);

    const told = await optout(laptop, ["skip", "lint", "-m", "lint image answers 500"]);

    agent.add(["-D"]);
    agent.add([key]);
    expect(told).toMatchObject({ status: 4, stdout: "" });
    expect(told.stderr).toContain("the ssh agent does not sign with ssh key alice@laptop");
    expect((await optout(job, ["check", "lint"])).status).toBe(11);
  });
});
