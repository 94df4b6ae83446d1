/**
 * Overrides of people who left the policy, or whose name there changed: the lists stay complete, and no
 * job obeys them any more.
 */

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import {
  editPolicy,
  makePlace,
  makeKey,
  makeTeam,
  must,
  optout,
  parsed,
  plain,
  writeFiles,
  git,
  type Place,
  type Team,
} from "../support/stage.ts";

let team: Team;
let alice: Place;
let erin: Place;
/** Of Erin, who left: one in force when she did, one that she revoked; then one of Alice. */
let inForce: string;
let revoked: string;

beforeAll(async () => {
  team = await makeTeam();
  alice = team.stage.laptop;
  erin = makePlace(team.stage, "erin");
  const key = await makeKey(erin);
  await editPolicy(alice, (text) =>
    text.replace("  ci:", `  erin: { roles: [oncall], keys: ["${key}"] }\n  ci:`),
  );
  await git(erin, ["clone", "-q", team.stage.remote, "."]);
  const skip = async (place: Place, stage: string): Promise<string> => {
    const line = ["skip", stage, "-m", "the image is broken", "--branch", "main", "--json"];
    return String(parsed((await optout(place, line)).stdout)["seq"]);
  };
  inForce = await skip(erin, "lint");
  revoked = await skip(erin, "unit-tests");
  await must(erin, ["revoke", revoked]);
  await editPolicy(alice, (text) => text.replace(/ {2}erin:.*\n/, ""));
  await skip(alice, "unit-tests");
});

afterAll(() => team.stage.remove());

const overridesIn = (stdout: string): readonly Record<string, unknown>[] =>
  parsed(stdout)["overrides"] as Record<string, unknown>[];

describe("overrides by somebody who left the policy", () => {
  it("decide nothing", async () => {
    const { status } = await optout(team.job, ["check", "lint", "--branch", "main"]);

    expect(status).toBe(10);
  });

  it("stand in history, with the state that the policy of then gives them, and loudly", async () => {
    const { stdout, stderr } = await optout(alice, ["history", "--json"]);

    const told = overridesIn(stdout).map(({ seq, state, by, keyInPolicy, policy }) => [
      String(seq),
      state,
      by,
      keyInPolicy,
      (policy as { rule: string }).rule,
    ]);
    expect(told.slice(1)).toEqual([
      [revoked, "revoked", "erin", false, "quality"],
      [inForce, "void", "erin", false, "quality"],
    ]);
    expect(told[0]?.slice(1)).toEqual(["in-force", "alice", true, "quality"]);
    expect(stderr).toContain("2 overrides by keys that are no longer in the policy");
  });

  it("stand in the table and in the CSV", async () => {
    const table = await must(alice, ["history", "--by", "erin"]);
    const csv = await must(alice, ["history", "--csv"]);

    expect(table.trim().split("\n")).toHaveLength(2);
    expect(csv.split("\n").filter((line) => /[,"]erin[,"]/.test(line))).toHaveLength(2);
    expect(csv.split("\n")[0]).toContain("key_in_policy");
  });

  it("have a card", async () => {
    const card = await must(alice, ["show", inForce]);

    expect(card).toContain(`#${inForce}  skip lint  void`);
    expect(card).toContain("not now   its key, of erin, is no longer in the policy");
    expect(card).toContain("skip lint on main until");
  });

  it("are named by status as long as they would be open", async () => {
    const text = await must(alice, ["status"]);
    const json = parsed(await must(alice, ["status", "--json"]));

    expect(plain(text, team.stage)).toContain(
      `✗ 1 override void, by keys that are no longer in the policy\n    #${inForce}  skip lint on main`,
    );
    expect(json["voided"]).toMatchObject([{ seq: Number(inForce), stage: "lint", by: "erin" }]);
  });

  it("are intact for verify", async () => {
    expect((await optout(alice, ["verify"])).status).toBe(0);
  });
});

it("lists the overrides of somebody whose id changed, by the name of then", async () => {
  await editPolicy(alice, (text) => text.replace("  alice:", "  alice-ng:"));

  const { stdout } = await optout(alice, ["history", "--by", "alice", "--json"]);

  expect(overridesIn(stdout)).toMatchObject([{ by: "alice", state: "void", keyInPolicy: false }]);
  const [{ seq } = { seq: 0 }] = overridesIn(stdout);
  expect(await must(alice, ["show", String(seq)])).toContain(
    "its key is no longer that of alice in the policy",
  );
});

it("says of what no recorded policy proves that it is a claim, and lists no row of it", async () => {
  // the commit at which the policy was recorded is in no history of the trusted ref any more
  await git(alice, ["checkout", "-q", "--orphan", "anew"]);
  writeFiles(alice, { "NEW.md": "anew\n" });
  await git(alice, ["add", "-A"]);
  await git(alice, ["commit", "-q", "-m", "Begin anew"]);
  await git(alice, ["push", "-q", "-f", "origin", "anew:main"]);

  const { stdout, stderr } = await optout(alice, ["history", "--json"]);

  expect(overridesIn(stdout)).toEqual([]);
  expect(stderr).toContain("3 overrides claimed by keys that no policy on record proves");
  expect(stderr).toContain(`#${inForce}  claims to override lint, as erin`);
});
