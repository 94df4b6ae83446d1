/**
 * Machines and networks that fail: a full disk, a home or a clone that is read-only, no home, an old
 * git, a host that does not exist or never answers. Every command ends in time with the exit status
 * that its table promises, stages run, deploys stop, and the log holds whole positions only.
 */
import { spawnSync } from "node:child_process";
import { createServer, type Server, type Socket } from "node:net";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { mayMount, optoutUnder, readOnly, smallDisk } from "../support/namespace.ts";
import { isInstalled } from "../support/programs.ts";
import {
  BIN,
  git,
  makeStage,
  makeTeam,
  must,
  optout,
  parsed,
  refsOf,
  run,
  snapshotOf,
  temporaryOf,
  type More,
  type Place,
  type Result,
  type Team,
} from "../support/stage.ts";
import { makeScene, type Scene } from "../support/thief.ts";

/** #0 log created, #1 policy recorded, #2 skip of unit-tests. */
let team: Team;
let scene: Scene;
/** Alice's machine, which has asked before; and one that never has, with her key. */
let warm: Place;
let cold: Place;
let refs: string;

beforeAll(async () => {
  team = await makeTeam();
  await must(team.stage.laptop, ["skip", "unit-tests", "-m", "registry is down"]);
});

beforeEach(async () => {
  scene = await makeScene(team);
  ({ warm, cold } = scene);
  refs = await refsOf(scene.stage);
});

afterEach(() => scene.stage.remove());
afterAll(() => team.stage.remove());

const failing = ["--", "sh", "-c", "echo the stage runs; exit 7"] as const;
const skip = ["skip", "lint", "-m", "lint image answers 500"] as const;
const stageRuns = { status: 7, stdout: "the stage runs\n" };
const isStopped = { status: 3, stdout: "" };

const codeOf = ({ stderr }: Result): unknown =>
  (parsed(stderr.trim().split("\n").at(-1) ?? "")["error"] as { code: string }).code;

/** How the log is to a machine on which nothing is wrong. */
async function positions(): Promise<number> {
  const { intact, positions: count } = parsed(await must(scene.warm, ["verify", "--json"])) as {
    intact: boolean;
    positions: number;
  };
  expect(intact).toBe(true);
  return count;
}

describe.skipIf(!mayMount)("a full disk (needs a mount)", () => {
  it("under .git/optout alone is worked around: everything works", async () => {
    for (const place of [warm, cold]) {
      const own = join(place.directory, ".git/optout");
      mkdirSync(own, { recursive: true });
      const full = [smallDisk(own, 4)];

      expect((await optoutUnder(full, place, ["check", "unit-tests", "-q"])).status).toBe(0);
      expect(await optoutUnder(full, place, ["run", "license", ...failing])).toMatchObject(
        stageRuns,
      );
      expect((await optoutUnder(full, place, [...skip, "-q"])).status).toBe(0);
    }
    expect(await positions()).toBe(5);
  });

  it("everywhere is exit 6, nothing is recorded, the stage runs and a deploy stops", async () => {
    for (const place of [warm, cold]) {
      const own = join(place.directory, ".git/optout");
      mkdirSync(own, { recursive: true });
      const full = [smallDisk(own, 4), smallDisk(temporaryOf(place), 4)];

      const check = await optoutUnder(full, place, ["check", "unit-tests", "--json"]);
      expect({ status: check.status, stdout: check.stdout }).toEqual({ status: 6, stdout: "" });
      expect(codeOf(check)).toBe("unreachable");
      expect(check.stderr).toContain("ENOSPC");
      const lint = await optoutUnder(full, place, ["run", "lint", ...failing]);
      expect(lint).toMatchObject(stageRuns);
      const deploy = await optoutUnder(full, place, ["run", "deploy-prod", ...failing]);
      expect(deploy).toMatchObject(isStopped);
      expect((await optoutUnder(full, place, skip)).status).toBe(6);
    }
    expect(await refsOf(scene.stage)).toBe(refs);
  });

  it("under a log in a directory leaves whole positions, and room is all that is missing", async () => {
    const stage = await makeStage();
    try {
      const { laptop } = stage;
      const log = join(stage.folder, "log");
      mkdirSync(log);
      await git(laptop, ["remote", "remove", "origin"]);
      await must(laptop, ["init", "--yes", "--stage", "lint", "--store", "dir", "--path", log]);
      const filled = join(laptop.home, "filled");
      const words = ["-m", "lint image answers 500", "--branch", "main", "-q"];
      // what is in the log goes to the small disk, which is then written to until it is full
      const script = [
        `cp -r '${log}' '${filled}'`,
        smallDisk(log, 48),
        `cp -r '${filled}/.' '${log}'`,
        `for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do "$0" "$1" skip lint ${words.map((w) => `'${w}'`).join(" ")} || break; done`,
        `"$0" "$1" verify --json; ls -A '${log}'/* >&2`,
        `rm -r '${filled}'`,
      ].join("\n");
      const flags = process.getuid?.() === 0 ? ["-m"] : ["-r", "-m"];
      const args = [...flags, "sh", "-c", script, process.execPath, BIN];
      const { stdout, stderr } = await run(laptop, "unshare", args);

      const told = stdout.split("\n").filter((line) => line.startsWith("ovr_"));
      expect(stderr).toContain("ENOSPC");
      expect(told.length).toBeGreaterThan(0);
      expect(parsed(stdout.slice(stdout.indexOf("{")))).toMatchObject({
        intact: true,
        positions: told.length + 2,
      });
    } finally {
      stage.remove();
    }
  });
});

