/**
 * Where a job can run, by what its file says: a no is only said where the file rules it out.
 */
import { describe, expect, it } from "vitest";

import { readWiring } from "../../src/wiring/read-wiring.ts";
import { mayRun, mayRunSomewhere, type RunPlace } from "../../src/wiring/runs.ts";
import type { SourceTree } from "../../src/wiring/wiring.ts";
import { treeOf } from "./given.ts";

const at = (kind: RunPlace["kind"], name: string): RunPlace => ({
  kind,
  name,
  defaultBranch: "main",
});
const main = at("branch", "main");
const release = at("branch", "release/1.4");
const tag = at("tag", "v1.2.0");
const head = at("head", "fix/x");

/** The places at which the job `lint` can run. */
async function runsAt(tree: SourceTree): Promise<readonly string[]> {
  const job = (await readWiring(tree)).jobs.find(({ name }) => name === "lint");
  if (job === undefined) throw new Error("there is no job lint");
  return [main, release, tag, head]
    .filter((place) => mayRun(job.when, place))
    .map(({ name }) => name ?? "");
}

const all = ["main", "release/1.4", "v1.2.0", "fix/x"];

describe("a workflow of GitHub", () => {
  const on = (text: string): SourceTree =>
    treeOf({
      ".github/workflows/ci.yml": `on: ${text}\njobs:\n  lint:\n    steps:\n      - run: make\n`,
    });

  it.each([
    ["push", all],
    ["[push, pull_request]", all],
    ["{ push: { branches: [main] } }", ["main"]],
    ["{ push: { branches: [main, 'release/**'] } }", ["main", "release/1.4"]],
    ["{ push: { branches: ['**', '!release/**'] } }", ["main", "fix/x"]],
    ["{ push: { branches-ignore: ['release/**'] } }", ["main", "fix/x"]],
    ["{ push: { tags: ['v*'] } }", ["v1.2.0"]],
    ["{ push: { tags: ['v*'], branches: [main] } }", ["main", "v1.2.0"]],
    ["{ push: { tags-ignore: ['v*'] } }", []],
    ["{ pull_request: { branches: [main] } }", ["main", "fix/x"]],
    ["{ push: { branches: [main] }, pull_request: {} }", ["main", "release/1.4", "fix/x"]],
    ["{ merge_group: {} }", ["main", "release/1.4", "fix/x"]],
    ["{ schedule: [{ cron: '0 0 * * *' }] }", ["main"]],
    ["workflow_dispatch", all],
    ["{ push: { paths: ['docs/**'] } }", all],
  ])("on: %s", async (text, places) => {
    expect(await runsAt(on(text))).toEqual(places);
  });

  it("is not ruled out by a pattern that is rarely used, nor where the trigger is unknown", async () => {
    expect(await runsAt(on("{ push: { branches: ['ma?in'] } }"))).toEqual([
      "main",
      "release/1.4",
      "fix/x",
    ]);
    expect(await runsAt(on("{ push: { branches-ignore: ['v[0-9]+'] } }"))).toContain("main");
    expect(await runsAt(treeOf({ ".github/workflows/ci.yml": "jobs: { lint: {} }\n" }))).toEqual(
      all,
    );
  });

  it("never runs a job whose condition is plainly false", async () => {
    const tree = (condition: string): SourceTree =>
      treeOf({ ".github/workflows/ci.yml": `on: push\njobs: { lint: { if: "${condition}" } }\n` });

    expect(await runsAt(tree("false"))).toEqual([]);
    expect(await runsAt(tree("${{ false }}"))).toEqual([]);
    expect(await runsAt(tree("false || true"))).toEqual(all);
  });

  const called = "on: workflow_call\njobs: { lint: { steps: [{ run: make }] } }\n";

  it("that others call runs where these run", async () => {
    const caller =
      "on: { push: { branches: [main] } }\njobs: { all: { uses: ./.github/workflows/called.yml } }\n";
    const files = { ".github/workflows/ci.yml": caller, ".github/workflows/called.yml": called };

    expect(await runsAt(treeOf(files))).toEqual(["main"]);
    expect(await runsAt(treeOf({ ".github/workflows/called.yml": called }))).toEqual([]);
  });

  it("that calls itself in a circle is run by nobody", async () => {
    const circle =
      "on: workflow_call\njobs: { lint: { steps: [{ run: make }] }, again: { uses: ./.github/workflows/a.yml } }\n";

    expect(await runsAt(treeOf({ ".github/workflows/a.yml": circle }))).toEqual([]);
  });
});

