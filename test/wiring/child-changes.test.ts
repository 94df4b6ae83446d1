/** A changed job, and those that take something from it: they stay what they were. */
import { describe, expect, it } from "vitest";

import { childPipeline, type StageOutcome } from "../../src/wiring/child-pipeline.ts";
import { merged, type Values } from "../support/gitlab-merge.ts";
import { problem } from "../support/problem.ts";

const outcomes = ["skip", "hold", "allow-failure", "force"] as const;
const all = (stages: readonly string[], outcome: StageOutcome["outcome"]): StageOutcome[] =>
  stages.map((stage) => ({ stage, outcome, note: `${stage} is left out` }));

function written(text: string, outcome: StageOutcome["outcome"], stages = ["lint"]): string {
  return childPipeline("stages.yml", text, all(stages, outcome), { image: null, tags: [] }).text;
}

const after = (text: string, outcome: StageOutcome["outcome"], stages = ["lint"]): Values =>
  merged(written(text, outcome, stages));

/** What GitLab would run of the stage. */
const changed = {
  skip: { script: ["echo 'lint is left out'", "exit 86"], allow_failure: { exit_codes: [86] } },
  hold: { script: ["echo 'lint is left out'", "exit 3"], allow_failure: false },
  "allow-failure": { script: ["npm run lint"], allow_failure: true },
  force: { script: ["npm run lint"], rules: [{ when: "always" }] },
};

const lint =
  "lint:\n  stage: test\n  script: [npm run lint]\n  rules: [{ if: $A, when: manual }]\n";

describe.each(outcomes)("under %s of another stage a job stays what it was", (outcome) => {
  it.each([
    ["extends it", `${lint}strict: { extends: lint, variables: { STRICT: 1 } }\n`],
    ["extends it among others", `.a: { tags: [x] }\n${lint}strict: { extends: [.a, lint] }\n`],
    [
      "extends one that extends it",
      `${lint}.more: { extends: lint }\nstrict: { extends: .more }\n`,
    ],
    ["is written before it", `strict: { extends: lint }\n${lint}`],
    ["refers to its script", `${lint}strict: { script: !reference [lint, script] }\n`],
    [
      "refers to it in lists",
      `${lint}strict: { script: [a, [!reference [lint, script]]], rules: [!reference [lint, rules]] }\n`,
    ],
    [
      "refers to a member of its members",
      `lint: { script: [npm run lint], variables: { A: 1 } }\nstrict: { script: x, variables: { B: !reference [lint, variables, A] } }\n`,
    ],
    ["refers to it by a default", `${lint}default: { before_script: !reference [lint, script] }\n`],
    [
      "merges its anchor",
      `${lint.replace("lint:", "lint: &lint")}strict: { <<: *lint, stage: build }\n`,
    ],
    [
      "has a member of it",
      `${lint.replace("rules: ", "rules: &rules ")}strict: { script: y, rules: *rules }\n`,
    ],
    [
      "merges what extends it",
      `${lint}.x: { y: &strict { extends: lint } }\nstrict: { <<: *strict }\n`,
    ],
    ["names it by an alias", `.names: [&name lint]\n${lint}strict: { extends: *name }\n`],
    [
      "names it by the list of another",
      `${lint}.a: { script: x }\nb: { extends: &bases [.a, lint] }\nstrict: { extends: *bases }\n`,
    ],
    [
      "is called by its anchor",
      `${lint.replace("lint:", "&name lint:")}strict: { extends: *name, needs: [*name] }\n`,
    ],
    ["is the same node", `${lint.replace("lint:", "lint: &lint")}strict: *lint\n`],
    [
      "has the name of one that is hidden already",
      `.optout:lint: { script: z }\n${lint}strict: { extends: [lint, .optout:lint] }\n`,
    ],
    [
      "is merged into the file beside it",
      `.jobs: &jobs { lint: { script: [npm run lint] }, strict: { extends: lint, script: !reference [lint, script] } }\n<<: *jobs\n`,
    ],
    [
      "refers to the rules of the workflow",
      `workflow: { rules: &rules [{ if: $B }] }\n${lint}a: { script: x, rules: !reference [workflow, rules] }\nb: { script: x, rules: *rules }\n`,
    ],
    [
      "has a variable called extends",
      `${lint}strict: { script: x, variables: { extends: lint } }\n`,
    ],
    [
      "needs it",
      `${lint}strict: { script: x, needs: [{ job: lint, optional: true }], dependencies: [lint] }\n`,
    ],
  ])("that %s", (_, text) => {
    const [before, now] = [merged(text), after(text, outcome)];

    expect(now["lint"]).toMatchObject(changed[outcome]);
    const others = Object.keys(before).filter(
      (name) => !/^(?:lint|workflow|\.x|\.jobs)$/.test(name),
    );
    for (const name of others) {
      expect(now[name]).toEqual(before[name]);
    }
  });

  it("that has the same rule as it", () => {
    const text = `.base: { rules: [{ if: $A, when: manual, allow_failure: true }] }\nlint: { extends: .base, script: [npm run lint] }\nstrict: { extends: .base, script: x }\n`;

    expect(after(text, outcome)["strict"]).toEqual(merged(text)["strict"]);
  });
});

