/**
 * What CI files ask, as they are written in the wild: where each ask stands, in which job, and how.
 */
import { describe, expect, it } from "vitest";

import { readWiring } from "../../src/wiring/read-wiring.ts";
import type { SourceTree } from "../../src/wiring/wiring.ts";
import { treeOf, workflow } from "./given.ts";

const asked = async (tree: Parameters<typeof readWiring>[0]): Promise<readonly string[]> =>
  (await readWiring(tree)).asks.map(
    ({ stage, form, file, line, job }) => `${stage} ${form} ${file}:${line} ${job}`,
  );

describe("GitHub workflows", () => {
  it("tells each ask with its line, its job and its form", async () => {
    const tree = workflow(`  lint:
    steps:
      - run: npx optout run lint -- npm run lint
  test:
    steps:
      - run: |
          npm ci
          optout check unit-tests || npm test
          if optout check --branch main slow; then exit 0; fi
      - uses: acme/optout/gate@0123456789012345678901234567890123456789
        with:
          stages: lint deploy-prod
      - uses: ./.github/actions/optout
        with: { stages: license }
      - uses: ./.github/actions/optout
        with: { mode: verdict, stages: lint deploy=deploy-prod }
      - uses: acme/optouts@v1
        with: { stages: lint }
`);
    const file = ".github/workflows/ci.yml";
    expect(await asked(tree)).toEqual([
      `lint run ${file}:5 lint`,
      `unit-tests check-or ${file}:10 test`,
      `slow check ${file}:11 test`,
      `lint action ${file}:14 test`,
      `deploy-prod action ${file}:14 test`,
      `license action ${file}:16 test`,
    ]);
  });

  it("names every stage of a matrix, and none where the name is known at run time only", async () => {
    const tree = workflow(`  all:
    strategy: { matrix: { stage: [lint, unit-tests] } }
    steps:
      - run: optout run \${{ matrix.stage }} -- make
      - run: optout run "$WHAT" -- make
`);
    const stages = (await readWiring(tree)).asks.map(({ stage }) => stage);
    expect(stages).toEqual(["lint", "unit-tests", null]);
  });

  it("does not take a mention, a comment or an installation for an ask", async () => {
    const tree = workflow(`  a:
    steps:
      - run: |
          # optout run lint -- npm run lint
          echo optout run lint
          npm install optout
`);
    expect(await asked(tree)).toEqual([]);
  });
});

describe("GitLab pipelines", () => {
  it("tells the asks of optout's components by their inputs", async () => {
    const text = `include:
  - component: gitlab.example/acme/optout/optout-run@0.1.0
    inputs: { optout_stage: lint, stage: test, command: npm run lint }
  - component: gitlab.example/acme/optout/optout-gate@0.1.0
    inputs: { stages: unit-tests deploy-prod }
  - component: gitlab.example/acme/other@1
    inputs: { stages: license }
`;
    expect(await asked(treeOf({ ".gitlab-ci.yml": text }))).toEqual([
      "lint component .gitlab-ci.yml:3 lint",
      "unit-tests component .gitlab-ci.yml:5 optout-gate",
      "deploy-prod component .gitlab-ci.yml:5 optout-gate",
    ]);
  });

  it("follows extends, references, anchors, local files and children", async () => {
    const tree = treeOf({
      ".gitlab-ci.yml": `include: [{ local: /ci/*.yml }, { project: acme/ci, file: a.yml }]
.base: &base
  before_script: [npm ci]
lint:
  extends: .wrapped
unit-tests:
  <<: *base
  script:
    - !reference [.setup, script]
    - optout run $CI_JOB_NAME -- npm test
child:
  trigger: { include: [{ local: child.yml }] }
`,
      "ci/a.yml": ".wrapped:\n  script: [optout run lint -- make lint]\n",
      "ci/b.yml": ".setup:\n  script:\n    - optout check setup || make setup\n",
      "child.yml": "deploy:\n  script: >\n    optout run deploy-prod -- ./deploy\n",
    });
    expect(await asked(tree)).toEqual([
      "lint run ci/a.yml:2 lint",
      "setup check-or ci/b.yml:3 unit-tests",
      "unit-tests run .gitlab-ci.yml:10 unit-tests",
      "deploy-prod run child.yml:3 deploy",
    ]);
    const { jobs, unseen } = await readWiring(tree);
    expect(jobs.map(({ name }) => name)).toEqual(["lint", "unit-tests", "child", "deploy"]);
    expect(unseen).toEqual([{ file: ".gitlab-ci.yml", line: 1, what: "acme/ci" }]);
  });
});

describe("scripts of package.json", () => {
  it("count as the job's that runs them, also through another script", async () => {
    const tree = treeOf({
      ".github/workflows/ci.yml": "jobs:\n  check:\n    steps:\n      - run: npm run all\n",
      "package.json": `{ "scripts": {
  "all": "npm run lint && yarn test",
  "lint": "optout run lint -- eslint .",
  "test": "optout run unit-tests -- vitest",
  "slow": "optout run slow -- vitest"
} }`,
    });
    expect(await asked(tree)).toEqual([
      "lint run package.json:3 check",
      "unit-tests run package.json:4 check",
      "slow run package.json:5 null",
    ]);
  });
});

