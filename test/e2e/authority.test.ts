/**
 * Approvals and emergencies by the wrong people. The commands refuse them; here they are signed with
 * the people's own keys as any program could, and pushed in line to a real remote: no job takes them
 * for what they claim, and `verify` names them.
 */
import { join } from "node:path";

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import {
  editPolicy,
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
  hashOf,
  makeScene,
  pushInLine,
  readLog,
  statementBy,
  statementOf,
  type Asked,
  type Hand,
  type Scene,
} from "../support/thief.ts";

const rule = `  - id: releases
    match: { kind: release }
    actions: [skip]
    who: [oncall]
    longest: 1h
    approvals: { count: 2, from: [release-manager], pending: 1h }
    emergency: { who: [oncall], longest: 30m, review_within: 24h }
`;

let team: Team;
let scene: Scene;
let alice: Hand;
/** Bob with the one of his keys, and with the other. */
let bob: Hand;
let bobAgain: Hand;
let carol: Hand;
/** A developer. */
let dora: Hand;

beforeAll(async () => {
  team = await makeTeam({
    policy: (keys) =>
      teamPolicy(keys)
        .replace("roles: [developer, oncall]", "roles: [developer, oncall, release-manager]")
        .replace("  license:", "  release: { kind: release }\n  license:")
        .replace("rules:\n", `rules:\n${rule}`),
  });
  const [second, carols, doras] = await Promise.all(
    ["bob-second", "carol", "dora"].map((name) => makeKey(makePlace(team.stage, name))),
  );
  await editPolicy(team.stage.laptop, (text) =>
    text
      .replace(/(bob: .*)"\] \}/, `$1", "${second ?? ""}"] }`)
      .replace(
        "  ci:",
        `  carol: { roles: [release-manager], keys: ["${carols ?? ""}"] }\n` +
          `  dora: { roles: [developer], keys: ["${doras ?? ""}"] }\n  ci:`,
      ),
  );
  await must(team.stage.laptop, ["skip", "unit-tests", "-m", "registry is down"]);
});

beforeEach(async () => {
  scene = await makeScene(team);
  const data = (home: string): Place["env"] => ({
    XDG_DATA_HOME: join(scene.stage.folder, home, "data"),
  });
  [alice, bob, bobAgain, carol, dora] = await Promise.all([
    handOf(scene, "alice", "alice2", data("laptop-home")),
    handOf(scene, "bob", "bob2"),
    handOf(scene, "bob", "bob3", data("bob-second-home")),
    handOf(scene, "carol", "carol2"),
    handOf(scene, "dora", "dora2"),
  ]);
});

afterEach(() => scene.stage.remove());
afterAll(() => team.stage.remove());

/** Alice asks for a skip of `release`; it waits for two approvals. */
const ask = (...flags: readonly string[]): Promise<Asked> => askForRelease(scene, ...flags);

const approve = async (hand: Hand, about: Asked["about"]): Promise<number> =>
  pushInLine(scene, await statementBy(scene, hand, { kind: "override.approved", ...about }));

/** What a job makes of `release`, and why. */
async function answer(): Promise<{ status: number; why: readonly string[] }> {
  const { status, stdout } = await optout(scene.cold, ["check", "release", "--json"]);
  const { rejected } = parsed(stdout) as { rejected: { objections: { code: string }[] }[] };
  return { status, why: rejected.flatMap((one) => one.objections.map(({ code }) => code)) };
}

/** The stage's command starts, and its exit status counts. */
async function expectRuns(): Promise<void> {
  const command = ["sh", "-c", "echo the stage runs; exit 7"];
  const { status, stdout } = await optout(scene.cold, ["run", "release", "--", ...command]);
  expect({ status, stdout }).toEqual({ status: 7, stdout: "the stage runs\n" });
}

async function found(): Promise<readonly string[]> {
  const { stdout } = await optout(scene.cold, ["verify", "--json"]);
  const { findings } = parsed(stdout) as { findings: { code: string; seq: number }[] };
  return findings.map(({ code, seq }) => `${code} #${seq}`);
}

const waiting = { status: 11, why: ["approvals"] };
const granted = { status: 0, why: [] };

describe("an approval does not count", () => {
  it("of one's own override", async () => {
    const { about } = await ask();
    const own = await approve(alice, about);
    await approve(bob, about);

    expect(await answer()).toEqual(waiting);
    await expectRuns();
    expect(await found()).toEqual([`APPROVAL_NOT_ENTITLED #${own}`]);
    await approve(carol, about);
    expect(await answer()).toEqual(granted);
  });

  it("twice of one person, with two keys, also when both are given at once", async () => {
    const { about, seq } = await ask();
    const both = await Promise.all(
      [bob, bobAgain].map(({ place }) => optout(place, ["approve", `${seq}`, "--yes"])),
    );

    // the second is told that it changes nothing, or was given before the first was seen
    expect(both.filter(({ status }) => status === 0).length).toBeGreaterThan(0);
    await approve(bob, about);
    await approve(bobAgain, about);
    expect(await answer()).toEqual(waiting);
    await expectRuns();
    await approve(carol, about);
    expect(await answer()).toEqual(granted);
  });

  it("of one who left the policy, at the next check", async () => {
    const { about } = await ask();
    await approve(bob, about);
    await approve(carol, about);
    expect(await answer()).toEqual(granted);
    await editPolicy(scene.warm, (text) => text.replace(/ {2}carol:.*\n/, ""));

    expect(await answer()).toEqual(waiting);
    await expectRuns();
  });

  it("of a request that was edited afterwards: the id is the same, and the digest is another", async () => {
    const { about, seq } = await ask("--for", "10m");
    const [, payload = ""] = statementOf((await readLog(scene))[seq]).split(".");
    const asked = parsed(Buffer.from(payload, "base64url").toString());
    const edited = await statementBy(scene, alice, { ...asked, duration: 3600 });
    await approve(bob, { ...about, digest: hashOf(edited) });
    const second = await pushInLine(scene, edited);
    await approve(carol, { ...about, digest: hashOf(edited) });

    expect(await answer()).toEqual(waiting);
    await expectRuns();
    expect(await found()).toContain(`ID_REPEATED #${second}`);
  });

  it("of another override, to which it was moved", async () => {
    const first = await ask();
    const other = await ask();
    await approve(bob, { override: other.about.override, digest: first.about.digest });
    await approve(carol, other.about);

    expect(await answer()).toEqual({ status: 11, why: ["approvals", "approvals"] });
    await expectRuns();
  });

  it("where another person denies at the same time: it is denied, whoever was first", async () => {
    const { about, seq } = await ask();
    await approve(bob, about);
    const ends = await Promise.all([
      optout(carol.place, ["approve", `${seq}`, "--yes"]),
      optout(bobAgain.place, ["deny", `${seq}`, "-m", "not tonight"]),
    ]);

    expect(ends[1]?.status).toBe(0);
    const { status, why } = await answer();
    expect(status).toBe(11);
    expect(why).toContain("denied");
    await expectRuns();
  });
});

describe("an emergency", () => {
  const force = async (
    hand: Hand,
    own: Readonly<Record<string, unknown>> = {},
  ): Promise<{ readonly seq: number }> => {
    const now = Math.floor(Date.now() / 1000);
    const statement = await statementBy(scene, hand, {
      kind: "override.created",
      action: "skip",
      target: { type: "stage", name: "release" },
      scope: { branches: ["main"] },
      reason: { code: "other", text: "notes generator is down" },
      tickets: [],
      nbf: now,
      iat: now,
      duration: 1800,
      emergency: true,
      ...own,
    });
    return { seq: await pushInLine(scene, statement) };
  };

  it("forced by one who is not on the list is in force nowhere, and named", async () => {
    const { seq } = await force(dora);

    expect(await answer()).toEqual({ status: 11, why: ["who"] });
    await expectRuns();
    expect(await found()).toEqual([`OVERRIDE_NOT_ALLOWED #${seq}`]);
  });

  it("forced for longer than its limit is in force nowhere, and named", async () => {
    const { seq } = await force(alice, { duration: 1801 });

    expect(await answer()).toEqual({ status: 11, why: ["too-long"] });
    await expectRuns();
    expect(await found()).toEqual([`OVERRIDE_NOT_ALLOWED #${seq}`]);
  });

  it("of one on the list, within the limit, is", async () => {
    await force(alice);

    expect(await answer()).toEqual(granted);
    expect(await found()).toEqual([]);
  });
});

describe("an extension", () => {
  it("brings no approval along: what it adds waits for its own, and a job's use of it is named", async () => {
    const { about } = await ask("--for", "1h");
    await approve(bob, about);
    await approve(carol, about);
    const now = Math.floor(Date.now() / 1000);
    const statement = await statementBy(scene, alice, {
      kind: "override.created",
      action: "skip",
      target: { type: "stage", name: "release" },
      scope: { branches: ["main"] },
      reason: { code: "other", text: "notes generator is down" },
      tickets: [],
      nbf: now,
      iat: now,
      duration: 3600,
      supersedes: about.override,
    });
    const extension = await pushInLine(scene, statement);
    await must(scene.warm, ["revoke", about.override]);

    expect(await answer()).toEqual({ status: 11, why: ["revoked", "approvals"] });
    await expectRuns();
    const { id } = parsed(Buffer.from(statement.split(".")[1] ?? "", "base64url").toString());
    const job = await handOf(scene, "ci", "job2", team.job.env);
    const use = await pushInLine(
      scene,
      await statementBy(scene, job, {
        kind: "override.used",
        override: id,
        digest: hashOf(statement),
        decision: "skip",
        context: {
          stage: "release",
          ref: "refs/heads/main",
          sha: "a".repeat(40),
          run: "1",
          attempt: 1,
          job: "release",
          forge: "github",
        },
      }),
    );
    expect(extension).toBeLessThan(use);
    expect(await found()).toEqual([`USE_NOT_IN_FORCE #${use}`]);
  });
});
