/** What a change of the policy loosens, asked of the built program before the change lands. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import {
  git,
  lines,
  makeStage,
  optout,
  parsed,
  push,
  writeFiles,
  type Place,
  type Result,
  type Stage,
} from "../support/stage.ts";
import { schemaFaults } from "../support/schema-faults.ts";
import { testKey } from "../support/keys.ts";

let stage: Stage;
let laptop: Place;

const policy = lines(
  "version: 1",
  "log: { store: git, branch: optout-log }",
  "principals:",
  `  alice: { roles: [oncall], keys: ["${testKey("alice").ssh}"] }`,
  `  bob: { roles: [release-manager], keys: ["${testKey("bob").ssh}"] }`,
  "stages:",
  "  lint: { kind: quality }",
  "  deploy-prod: { kind: deploy }",
  "rules:",
  "  - { id: quality, match: { kind: quality }, actions: [skip], who: [oncall], longest: 4h }",
  "  - id: deploys",
  '    match: { kind: deploy, branches: [main, "release/*"] }',
  "    actions: [skip]",
  "    who: [oncall]",
  "    longest: 1h",
  "    approvals: { count: 1, from: [release-manager], pending: 1h }",
);

beforeAll(async () => {
  stage = await makeStage();
  laptop = stage.laptop;
  writeFiles(laptop, { ".optout/policy.yaml": policy });
  await push(laptop, "Add a policy");
});

beforeEach(() => writeFiles(laptop, { ".optout/policy.yaml": policy }));

afterAll(() => stage.remove());

const changed = (from: string, to: string): void =>
  writeFiles(laptop, { ".optout/policy.yaml": policy.replace(from, to) });

const diff = (...line: readonly string[]): Promise<Result> =>
  optout(laptop, ["policy", "diff", ...line]);

describe("policy diff", () => {
  it("says that nothing is permitted more or less, where that is so", async () => {
    changed("version: 1", "# for the auditors\nversion: 1");

    const { status, stdout } = await diff("origin/main", "--forbid-loosening");

    expect(stdout).toBe(
      ".optout/policy.yaml permits what .optout/policy.yaml at origin/main permits, no more and no less\n",
    );
    expect(status).toBe(0);
  });

  it("shows the terms before and now, with the lines of the rules", async () => {
    changed(
      "longest: 1h\n    approvals: { count: 1, from: [release-manager], pending: 1h }\n",
      "longest: 2h\n",
    );

    const { status, stdout } = await diff("origin/main");

    expect(stdout).toBe(
      lines(
        "LOOSENS   deploy-prod: skip on main, release/* by alice",
        "          was  up to 1h, 1 approval from release-manager within 1h, rule deploys (line 11)",
        "          now  up to 2h, no approval, rule deploys (line 11)",
        "LOOSENS   deploy-prod: bob may not revoke or deny what others wrote any more (line 11)",
      ),
    );
    expect(status).toBe(0);
  });

  it("exits 3 where loosening is forbidden, and 0 for what is only tighter", async () => {
    changed("longest: 4h", "longest: 12h");
    const looser = await diff("HEAD", "--forbid-loosening");
    changed("longest: 4h", "longest: 2h");
    const tighter = await diff("HEAD", "--forbid-loosening");

    expect(looser.stdout).toMatch(/^LOOSENS {3}lint: skip everywhere by alice\n/);
    expect(looser.stderr).toBe(
      ".optout/policy.yaml permits more than .optout/policy.yaml at HEAD\n",
    );
    expect(looser.status).toBe(3);
    expect(tighter.stdout).toMatch(/^tightens {2}lint: skip everywhere /);
    expect(tighter).toMatchObject({ status: 0, stderr: "" });
  });

  it("lists every place that it is about, as the policy writes them", async () => {
    changed(
      'kind: deploy, branches: [main, "release/*"]',
      'kind: deploy, branches: [main, "release/*", "hotfix/**"]',
    );
    const more = await diff("HEAD");
    changed('kind: deploy, branches: [main, "release/*"]', "kind: deploy");
    const all = await diff("HEAD");

    expect(more.stdout).toContain("LOOSENS   deploy-prod: skip on hotfix/** by alice\n");
    expect(all.stdout).toContain("LOOSENS   deploy-prod: skip on other branches, tags by alice\n");
  });

  it("prints JSON that its schema describes", async () => {
    changed("longest: 4h", "longest: 12h");

    const { stdout } = await diff("HEAD", "--json");

    const report = parsed(stdout);
    expect(report).toMatchObject({
      kind: "optout/policy-diff",
      loosens: true,
      differences: [{ direction: "loosens", stage: "lint", was: { longestSeconds: 14_400 } }],
      remarks: [],
    });
    expect(schemaFaults("policy-diff", report)).toEqual([]);
  });

  it("compares with another file than the work tree's own", async () => {
    writeFiles(laptop, { "draft.yaml": policy.replace("longest: 4h", "longest: 8h") });

    const { stdout } = await diff("HEAD", "draft.yaml");

    expect(stdout).toContain("now  up to 8h");
  });

  it.each([
    ["no-such-branch", 'the clone has no commit "no-such-branch"', 2],
    ["--output=/tmp/x", "unknown", 2],
    ["HEAD~1", "there is no .optout/policy.yaml at HEAD~1", 2],
  ])("refuses %s", async (ref, message, exit) => {
    await git(laptop, ["status"]);

    const { status, stderr } = await diff(ref);

    expect(stderr).toContain(message);
    expect(status).toBe(exit);
  });
});
