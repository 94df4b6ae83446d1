/**
 * An incident from its beginning to the audit: four people and the jobs, each with an own key and an own
 * clone of one remote. Alice is on call, Bob and Carol are release managers, Dora audits.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { crewHead, makeCrew, type Crew, type CrewKeys } from "../support/crew.ts";
import {
  lines,
  must,
  optout,
  parsed,
  push,
  writeFiles,
  type Place,
  type Result,
} from "../support/stage.ts";

let crew: Crew;

const policy = (keys: CrewKeys): string =>
  crewHead(keys, "auditor") +
  lines(
    "stages:",
    "  deploy-prod: { kind: deploy }",
    "rules:",
    "  - id: deploys",
    "    match: { kind: deploy }",
    "    actions: [force, hold]",
    "    who: [oncall]",
    "    longest: 1h",
    "    reason: { min: 10 }",
    "    approvals: { count: 1, from: [release-manager], pending: 1h }",
    "    emergency: { who: [oncall], longest: 30m, review_within: 1s }",
    "    record_use: required",
    "may_revoke: [auditor]",
  );

beforeAll(async () => {
  crew = await makeCrew(policy);
});

afterAll(() => crew.stage.remove());

const force = ["force", "deploy-prod", "-m", "payments are lost since the release"] as const;

/** One job of a run on main that deploys where its condition, or an override, lets it. */
const deploy = (run: string, condition: "true" | "false" = "false"): Promise<Result> =>
  optout(crew.job, ["run", "deploy-prod", "--when", condition, "--", "sh", "-c", "echo deployed"], {
    env: {
      CI: "true",
      GITHUB_ACTIONS: "true",
      GITHUB_EVENT_NAME: "push",
      GITHUB_REF: "refs/heads/main",
      GITHUB_RUN_ID: run,
    },
  });

interface Shown {
  readonly seq: number;
  readonly state: string;
  readonly uses: number;
  readonly approvals: readonly { readonly by: string }[];
}

const shown = async (who: Place, seq: number): Promise<Shown> =>
  parsed(await must(who, ["show", `${seq}`, "--json"])) as unknown as Shown;

/** What the command recorded, whether it waits or not. */
async function recorded(who: Place, ...line: readonly string[]): Promise<Shown> {
  const { status, stdout, stderr } = await optout(who, [...line, "--json"]);
  if (status !== 0 && status !== 8) throw new Error(`${line.join(" ")}: ${stderr}`);
  return parsed(stdout) as unknown as Shown;
}

let asked: Shown;
let urgent: Shown;
let raised: Shown;
let longer: Shown;
let hotfix: Shown;

