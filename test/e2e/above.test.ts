/** A writing command ends with what is true now, also where something stands above what it recorded. */
import { afterAll, beforeAll, expect, it } from "vitest";

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
