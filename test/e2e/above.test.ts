/** A writing command ends with what is true now, also where something stands above what it recorded. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import {
  lines,
  makeTeam,
  must,
  optout,
  parsed,
  teamPolicy,
  type Keys,
  type Team,
} from "../support/stage.ts";

let team: Team;

const frozen = (keys: Keys): string =>
  lines(
    teamPolicy(keys).trimEnd(),
    'freezes: [{ id: year-end, from: "2020-01-01T00:00", until: "2090-01-01T00:00", zone: UTC, match: { stages: [unit-tests] } }]',
  );

beforeAll(async () => {
  team = await makeTeam({ policy: frozen });
});

afterAll(() => team.stage.remove());

const why = ["-m", "registry is down"] as const;

it("an override that another one outranks names the one that wins", async () => {
  const { laptop } = team.stage;
  await must(laptop, ["hold", "lint", ...why]);

  expect(await must(laptop, ["skip", "lint", ...why])).toContain(
    "\n! but #2 hold is in force there too, and wins: lint is held\n",
  );
  expect(await must(laptop, ["skip", "lint", ...why, "--branch", "release/1"])).not.toContain(
    "but",
  );
  expect(await must(laptop, ["hold", "lint", ...why])).not.toContain("but");
});

it("an override under a freeze names the freeze, and what beats it does not", async () => {
  const { laptop } = team.stage;

  const told = await must(laptop, ["skip", "unit-tests", ...why]);
  expect(told).toContain("\n! but unit-tests is frozen by year-end ");
  expect(told).toContain("! recorded, without effect in the freeze: skip unit-tests on ");
  expect(told).not.toContain("unit-tests is skipped");
  expect(await must(laptop, ["force", "unit-tests", ...why])).not.toContain("but");
});

it("a freeze is foreseen, with what goes instead", async () => {
  const { laptop } = team.stage;
  const ready = await optout(laptop, ["whoami", "--ready", "unit-tests"]);
  const skip = await optout(laptop, ["policy", "can-i", "skip", "unit-tests"]);
  const force = await must(laptop, ["policy", "can-i", "force", "unit-tests"]);
  const asData = await optout(laptop, ["policy", "can-i", "skip", "unit-tests", "--json"]);

  expect(ready.stdout).toContain(
    "✗ unit-tests: no, because the freeze year-end is above it (line 26 of the policy); what must run now: optout force unit-tests\n",
  );
  expect(ready.status).toBe(3);
  expect(skip.stdout).toMatch(/^✗ without effect now: unit-tests is frozen by year-end /);
  expect(parsed(asData.stdout)["frozen"]).toEqual({ freeze: "year-end", line: 26 });
  expect(force).not.toContain("frozen");
});

it("status does not say that every stage runs normally while one is frozen", async () => {
  const { laptop } = team.stage;
  for (const seq of ["2", "3", "4", "5", "6", "7"]) await must(laptop, ["revoke", seq]);
  const told = await must(laptop, ["status"]);

  expect(told).toContain("… no override is in force\n");
  expect(told).toContain("! unit-tests is frozen by year-end ");
});

describe("what is true of a stage with several overrides", () => {
  const made = async (...line: readonly string[]): Promise<number> =>
    Number(parsed(await must(team.stage.laptop, [...line, ...why, "--json"]))["seq"]);

  it("revoke and undo end with what still decides", async () => {
    const { laptop } = team.stage;
    const first = await made("skip", "lint");
    const second = await made("skip", "lint");
    const there = ["skip", "lint", "--branch", "main", "--branch", "release/1"];
    const third = await made(...there);

    expect(await must(laptop, ["revoke", `${first}`])).toBe(
      lines(
        `✓ #${first} is revoked: it no longer skips lint`,
        `! lint is still skipped by #${second}, #${third}`,
      ),
    );
    expect(await must(laptop, ["undo"])).toContain(
      `! lint is still skipped on main by #${second}\n`,
    );
    expect(await must(laptop, ["revoke", `${second}`, "-q"])).not.toContain("still");
  });

  it("revoke of several tells only what is left of all of them", async () => {
    const { laptop } = team.stage;
    const skips = [await made("skip", "lint"), await made("skip", "lint")].map(String);

    expect(await must(laptop, ["revoke", ...skips])).not.toContain("still");
  });

  it("revoke names what comes to decide, and a freeze", async () => {
    const { laptop } = team.stage;
    const hold = await made("hold", "lint");
    const skip = await made("skip", "lint");
    const force = await made("force", "unit-tests");

    expect(await must(laptop, ["revoke", `${hold}`])).toContain(
      `\n! lint is skipped by #${skip}\n`,
    );
    expect(await must(laptop, ["revoke", `${force}`])).toContain(
      "\n! unit-tests is frozen by year-end ",
    );
    await must(laptop, ["revoke", `${skip}`]);
  });

  it("status says which of them decides, and which are outranked by it", async () => {
    const { laptop } = team.stage;
    const hold = await made("hold", "lint");
    const force = await made("force", "lint");
    const skip = await made("skip", "lint", "--branch", "main", "--branch", "release/1");
    const told = await must(laptop, ["status"]);
    const wins = `#${hold} hold is in force`;

    expect(told).toContain(`! #${hold}  lint is held on main `);
    expect(told).toContain(`! #${force}  would force lint on main `);
    expect(told).toContain(`    but ${wins} there too, and wins: lint is held\n`);
    expect(told).toContain(`! #${skip}  lint is skipped on main, release/1 `);
    expect(told).toContain(`    but on main ${wins} too, and wins: lint is held\n`);
    await must(laptop, ["revoke", ...[hold, force, skip].map(String)]);
  });

  it("status says what a freeze keeps from acting, and what beats it", async () => {
    const { laptop } = team.stage;
    const skip = await made("skip", "unit-tests");
    const alone = await must(laptop, ["status"]);
    const force = await made("force", "unit-tests");
    const both = await must(laptop, ["status"]);

    expect(alone).toContain(`! #${skip}  would skip unit-tests on main `);
    expect(alone).toContain("    but the freeze year-end is above it (line 26 of the policy)\n");
    expect(alone).toContain("what must run now: optout force unit-tests\n");
    expect(both).toContain(
      `(line 26 of the policy), but #${force} force is above it: unit-tests is forced to run\n`,
    );
    expect(both).not.toContain("optout force");
    await must(laptop, ["revoke", `${skip}`, `${force}`]);
  });
});