describe("an incident", () => {
  it("begins with a request, which changes nothing until somebody approves", async () => {
    asked = await recorded(crew.alice, ...force);

    expect(asked.state).toBe("pending");
    expect((await deploy("1")).stdout).toBe("");
  });

  it("reminds those who may approve, and nobody else", async () => {
    const note = ["note", `${asked.seq}`, "-m", "customers wait, please look"];
    expect(await must(crew.alice, note)).toBe(`✓ noted on #${asked.seq}\n`);

    const mine = await must(crew.bob, ["requests", "--for-me", "--json"]);
    expect(parsed(mine)).toMatchObject({
      requests: [{ needed: 1, have: 0, override: { seq: asked.seq, by: "alice" } }],
    });
    expect(await must(crew.bob, ["show", `${asked.seq}`])).toContain("customers wait, please look");
    const auditors = await must(crew.dora, ["requests", "--for-me", "--json"]);
    expect(parsed(auditors)).toMatchObject({ requests: [] });
  });

  it("is denied with a reason, and stays so", async () => {
    await must(crew.bob, ["deny", `${asked.seq}`, "-m", "roll back first"]);

    expect((await shown(crew.alice, asked.seq)).state).toBe("denied");
    expect((await optout(crew.carol, ["approve", `${asked.seq}`])).status).not.toBe(0);
    expect((await deploy("2")).stdout).toBe("");
  });

  it("becomes an emergency: in force at once, and each use of it on record", async () => {
    urgent = await recorded(crew.alice, ...force, "--emergency", "--for", "30m");
    expect(urgent.state).toBe("in-force");

    const first = await deploy("3");
    const second = await deploy("4");

    expect(first).toMatchObject({ status: 0, stdout: "deployed\n" });
    expect(first.stderr).toContain(`#${urgent.seq}`);
    expect(second.stdout).toBe("deployed\n");
    expect((await shown(crew.dora, urgent.seq)).uses).toBe(2);
  });

  it("raises the bar while its review is overdue", async () => {
    // the rule gives a review one second
    await sleep(2_000);
    await must(crew.alice, ["revoke", `${urgent.seq}`, "-m", "the fix is out"]);
    raised = await recorded(crew.alice, ...force);

    await must(crew.bob, ["approve", `${raised.seq}`]);
    expect((await shown(crew.alice, raised.seq)).state).toBe("pending");
    await must(crew.carol, ["approve", `${raised.seq}`]);

    const after = await shown(crew.alice, raised.seq);
    expect(after.state).toBe("in-force");
    expect(after.approvals.map(({ by }) => by)).toEqual(["bob", "carol"]);
  });

  it("is reviewed by somebody else, which lowers the bar again", async () => {
    const review = ["review", `${urgent.seq}`, "--outcome", "follow-up", "-m", "add a canary"];
    expect((await optout(crew.alice, review)).status).toBe(3);
    await must(crew.carol, review);

    expect(await must(crew.alice, [...force, "--dry-run"])).toContain(
      "1 approval from release-manager",
    );
  });

  it("goes on by an extension, with an approval of its own", async () => {
    const more = ["extend", `${raised.seq}`, "--for", "30m", "-m", "the backlog is being paid out"];
    longer = await recorded(crew.alice, ...more);
    expect(longer.state).toBe("pending");

    await must(crew.bob, ["approve", `${longer.seq}`]);

    expect((await shown(crew.alice, longer.seq)).state).toBe("scheduled");
    expect((await deploy("5")).stdout).toBe("deployed\n");
  });

  it("ends in a freeze, through which one hotfix is forced", async () => {
    for (const { seq } of [raised, longer]) await must(crew.alice, ["revoke", `${seq}`]);
    const text = readFileSync(join(crew.alice.directory, ".optout", "policy.yaml"), "utf8");
    const freeze =
      'freezes: [{ id: calm, from: "2020-01-01T00:00", until: "2099-01-01T00:00", match: { kind: deploy } }]\n';
    writeFiles(crew.alice, { ".optout/policy.yaml": `${text}${freeze}` });
    const diff = await must(crew.alice, ["policy", "diff", "origin/main", "--forbid-loosening"]);
    await push(crew.alice, "Freeze deploys");

    const stopped = await deploy("6", "true");
    hotfix = await recorded(crew.alice, ...force);
    const waiting = await deploy("7", "true");
    await must(crew.carol, ["approve", `${hotfix.seq}`]);
    const through = await deploy("8", "true");

    expect(diff).toBe("tightens  deploy-prod: the freeze calm is new, or longer (line 22)\n");
    expect(stopped).toMatchObject({ status: 3, stdout: "" });
    expect(stopped.stderr).toContain("deploy-prod is frozen by calm");
    expect(waiting).toMatchObject({ status: 3, stdout: "" });
    expect(through).toMatchObject({ status: 0, stdout: "deployed\n" });
  });
});

describe("the auditor", () => {
  it("proves that the log is whole, and that nobody went around the raised bar", async () => {
    const { status, stdout } = await optout(crew.dora, ["verify", "--json"]);

    const report = parsed(stdout);
    expect(status).toBe(0);
    expect(report).toMatchObject({ intact: true });
    expect(report["findings"]).toEqual([]);
  });

  it("reads the whole story, newest first", async () => {
    const { overrides } = parsed(await must(crew.dora, ["history", "--json"])) as {
      readonly overrides: readonly (Shown & { readonly emergency: boolean })[];
    };

    expect(overrides.map(({ seq, state }) => [seq, state])).toEqual([
      [hotfix.seq, "in-force"],
      [longer.seq, "revoked"],
      [raised.seq, "revoked"],
      [urgent.seq, "revoked"],
      [asked.seq, "denied"],
    ]);
    expect(overrides.map(({ uses }) => uses)).toEqual([1, 0, 1, 2, 0]);
    expect(overrides.map(({ emergency }) => emergency)).toEqual([false, false, false, true, false]);
  });

  it("learns who may do what, by that of now and by the policy of the log", async () => {
    const now = await must(crew.dora, ["policy", "who", "deploy-prod"]);
    const then = await optout(crew.dora, ["policy", "who", "deploy-prod", "--at", "1s", "--json"]);

    expect(now).toMatch(
      / {2}alice \(line 4\) {2}force, hold up to 1h, 1 approval from release-manager/,
    );
    expect(now).toMatch(/ {2}bob \(line 5\) {4}approve and deny; revoke\n/);
    expect(now).toContain("anybody's key may be revoked by: dora\n");
    expect(parsed(then.stdout)).toMatchObject({
      policy: { recordedBy: "alice" },
      places: [
        { rule: { id: "deploys" }, people: [{ id: "alice" }, { id: "bob" }, { id: "carol" }] },
      ],
    });
  });
});
