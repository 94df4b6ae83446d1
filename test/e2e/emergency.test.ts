/**
 * Emergencies: in force before approval, named as such everywhere, and reviewed by somebody else; until
 * then the next override by the same rule needs one approval more.
 */
import { setTimeout as sleep } from "node:timers/promises";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { crewHead, makeCrew, type Crew, type CrewKeys } from "../support/crew.ts";
import { lines, must, optout, parsed, plain } from "../support/stage.ts";

let crew: Crew;

const policy = (keys: CrewKeys): string =>
  crewHead(keys) +
  lines(
    "stages:",
    "  deploy-prod: { kind: deploy }",
    "  lint: { kind: quality }",
    "rules:",
    "  - id: deploys",
    "    match: { kind: deploy }",
    "    actions: [force]",
    "    who: [oncall, developer]",
    "    longest: 1h",
    "    approvals: { count: 1, from: [release-manager], pending: 1h }",
    "    emergency: { who: [oncall], longest: 30m, review_within: 1s }",
    "  - id: quality",
    "    match: { kind: quality }",
    "    actions: [skip]",
    "    who: [oncall]",
    "    longest: 1h",
    "    approvals: { count: 2, from: [release-manager], pending: 1h }",
    "    emergency: { who: [oncall], longest: 30m, review_within: 1s }",
  );

beforeAll(async () => {
  crew = await makeCrew(policy);
});

afterAll(() => crew.stage.remove());

const force = ["force", "deploy-prod", "-m", "hotfix for INC-1"] as const;
const urgent = [...force, "--emergency"] as const;

describe("an emergency", () => {
  it("is refused of whom the rule does not list, and over its own limit", async () => {
    expect(await optout(crew.dora, urgent)).toMatchObject({ status: 3 });
    const long = await optout(crew.alice, [...urgent, "--for", "31m"]);

    expect(long.status).toBe(3);
    expect(long.stderr).toContain("longest allowed is 30m, you asked for 31m");
  });

  it("is in force at once, and names every approver that it went without", async () => {
    const { status, stdout, stderr } = await optout(crew.alice, urgent);

    expect(status).toBe(0);
    expect(stderr).toContain("rule deploys lets you force deploy-prod for up to 30m");
    expect(plain(stdout, crew.stage)).toBe(
      lines(
        "",
        "! deploy-prod is forced to run on main and pull requests into it for 30m, until <clock>",
        "  EMERGENCY: without approval by bob, carol",
        `  … review by someone else due by <clock>: optout review 2 --outcome ok -m "…"`,
        "  <id>   undo: optout revoke 2",
        "! nothing on main asks optout about deploy-prod: this will have no effect",
      ),
    );
    const check = await optout(crew.job, [
      "check",
      "deploy-prod",
      "--action",
      "force",
      "--branch",
      "main",
    ]);
    expect(check.status).toBe(0);
    expect(check.stdout).toContain("alice, emergency,");
  });

  it("shows its overdue review in status, requests and doctor", async () => {
    // the rule gives a review this long
    await sleep(2000);
    const overdue =
      /✗ #2 {2}emergency force deploy-prod by alice: review overdue since .*: optout review 2/;

    expect(await must(crew.bob, ["status"])).toMatch(overdue);
    expect(await must(crew.bob, ["requests", "--reviews"])).toMatch(overdue);
    expect((await optout(crew.bob, ["doctor"])).stdout).toContain(
      "nobody has reviewed the emergency #2 in time",
    );
    expect(parsed(await must(crew.bob, ["status", "--json"]))).toMatchObject({
      reviews: [{ seq: 2, overdue: true }],
    });
    expect(parsed(await must(crew.bob, ["requests", "--json"]))).toMatchObject({
      reviews: [{ override: { seq: 2, emergency: true }, overdue: true, mine: false }],
    });
  });

  it("raises the bar of the next override by its rule, until it is reviewed", async () => {
    const { status, stderr } = await optout(crew.dora, [...force, "--json"]);
    expect([status, stderr]).toEqual([8, ""]);
    await must(crew.bob, ["approve", "3"]);

    const after = parsed(await must(crew.carol, ["requests", "--json"]));

    expect(after).toMatchObject({ requests: [{ needed: 2, have: 1, override: { seq: 3 } }] });
    await must(crew.carol, ["approve", "3"]);
    const check = ["check", "deploy-prod", "--action", "force", "--branch", "main", "--json"];
    expect(parsed(await must(crew.job, check))).toMatchObject({ decision: "force" });
    const dry = await must(crew.dora, [...force, "--dry-run"]);
    expect(dry).toContain(
      "2 approvals from release-manager needed (one more: the review of #2 is overdue)",
    );
  });

  it("of another rule, or where nobody could give one more, raises nothing", async () => {
    const skip = ["skip", "lint", "-m", "lint image answers 500"];
    expect(await must(crew.alice, [...skip, "--dry-run"])).toContain(
      "2 approvals from release-manager needed\n",
    );
    await must(crew.alice, [...skip, "--emergency"]);
    await must(crew.alice, ["revoke", "6"]);
    expect(await must(crew.alice, [...skip, "--dry-run"])).toContain(
      "2 approvals from release-manager needed\n",
    );
  });

  it("is reviewed by somebody else, with an outcome and a note", async () => {
    const own = await optout(crew.alice, ["review", "2", "--outcome", "ok", "-m", "all is well"]);
    expect(own).toMatchObject({
      status: 3,
      stderr: lines(
        "✗ alice made #2, and somebody else has to review it",
        "  optout requests --reviews",
      ),
    });
    expect((await optout(crew.bob, ["review", "2", "-m", "fine"])).status).toBe(2);
    expect((await optout(crew.bob, ["review", "2", "--outcome", "ok"])).status).toBe(2);
    expect((await optout(crew.job, ["review", "2", "--outcome", "ok", "-m", "ok"])).status).toBe(3);

    const review = ["review", "2", "--outcome", "follow-up", "-m", "add a canary"];
    expect(await must(crew.bob, review)).toBe("✓ #2 is reviewed: follow-up\n");

    expect(await must(crew.bob, ["requests", "--reviews", "-q"])).not.toContain(
      parsed(await must(crew.bob, ["show", "2", "--json"]))["id"],
    );
    expect(await must(crew.dora, [...force, "--dry-run"])).toContain(
      "1 approval from release-manager needed\n",
    );
    expect(parsed(await must(crew.bob, ["show", "2", "--json"]))).toMatchObject({
      reviews: [{ by: "bob", outcome: "follow-up", note: "add a canary" }],
    });
  });

  it("takes a ticket afterwards, as a note", async () => {
    expect(await must(crew.alice, ["note", "2", "--ticket", "INC-1", "-m", "opened late"])).toBe(
      "✓ noted on #2\n",
    );
    expect((await optout(crew.alice, ["note", "2"])).status).toBe(2);
    expect(parsed(await must(crew.bob, ["show", "2", "--json"]))).toMatchObject({
      tickets: [],
      notes: [{ by: "alice", tickets: ["INC-1"], text: "opened late" }],
    });
    expect(await must(crew.bob, ["show", "2"])).toContain(
      'note on #2 INC-1 (alice): "opened late"',
    );
  });

  it("leaves a log that verify finds intact", async () => {
    const { status, stdout } = await optout(crew.alice, ["verify", "--json"]);

    expect(status).toBe(0);
    expect(parsed(stdout)["findings"]).toMatchObject([{ code: "REVIEW_OVERDUE" }]);
  });
});
