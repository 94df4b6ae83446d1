/** What cannot be is said with its name and the right next command, and ends with 2. */
import { afterAll, beforeAll, expect, it } from "vitest";

import { makeTeam, must, optout, parsed, type Result, type Team } from "../support/stage.ts";

let team: Team;

beforeAll(async () => {
  team = await makeTeam();
});

afterAll(() => team.stage.remove());

const says = async (...line: readonly string[]): Promise<Pick<Result, "status" | "stderr">> => {
  const { status, stderr } = await optout(team.stage.laptop, line);
  return { status, stderr };
};

it("a directory that is a file", async () => {
  expect(await says("-C", "/etc/passwd", "status")).toEqual({
    status: 2,
    stderr: "✗ there is no directory /etc/passwd\n  name a clone with -C DIR\n",
  });
});

it("a file that the gate cannot write", async () => {
  const line = ["gate", "lint", "--format", "json", "--output", "/nonexist/x"];

  expect(await says(...line)).toEqual({
    status: 2,
    stderr:
      "✗ --output /nonexist/x cannot be written (ENOENT)\n  name a file in a directory that is there\n",
  });
});

it("a switch with a value", async () => {
  expect(await says("status", "--json=yes")).toEqual({
    status: 2,
    stderr: "✗ --json takes no value\n  --json\n",
  });
});

it("a policy or its tests, named and not there", async () => {
  const check = await says("policy", "check", "/nonexist");
  const missing = await says("policy", "test", "--json");
  const elsewhere = await says("policy", "test", "--cases", "/tmp");

  expect(check).toEqual({
    status: 2,
    stderr: "✗ there is no /nonexist\n  optout help policy check\n",
  });
  expect(parsed(missing.stderr)["error"]).toMatchObject({
    code: "usage",
    message: "there is no .optout/policy.test.yaml",
    hint: "optout help policy test",
  });
  expect(elsewhere.stderr).toContain("✗ /tmp cannot be read (EISDIR)\n");
});

it("a run of nobody who is signed in, as JSON where that was asked for", async () => {
  const { laptop } = team.stage;
  await must(laptop, ["skip", "lint", "-m", "the image is broken", "--branch", "main"]);
  const { status, stdout, stderr } = await optout(laptop, ["rerun", "lint", "--json"]);

  expect(stdout).toBe("");
  expect(parsed(stderr)["error"]).toMatchObject({ exit: status });
});
