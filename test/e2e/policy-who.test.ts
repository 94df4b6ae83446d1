/** The access review: who may do what to a stage, now and by the policy that the log holds of then. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import {
  git,
  lines,
  makeTeam,
  must,
  optout,
  parsed,
  plain,
  push,
  writeFiles,
  type Keys,
  type Place,
  type Stage,
} from "../support/stage.ts";
import { schemaFaults } from "../support/schema-faults.ts";

let stage: Stage;
let laptop: Place;

function policy({ alice, bob, ci }: Keys): string {
  return lines(
    "version: 1",
    "log: { store: git, branch: optout-log }",
    "principals:",
    `  alice: { name: Alice Ng, roles: [oncall], keys: ["${alice}"] }`,
    `  bob: { roles: [release-manager], keys: ["${bob}"] }`,
    `  ci: { kind: ci, roles: [oncall], keys: ["${ci}"] }`,
    "stages:",
    "  lint: { kind: quality }",
    "  deploy-prod: { kind: deploy, never: [allow-failure] }",
    "rules:",
    "  - { id: quality, match: { kind: quality }, actions: [skip], who: [oncall], longest: 12h }",
    "  - id: deploys",
    "    match: { kind: deploy, branches: main }",
    "    actions: [skip, hold]",
    "    who: [oncall]",
    "    longest: 1h",
    '    reason: { min: 10, codes: [hotfix], ticket: "INC-[0-9]+" }',
    "    approvals: { count: 1, from: [release-manager] }",
    "    emergency: { who: [oncall], longest: 30m }",
    "may_revoke: [release-manager]",
  );
}

const now = (): string => new Date().toISOString().replace(/\.\d+Z$/, "Z");
const nextSecond = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1_100));

/** When bob alone was release manager, and the policy that says so stood in the log. */
let before = "";

beforeAll(async () => {
  const team = await makeTeam({ policy });
  ({ stage } = team);
  ({ laptop } = stage);
  await must(laptop, ["skip", "lint", "-m", "lint image is broken"]);
  before = now();
  await nextSecond();
  const file = join(laptop.directory, ".optout", "policy.yaml");
  const changed = readFileSync(file, "utf8")
    .replace("roles: [oncall], keys", "roles: [oncall, release-manager], keys")
    .replace("  bob: { roles: [release-manager]", "  bob: { roles: [developer]");
  writeFiles(laptop, { ".optout/policy.yaml": changed });
  await push(laptop, "Bob moves on");
  await must(laptop, ["skip", "lint", "-m", "lint image is broken still"]);
});

afterAll(() => stage.remove());

describe("policy who", () => {
  it("names everybody who may do something to the stage, with lines", async () => {
    const { status, stdout } = await optout(laptop, ["policy", "who", "deploy-prod"]);

    expect(plain(stdout, stage)).toBe(
      lines(
        "deploy-prod (line 9 of .optout/policy.yaml at origin/main)",
        "  commit <commit>",
        "  never allow-failure, by anyone",
        "",
        "✓ main: rule deploys (line 12)",
        "  alice (line 4)  skip, hold up to 1h, 1 approval from release-manager (none for a hold); in an emergency skip, hold up to 30m; approve and deny; revoke",
        "",
        "✗ other branches, tags: no rule fits, so nobody may override it",
        "",
        "anybody's key may be revoked by: alice",
      ),
    );
    expect(status).toBe(0);
  });

  it("says everywhere where one rule decides all places", async () => {
    const { stdout } = await optout(laptop, ["policy", "who", "lint"]);

    expect(stdout).toContain("✓ everywhere: rule quality (line 11)\n");
  });

  it("answers by the policy of then, from its text in the log", async () => {
    const { status, stdout } = await optout(laptop, [
      "policy",
      "who",
      "deploy-prod",
      "--at",
      before,
    ]);

    const told = plain(stdout, stage);
    expect(told).toContain("deploy-prod (line 9 of the policy of #1)");
    expect(told).toContain(
      "  in force at <time>: recorded as #1 by alice at <time>, commit <commit>",
    );
    expect(told).toMatch(/^ {2}alice \(line 4\) {2}skip, hold up to 1h, .* up to 30m$/m);
    expect(told).toMatch(/^ {2}bob \(line 5\) {4}approve and deny; revoke$/m);
    expect(told).toContain("anybody's key may be revoked by: bob");
    expect(status).toBe(0);
  });

  it("prints JSON that its schema describes", async () => {
    const { stdout } = await optout(laptop, [
      "policy",
      "who",
      "deploy-prod",
      "--at",
      before,
      "--json",
    ]);

    const review = parsed(stdout);
    expect(review).toMatchObject({
      kind: "optout/policy-who",
      at: before,
      policy: { seq: 1, recordedBy: "alice" },
      places: [
        {
          places: ["main"],
          rule: { id: "deploys", line: 12 },
          people: [
            { id: "alice", line: 4, actions: ["skip", "hold"], approves: false, revokes: false },
            { id: "bob", actions: [], approves: true, revokes: true },
          ],
        },
        { rule: null, people: [] },
      ],
      keyRevokers: ["bob"],
    });
    expect(schemaFaults("policy-who", review)).toEqual([]);
  });

  it("says so when the log holds no policy of that time", async () => {
    const { status, stderr } = await optout(laptop, [
      "policy",
      "who",
      "lint",
      "--at",
      "2020-01-01",
    ]);

    expect(stderr).toContain("the log holds no policy of 2020-01-01T00:00:00Z or before");
    expect(status).toBe(2);
  });

  it("takes no text for a policy that the trusted ref does not bear out", async () => {
    await git(laptop, ["checkout", "-q", "--orphan", "rewritten"]);
    await git(laptop, ["commit", "-q", "-m", "All in one"]);
    await git(laptop, ["push", "-q", "-f", "origin", "rewritten:main"]);

    const { status, stderr } = await optout(laptop, ["policy", "who", "lint", "--at", before]);

    expect(stderr).toContain("#1 is no proof of the policy that it records (POLICY_NOT_ON_REF: ");
    expect(status).toBe(2);
  });
});
