/** Ctrl-C while the host does not answer: the command ends at once, and says what it recorded. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import {
  BIN,
  git,
  lines,
  makeClone,
  makeTeam,
  must,
  plain,
  type Place,
  type Team,
} from "../support/stage.ts";

let team: Team;
let place: Place;
let asked: Promise<unknown>;
const hole = createServer(() => undefined);

beforeAll(async () => {
  team = await makeTeam();
  place = await makeClone(team.stage, "waiting");
  hole.listen(0, "127.0.0.1");
  await once(hole, "listening");
  const address = hole.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  await git(place, ["remote", "set-url", "origin", `http://127.0.0.1:${port}/shop.git`]);
});

afterAll(() => {
  hole.close();
  team.stage.remove();
});

function start(from: Place, args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [BIN, ...args], {
    cwd: from.directory,
    env: { PATH: process.env["PATH"], HOME: from.home, XDG_DATA_HOME: join(from.home, "data") },
    stdio: ["ignore", "ignore", "pipe"],
  });
}

/** What it says until it has ended, and how it ended. */
async function endOf(child: ChildProcess): Promise<{ status: unknown; said: string }> {
  const said: Buffer[] = [];
  child.stderr?.on("data", (chunk: Buffer) => said.push(chunk));
  const status = await new Promise((resolve) => child.once("close", resolve));
  return { status, said: Buffer.concat(said).toString("utf8") };
}

/** The host lets `free` more pushes to the log pass; at the next it writes a file and waits. */
function stallPushes(free: number): string {
  const hook = join(team.stage.remote, "hooks", "pre-receive");
  const arrived = join(team.stage.folder, "arrived");
  const count = join(team.stage.folder, "pushes");
  writeFileSync(
    hook,
    lines(
      "#!/bin/sh",
      `echo >> '${count}'`,
      `[ "$(wc -l < '${count}')" -le ${free} ] && exit 0`,
      `: > '${arrived}'`,
      "exec sleep 20",
    ),
  );
  chmodSync(hook, 0o755);
  return arrived;
}

describe("Ctrl-C", () => {
  it.each(["check", "gate", "revoke"])("ends a command that waits: %s", async (name) => {
    asked = once(hole, "connection");
    const child = start(place, [name, "lint"]);
    const ended = endOf(child);
    await asked;
    child.kill("SIGINT");

    const { status, said } = await ended;
    expect(status).toBe(130);
    expect(said).toBe("✗ stopped; nothing was recorded\n");
  });

  it("names what was recorded, and what nobody can know yet", async () => {
    const why = ["-m", "linter image answers 500"];
    await must(team.stage.laptop, ["force", "lint", ...why]);
    const arrived = stallPushes(1);
    const child = start(team.stage.laptop, ["skip", "lint", "unit-tests", ...why]);
    const ended = endOf(child);
    await vi.waitUntil(() => existsSync(arrived), { timeout: 60_000 });
    child.kill("SIGINT");

    const { status, said } = await ended;
    expect(status).toBe(130);
    expect(plain(said, team.stage)).toBe(
      lines(
        "✗ stopped; recorded: #3 skip lint on main until <minute> (alice); " +
          "it is not known whether this was recorded: " +
          "#4 skip unit-tests on main until <minute> (alice)",
        "  optout status",
      ),
    );
  });
});
