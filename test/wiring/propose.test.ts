/**
 * The stages that `init` proposes for what stands in CI files and `package.json`.
 */
import { describe, expect, it } from "vitest";

import { proposeStages } from "../../src/wiring/propose.ts";
import { readWiring } from "../../src/wiring/read-wiring.ts";
import { treeOf, workflow } from "./given.ts";

const proposed = async (tree: Parameters<typeof readWiring>[0]): Promise<readonly string[]> =>
  proposeStages(await readWiring(tree)).map(
    ({ id, kind, from }) => `${id} ${kind} ${from?.file}:${from?.line}`,
  );

const manifest = (scripts: Readonly<Record<string, string>>) =>
  treeOf({ "package.json": JSON.stringify({ scripts }, null, 2) });

describe("the stages proposed for a repository", () => {
  it("are what its jobs ask about already, whatever it is called", async () => {
    const tree = workflow("  all:\n    steps:\n      - run: optout run mystery -- make\n");

    expect(await proposed(tree)).toEqual(["mystery quality .github/workflows/ci.yml:5"]);
  });

  it("are a gate's where their jobs may be unable to ask", async () => {
    const tree = treeOf({
      ".github/workflows/ci.yml": [
        "on: push",
        "jobs:",
        "  lint: { container: ghcr.io/acme/lint }",
        "  test: { runs-on: [self-hosted, linux] }",
        "  audit: { runs-on: ubuntu-latest }",
      ].join("\n"),
      ".gitlab-ci.yml": [
        "default: { image: { name: 'python:3.13' } }",
        "format: { script: [make] }",
        "unit: { image: 'registry.acme.com/node:24', script: [make] }",
      ].join("\n"),
    });
    const gates = proposeStages(await readWiring(tree)).map(({ id, gate }) => [id, gate]);

    expect(Object.fromEntries(gates)).toEqual({
      lint: "github",
      test: "github",
      audit: null,
      format: "gitlab",
      unit: null,
    });
  });

  it("have the environment that their job plainly names", async () => {
    const tree = treeOf({
      ".github/workflows/ci.yml": [
        "on: push",
        "jobs:",
        "  deploy: { environment: production }",
        "  deploy-eu: { environment: { name: eu west, url: 'https://eu.example' } }",
        "  release: { environment: '${{ inputs.where }}' }",
        "  publish: {}",
      ].join("\n"),
      ".gitlab-ci.yml":
        "deploy:us: { script: [make], environment: { name: us/live } }\n" +
        "deploy:review: { script: [make], environment: review/$CI_COMMIT_REF_SLUG }\n",
    });
    const found = proposeStages(await readWiring(tree)).map(({ id, environment }) => [
      id,
      environment,
    ]);

    expect(Object.fromEntries(found)).toEqual({
      deploy: "production",
      "deploy-eu": "eu west",
      release: null,
      publish: null,
      "deploy-us": "us/live",
      "deploy-review": null,
    });
  });

  it("are jobs of workflows and pipelines, and scripts, each once and deploys last", async () => {
    const tree = treeOf({
      ".github/workflows/ci.yml": "on: push\njobs:\n  release: {}\n  lint: {}\n  misc: {}\n",
      ".gitlab-ci.yml":
        "stages: [test]\n.test: {}\nUnit tests (1/2):\n  script: [make]\ndeploy:eu: { script: [make] }\n",
      "package.json": `{ "scripts": {\n"lint": "x",\n"typeCheck": "tsc",\n"audit": "x" } }`,
    });

    expect(await proposed(tree)).toEqual([
      "lint quality .github/workflows/ci.yml:4",
      "unit-tests-1/2 quality .gitlab-ci.yml:4",
      "type-check quality package.json:3",
      "audit quality package.json:4",
      "release deploy .github/workflows/ci.yml:3",
      "deploy-eu deploy .gitlab-ci.yml:5",
    ]);
  });

  it("leave out scripts that people run, hooks of npm, and names that tell nothing", async () => {
    const tree = manifest({
      "lint:fix": "x",
      "test:watch": "x",
      pretest: "x",
      test: "x",
      dev: "x",
      build: "x",
      prepublishOnly: "x",
    });

    expect(await proposed(tree)).toEqual(["test quality package.json:6"]);
  });

  it("take a name that is both a test and a release for a release", async () => {
    expect(await proposed(manifest({ "test-release": "x" }))).toEqual([
      "test-release deploy package.json:3",
    ]);
  });

  it("are twenty at most, and have ids that a policy takes, whatever the names are", async () => {
    const odd = {
      [`test ${"é#\n: ".repeat(200)}`]: "x",
      [`test${"-".repeat(300_000)}!`]: "x",
      "\u202etest\u0000": "x",
      ".test": "x",
      テスト: "x",
    };
    const many = Array.from({ length: 50 }, (_, i) => [`test:${i}`, "x"] as const);
    const stages = proposeStages(
      await readWiring(manifest({ ...odd, ...Object.fromEntries(many) })),
    );

    expect(stages).toHaveLength(20);
    for (const { id } of stages) expect(id).toMatch(/^[a-z0-9][a-z0-9._/-]{0,63}$/);
  });

  it("are none where there is nothing, or nothing that can be read", async () => {
    expect(await proposed(treeOf({}))).toEqual([]);
    expect(await proposed(treeOf({ "package.json": "{", ".gitlab-ci.yml": "a: [" }))).toEqual([]);
  });
});
