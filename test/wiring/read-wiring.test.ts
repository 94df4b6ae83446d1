/**
 * What CI files ask, as they are written in the wild: where each ask stands, in which job, and how.
 */
import { describe, expect, it } from "vitest";

import { readWiring } from "../../src/wiring/read-wiring.ts";
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

describe("odd files", () => {
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
