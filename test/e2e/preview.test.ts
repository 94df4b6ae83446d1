/** What writing commands would do, before they do it: the same block in a dry run and before a question. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { crewHead, makeCrew, type Crew, type CrewKeys } from "../support/crew.ts";
import {
  lines,
  must,
  optout,
  parsed,
  plain,
  push,
  refsOf,
  writeFiles,
  type Place,
} from "../support/stage.ts";

let crew: Crew;

const policy = (keys: CrewKeys): string =>
  crewHead(keys) +
  lines(
    "stages:",
    "  lint: { kind: quality }",
    "  deploy-prod: { kind: deploy }",
    "rules:",
    "  - { id: quality, match: { kind: quality }, actions: [skip], who: [oncall], longest: 1h }",
    "  - id: deploys",
    "    match: { kind: deploy }",
    "    actions: [force]",
    "    who: [oncall]",
    "    longest: 1h",
    "    approvals: { count: 1, from: [release-manager], pending: 2h }",
    "    emergency: { who: [oncall], longest: 30m, review_within: 24h }",
    "notify:",
    "  - { to: slack, url_env: SLACK_URL, events: [created, revoked] }",
  );

const workflow = lines(
  "on: push",
  "jobs:",
  "  lint:",
  "    runs-on: ubuntu-latest",
  "    steps: [{ run: npx optout run lint -- npm run lint }]",
  "  pack:",
  "    needs: lint",
  "    runs-on: ubuntu-latest",
  "    steps: [{ run: npm pack }]",
);

beforeAll(async () => {
  crew = await makeCrew(policy);
  writeFiles(crew.alice, { ".github/workflows/ci.yml": workflow });
  await push(crew.alice, "Add a workflow");
});

afterAll(() => crew.stage.remove());

const why = ["-m", "image answers 500"] as const;

/** What a dry run prints; nothing may have been recorded by then. */
async function tried(who: Place, ...line: readonly string[]): Promise<string> {
  const before = await refsOf(crew.stage);
  const told = await must(who, [...line, "--dry-run"]);
  expect(await refsOf(crew.stage)).toBe(before);
  return plain(told, crew.stage);
}

describe("a dry run", () => {
  it("of a skip shows the rule, who is told, what depends on the stage, its end and the way back", async () => {
    const told = await tried(crew.alice, "skip", "lint", ...why, "--for", "30m");

    expect(told.replace(/record: .*/, "record: …")).toBe(
      lines(
        "… dry run: nothing is recorded",
        "  rule quality lets you skip lint for up to 1h, no approval needed",
        "  lint is skipped on main and pull requests into it for 30m",
        "  rule quality is line 13 of .optout/policy.yaml at origin/main",
        "  ends: at <clock>",
        "  asked for by .github/workflows/ci.yml (job lint)",
        "  jobs behind it: pack",
        "  would tell: Slack",
        "  undo: optout revoke lint",
        "  record: …",
      ),
    );
  });

  it("of what starts later says from when", async () => {
    const from = `${new Date(Date.now() + 2 * 86_400_000).toISOString().slice(0, 16)}Z`;
    const told = await tried(crew.alice, "skip", "lint", ...why, "--from", from, "--for", "1h");

    expect(told).toContain(
      "  lint is skipped on main and pull requests into it from <clock> for 1h\n",
    );
  });

  it("of what waits names everybody who could approve, and when its time begins", async () => {
    const told = await tried(crew.alice, "force", "deploy-prod", ...why);

    expect(told).toContain("  could approve: bob, carol\n");
    expect(told).toContain(
      "  ends: 1h after the last approval, which has to come before <clock>\n",
    );
    expect(told).toContain("  would tell: nobody, for the policy names no channel for it\n");
  });

  it("of a command about an override says what would become of it, and refuses as it would", async () => {
    await optout(crew.alice, ["force", "deploy-prod", ...why]);
    const approve = await tried(crew.bob, "approve", "2");
    const deny = await tried(crew.bob, "deny", "2", "-m", "not now");
    const revoke = await tried(crew.alice, "revoke", "2");
    const undo = await tried(crew.alice, "undo");
    const note = await tried(crew.dora, "note", "2", "-m", "please look");
    const review = await tried(crew.dora, "review", "2", "--outcome", "ok", "-m", "fine");

    const what = "deploy-prod is forced to run on main and pull requests into it (#2, pending)";
    expect(approve).toContain(
      `  would approve: ${what}\n  it is the last approval that is needed\n`,
    );
    expect(approve).toContain("  rule deploys is line 14 of .optout/policy.yaml at origin/main\n");
    expect(approve).toContain("  ends: at <clock>\n");
    expect(approve).toContain("  undo: optout revoke 2\n");
    expect(approve).toContain('"kind":"override.approved"');
    expect(deny).toContain(`  would deny: ${what}\n`);
    expect(deny).toContain("  undo: nothing takes it back\n");
    for (const ended of [revoke, undo]) {
      expect(ended).toContain(`  would revoke: ${what}\n`);
      expect(ended).toContain("  ends: now\n");
      expect(ended).toContain("  would tell: Slack\n");
    }
    expect(note).toContain(`  would note on: ${what}\n`);
    expect(review).toContain(`  would review: ${what}\n`);
    const refused = await optout(crew.dora, ["approve", "2", "--dry-run"]);
    expect(refused.status).toBe(3);
    expect(refused.stderr).toContain("dora may not approve #2");
  });

  it("of an approval that would change nothing says so", async () => {
    await must(crew.bob, ["approve", "2", "--yes"]);

    expect(await tried(crew.carol, "approve", "2")).toContain(
      "  nothing would change: deploy-prod is forced to run on main and pull requests into it (#2, in-force)\n",
    );
  });

  it("of what is opted out of already names undo, for the stage's name would be ambiguous", async () => {
    expect(await tried(crew.alice, "force", "deploy-prod", ...why)).toContain(
      "  undo: optout undo\n",
    );
  });

  it("prints the same as JSON", async () => {
    const skip = ["skip", "lint", ...why, "--dry-run", "--json"];
    const deny = ["deny", "2", "-m", "no", "--dry-run", "--json"];

    expect(parsed(await must(crew.alice, skip))).toMatchObject({
      kind: "optout/preview",
      statements: [{ kind: "override.created", action: "skip" }],
      told: [{ channel: "slack", to: "slack" }],
      previews: [
        {
          stage: "lint",
          rule: { id: "quality", line: 13 },
          approvers: null,
          effects: [{ asks: [{ job: "lint" }], behind: [{ job: "pack" }] }],
          undo: "optout revoke lint",
        },
      ],
    });
    expect(parsed(await must(crew.bob, deny))).toMatchObject({
      statements: [{ kind: "override.denied" }],
      previews: [{ stage: "deploy-prod", ends: "now", undo: null }],
    });
  });
});
