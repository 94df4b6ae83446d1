/**
 * `optout doctor` on the built program: each finding with the command that mends it, and nobody asked.
 */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createPrivateKey } from "node:crypto";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { displayWidth } from "../../src/output/display-width.ts";
import { hasScript } from "../support/programs.ts";
import {
  BIN,
  git,
  makeClone,
  makeStage,
  must,
  optout,
  parsed,
  push,
  run,
  type More,
  type Place,
  type Stage,
} from "../support/stage.ts";
import { encryptedPkcs8 } from "../signers/given.ts";

interface Finding {
  readonly check: string;
  readonly level: string;
  readonly message: string;
  readonly mend: string | null;
}

let stage: Stage;

beforeAll(async () => {
  stage = await makeStage();
  await must(stage.laptop, ["init", "--yes", "--stage", "lint"]);
  await push(stage.laptop, "Add the optout policy");
});

afterAll(() => stage.remove());

async function found(check: string, more: More = {}): Promise<readonly Finding[]> {
  const { stdout } = await optout(stage.laptop, ["doctor", "--json"], more);
  const all = parsed(stdout)["findings"] as readonly Finding[];
  return all.filter((one) => one.check === check);
}

/** A directory for the PATH with a git that says it is of that version. */
function gitOf(version: string): string {
  const directory = join(stage.folder, `git-${version}`);
  mkdirSync(directory, { recursive: true });
  const real = spawnSync("sh", ["-c", "command -v git"], { encoding: "utf8" }).stdout.trim();
  const script = `#!/bin/sh\n[ "$1" = -c ] && [ "$7" = version ] && echo "git version ${version}" && exit\nexec ${real} "$@"\n`;
  writeFileSync(join(directory, "git"), script);
  chmodSync(join(directory, "git"), 0o755);
  return `${directory}:${process.env["PATH"] ?? ""}`;
}

describe("the versions", () => {
  it("are told", async () => {
    const [only, ...others] = await found("versions");

    expect(only?.message).toMatch(/^optout \d+\.\d+\.\d+, git \d+\.\d+[.\d]*, Node \d+\.\d+\.\d+$/);
    expect([only?.level, others]).toEqual(["ok", []]);
  });

  it("are red where git is too old", async () => {
    const [, old] = await found("versions", { env: { PATH: gitOf("2.29.3") } });

    expect(old).toMatchObject({
      level: "red",
      message: "git 2.29.3 is older than 2.30",
      mend: "install git 2.30 or newer",
    });
  });
});

describe("what is in the way of several checks", () => {
  it("is told with the first of them", async () => {
    const outside = join(stage.folder, "no-repository");
    mkdirSync(outside, { recursive: true });
    const { status, stdout } = await optout({ ...stage.laptop, directory: outside }, [
      "doctor",
      "--json",
    ]);
    const all = parsed(stdout)["findings"] as readonly Finding[];
    const red = all.filter(({ level }) => level === "red");

    expect(status).toBe(1);
    expect(red.map(({ message }) => message)).toEqual([
      expect.stringContaining("is not inside a git repository"),
      ...red.slice(1).map(() => `not looked at, see ${red[0]?.check}`),
    ]);
    expect(red[0]?.check).toBe("clone");
    expect(red.length).toBeGreaterThan(5);
    expect(red.map(({ mend }) => mend === null)).toEqual(red.map((_, index) => index > 0));
  });
});

describe("the key", () => {
  it("has signed, and nothing was written", async () => {
    const before = await git(stage.laptop, ["for-each-ref"], { cwd: stage.remote });

    expect(await found("key")).toMatchObject([
      {
        level: "ok",
        message: expect.stringMatching(/^you are alice-ng, by .*; it signs$/) as unknown,
      },
    ]);
    expect(await git(stage.laptop, ["for-each-ref"], { cwd: stage.remote })).toBe(before);
  });

  it.skipIf(!hasScript)("is not asked for its passphrase, though a terminal is there", async () => {
    const file = join(stage.laptop.home, "data", "optout", "keys", "default.pem");
    const pem = readFileSync(file, "utf8");
    writeFileSync(file, encryptedPkcs8(createPrivateKey(pem), "s3cret"));
    const line = `'${process.execPath}' '${BIN}' doctor --json < /dev/null`;
    const { stdout } = await run(stage.laptop, "script", ["-qec", line, "/dev/null"], {
      env: { TERM: "xterm", SHELL: "/bin/sh" },
    });
    writeFileSync(file, pem);

    expect(stdout).toContain("it is locked, and doctor asks for no passphrase");
  });
});

describe("the clock", () => {
  let server: Server;
  let date = new Date();

  beforeAll(async () => {
    server = createServer((_request, response) => {
      response.writeHead(404, { date: date.toUTCString() }).end();
    });
    await new Promise<void>((resolve) => {
      server.listen(0, "127.0.0.1", resolve);
    });
  });

  afterAll(() => void server.close());

  /** The clone's remote is this server, which has no repository but a clock. */
  async function clockBy(offSeconds: number): Promise<readonly Finding[]> {
    const { port } = server.address() as AddressInfo;
    date = new Date(Date.now() + offSeconds * 1000);
    await git(stage.laptop, ["remote", "set-url", "origin", `http://127.0.0.1:${port}/shop.git`]);
    const all = await found("clock");
    await git(stage.laptop, ["remote", "set-url", "origin", stage.remote]);
    return all;
  }

  it("is compared with the host's where it is reached over http", async () => {
    expect(await clockBy(0)).toMatchObject([{ level: "ok" }]);
    expect(await found("clock")).toEqual([]);
  });

  it("is red where no override would count", async () => {
    expect(await clockBy(400)).toMatchObject([
      {
        level: "red",
        message: expect.stringMatching(/clock is \d+ s behind 127/) as unknown,
        mend: "set the clock",
      },
    ]);
    expect(await clockBy(-60)).toMatchObject([
      {
        level: "warning",
        message: expect.stringMatching(/clock is \d+ s ahead of 127/) as unknown,
      },
    ]);
  });
});

describe.skipIf(!hasScript)("on a terminal", () => {
  it.each([40, 80])("every line fits into %i columns", async (columns) => {
    const line = `stty cols ${columns}; '${process.execPath}' '${BIN}' doctor`;
    const { stdout } = await run(stage.laptop, "script", ["-qec", line, "/dev/null"], {
      env: { TERM: "dumb", SHELL: "/bin/sh" },
    });

    const lines = stdout.split("\r\n");
    expect(lines.length).toBeGreaterThan(7);
    expect(lines.filter((text) => displayWidth(text) > columns)).toEqual([]);
  });
});

describe("what the host took before", () => {
  const remark = async (place: Place): Promise<unknown> => {
    const { stdout } = await optout(place, ["doctor", "--json"]);
    const all = parsed(stdout)["findings"] as readonly Finding[];
    return all.filter(({ check }) => check === "append").at(-1);
  };

  it("is told, for a rehearsal sends nothing that the host's push rules could judge", async () => {
    await must(stage.laptop, ["skip", "lint", "-m", "the image is broken"]);

    expect(await remark(stage.laptop)).toEqual({
      check: "append",
      level: "ok",
      message: expect.stringMatching(/^the host took your #\d+ /) as unknown,
      mend: null,
    });
  });

  it("is nothing of somebody who never wrote to the log, and that is said", async () => {
    const other = await makeClone(stage, "other");

    expect(await remark(other)).toMatchObject({
      level: "unknown",
      message: expect.stringContaining("took nothing of yours") as unknown,
    });
  });
});
