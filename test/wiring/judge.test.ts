/**
 * What is wrong with the way CI files ask: each trap is found where it stands, and its safe form is not.
 */
import { describe, expect, it } from "vitest";

import type { Freeze, Policy } from "../../src/core/policy.ts";
import { judgeWiring } from "../../src/wiring/judge.ts";
import { readWiring } from "../../src/wiring/read-wiring.ts";
import type { SourceTree } from "../../src/wiring/wiring.ts";
import { World } from "../support/world.ts";
import { treeOf, workflow } from "./given.ts";

const { policy } = new World();

const freezeOf = (kinds: readonly string[]): Freeze => ({
  id: "night",
  times: [],
  zone: "UTC",
  match: { kinds, stages: null, branches: null, environments: null },
  except: null,
  line: 1,
});

async function found(tree: SourceTree, by: Policy = policy): Promise<readonly string[]> {
  const findings = judgeWiring(await readWiring(tree), by);
  return findings
    .filter(({ code }) => code !== "stage-unasked")
    .map(({ code, line, detail }) => `${code}:${line} ${detail}`);
}

const step = (script: string): SourceTree =>
  workflow(`  job:\n    steps:\n      - run: ${script}\n`);

const gate = `  gate:
    steps:
      - run: optout gate lint deploy-prod --format github
`;