describe("a job of GitLab", () => {
  const job = (members: string, more = ""): SourceTree =>
    treeOf({ ".gitlab-ci.yml": `${more}lint:\n  script: make\n${members}` });
  const rules = (...lines: readonly string[]): SourceTree =>
    job(`  rules:\n${lines.map((line) => `    - ${line}\n`).join("")}`);

  it.each([
    ["if: $CI_COMMIT_BRANCH == 'main'", ["main"]],
    ["if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH", ["main"]],
    ["if: '$CI_COMMIT_BRANCH =~ /^release\\//'", ["release/1.4"]],
    ["if: '$CI_COMMIT_BRANCH && $CI_COMMIT_BRANCH !~ /^release\\//'", ["main", "fix/x"]],
    ["if: $CI_COMMIT_TAG", ["v1.2.0"]],
    ["if: $CI_COMMIT_TAG == null", ["main", "release/1.4", "fix/x"]],
    ["if: $CI_PIPELINE_SOURCE == 'merge_request_event'", ["main", "release/1.4", "fix/x"]],
    ["if: $CI_MERGE_REQUEST_TARGET_BRANCH_NAME == 'main'", ["main", "fix/x"]],
    ["if: $CI_COMMIT_BRANCH && $CI_COMMIT_TAG", []],
    ["if: $CI_COMMIT_BRANCH == 'main' || $CI_COMMIT_TAG", ["main", "v1.2.0"]],
    ["if: ($CI_COMMIT_BRANCH == 'main' || $CI_COMMIT_TAG) && $CI_COMMIT_TAG != 'v1.2.0'", ["main"]],
    ["if: $DEPLOY == 'yes'", all],
    ["if: $CI_COMMIT_BRANCH == 'main' && $DEPLOY", ["main"]],
    ["when: never", []],
    ["changes: [docs/**]", all],
    ["if: what is this", all],
    ["if: '$CI_COMMIT_BRANCH =~ /((((a+)+)+)+)$/'", ["main", "release/1.4", "fix/x"]],
  ])("with the rule %s", async (rule, places) => {
    expect(await runsAt(rules(rule))).toEqual(places);
  });

  it("goes by the first rule that matches, and past one that only may", async () => {
    expect(
      await runsAt(rules("{ if: $CI_COMMIT_BRANCH == 'main', when: never }", "when: always")),
    ).toEqual(["main", "release/1.4", "v1.2.0", "fix/x"]);
    expect(
      await runsAt(
        rules(
          "{ if: $CI_PIPELINE_SOURCE == 'merge_request_event', when: never }",
          "{ if: $CI_COMMIT_BRANCH == 'main', when: never }",
          "{ if: $SOMETHING, when: never }",
          "when: manual",
        ),
      ),
    ).toEqual(["release/1.4", "v1.2.0", "fix/x"]);
  });

  it("without rules runs for branches and tags, unless only and except say otherwise", async () => {
    expect(await runsAt(job(""))).toEqual(all);
    expect(await runsAt(job("  only: [main]\n"))).toEqual(["main"]);
    expect(await runsAt(job("  only: [tags]\n"))).toEqual(["v1.2.0"]);
    expect(await runsAt(job("  only: ['/^release/']\n"))).toEqual(["release/1.4"]);
    expect(await runsAt(job("  only: { refs: [main], changes: [a] }\n"))).toEqual(["main"]);
    expect(await runsAt(job("  only: { changes: [a] }\n"))).toEqual(all);
    expect(await runsAt(job("  except: [tags, main]\n"))).toEqual(["release/1.4", "fix/x"]);
    expect(await runsAt(job("  except: { variables: [$X] }\n"))).toEqual(all);
    expect(await runsAt(job("  only: [schedules]\n"))).toEqual(all);
  });

  it("is bound by the rules of the whole pipeline, and by those that it refers to or extends", async () => {
    const workflow = "workflow:\n  rules:\n    - if: $CI_COMMIT_TAG\n";
    expect(await runsAt(job("", workflow))).toEqual(["v1.2.0"]);
    const shared = ".shared:\n  rules:\n    - if: $CI_COMMIT_BRANCH == 'main'\n";
    expect(await runsAt(job("  extends: .shared\n", shared))).toEqual(["main"]);
    expect(await runsAt(job("  rules:\n    - !reference [.shared, rules]\n", shared))).toEqual([
      "main",
    ]);
    expect(await runsAt(job("  rules:\n    - !reference [.elsewhere, rules]\n"))).toEqual(all);
  });

  it("without rules runs in all that the rules of the whole pipeline let, merge requests too", async () => {
    const workflow =
      "workflow:\n  rules:\n    - if: $CI_PIPELINE_SOURCE == 'merge_request_event'\n";

    expect(await runsAt(job("", workflow))).toEqual(["main", "release/1.4", "fix/x"]);
    expect(await runsAt(job("  except: [merge_requests]\n", workflow))).toEqual([]);
    expect(await runsAt(job("  only: [branches]\n", workflow))).toEqual([]);
  });

  it("of a child pipeline is never ruled out: the pipeline above decides", async () => {
    const tree = treeOf({
      ".gitlab-ci.yml": "start:\n  trigger: { include: child.yml }\n",
      "child.yml": "lint:\n  script: make\n  only: [tags]\n",
    });
    expect(await runsAt(tree)).toEqual(all);
  });

  it("runs somewhere unless every place is ruled out", async () => {
    const somewhere = async (rule: string): Promise<boolean> => {
      const [found] = (await readWiring(rules(rule))).jobs;
      return found !== undefined && mayRunSomewhere(found.when);
    };
    expect(await somewhere("if: $CI_COMMIT_BRANCH == 'release/1.4'")).toBe(true);
    expect(await somewhere("if: $CI_COMMIT_TAG")).toBe(true);
    expect(await somewhere("when: never")).toBe(false);
    expect(await somewhere("if: $CI_COMMIT_BRANCH && $CI_COMMIT_TAG")).toBe(false);
  });
});