describe("a limit on the size of files, which every write runs into", () => {
  const under = (place: Place, args: readonly string[]): Promise<Result> =>
    run(place, "sh", ["-c", 'ulimit -f 0; exec "$0" "$@"', process.execPath, BIN, ...args]);

  it("grants nothing to whom it cannot read for, records nothing, and lets stages run", async () => {
    for (const place of [warm, cold]) {
      const check = await under(place, ["check", "lint", "--json"]);
      expect([6, 10]).toContain(check.status);
      expect(await under(place, ["run", "lint", ...failing])).toMatchObject(stageRuns);
      expect((await under(place, skip)).status).toBe(6);
    }
    expect(await refsOf(scene.stage)).toBe(refs);
    // and nothing of it stays
    expect((await optout(warm, [...skip, "-q"])).status).toBe(0);
    expect(await positions()).toBe(4);
  });
});

describe.skipIf(!mayMount)("a machine that may not be written to (needs a mount)", () => {
  it("with a read-only home and clone checks, runs and writes the log as ever", async () => {
    for (const place of [warm, cold]) {
      const before = snapshotOf(place.directory);
      const mounts = [readOnly(place.directory), readOnly(place.home)];
      // a place for temporary files is all that is left
      const env = { TMPDIR: join(scene.stage.folder, "tmp") };
      mkdirSync(env.TMPDIR, { recursive: true });
      const under = (...args: readonly string[]): Promise<Result> =>
        optoutUnder(mounts, place, args, { env });

      expect(await under("check", "unit-tests", "-q")).toMatchObject({ status: 0, stderr: "" });
      expect(await under("run", "license", ...failing)).toMatchObject(stageRuns);
      expect(await under("skip", "lint", "-m", "lint image answers 500", "-q")).toMatchObject({
        status: 0,
        stderr: "",
      });
      expect((await under("status")).status).toBe(0);
      expect((await under("verify", "-q")).status).toBe(0);
      expect(snapshotOf(place.directory)).toEqual(before);
      expect(readdirSync(env.TMPDIR)).toEqual([]);
    }
    expect(await positions()).toBe(5);
  });

  it("with no place for temporary files either is exit 6, and the stage runs", async () => {
    const mounts = [readOnly(scene.stage.folder)];
    const under = (...args: readonly string[]): Promise<Result> => optoutUnder(mounts, cold, args);

    expect((await under("check", "unit-tests")).status).toBe(6);
    expect(await under("run", "unit-tests", ...failing)).toMatchObject(stageRuns);
    expect((await under(...skip)).status).toBe(6);
  });

  it("cannot make a key in a read-only home, and says so", async () => {
    const { status, stdout, stderr } = await optoutUnder([readOnly(warm.home)], warm, [
      "keys",
      "create",
      "second",
      "--no-passphrase",
      "--json",
    ]);

    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toContain("EROFS");
  });
});

