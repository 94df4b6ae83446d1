/**
 * `optout stages` on the built program: what the work tree's CI files ask about, and what is wrong.
 */
import { afterAll, beforeAll, expect, it } from "vitest";

import { schemaFaults } from "../support/schema-faults.ts";
import { git, makeStage, must, optout, writeFiles, type Stage } from "../support/stage.ts";

let stage: Stage;

beforeAll(async () => {
  stage = await makeStage();
  const line = ["init", "--yes", "--stage", "lint", "--stage", "deploy-prod"];
  await must(stage.laptop, line);
  writeFiles(stage.laptop, {
    ".github/workflows/ci.yml": `on: push
jobs:
  lint:
    steps:
      - run: optout run lint -- npm run lint
  deploy:
    steps:
      - run: optout check deploy-prod || ./deploy
`,
  });
  await git(stage.laptop, ["add", "."]);
  await git(stage.laptop, ["commit", "-q", "-m", "Ask"]);
  await git(stage.laptop, ["push", "-q"]);
});

afterAll(() => stage.remove());

it("tells each stage with its job, its rule and what is in force, and what is wrong", async () => {
  await must(stage.laptop, ["skip", "lint", "-m", "the image is broken"]);
  const result = await optout(stage.laptop, ["stages"]);
  expect(result.stdout).toContain(
    "lint\tquality\t.github/workflows/ci.yml:5 (job lint)\trun\tquality\t#2 skip\n",
  );
  expect(result.stderr).toContain("ci.yml:8 check-cannot-stop");
});

it("tells the same as JSON", async () => {
  const stdout = await must(stage.laptop, ["stages", "--json"]);
  expect(JSON.parse(stdout)).toMatchObject({
    kind: "optout/stages",
    stages: [
      { stage: "lint", asks: [{ file: ".github/workflows/ci.yml", line: 5, form: "run" }] },
      { stage: "deploy-prod", asks: [{ form: "check-or" }] },
    ],
    findings: [{ code: "check-cannot-stop", weight: "red" }],
  });
  expect(schemaFaults("stages", JSON.parse(stdout))).toEqual([]);
});

it("doctor is red over a check that cannot stop at a hold, and else finds all in place", async () => {
  const result = await optout(stage.laptop, ["doctor", "--json"]);
  const found = result.stdout.matchAll(/"check": ?"([^"]+)",\s*"level": ?"([^"]+)"/g);
  const levels = [...found].map(([, check, level]) => `${check} ${level}`);
  expect(levels).toEqual([
    "versions ok",
    "policy ok",
    "key ok",
    "log ok",
    "append ok",
    "append ok",
    "protection unknown",
    "CI files red",
  ]);
  expect(result.status).toBe(1);
  expect(schemaFaults("doctor", JSON.parse(result.stdout))).toEqual([]);
});

it("is red, as doctor is, over other checks and over a gate whose skip alone is heeded", async () => {
  const { laptop } = stage;
  await git(laptop, ["switch", "-q", "-c", "traps"]);
  writeFiles(laptop, {
    ".github/workflows/ci.yml": `on: push
jobs:
  gate:
    steps:
      - run: optout gate deploy-prod
  deploy:
    needs: gate
    if: needs.gate.outputs.deploy-prod != 'skip'
    steps:
      - run: ./deploy
  other:
    steps:
      - run: if optout check deploy-prod; then exit 0; else ./deploy; fi
  never:
    needs: gate
    if: needs.gate.outputs.deploy-prod == 'run'
`,
  });
  const { stderr } = await optout(laptop, ["stages"]);
  const doctor = await optout(laptop, ["doctor"]);
  await git(laptop, ["checkout", "-q", "-f", "main"]);

  for (const said of [stderr, doctor.stdout]) {
    expect(said).toMatch(/ci\.yml:8\b.*this condition leaves the job out for skip alone/);
    expect(said).toMatch(/ci\.yml:13\b.*check does not stop at a hold/);
    expect(said).toMatch(/ci\.yml:16\b.*a gate never says 'run'/);
  }
  expect(doctor.status).toBe(1);
});

it("tells, for a branch, which jobs are not run for it, and doctor looks there too", async () => {
  const { laptop } = stage;
  await git(laptop, ["switch", "-q", "-c", "release/1.4"]);
  writeFiles(laptop, {
    ".github/workflows/ci.yml": `on: { push: { branches: [main] } }
jobs:
  lint:
    steps:
      - run: optout run lint -- npm run lint
`,
  });
  await git(laptop, ["commit", "-q", "-a", "-m", "Only on main"]);
  await git(laptop, ["push", "-q", "origin", "release/1.4"]);
  await git(laptop, ["switch", "-q", "main"]);

  const there = await must(laptop, ["stages", "--ref", "release/1.4"]);
  expect(there).toContain(
    "lint\tquality\t.github/workflows/ci.yml:5 (job lint, not run for release/1.4)\trun\t",
  );
  const json: unknown = JSON.parse(
    await must(laptop, ["stages", "--ref", "release/1.4", "--json"]),
  );
  expect(json).toMatchObject({
    branch: "release/1.4",
    stages: [{ stage: "lint", asks: [{ runs: false }] }, {}],
  });
  expect(schemaFaults("stages", json)).toEqual([]);

  const doctor = await optout(laptop, ["doctor", "--ref", "release/1.4"]);
  expect(doctor.stdout).toContain("nothing asks about this stage");
  expect(doctor.stdout).toContain("(deploy-prod)");
  expect(doctor.stdout).not.toContain("check does not stop");
  const gone = await optout(laptop, ["doctor", "--ref", "gone"]);
  expect(gone.status).toBe(1);
  expect(gone.stdout).toContain('the remote has no branch "gone"');
});
