/**
 * Limits over several overrides: writers keep them, also when many write at once, and `verify` finds
 * what somebody forced into the log of a real remote with a key of her own.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import {
  makeTeam,
  must,
  optout,
  parsed,
  teamPolicy,
  type Result,
  type Team,
} from "../support/stage.ts";
import {
  handOf,
  makeScene,
  pushInLine,
  statementBy,
  type Hand,
  type Scene,
} from "../support/thief.ts";

const minutes = 60_000;
const hour = 3600;
const why = ["-m", "lint image answers 500"] as const;

let scene: Scene;
let alice: Hand;

/** The same start for each test: a team whose policy has these limits. */
function under(limits: string): void {
  let team: Team;

  beforeAll(async () => {
    team = await makeTeam({ policy: (keys) => `${teamPolicy(keys)}limits: { ${limits} }\n` });
  });
  beforeEach(async () => {
    scene = await makeScene(team);
    alice = await handOf(scene, "alice", "alice2", {
      XDG_DATA_HOME: `${scene.stage.laptop.home}/data`,
    });
  });
  afterEach(() => scene.stage.remove());
  afterAll(() => team.stage.remove());
}

const skip = (stage: string, ...flags: readonly string[]): Promise<Result> =>
  optout(scene.warm, ["skip", stage, ...why, ...flags]);

/** What a writer signs who keeps no limit; its position. */
async function force(own: Readonly<Record<string, unknown>> = {}): Promise<number> {
  const now = Math.floor(Date.now() / 1000);
  const statement = await statementBy(scene, alice, {
    kind: "override.created",
    action: "skip",
    target: { type: "stage", name: "lint" },
    scope: { branches: ["main"] },
    reason: { code: "other", text: "lint image answers 500" },
    tickets: [],
    nbf: now,
    iat: now,
    duration: hour,
    ...own,
  });
  return pushInLine(scene, statement);
}

interface Finding {
  readonly code: string;
  readonly seq: number;
}

async function found(): Promise<readonly Finding[]> {
  const { stdout, status } = await optout(scene.cold, ["verify", "--json"]);
  const { findings } = parsed(stdout) as { findings: readonly Finding[] };
  expect(status).toBe(findings.length === 0 ? 0 : 5);
  return findings.map(({ code, seq }) => ({ code, seq }));
}

const statusesOf = (results: readonly Result[]): readonly number[] =>
  results.map(({ status }) => status).toSorted((a, b) => a - b);

/** The codes of all objections that a refusal as JSON names, and its hint. */
function refusalOf({ status, stderr }: Result): { status: number; codes: string[]; hint: unknown } {
  const { error } = parsed(stderr) as {
    error: {
      code: string;
      hint: unknown;
      refused: { places: { objections: { code: string }[] }[] }[];
    };
  };
  expect(error.code).toBe("refused");
  const codes = error.refused.flatMap(({ places }) =>
    places.flatMap(({ objections }) => objections.map(({ code }) => code)),
  );
  return { status, codes, hint: error.hint };
}

describe("ten overrides of an hour each, to dodge a limit of four", () => {
  under("per_stage: { total: 4h, within: 7d }");

  it(
    "made at once are four in the log, and verify finds it intact",
    { timeout: 4 * minutes },
    async () => {
      const all = await Promise.all(Array.from({ length: 10 }, () => skip("lint", "--for", "1h")));

      const refused = all.filter(({ status }) => status === 3);
      expect(all.filter(({ status }) => status !== 0 && status !== 3)).toEqual([]);
      expect(all.filter(({ status }) => status === 0)).toHaveLength(4);
      expect(refused).toHaveLength(6);
      for (const { stderr } of refused) {
        expect(stderr).toContain(
          "the stage may be overridden for 4h within 7d, and 4h of it are taken",
        );
      }
      expect(await found()).toEqual([]);
    },
  );

  it("forced into the log are found, each that is too much", async () => {
    await must(scene.warm, ["skip", "lint", ...why, "--for", "3h"]);
    await force();
    const fifth = await force();
    const sixth = await force({ scope: { branches: ["release/1"] } });

    expect(await found()).toEqual([
      { code: "LIMIT_EXCEEDED", seq: fifth },
      { code: "LIMIT_EXCEEDED", seq: sixth },
    ]);
  });
});