describe("a process without HOME", () => {
  const homeless = {
    HOME: undefined,
    XDG_DATA_HOME: undefined,
    XDG_CONFIG_HOME: undefined,
    XDG_CACHE_HOME: undefined,
  };

  it("is all that a job needs", async () => {
    for (const place of [warm, cold]) {
      const nowhere = { ...place, env: {} };
      expect((await optout(nowhere, ["check", "unit-tests"], { env: homeless })).status).toBe(0);
      const args = ["run", "lint", ...failing];
      expect(await optout(nowhere, args, { env: homeless })).toMatchObject(stageRuns);
      expect((await optout(nowhere, ["gate", "lint"], { env: homeless })).status).toBe(0);
      expect((await optout(nowhere, ["status"], { env: homeless })).status).toBe(0);
    }
  });

  it("signs with a key of its environment, and without one is told where keys would be", async () => {
    const key = readFileSync(join(warm.home, "data/optout/keys/default.pem"), "utf8");
    const env = { ...homeless, OPTOUT_KEY: key };
    expect((await optout(warm, [...skip, "-q"], { env })).status).toBe(0);

    const without = await optout({ ...warm, env: {} }, [...skip, "--json"], { env: homeless });
    expect([2, 4]).toContain(without.status);
    expect(["config-invalid", "no-key"]).toContain(codeOf(without));
    expect(await positions()).toBe(4);
  });
});

describe("a git that is not what it should be", () => {
  /** A program called git, before or instead of the machine's. */
  function gitThat(script: string): string {
    const directory = join(scene.stage.folder, "other-git");
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(directory);
    const real = spawnSync("sh", ["-c", "command -v git"], { encoding: "utf8" }).stdout.trim();
    writeFileSync(join(directory, "git"), `#!/bin/sh\n${script.replace("<git>", real)}\n`, {
      mode: 0o755,
    });
    return `${directory}:${process.env["PATH"] ?? ""}`;
  }

  it("may know no GIT_CONFIG_COUNT, as before 2.31: settings reach it all the same", async () => {
    await git(cold, ["config", `url.${scene.stage.remote}.insteadOf`, "shop:"]);
    await git(cold, ["remote", "set-url", "origin", "shop:"]);
    const env = { PATH: gitThat('unset GIT_CONFIG_COUNT; exec <git> "$@"') };

    expect((await optout(cold, ["check", "unit-tests", "-q"], { env })).status).toBe(0);
    expect((await optout(cold, [...skip, "-q"], { env })).status).toBe(0);
    expect((await optout(cold, ["verify", "-q"], { env })).status).toBe(0);
  });

  it.each([
    ["crashes", "kill -SEGV $$"],
    ["says nothing and succeeds", "exit 0"],
    ["answers garbage", "head -c 100000 /dev/urandom"],
    ["never ends", "exec sleep 1000"],
    ["is too old for everything", 'echo "unknown option: $*" >&2; exit 129'],
  ])("and if it %s, nothing is in force and the stage runs", async (_title, script) => {
    const env = { PATH: gitThat(script) };
    const quick = ["--timeout", "3s"];
    const [check, lint, skipped] = await Promise.all([
      optout(cold, ["check", "unit-tests", ...quick], { env }),
      optout(cold, ["run", "unit-tests", ...quick, ...failing], { env }),
      optout(cold, [...skip, ...quick], { env }),
    ]);

    expect(check.status).not.toBe(0);
    expect(check.stdout).toBe("");
    expect(lint).toMatchObject(stageRuns);
    expect(skipped.status).not.toBe(0);
    expect(await refsOf(scene.stage)).toBe(refs);
  });
});

/** Every command that needs the remote. */
const commands: readonly (readonly string[])[] = [
  ["check", "unit-tests"],
  ["gate", "lint", "unit-tests"],
  skip,
  ["hold", "deploy-prod", "-m", "migration is running"],
  ["revoke", "unit-tests"],
  ["undo"],
  ["status"],
  ["history"],
  ["show", "2"],
  ["verify"],
  ["whoami"],
  ["policy", "explain", "lint"],
  ["policy", "can-i", "skip", "lint"],
];

