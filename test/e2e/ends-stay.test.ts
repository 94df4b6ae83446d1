/**
 * What was ended stays ended: revoked, denied or used, whatever is approved, pushed again, or dropped
 * from the policy afterwards. Approvals and denials are signed here with the people's own keys, as
 * any program could, and pushed in line to a real remote.
 */

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import {
  editPolicy,
  git,
  makeClone,
  makeKey,
  makePlace,
  makeTeam,
  must,
  optout,
  parsed,
  teamPolicy,
  type Place,
  type Team,
} from "../support/stage.ts";
import {
  askForRelease,
  handOf,
  makeScene,
  pushInLine,
  readLog,
  statementBy,
  statementOf,
  type Asked,
  type Hand,
  type Scene,
} from "../support/thief.ts";

/** Skips of the stage `release` need the approval of a release manager. */
let team: Team;
let scene: Scene;
let bob: Hand;
let carol: Hand;

beforeAll(async () => {
  team = await makeTeam({
    policy: (keys) =>
      teamPolicy(keys)
        .replace("  license:", "  release: { kind: release }\n  license:")
        .replace("rules:\n", `rules:\n${rule}`),
  });
  const { laptop } = team.stage;
  const key = await makeKey(makePlace(team.stage, "carol"));
  await editPolicy(laptop, (text) =>
    text.replace("  ci:", `  carol: { roles: [release-manager], keys: ["${key}"] }\n  ci:`),
  );
  await must(laptop, ["skip", "unit-tests", "-m", "registry is down"]);
});

const rule = `  - id: releases
    match: { kind: release }
    actions: [skip]
    who: [oncall]
    longest: 1h
    approvals: { count: 1, from: [release-manager], pending: 1h }
`;

beforeEach(async () => {
  scene = await makeScene(team);
  [bob, carol] = await Promise.all([
    handOf(scene, "bob", "bob2"),
    handOf(scene, "carol", "carol2"),
  ]);
});

afterEach(() => scene.stage.remove());
afterAll(() => team.stage.remove());

/** Alice asks for a skip of `release`; it waits for an approval. */
const ask = (...flags: readonly string[]): Promise<Asked> => askForRelease(scene, ...flags);

const approve = async (hand: Hand, { about }: Asked): Promise<number> =>
  pushInLine(scene, await statementBy(scene, hand, { kind: "override.approved", ...about }));

const deny = async (hand: Hand, { about }: Asked): Promise<number> =>
  pushInLine(
    scene,
    await statementBy(scene, hand, { kind: "override.denied", ...about, note: "not tonight" }),
  );

interface Answer {
  readonly status: number;
  readonly why: readonly unknown[];
}

/** What a machine that saw nothing before makes of a stage, and its reasons. */
async function answer(stage: string, place: Place = scene.cold, env = {}): Promise<Answer> {
  const { status, stdout } = await optout(place, ["check", stage, "--json"], { env });
  const { rejected } = parsed(stdout) as { rejected: { objections: { code: string }[] }[] };
  return { status, why: rejected.flatMap((one) => one.objections.map(({ code }) => code)) };
}

const granted: Answer = { status: 0, why: [] };
const refused = (...why: readonly string[]): Answer => ({ status: 11, why });

/** The stage's command starts, and its exit status counts. */
async function expectRuns(stage: string): Promise<void> {
  const command = ["sh", "-c", "echo the stage runs; exit 7"];
  const { status, stdout } = await optout(scene.cold, ["run", stage, "--", ...command]);
  expect({ status, stdout }).toEqual({ status: 7, stdout: "the stage runs\n" });
}