describe("overrides that are open at the same time", () => {
  under("per_stage: { open: 1 }, per_person: { open: 2 }");

  it("are no more of a stage than the policy allows, though several ask at once", async () => {
    const all = await Promise.all([1, 2, 3].map(() => skip("lint")));

    expect(statusesOf(all)).toEqual([0, 3, 3]);
    expect(await found()).toEqual([]);
  });

  it("are refused with what is open, and what makes room works", async () => {
    await must(scene.warm, ["skip", "lint", ...why]);
    await must(scene.warm, ["skip", "unit-tests", ...why]);

    const { status, stderr } = await optout(scene.warm, ["force", "deploy-prod", ...why]);
    expect(status).toBe(3);
    expect(stderr).toContain("2 overrides of yours may be open at the same time, and #2, #3 are");
    expect(stderr).toContain("  make room:   optout revoke 2\n");
    const refusal = refusalOf(await skip("lint", "--branch", "release/1", "--json"));
    expect(refusal).toEqual({
      status: 3,
      codes: ["too-many-open", "too-many-open"],
      hint: "optout revoke 2",
    });

    await must(scene.warm, ["revoke", "2"]);
    expect((await skip("lint")).status).toBe(0);
    expect(await found()).toEqual([]);
  });

  it("forced into the log are found", async () => {
    await must(scene.warm, ["skip", "lint", ...why]);
    const second = await force();
    const third = await force({ target: { type: "stage", name: "unit-tests" } });

    expect(await found()).toEqual([
      { code: "OPEN_EXCEEDED", seq: second },
      { code: "OPEN_EXCEEDED", seq: third },
    ]);
  });
});

describe("an extension", () => {
  under("extensions: { count: 1, total: 3h }");

  const more = (name: string, ...flags: readonly string[]): Promise<Result> =>
    optout(scene.warm, ["extend", name, "-m", "image is still broken", ...flags]);

  it("is refused beyond the time in all, with the command that works", async () => {
    await must(scene.warm, ["skip", "lint", ...why, "--for", "2h"]);
    const { stdout } = await optout(scene.warm, ["show", "2", "--json"]);
    const { id } = parsed(stdout);

    const refused = await more("2", "--for", "2h");
    expect(refused.status).toBe(3);
    expect(refused.stderr).toContain("with its extensions it may last 3h, and 2h of it are taken");
    const command = `optout extend ${String(id)} -m 'image is still broken' --for 1h`;
    expect(refused.stderr).toContain(`  would work:  ${command}\n`);
    expect((await more(String(id), "--for", "1h")).status).toBe(0);
    expect(await found()).toEqual([]);
  });

  it("is refused once there are as many as allowed, also when two ask at once", async () => {
    await must(scene.warm, ["skip", "lint", ...why, "--for", "1h"]);

    const both = await Promise.all([1, 2].map(() => more("2", "--for", "30m", "--json")));
    expect(statusesOf(both)).toEqual([0, 3]);
    expect(refusalOf(await more("2", "--for", "30m", "--json"))).toMatchObject({
      codes: ["too-many-extensions"],
    });
    expect(await found()).toEqual([]);
  });

  it("that says what it extends and is for another place, or of what was revoked, is found", async () => {
    await must(scene.warm, ["skip", "lint", ...why, "--for", "1h"]);
    const { id } = parsed(await must(scene.warm, ["show", "2", "--json"]));
    const wider = await force({ supersedes: id, scope: { branches: "*" } });
    const unknown = await force({ supersedes: "ovr_000000000000000z" });
    await must(scene.warm, ["revoke", "2"]);
    const late = await force({ supersedes: id });

    expect(await found()).toEqual(
      [wider, unknown, late].map((seq) => ({ code: "EXTENSION_INVALID", seq })),
    );
  });

  it("more often, or longer, than allowed is found", async () => {
    await must(scene.warm, ["skip", "lint", ...why, "--for", "1h"]);
    const { id } = parsed(await must(scene.warm, ["show", "2", "--json"]));
    await force({ supersedes: id });
    const again = await force({ supersedes: id });
    const longer = await force({ supersedes: id, duration: 2 * hour });

    expect(await found()).toEqual(
      [again, longer, longer].map((seq) => ({ code: "EXTENSIONS_EXCEEDED", seq })),
    );
  });
});
