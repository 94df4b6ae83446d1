/**
 * The log's branch rewritten by somebody who may push to it, with git alone or with a stolen key. What
 * each reader can know: a machine that has seen more, one that has a head to compare with, and one
 * that sees the log for the first time.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

import {
  git,
  makeClone,
  makeKey,
  makeTeam,
  must,
  optout,
  parsed,
  push,
  writeFiles,
  type Place,
  type Team,
} from "../support/stage.ts";
import {
  handOf,
  makeScene as sceneOf,
  position,
  pushInLine,
  pushMessage,
  readLog,
  relined,
  replaceLog,
  statementBy,
  statementOf,
  type Scene,
} from "../support/thief.ts";

/**
 * #0 log created, #1 policy recorded, #2 skip of lint, #3 its revocation, #4 hold of deploy-prod,
 * #5 its revocation by Bob, #6 skip of unit-tests.
 */
let team: Team;
const scenes: Scene[] = [];

beforeAll(async () => {
  team = await makeTeam();
  const { laptop } = team.stage;
  await must(laptop, ["skip", "lint", "-m", "lint image answers 500"]);
  await must(laptop, ["revoke", "lint"]);
  await must(laptop, ["hold", "deploy-prod", "-m", "migration is running"]);
  await must(team.bob, ["revoke", "4"]);
  await must(laptop, ["skip", "unit-tests", "-m", "registry is down"]);
});

afterEach(() => {
  for (const { stage } of scenes.splice(0)) stage.remove();
});

afterAll(() => team.stage.remove());

async function makeScene(): Promise<Scene & { readonly log: readonly string[] }> {
  const scene = await sceneOf(team);
  scenes.push(scene);
  return { ...scene, log: await readLog(scene) };
}

/** Code and position of every finding; the log is not intact. */
async function findings(place: Place, ...flags: readonly string[]): Promise<readonly string[]> {
  const { status, stdout } = await optout(place, ["verify", "--json", ...flags]);
  const report = parsed(stdout) as { findings: { code: string; seq: number }[] };
  expect(status).toBe(5);
  return report.findings.map(({ code, seq }) => `#${seq} ${code}`);
}

/** Exit statuses of checks of the stages. */
const checks = (place: Place, ...stages: readonly string[]): Promise<readonly number[]> =>
  Promise.all(stages.map(async (one) => (await optout(place, ["check", one, "-q"])).status));

const failing = ["--", "sh", "-c", "echo the stage runs; exit 7"] as const;

/** The head as a notification or a CI summary would have noted it. */
async function anchorOf(place: Place): Promise<string> {
  const { head } = parsed(await must(place, ["verify", "--json"])) as {
    head: { seq: number; hash: string };
  };
  return `${head.seq}:${head.hash}`;
}

type Edit = (log: readonly string[]) => readonly string[];
/** What `check lint` says on a machine that sees the log for the first time stands last. */
type Row = readonly [title: string, edit: Edit, first: string, cold: number];

const without = (log: readonly string[], seq: number): readonly string[] =>
  log.filter((_, index) => index !== seq);
const at = (log: readonly string[], seq: number): string => log[seq] ?? "";
const again = (log: readonly string[], ...order: readonly number[]): readonly string[] =>
  relined(
    log.slice(0, 2),
    order.map((seq) => statementOf(log[seq])),
  );

