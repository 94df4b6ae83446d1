/** What a person is asked who left something out, on a real terminal, and what follows her answers. */
import { spawn } from "node:child_process";
import { once } from "node:events";

import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";

import { hasScript } from "../support/programs.ts";
import {
  BIN,
  cleanEnvironment,
  git,
  makeStage,
  makeTeam,
  refsOf,
  type Place,
  type Stage,
} from "../support/stage.ts";

let stage: Stage;

beforeAll(async () => {
  if (hasScript) ({ stage } = await makeTeam());
});

afterAll(() => stage?.remove());

interface Terminal {
  readonly shown: () => string;
  /** Types a line once the question is there. */
  readonly answer: (question: string, text: string) => Promise<void>;
  readonly ended: Promise<unknown>;
}

function onTerminal(line: string, place: Place = stage.laptop): Terminal {
  const { directory, env } = place;
  const child = spawn("script", ["-qfec", `'${process.execPath}' '${BIN}' ${line}`, "/dev/null"], {
    cwd: directory,
    env: { ...cleanEnvironment(place), ...env, TERM: "xterm", SHELL: "/bin/sh" },
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let text = "";
  child.stdout.on("data", (chunk: Buffer) => (text += chunk.toString("utf8")));
  // eslint-disable-next-line no-control-regex -- what moves the cursor and colours
  const shown = (): string => text.replaceAll(/\u001B\[[0-9;?]*[A-Za-z]|\r/g, "");
  const answer = async (question: string, typed: string): Promise<void> => {
    await vi.waitFor(() => expect(shown()).toContain(question), { timeout: 60_000, interval: 20 });
    child.stdin.write(`${typed}\r`);
  };
  return { shown, answer, ended: once(child, "exit").then((all: readonly unknown[]) => all[0]) };
}

describe.skipIf(!hasScript)("on a terminal", () => {
  it("who gave no reason is asked for it, shown the command that says the same, and asked once more", async () => {
    const { shown, answer, ended } = onTerminal("skip lint --ticket INC-1 --for 2h");
    await answer("Why?", "registry is down");
    await answer("Record it?", "y");

    expect(await ended).toBe(0);
    const command = "optout skip lint -m 'registry is down' --ticket INC-1 --for 2h";
    expect(shown()).toContain(`  the same without questions:  ${command}\n`);
    expect(shown()).toContain("  lint is skipped on main and pull requests into it for 2h\n");
    expect(shown()).toContain("✓ recorded  #2 in git:optout-log\n");
  });

  it("who named no stage chooses from the policy's, and finds them in the command", async () => {
    const { shown, answer, ended } = onTerminal("skip --for 1h");
    await answer("Which stage?", " ");
    await answer("Why?", "");
    await answer("the reason is empty", "registry is down");
    await answer("Record it?", "n");

    expect(await ended).toBe(130);
    expect(shown()).toContain("optout skip lint -m 'registry is down' --for 1h\n");
  });

  it("who named no override chooses from those that are meant", async () => {
    const { shown, answer, ended } = onTerminal("extend --for 1h -m 'still down'");
    await answer("Which override?", "");
    await answer("Record it?", "n");

    expect(await ended).toBe(130);
    expect(shown()).toMatch(/❯ #2 skip lint \(alice, in-force\)\n/);
    expect(shown()).toContain("optout extend 2 -m 'still down' --for 1h\n");
  });

  it("there is nothing to choose from where nothing waits", async () => {
    const { shown, ended } = onTerminal("approve");

    expect(await ended).toBe(2);
    expect(shown()).toContain("✗ there is nothing to approve\n  optout status\n");
  });

  it("who reviews without saying what came of it is asked", async () => {
    const { answer, shown, ended } = onTerminal("review 2");
    await answer("What came of it?", "");
    await answer("Why?", "it was fine");

    expect(await ended).toBe(3);
    expect(shown()).toContain("#2");
  });

  it.each(["skip", "revoke", "show", "policy explain"])("is not asked in CI: %s", async (line) => {
    const { shown, ended } = onTerminal(line, {
      ...stage.laptop,
      env: { ...stage.laptop.env, CI: "true" },
    });

    expect(await ended).toBe(2);
    expect(shown()).toMatch(new RegExp(`✗ optout ${line} needs (STAGE|OVERRIDE)`));
  });

  it("nothing is recorded after a no", async () => {
    const before = await refsOf(stage);
    const { shown, answer, ended } = onTerminal("hold deploy-prod");
    await answer("Why?", "migration is running");
    await answer("Record it?", "n");

    expect(await ended).toBe(130);
    expect(shown()).toContain("stopped; nothing was recorded");
    expect(await refsOf(stage)).toBe(before);
  });

  it("who is asked for the branch finds it in the command too", async () => {
    await git(stage.laptop, ["checkout", "-q", "--detach"]);
    onTestFinished(() => git(stage.laptop, ["checkout", "-q", "main"]).then(() => undefined));
    const { shown, answer, ended } = onTerminal("skip unit-tests -m 'registry is down' --yes");
    await answer("On the branch", "release/1.4");

    expect(await ended).toBe(0);
    expect(shown()).toContain(
      "optout skip unit-tests -m 'registry is down' --branch release/1.4 --yes\n",
    );
    expect(shown()).not.toContain("Record it?");
  });

  it.each([
    ["n", ""],
    ["y", " --ci-key"],
  ])(
    "init shows the command that says the same before it writes: a key for CI %s",
    async (ci, flag) => {
      const bare = await makeStage();
      onTestFinished(() => bare.remove());
      const { shown, answer, ended } = onTerminal("init", bare.laptop);
      await answer("Your name in the policy:", "");
      await answer("Stages that may be opted out of:", "");
      await answer("Make a key for CI too", ci);
      await answer("Begin the log", "n");

      expect(await ended).toBe(130);
      const command = `optout init --yes --stage lint --stage unit-tests --as alice-ng${flag}`;
      expect(shown()).toContain(`  the same without questions:  ${command}   (`);
    },
  );

  it("who said everything is asked nothing", async () => {
    const { shown, ended } = onTerminal("skip unit-tests -m 'registry is down'");

    expect(await ended).toBe(0);
    expect(shown()).not.toMatch(/\?|without questions/);
  });
});