/** Exit statuses of all of them; what a gate decides without the log is an answer. */
async function statuses(place: Place, flags: readonly string[], more: More = {}): Promise<object> {
  const ends = await Promise.all(
    commands.map(async (args) => {
      const { status, stdout } = await optout(place, [...args, ...flags], more);
      return [args.join(" "), args[0] === "gate" ? { status } : { status, stdout }] as const;
    }),
  );
  return Object.fromEntries(ends);
}

const allEnd = (status: number): object =>
  Object.fromEntries(
    commands.map((args) => [
      args.join(" "),
      args[0] === "gate" ? { status: 0 } : { status, stdout: "" },
    ]),
  );

describe("a host that does not exist", () => {
  it.each([
    "http://shop.invalid/shop.git",
    "ssh://git@shop.invalid/shop.git",
    "git://shop.invalid/",
  ])("is exit 6 for every command, and the stage runs: %s", async (url) => {
    for (const place of [warm, cold]) {
      await git(place, ["remote", "set-url", "origin", url]);
    }

    expect(await statuses(warm, [])).toEqual(allEnd(6));
    expect(await optout(cold, ["run", "unit-tests", ...failing])).toMatchObject(stageRuns);
    expect(await optout(cold, ["run", "deploy-prod", ...failing])).toMatchObject(isStopped);
    expect(await refsOf(scene.stage)).toBe(refs);
  });
});

describe("a host that takes connections and never answers", () => {
  let server: Server;
  const open = new Set<Socket>();
  let port: number;

  beforeAll(async () => {
    server = createServer((socket) => {
      open.add(socket);
      socket.on("error", () => undefined);
    });
    await new Promise<void>((resolve) => {
      server.listen(0, "127.0.0.1", resolve);
    });
    const address = server.address();
    port = typeof address === "object" && address !== null ? address.port : 0;
  });

  afterAll(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });

  /** How everything ends that asks the host by this scheme. */
  const endsOver = async (scheme: string): Promise<object> => {
    const user = scheme === "ssh" ? "git@" : "";
    for (const place of [warm, cold]) {
      const url = `${scheme}://${user}127.0.0.1:${port}/shop.git`;
      await git(place, ["remote", "set-url", "origin", url]);
    }
    const quick = ["--timeout", "1s", ...failing];
    return {
      all: await statuses(warm, ["--timeout", "1s"]),
      stage: await optout(cold, ["run", "unit-tests", ...quick]),
      deploy: await optout(cold, ["run", "deploy-prod", ...quick]),
      refs: await refsOf(scene.stage),
    };
  };
  const inTime = (): object => ({ all: allEnd(124), stage: stageRuns, deploy: isStopped, refs });
  const what = "is exit 124 for every command when its time is over, and the stage runs";

  it.each(["http", "https", "git"])(`${what}: %s`, async (scheme) => {
    expect(await endsOver(scheme)).toMatchObject(inTime());
  });

  it.skipIf(!isInstalled("ssh"))(`${what}: ssh (needs openssh-client)`, async () => {
    expect(await endsOver("ssh")).toMatchObject(inTime());
  });

  const isSoak = process.env["OPTOUT_SOAK"] === "1";

  it.runIf(isSoak)(
    "is waited for 10 seconds by a job, 30 by a writer (OPTOUT_SOAK=1)",
    async () => {
      await git(warm, ["remote", "set-url", "origin", `http://127.0.0.1:${port}/shop.git`]);
      const seconds = async (args: readonly string[]): Promise<readonly [number, number]> => {
        const started = performance.now();
        const { status } = await optout(warm, args);
        return [status, (performance.now() - started) / 1000];
      };
      const [check, lint, writer] = await Promise.all([
        seconds(["check", "unit-tests"]),
        seconds(["run", "unit-tests", ...failing]),
        seconds(skip),
      ]);

      expect([check[0], lint[0], writer[0]]).toEqual([124, 7, 124]);
      expect([check[1] >= 10, lint[1] >= 10, writer[1] >= 30]).toEqual([true, true, true]);
    },
  );
});