describe("an override that needs an approval", () => {
  it("is in force once one is in the log, and not before", async () => {
    const asked = await ask();

    expect(await answer("release")).toEqual(refused("approvals"));
    await approve(bob, asked);
    expect(await answer("release")).toEqual(granted);
  });

  it("stays revoked when it is approved afterwards", async () => {
    const asked = await ask();
    await approve(bob, asked);
    await must(scene.warm, ["revoke", String(asked.seq)]);
    await approve(carol, asked);

    expect(await answer("release")).toEqual(refused("revoked"));
    await expectRuns("release");
  });

  it("stays denied when somebody else approves it", async () => {
    const asked = await ask();
    await deny(bob, asked);
    await approve(carol, asked);

    expect(await answer("release")).toEqual(refused("denied"));
    await expectRuns("release");
  });

  it("stays denied when the denier leaves the policy", async () => {
    const asked = await ask();
    await deny(bob, asked);
    await approve(carol, asked);
    await editPolicy(scene.warm, (text) => text.replace(/ {2}bob:.*\n/, ""));

    expect(await answer("release")).toEqual(refused("doubt"));
    await expectRuns("release");
  });

  it("stays revoked when the one who revoked it leaves the policy", async () => {
    const asked = await ask();
    await approve(carol, asked);
    await must(bob.place, ["revoke", String(asked.seq)]);
    await editPolicy(scene.warm, (text) => text.replace(/ {2}bob:.*\n/, ""));

    expect(await answer("release")).toEqual(refused("doubt"));
  });

  it("stays revoked when the one who revoked it loses the role", async () => {
    const asked = await ask();
    await approve(carol, asked);
    await must(bob.place, ["revoke", String(asked.seq)]);
    await editPolicy(scene.warm, (text) =>
      text.replace(/( {2}bob:.*roles: )\[[^\]]*\]/, "$1[developer]"),
    );

    expect(await answer("release")).toEqual(refused("revoked"));
    await expectRuns("release");
  });

  it("does not begin anew when its approver loses the role", async () => {
    const asked = await ask("--for", "1s");
    await approve(bob, asked);
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    await approve(carol, asked);
    expect(await answer("release")).toEqual(refused("expired"));
    await editPolicy(scene.warm, (text) =>
      text.replace(/( {2}bob:.*roles: )\[[^\]]*\]/, "$1[developer]"),
    );

    expect(await answer("release")).toEqual(refused("expired"));
  });

  it("is no longer approved when its approver leaves the policy", async () => {
    const asked = await ask();
    await approve(carol, asked);
    expect(await answer("release")).toEqual(granted);
    await editPolicy(scene.warm, (text) => text.replace(/ {2}carol:.*\n/, ""));

    expect(await answer("release")).toEqual(refused("approvals"));
  });
});

describe("a creation that is pushed again", () => {
  it("stays revoked, though hundreds of positions stand between", async () => {
    await must(scene.warm, ["revoke", "unit-tests"]);
    const created = statementOf((await readLog(scene)).at(-2));
    await flood(300);
    await pushInLine(scene, created);

    expect(await answer("unit-tests")).toEqual(refused("revoked"));
    await expectRuns("unit-tests");
  });

  /** Noise on the log's branch, as whoever may push can make. */
  async function flood(count: number): Promise<void> {
    const { thief } = scene;
    const first = "from refs/remotes/origin/optout-log\n";
    const commits = Array.from({ length: count }, (_, index) =>
      ["commit refs/heads/noise", "committer a <a@b> 1700000000 +0000", "data 3\nhm\n"]
        .join("\n")
        .concat(index === 0 ? first : "", "\n"),
    );
    await git(thief, ["fast-import", "--quiet"], { input: commits.join("") });
    await git(thief, ["push", "-q", "origin", "noise:refs/heads/optout-log"]);
  }
});

describe("an override for one run", () => {
  const asRun = (id: number): Record<string, string> => ({
    GITHUB_ACTIONS: "true",
    GITHUB_EVENT_NAME: "push",
    GITHUB_REF: "refs/heads/main",
    GITHUB_SHA: "0".repeat(40),
    GITHUB_RUN_ID: String(id),
    GITHUB_RUN_ATTEMPT: "1",
  });

  it("that needs an approval is used by no run before, and by one after", async () => {
    const asked = await ask("--once");
    const job = { ...(await makeClone(scene.stage, "job2")), env: team.job.env };

    expect(await answer("release", job, asRun(1))).toEqual(refused("approvals"));
    await approve(bob, asked);
    const both = await Promise.all([2, 3].map((id) => answer("release", job, asRun(id))));

    expect(both.toSorted((a, b) => a.status - b.status)).toEqual([granted, refused("used-up")]);
  });

  it("stays used when the key of the job is another one by now", async () => {
    await must(scene.warm, ["skip", "lint", "-m", "lint image answers 500", "--once"]);
    const job = { ...(await makeClone(scene.stage, "job2")), env: team.job.env };
    expect(await answer("lint", job, asRun(1))).toEqual(granted);
    const next = await makeClone(scene.stage, "job3");
    const key = await makeKey(next);
    await editPolicy(scene.warm, (text) => text.replace(/(ci:.*keys: \[")[^"]*/, `$1${key}`));

    expect(await answer("lint", next, asRun(2))).toEqual(refused("doubt"));
  });
});