describe("findings", () => {
  it.each([
    "if optout check deploy-prod; then exit 0; else ./deploy; fi",
    "optout check deploy-prod && exit 0; ./deploy",
    "optout check deploy-prod; echo $?",
  ])("flag %j of a stage that can be held", async (script) => {
    expect(await found(step(script))).toEqual(["check-cannot-stop:5 deploy-prod"]);
    expect(await found(step(script.replace("deploy-prod", "lint")))).toEqual([]);
  });

  it("flag no check beside one that asks for a hold", async () => {
    const hold = "optout check --action hold deploy-prod && exit 1";

    expect(await found(step(hold))).toEqual([]);
    expect(await found(step(`${hold}; optout check deploy-prod || ./deploy`))).toEqual([]);
    expect(await found(step(`${hold}; optout check release || ./deploy`))).toEqual([
      "check-cannot-stop:5 release",
    ]);
  });

  it("flag a job behind a gate that starts although its stage is held or frozen", async () => {
    const job = (condition: string, more = ""): SourceTree =>
      workflow(
        `${gate}  job:\n    needs: gate\n    if: \${{ !cancelled() && ${condition} }}\n${more}`,
      );
    const skipOnly = "needs.gate.outputs.deploy-prod != 'skip'";
    const notHeld = `${skipOnly} && needs.gate.outputs.deploy-prod != 'hold'`;
    const asks = "    steps:\n      - run: optout run deploy-prod -- ./deploy\n";
    const red = "gate-cannot-stop:8 deploy-prod, job job: starts on";

    expect(await found(job(skipOnly))).toEqual([`${red} hold`]);
    expect(await found(job(skipOnly, asks))).toEqual([]);
    expect(await found(job(notHeld))).toEqual([]);
    const lint = "needs.gate.outputs.lint != 'skip'";
    expect(await found(job(lint))).toEqual([]);

    const frozen = { ...policy, freezes: [freezeOf(["deploy"])] };
    expect(await found(job(skipOnly), frozen)).toEqual([`${red} hold and frozen`]);
    expect(await found(job(notHeld), frozen)).toEqual([`${red} frozen`]);
    const notFrozen = `${notHeld} && needs.gate.outputs.deploy-prod != 'frozen'`;
    expect(await found(job(notFrozen), frozen)).toEqual([]);
    const other = { ...policy, freezes: [freezeOf(["quality"])] };
    expect(await found(job(notHeld), other)).toEqual([]);
    expect(await found(job(lint), other)).toEqual([]);
  });

  it("flag check || of a stage that can be held, and of no other", async () => {
    expect(await found(step("optout check deploy-prod || ./deploy"))).toEqual([
      "check-cannot-stop:5 deploy-prod",
    ]);
    expect(await found(step("optout check lint || make lint"))).toEqual([]);
    expect(await found(step("optout run deploy-prod -- ./deploy"))).toEqual([]);
  });

  it("flag a stage that the policy does not know, and say what was meant", async () => {
    expect(await found(step("optout run lnit -- make"))).toEqual([
      "stage-unknown:5 lnit; did you mean lint?",
    ]);
  });

  it("flag every stage that nothing asks about", async () => {
    const wiring = await readWiring(step("optout run lint -- make"));
    const unasked = judgeWiring(wiring, policy).filter(({ code }) => code === "stage-unasked");
    expect(unasked.map(({ detail }) => detail)).not.toContain("lint");
    expect(unasked.map(({ detail }) => detail)).toContain("unit-tests");
  });

  it.each([
    ["|\n      ${{ github.ref == 'a' }}", true],
    [">\n      ${{ github.ref == 'a' }}", true],
    ["${{ a }} && ${{ b }}", true],
    ["|\n      github.ref == 'a'", false],
    [">-\n      ${{ github.ref == '}}' }}", false],
    ["${{ github.ref == 'a' }}", false],
  ])("know whether the condition %j is always true: %s", async (condition, isFlagged) => {
    const all = await found(workflow(`  job:\n    if: ${condition}\n    steps: []\n`));
    expect(all.some((one) => one.startsWith("if-always-true"))).toBe(isFlagged);
  });

  it("flag == 'run' of a gate's output, and not what a deploy alone waits for", async () => {
    const job = (condition: string): SourceTree =>
      workflow(`${gate}  job:\n    needs: gate\n    if: \${{ !cancelled() && ${condition} }}\n`);
    expect(await found(job("needs.gate.outputs.lint == 'run'"))).toEqual([
      "runs-when-equal:8 job job, lint",
    ]);
    expect(await found(job("'run' == needs.gate.outputs['lint']"))).toEqual([
      "runs-when-equal:8 job job, lint",
    ]);
    expect(await found(job("needs.gate.outputs.lint != 'skip'"))).toEqual([]);
    expect(await found(job("needs.gate.outputs.lint == 'enforced'"))).toEqual([
      "runs-when-equal:8 job job, lint",
    ]);
    expect(await found(job("needs.gate.outputs.deploy-prod == 'run'"))).toEqual([
      "runs-when-equal:8 job job, deploy-prod",
    ]);
    expect(await found(job("needs.gate.outputs.deploy-prod == 'enforced'"))).toEqual([]);
  });

  it("flag who is skipped when the gate fails, also at one remove", async () => {
    const jobs = `${gate}  a:
    needs: [gate]
    if: \${{ !cancelled() }}
  b:
    needs: a
`;
    expect(await found(workflow(jobs))).toEqual(["gate-failure-skips:10 job b, behind gate"]);
  });

  it("flag a job that asks and that nothing starts, and count its stage as not asked about", async () => {
    const called =
      "on: workflow_call\njobs:\n  lint:\n    steps:\n      - run: optout run lint -- make\n";
    const tree = treeOf({ ".github/workflows/called.yml": called });
    const caller = "on: push\njobs: { a: { uses: ./.github/workflows/called.yml } }\n";

    expect(await found(tree)).toEqual(["ask-never-run:5 job lint"]);
    const unasked = judgeWiring(await readWiring(tree), policy).map(({ detail }) => detail);
    expect(unasked).toContain("lint");
    expect(
      await found(
        treeOf({ ".github/workflows/called.yml": called, ".github/workflows/ci.yml": caller }),
      ),
    ).toEqual([]);
    const never = "lint:\n  script: optout run lint -- make\n  rules: [{ when: never }]\n";
    expect(await found(treeOf({ ".gitlab-ci.yml": never }))).toEqual(["ask-never-run:2 job lint"]);
  });

  it("flag a token that may not record a use which the rule demands", async () => {
    const job = (members: string, checkout = "uses: ./checkout"): SourceTree =>
      workflow(`  scan:
${members}    steps:
      - ${checkout}
      - run: optout run scan -- make
      - run: optout run lint -- make
`);
    const red = "token-cannot-write:4 scan, job scan";

    expect(await found(job("    permissions: { contents: read }\n"))).toEqual([red]);
    expect(await found(job("    permissions: read-all\n"))).toEqual([red]);
    expect(await found(job("    permissions: {}\n"))).toEqual([red]);
    const withoutToken = "{ uses: ./checkout, with: { persist-credentials: false } }";
    expect(await found(job("", withoutToken))).toEqual(["token-cannot-write:5 scan, job scan"]);

    expect(await found(job(""))).toEqual([]);
    const beside = "{ uses: ./checkout, with: { path: b, persist-credentials: false } }";
    expect(await found(job("", `uses: ./checkout\n      - ${beside}`))).toEqual([]);
    expect(await found(job("", beside))).toEqual(["token-cannot-write:5 scan, job scan"]);
    expect(await found(job("    permissions: { contents: write }\n"))).toEqual([]);
    expect(await found(job("    permissions: write-all\n"))).toEqual([]);
    const key = "{ uses: ./checkout, with: { ssh-key: a } }";
    expect(await found(job("    permissions: { contents: read }\n", key))).toEqual([]);
    expect(
      await found(
        workflow(
          "  lint:\n    permissions: {}\n    steps:\n      - run: optout run lint -- make\n",
        ),
      ),
    ).toEqual([]);
  });

  it("flag actions that are not pinned, once a file", async () => {
    const jobs = `  a:
    steps:
      - uses: actions/checkout@v5
      - uses: actions/setup-node@0123456789012345678901234567890123456789
      - uses: ./.github/actions/mine
`;
    expect(await found(workflow(jobs))).toEqual(["action-unpinned:5 actions/checkout@v5"]);
  });

  it("name a file that cannot be read", async () => {
    const all = await found(treeOf({ ".gitlab-ci.yml": "a: [\n" }));
    expect(all.map((one) => one.split(" ")[0])).toEqual(["file-unreadable:2"]);
  });
});