describe("what is not changed", () => {
  it("keeps numbers, times and words that other readers of YAML take for something else", () => {
    const text =
      "a:\n  script: x\n  variables: { MODE: 0755, SHA: 1234567e5, ID: 12345678901234567890, ON: on, NO: 'no', AT: 10:30 }\n";

    expect(written(`${lint}${text}`, "skip")).toContain(text);
  });

  it("is written in the changed job as it was too", () => {
    const text = 'lint: { script: x, variables: { MODE: 0755, ON: on, NO: "no" } }\n';

    for (const outcome of ["force", "allow-failure"] as const) {
      const [, job] = written(text, outcome).split("\nlint:");
      expect(job).toMatch(/MODE: 0755,\s+ON: on,\s+NO: "no"/);
    }
  });
});

describe("several jobs that are changed", () => {
  const text = `${lint}strict: { extends: lint, rules: [{ if: $B }] }\nthird: { script: !reference [strict, script], rules: !reference [strict, rules] }\n`;

  it.each(outcomes)("may build on each other: %s", (outcome) => {
    const now = after(text, outcome, ["strict", "lint"]);
    const words = (stage: string): unknown =>
      JSON.parse(JSON.stringify(changed[outcome]).replace("lint is", `${stage} is`));

    expect(now).toMatchObject({ lint: words("lint"), strict: words("strict") });
    expect(now["third"]).toEqual(merged(text)["third"]);
  });

  it("are changed as their own stage says", () => {
    const [first] = all(["lint"], "skip");
    const [second] = all(["strict"], "allow-failure");
    const stages = [first, second].flatMap((one) => one ?? []);
    const { text: now } = childPipeline("stages.yml", text, stages, { image: null, tags: [] });

    expect(merged(now)).toMatchObject({
      lint: changed.skip,
      strict: { ...changed["allow-failure"], rules: [{ if: "$B" }] },
    });
  });
});

describe("the stage of a job", () => {
  const stub = { script: ["echo 'lint is left out'", "exit 86"] };

  it.each([
    ["extends", ".base: { variables: { OPTOUT_STAGE: lint } }\na: { extends: .base, script: x }\n"],
    ["merges", ".base: &base { variables: { OPTOUT_STAGE: lint } }\na: { <<: *base, script: x }\n"],
    ["has by an alias", ".v: &v { OPTOUT_STAGE: lint }\na: { script: x, variables: *v }\n"],
    [
      "has by a merge",
      ".v: &v { OPTOUT_STAGE: lint }\na: { script: x, variables: { <<: *v, B: 1 } }\n",
    ],
    [
      "refers to",
      ".v: { variables: { OPTOUT_STAGE: lint } }\na: { script: x, variables: !reference [.v, variables] }\n",
    ],
    ["says at length", "a: { script: x, variables: { OPTOUT_STAGE: { value: lint } } }\n"],
  ])("is that of the variable that it %s, as GitLab reads it", (_, text) => {
    expect(after(text, "skip")).toMatchObject({ a: stub });
  });

  it("is inherited from a job, and another can be said", () => {
    const base = "lint: { script: x, variables: { OPTOUT_STAGE: lint } }\n";

    expect(after(`${base}strict: { extends: lint }\n`, "skip")).toMatchObject({ strict: stub });
    expect(
      after(`${base}strict: { extends: lint, variables: { OPTOUT_STAGE: strict } }\n`, "skip"),
    ).toMatchObject({ strict: { script: "x" } });
  });

  it("is not that of the pipeline's variables", () => {
    const text = `variables: { OPTOUT_STAGE: lint }\n${lint}strict: { script: x }\n`;

    expect(after(text, "skip")).toMatchObject({ lint: stub, strict: { script: "x" } });
  });
});

describe("included files, which are not read", () => {
  const text = `include: jobs.yml\n${lint}`;

  it("are told of", () => {
    for (const outcome of outcomes) {
      expect(
        childPipeline("stages.yml", text, all(["lint"], outcome), { image: null, tags: [] }).doubts,
      ).toEqual([{ about: "include", job: "lint", outcome }]);
    }
    expect(
      childPipeline("stages.yml", text, all(["lint"], "enforced"), { image: null, tags: [] })
        .doubts,
    ).toEqual([]);
  });

  it("leave no job of theirs out by extending a stub", () => {
    expect(after(text.replace("lint:", "it's:"), "skip", ["it's"])).toHaveProperty(
      ["it's", "script", 0],
      `test "$CI_JOB_NAME" = 'it'\\''s' || exit 1`,
    );
  });
});

describe("a file is refused", () => {
  it.each([
    ["with an alias of nothing", "lint: { script: *x }\n", "has no anchor &x before *x"],
    [
      "with an alias in itself",
      "lint: &x { script: *x }\n",
      "aliases of the child pipeline lead too far",
    ],
    [
      "whose aliases grow beyond bounds",
      `a: &a [${"x,".repeat(50)}]\nb: &b [${"*a,".repeat(50)}]\nlint: { script: [${"*b,".repeat(50)}] }\n`,
      "aliases of the child pipeline lead too far",
    ],
  ])("%s", (_, text, why) => {
    expect(problem(() => written(text, "skip"))).toEqual({
      code: "config-invalid",
      message: expect.stringContaining(why) as string,
    });
  });
});