describe("a position that is touched", () => {
  const rows: readonly Row[] = [
    // what follows is void, so this is a tail cut off: see below
    ["taken out", (log) => without(log, 3), "#3 POSITION_SEQ", 0],
    [
      "taken out, the rest lined up anew",
      (log) => again(log, 2, 4, 5, 6),
      "#3 SAW_CONTRADICTED",
      5,
    ],
    [
      "put in a second time",
      (log) => [...log.slice(0, 4), at(log, 2), ...log.slice(4)],
      "#4 POSITION_SEQ",
      11,
    ],
    [
      "put in a second time, the rest lined up anew",
      (log) => again(log, 2, 3, 2, 4, 5, 6),
      "#4 ID_REPEATED",
      5,
    ],
    [
      "swapped with the next one",
      (log) => [...log.slice(0, 2), at(log, 3), at(log, 2), ...log.slice(4)],
      "#2 POSITION_SEQ",
      10,
    ],
    ["swapped, lined up anew", (log) => again(log, 3, 2, 4, 5, 6), "#2 SAW_CONTRADICTED", 5],
    [
      "altered",
      (log) =>
        log.map((bytes, seq) => (seq === 3 ? bytes.replace(/.{9}"}$/, 'AAAAAAAAA"}') : bytes)),
      "#3 SIGNATURE",
      11,
    ],
  ];

  it.each(rows)(
    "is named by its number, and is exit 5 where more was seen: %s",
    async (_title, edit, first, cold) => {
      const scene = await makeScene();
      await replaceLog(scene, edit(scene.log));

      const found = await findings(scene.cold);
      expect(found[0]).toBe(first);
      expect({ found, statuses: await checks(scene.cold, "lint") }).toEqual({
        found,
        statuses: [cold],
      });
      expect(await checks(scene.warm, "lint", "unit-tests")).toEqual([5, 5]);
      const run = await optout(scene.warm, ["run", "lint", ...failing]);
      expect(run).toMatchObject({ status: 7, stdout: "the stage runs\n" });
    },
  );
});

describe("a revocation behind a position that breaks the chain", () => {
  /** Garbage in line after the revocation, which no later position is chained across. */
  async function broken(): Promise<Scene> {
    const scene = await makeScene();
    await must(scene.warm, ["revoke", "unit-tests"]);
    await pushMessage(scene, "hm\n");
    await must(scene.warm, ["hold", "deploy-prod", "-m", "migration is running"]);
    expect(await checks(scene.warm, "unit-tests")).toEqual([11]);
    return scene;
  }

  it("cannot be taken out of a log that this machine has seen", async () => {
    const scene = await broken();
    const log = await readLog(scene);
    await replaceLog(
      scene,
      log.map((bytes, seq) => (seq === 7 ? "hm" : bytes)),
    );

    // the last positions are as they were, and the revocation is gone
    expect((await readLog(scene)).slice(8)).toEqual(log.slice(8));
    expect(await checks(scene.warm, "unit-tests")).toEqual([5]);
    const run = await optout(scene.warm, ["run", "unit-tests", ...failing]);
    expect(run).toMatchObject({ status: 7, stdout: "the stage runs\n" });
    expect(await findings(scene.cold)).toContain("#7 POSITION_FORM");
  });

  it("does not stop a log that goes on in line", async () => {
    const scene = await broken();
    await pushMessage(scene, "hm\n");
    await pushMessage(scene, "hm\n");

    expect(await checks(scene.warm, "unit-tests", "lint")).toEqual([11, 11]);
    await must(scene.warm, ["skip", "lint", "-m", "lint image answers 500"]);
    expect(await checks(scene.warm, "lint")).toEqual([0]);
  });
});

describe("a tail that is cut off", () => {
  it.each([1, 2, 4])("by %i positions is exit 5 wherever more was seen", async (count) => {
    const scene = await makeScene();
    const anchor = await anchorOf(scene.warm);
    await replaceLog(scene, scene.log.slice(0, -count));

    expect(await checks(scene.warm, "lint", "unit-tests")).toEqual([5, 5]);
    expect(await findings(scene.warm)).toContain("#6 HEAD_MISSING");
    expect(await findings(scene.cold, "--head", anchor)).toEqual(["#6 HEAD_MISSING"]);
  });

  it("is not seen by whoever has seen nothing and has no head to compare with", async () => {
    const scene = await makeScene();
    await replaceLog(scene, scene.log.slice(0, 3));

    // what a protected branch, anchors and machines that remember are for
    expect(await checks(scene.cold, "lint")).toEqual([0]);
    expect((await optout(scene.cold, ["verify", "-q"])).status).toBe(0);
  });
});

describe("an older state pushed on top, as a fast-forward", () => {
  it("is one void position: the tree is never read, and what was revoked stays so", async () => {
    const scene = await makeScene();
    const { thief, log } = scene;
    const older = await git(thief, ["rev-parse", "origin/optout-log~4"]);
    const tip = await git(thief, ["rev-parse", "origin/optout-log"]);
    const message = `#2 skip lint\n\n${at(log, 2)}\n`;
    const id = await git(thief, ["commit-tree", `${older}^{tree}`, "-p", tip], { input: message });
    await git(thief, ["push", "-q", "origin", `${id}:refs/heads/optout-log`]);

    for (const place of [scene.cold, scene.warm]) {
      expect(await checks(place, "lint", "unit-tests")).toEqual([11, 0]);
    }
    expect(await findings(scene.cold)).toEqual(["#7 POSITION_SEQ"]);
  });
});

describe("a thief who has one key and may push", () => {
  it("cannot rewrite what somebody else has seen", async () => {
    const scene = await makeScene();
    const { log } = scene;
    const stolen = await handOf(scene, "alice", "stolen", scene.cold.env);
    // Alice's own revocation becomes another statement of hers; Bob's stays as it is
    await replaceLog(scene, log.slice(0, 3));
    const other = await statementBy(scene, stolen, {
      ...skipOf("license"),
      id: "ovr_0123456789abcdef",
    });
    const hold = statementOf(log[4]);
    await replaceLog(scene, relined(log.slice(0, 3), [other, hold, statementOf(log[5])]));

    expect(await checks(scene.cold, "lint", "unit-tests", "license")).toEqual([5, 5, 5]);
    expect(await checks(scene.warm, "lint")).toEqual([5]);
    const found = await findings(scene.cold);
    expect(found).toContain("#5 SAW_CONTRADICTED");
  });

  it("cannot sign as if it had been before the policy dropped the key", async () => {
    const scene = await makeScene();
    const { warm, stage } = scene;
    const before = await readLog(scene);
    const stolen = await handOf(scene, "alice", "stolen", scene.cold.env);
    const early = {
      ...skipOf("lint"),
      saw: { seq: 6, hash: (await anchorOf(warm)).slice(2) },
      iat: Math.floor(Date.now() / 1000) - 1,
      nbf: Math.floor(Date.now() / 1000) - 1,
    };
    const statement = await statementBy(scene, stolen, early);
    const next = await makeClone(stage, "next");
    const key = await makeKey(next);
    const text = readFileSync(join(warm.directory, ".optout/policy.yaml"), "utf8");
    writeFiles(warm, {
      ".optout/policy.yaml": text.replace(/(alice:.*keys: \[")[^"]*/, `$1${key}`),
    });
    await push(warm, "Rotate the key of Alice");
    await must(next, ["skip", "lint", "-m", "with the new key, please", "--for", "1h"]);
    await must(next, ["revoke", "lint"]);
    const seq = await pushInLine(scene, statement);

    expect(seq).toBe(before.length + 3);
    expect(await checks(scene.cold, "lint")).toEqual([11]);
    const run = await optout(scene.cold, ["run", "lint", ...failing]);
    expect(run).toMatchObject({ status: 7, stdout: "the stage runs\n" });
    expect(await findings(scene.cold)).toEqual([`#${seq} POLICY_OUTDATED`]);
  });
});

const skipOf = (stage: string): Readonly<Record<string, unknown>> => ({
  kind: "override.created",
  action: "skip",
  target: { type: "stage", name: stage },
  scope: { branches: ["main"] },
  reason: { code: "other", text: "let me in, please" },
  tickets: [],
  nbf: Math.floor(Date.now() / 1000),
  duration: 3600,
});

describe("two different logs, shown to two readers", () => {
  it("are found when the readers compare heads", async () => {
    const scene = await makeScene();
    const { stage, thief, warm } = scene;
    const other = join(stage.folder, "other.git");
    await git(thief, ["clone", "-q", "--bare", stage.remote, other]);
    const reader = { ...(await makeClone(stage, "reader", { url: other })), env: scene.cold.env };
    await must(warm, ["skip", "lint", "-m", "shown to some"]);
    await must(reader, ["hold", "deploy-prod", "-m", "shown to others"]);

    expect((await optout(warm, ["verify", "-q"])).status).toBe(0);
    expect((await optout(reader, ["verify", "-q"])).status).toBe(0);
    const anchor = await anchorOf(warm);
    expect(await findings(reader, "--head", anchor)).toEqual(["#7 HEAD_MISMATCH"]);
  });
});

describe("a key that its owner revoked, while the policy still lists it", () => {
  it("is red in status, doctor and verify, and permits nothing", async () => {
    const scene = await makeScene();
    const alice = await handOf(scene, "alice", "alice2", scene.cold.env);
    const { key } = parsed(await must(alice.place, ["whoami", "--json"])) as {
      key: { kid: string };
    };
    const seq = await pushInLine(
      scene,
      await statementBy(scene, alice, { kind: "key.revoked", kid: key.kid }),
    );
    // noise after it changes nothing
    await pushMessage(scene, `hm\n\n${position(seq + 1, "", "x.y.z")}\n`);

    expect(await checks(scene.cold, "unit-tests")).toEqual([11]);
    const [status, doctor] = await Promise.all([
      optout(scene.cold, ["status"]),
      optout(scene.cold, ["doctor"]),
    ]);
    expect(status.stdout + status.stderr).toContain("revoked");
    expect(doctor.status).toBe(1);
    expect(doctor.stdout).toMatch(/revoked/);
    expect(await findings(scene.cold)).toContain(`#${seq} KEY_REVOKED`);
  });
});
