/** Ctrl-C while the host does not answer: the command ends at once, and says so. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { BIN, git, makeClone, makeTeam, type Place, type Team } from "../support/stage.ts";

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

describe("Ctrl-C", () => {
  it.each([
    [["check", "lint"], "✗ stopped\n"],
    [["gate", "lint"], null],
    [["revoke", "lint"], "✗ stopped\n  optout status   (says whether anything was recorded)\n"],
  ] as const)("ends a command that waits for the host: %s", async (args, words) => {
    asked = once(hole, "connection");
    const child = spawn(process.execPath, [BIN, ...args], {
      cwd: place.directory,
      env: { PATH: process.env["PATH"], HOME: place.home },
      stdio: ["ignore", "ignore", "pipe"],
    });
    const said: Buffer[] = [];
    child.stderr.on("data", (chunk: Buffer) => said.push(chunk));
    const ended = once(child, "close");
    await asked;
    child.kill("SIGINT");

    expect(await ended).toEqual([130, null]);
    if (words !== null) expect(Buffer.concat(said).toString("utf8")).toBe(words);
  });
});
