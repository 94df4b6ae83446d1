/**
 * Machines whose clock is wrong, by faketime: the built program is told another time by the system
 * itself. Nothing that is over comes back, nothing starts early, and no hold is lifted.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { faketime } from "../support/programs.ts";
import {
  BIN,
  makeTeam,
  must,
  optout,
  parsed,
  refsOf,
  run,
  type Place,
  type Result,
  type Team,
} from "../support/stage.ts";
import {
  handOf,
  makeScene,
  pushInLine,
  readLog,
  statementBy,
  type Scene,
} from "../support/thief.ts";

/** A skip of lint that is over by now, one of unit-tests in force, and a hold of deploy-prod. */
let team: Team;
let scene: Scene;

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

/** Runs the built program on a machine whose clock is so many seconds off. */
function optoutAt(offset: number, place: Place, args: readonly string[]): Promise<Result> {
  const sign = offset < 0 ? "" : "+";
  const env = {
    LD_PRELOAD: faketime,
    FAKETIME: `${sign}${offset}`,
    // timers and deadlines go on as ever
    DONT_FAKE_MONOTONIC: "1",
    FAKETIME_DONT_FAKE_MONOTONIC: "1",
    NO_FAKE_STAT: "1",
  };
  return run(place, process.execPath, [BIN, ...args], { env });
}

async function mustAt(offset: number, place: Place, args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await optoutAt(offset, place, args);
  if (status === 0) return stdout;
  throw new Error(`optout ${args.join(" ")} ended with ${status}\n${stdout}${stderr}`);
}

const why = ["-m", "lint image answers 500"] as const;
const failing = ["--", "sh", "-c", "echo the stage runs; exit 7"] as const;

interface Answer {
  readonly status: number;
  readonly why: readonly unknown[];
}

async function answer(offset: number, stage: string): Promise<Answer> {
  const { status, stdout } = await optoutAt(offset, scene.cold, ["check", stage, "--json"]);
  const { rejected } = parsed(stdout) as { rejected: { objections: { code: string }[] }[] };
  return { status, why: rejected.flatMap((one) => one.objections.map(({ code }) => code)) };
}

const granted: Answer = { status: 0, why: [] };

describe.skipIf(faketime === "")("a clock that is wrong (needs faketime)", () => {
  beforeAll(async () => {
    team = await makeTeam();
    const { laptop } = team.stage;
    await mustAt(-2 * hour, laptop, ["skip", "lint", ...why, "--for", "1h"]);
    await must(laptop, ["skip", "unit-tests", "-m", "registry is down", "--for", "2h"]);
    await must(laptop, ["hold", "deploy-prod", "-m", "migration is running", "--for", "1h"]);
  });

  beforeEach(async () => {
    scene = await makeScene(team);
  });

  afterEach(() => scene.stage.remove());
  afterAll(() => team.stage.remove());

  it("the control: the clock is what the test says it is", async () => {
    const { status, stdout } = await run(scene.cold, process.execPath, ["-p", "Date.now()"], {
      env: { LD_PRELOAD: faketime, FAKETIME: `-${365 * day}`, FAKETIME_DONT_FAKE_MONOTONIC: "1" },
    });
    expect(status).toBe(0);
    expect(Math.abs(Date.now() - 365 * day * 1000 - Number(stdout))).toBeLessThan(hour * 1000);
    expect(await answer(0, "unit-tests")).toEqual(granted);
    expect(await answer(0, "lint")).toEqual({ status: 11, why: ["expired"] });
  });

  it.each([
    ["a year behind", -365 * day],
    ["90 minutes behind", -90 * minute],
    ["three minutes behind", -3 * minute],
  ])("%s brings nothing back, and grants nothing at all", async (_title, offset) => {
    for (const stage of ["lint", "unit-tests"]) {
      const { status, why: reasons } = await answer(offset, stage);
      expect({ stage, status }).toEqual({ stage, status: 11 });
      expect(reasons).toContain("clock");
    }
    expect(await optoutAt(offset, scene.cold, ["run", "lint", ...failing])).toMatchObject({
      status: 7,
      stdout: "the stage runs\n",
    });
  });

  it("a minute behind is what honest clocks may differ by", async () => {
    expect(await answer(-minute, "unit-tests")).toEqual(granted);
    expect((await answer(-minute, "lint")).status).toBe(11);
  });

  it.each([
    ["three hours ahead", 3 * hour],
    ["a year ahead", 365 * day],
  ])("%s ends overrides early, and brings none", async (_title, offset) => {
    expect(await answer(offset, "unit-tests")).toEqual({ status: 11, why: ["expired"] });
    expect((await answer(offset, "lint")).status).toBe(11);
  });

  it("lifts no hold when it is behind", async () => {
    for (const offset of [-365 * day, -3 * minute, 0]) {
      const held = await optoutAt(offset, scene.cold, ["run", "deploy-prod", ...failing]);
      expect({ offset, ...held, stderr: "" }).toEqual({
        offset,
        status: 3,
        stdout: "",
        stderr: "",
      });
    }
  });

  it("of a writer far behind is refused before anything is signed", async () => {
    const before = await refsOf(team.stage);
    const { status, stderr } = await optoutAt(-30 * day, scene.warm, ["skip", "lint", ...why]);

    expect(status).toBe(3);
    expect(stderr).toContain("the clock of this machine is in doubt");
    expect(await refsOf(team.stage)).toBe(before);
    expect((await answer(0, "lint")).status).toBe(11);
    expect(await answer(0, "unit-tests")).toEqual(granted);
  });

  it("of a writer far ahead is in force for nobody before its time, and nothing else is then", async () => {
    await mustAt(2 * hour, scene.warm, ["skip", "lint", ...why, "-q"]);

    for (const stage of ["lint", "unit-tests"]) {
      const { status, why: reasons } = await answer(0, stage);
      expect({ stage, status }).toEqual({ stage, status: 11 });
      expect(reasons).toContain("clock");
    }
  });

  it("an author who writes the time back is found by what she had seen", async () => {
    const log = await readLog(scene);
    const alice = await handOf(scene, "alice", "alice2", scene.cold.env);
    const back = Math.floor(Date.now() / 1000) - 30 * day;
    const statement = await statementBy(scene, alice, {
      kind: "override.created",
      action: "skip",
      target: { type: "stage", name: "lint" },
      scope: { branches: ["main"] },
      reason: { code: "other", text: "as if it had been then" },
      tickets: [],
      iat: back,
      nbf: back,
      duration: 12 * hour,
    });
    const seq = await pushInLine(scene, statement);

    expect(seq).toBe(log.length);
    expect((await answer(0, "lint")).status).toBe(11);
    const { status, stdout } = await optout(scene.cold, ["verify", "--json"]);
    expect(status).toBe(5);
    const { findings } = parsed(stdout) as { findings: { code: string; seq: number }[] };
    expect(findings.filter((one) => one.seq === seq)).toMatchObject([{ code: "TIME_BEFORE_SEEN" }]);
  });

  it("leaves nothing behind in the temporary directory", async () => {
    await answer(-365 * day, "lint");
    expect(readdirSync(join(scene.stage.folder, "cold-home", "tmp"))).toEqual([]);
  });
});