describe("what a repository uses of its own", () => {
  const ci = ".github/workflows/ci.yml";
  const action = ".github/actions/check/action.yml";
  const using = (step: string): string => `on: push\njobs:\n  lint:\n    steps:\n      - ${step}\n`;
  const composite = (...steps: readonly string[]): string =>
    `inputs: { stage: { default: unit-tests } }\nruns:\n  using: composite\n  steps:\n${steps
      .map((one) => `    - ${one}\n`)
      .join("")}`;

  it("reads the steps of a composite action as the job's, with what is handed to it", async () => {
    const files = { [action]: composite("run: optout run ${{ inputs.stage }} -- make") };
    const used = (step: string): Promise<readonly string[]> =>
      asked(treeOf({ ...files, [ci]: using(step) }));

    expect(await used("{ uses: ./.github/actions/check, with: { stage: lint } }")).toEqual([
      `lint run ${action}:5 lint`,
    ]);
    expect(await used("uses: ./.github/actions/check/")).toEqual([
      `unit-tests run ${action}:5 lint`,
    ]);
    expect(await used("{ uses: ./.github/actions/check, with: { stage: $X } }")).toEqual([
      `null run ${action}:5 lint`,
    ]);
  });

  it("follows actions that use others, and one that uses itself to its end", async () => {
    const tree = treeOf({
      [ci]: using("uses: ./a"),
      "a/action.yaml": composite(
        "{ uses: ./b, with: { stage: '${{ inputs.stage }}' } }",
        "uses: ./a",
      ),
      "b/action.yml": composite("run: optout check ${{ inputs.stage }}"),
    });
    const found = await asked(tree);

    expect(new Set(found)).toEqual(new Set(["unit-tests check b/action.yml:5 lint"]));
    expect(found.length).toBeLessThanOrEqual(10);
  });

  it("takes actions that are no composite, and those that are not there, for what they are", async () => {
    const node = "runs: { using: node24, main: a.js, steps: [{ run: optout check lint }] }\n";
    const tree = treeOf({
      [ci]: using("uses: ./a") + "      - uses: ./gone\n",
      "a/action.yml": node,
    });
    const wiring = await readWiring(tree);

    expect(wiring.asks).toEqual([]);
    expect(wiring.unreadable).toEqual([]);
  });

  it("names the stages that callers hand to a workflow that they call", async () => {
    const called =
      "on: { workflow_call: { inputs: { stages: {} } } }\njobs:\n  gate:\n    steps:\n";
    const gate = "      - uses: acme/optout@0123456789012345678901234567890123456789\n";
    const tree = treeOf({
      [ci]: "on: push\njobs:\n  a: { uses: ./.github/workflows/gate.yml, with: { stages: lint slow } }\n",
      ".github/workflows/gate.yml": `${called}${gate}        with: { stages: "\${{ inputs.stages }}" }\n`,
    });

    expect(await asked(tree)).toEqual([
      "lint action .github/workflows/gate.yml:6 gate",
      "slow action .github/workflows/gate.yml:6 gate",
    ]);
  });

  it("tells of an include whose glob it does not follow to the end", async () => {
    const tree = (path: string): SourceTree =>
      treeOf({ ".gitlab-ci.yml": `include: { local: "${path}" }\n`, "ci/a.yml": "lint: {}\n" });

    expect((await readWiring(tree("ci/*.yml"))).unseen).toEqual([]);
    expect((await readWiring(tree("ci/**.yml"))).unseen).toMatchObject([{ what: "ci/**.yml" }]);
    expect((await readWiring(tree("*/a.yml"))).unseen).toMatchObject([{ what: "*/a.yml" }]);
  });
});

describe("odd files", () => {
  it("reads a list whose bracket closes further left than YAML allows, as forges do", async () => {
    const text =
      "lint:\n  script: [\n    optout run lint -- make\n  ]\nlast:\n  tags: [\n    a\n]\n";
    const { jobs, unreadable, asks } = await readWiring(treeOf({ ".gitlab-ci.yml": text }));

    expect(unreadable).toEqual([]);
    expect(jobs.map(({ name, line }) => `${name}:${line}`)).toEqual(["lint:2", "last:6"]);
    expect(asks.map(({ line }) => line)).toEqual([3]);
  });

  it.each([
    ["is not YAML", "jobs: [\n", "it is not YAML"],
    ["is nested without end", "[".repeat(20_000), "it is n"],
    ["is larger than a megabyte", `# ${"x".repeat(1_100_000)}`, "it is larger than"],
  ])("a file that %s is told, and the others are read", async (_, text, why) => {
    const { unreadable, asks } = await readWiring(
      treeOf({
        ".github/workflows/bad.yml": text,
        ".gitlab-ci.yml": "lint: { script: optout run lint -- make }\n",
      }),
    );
    expect(unreadable.map((one) => one.file)).toEqual([".github/workflows/bad.yml"]);
    expect(unreadable[0]?.why).toContain(why);
    expect(asks.map(({ stage }) => stage)).toEqual(["lint"]);
  });

  it("reads an alias bomb, and one that bites its tail, in no more than is written", async () => {
    const bomb = Array.from({ length: 30 }, (_, i) =>
      i === 0
        ? ".l0: &l0 [optout run lint -- x]"
        : `.l${i}: &l${i} [${"*l".concat(`${i - 1},`).repeat(9)}]`,
    );
    const tree = treeOf({
      ".gitlab-ci.yml": `${bomb.join("\n")}\nlint: { script: *l29 }\ntail: &t { script: [*t] }\n`,
    });
    const { jobs, asks } = await readWiring(tree);
    expect(jobs.map(({ name }) => name)).toEqual(["lint", "tail"]);
    expect(asks.length).toBeLessThanOrEqual(5_000);
  });

  it.each([
    "jobs: 3",
    "jobs: { a: }",
    "jobs: { a: [1] }",
    "- a",
    "",
    "jobs: { a: { steps: { b: c } } }",
  ])("takes %j for a workflow that asks nothing", async (text) => {
    const tree = treeOf({ ".github/workflows/ci.yaml": text, ".gitlab-ci.yml": text });
    expect((await readWiring(tree)).asks).toEqual([]);
  });
});
