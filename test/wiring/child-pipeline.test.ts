/** A child pipeline under decisions: which jobs are changed, and how. */
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

import {
  childPipeline,
  type ChildPipeline,
  type StageOutcome,
} from "../../src/wiring/child-pipeline.ts";
import { problem } from "../support/problem.ts";

const place = { image: "node:24", tags: ["docker"] };
const made = (text: string, outcome: StageOutcome["outcome"], stage = "lint"): ChildPipeline =>
  childPipeline("stages.yml", text, [{ stage, outcome, note: "lint is left out" }], place);
const child = (text: string, outcome: StageOutcome["outcome"], stage = "lint"): unknown =>
  parse(made(text, outcome, stage).text, quiet);
// no warnings of !reference
const quiet = { logLevel: "error" } as const;
const plain = "lint:\n  stage: test\n  script: [npm run lint]\n";

describe("a job of a stage", () => {
  it("stays as it is written when it runs normally", () => {
    const text = "# why\nlint: { script: !reference [.a, script] } # x\n";

    expect(
      childPipeline("stages.yml", text, [{ stage: "lint", outcome: "enforced", note: "" }], place)
        .text,
    ).toBe(
      "# why\nlint: { script: !reference [ .a, script ] } # x\nworkflow:\n  rules:\n    - when: always\n",
    );
  });

  it("becomes a visible stub when it is left out, where the gate itself could run", () => {
    expect(child(plain, "skip")).toEqual({
      ".optout:lint": { stage: "test", script: ["npm run lint"] },
      lint: {
        stage: "test",
        script: ["echo 'lint is left out'", "exit 86"],
        inherit: { default: false },
        image: "node:24",
        tags: ["docker"],
        allow_failure: { exit_codes: [86] },
      },
      workflow: { rules: [{ when: "always" }] },
    });
  });

  it("is a stub that fails when it is held, whatever it was allowed", () => {
    expect(child(`${plain}  allow_failure: true\n`, "hold")).toMatchObject({
      lint: { script: ["echo 'lint is left out'", "exit 3"], allow_failure: false },
    });
  });

  it.each(["skip", "hold"] as const)(
    "keeps nothing that acts or could fail when it is a stub: %s",
    (outcome) => {
      const acting = "  environment: production\n  image: broken\n  services: [x]\n  retry: 2\n";
      const more = "  before_script: [x]\n  after_script: [x]\n  parallel: 3\n  when: manual\n";
      const { lint } = child(`${plain}${acting}${more}`, outcome) as { lint: object };

      expect(Object.keys(lint).sort()).toEqual(
        ["allow_failure", "image", "inherit", "script", "stage", "tags"].sort(),
      );
    },
  );

  it("keeps its place and its conditions when it is a stub", () => {
    const text = `${plain}  needs: [build]\n  rules: [{ if: $A }]\n`;

    expect(child(text, "skip")).toMatchObject({
      lint: { needs: ["build"], rules: [{ if: "$A" }] },
    });
  });

  it("takes its place, and nothing else, from the jobs that it builds on", () => {
    const bases =
      ".deep: { stage: checks, rules: [{ if: $A }], environment: production }\n" +
      ".base: { extends: .deep, before_script: [x], rules: [{ if: $B }] }\n" +
      ".merged: &merged { needs: [build], trigger: x }\n";

    expect(
      child(`${bases}lint:\n  extends: [.base, .elsewhere]\n  <<: *merged\n`, "skip"),
    ).toMatchObject({
      lint: {
        stage: "checks",
        rules: [{ if: "$B" }],
        needs: ["build"],
        script: ["echo 'lint is left out'", "exit 86"],
      },
    });
    const { lint } = child(`${bases}lint:\n  extends: [.base, .elsewhere]\n`, "skip") as {
      lint: object;
    };
    for (const name of ["extends", "environment", "before_script"]) {
      expect(lint).not.toHaveProperty(name);
    }
  });

  it("is forced past the conditions of the jobs that it builds on", () => {
    const base = ".base: { only: [tags], variables: { A: 1, B: 2 } }\n";

    expect(
      child(`${base}lint: { extends: .base, script: x, variables: { B: 3 } }\n`, "force"),
    ).toEqual({
      ".base": { only: ["tags"], variables: { A: 1, B: 2 } },
      ".optout:lint": { extends: ".base", script: "x", variables: { B: 3 } },
      lint: { variables: { A: 1, B: 3 }, script: "x", rules: [{ when: "always" }] },
      workflow: { rules: [{ when: "always" }] },
    });
  });

  it("is merged in the order of the file, as GitLab does it", () => {
    const base = ".a: &a { script: a, tags: [a] }\n.b: &b { script: b }\n";

    expect(child(`${base}lint: { script: x, <<: [*b, *a] }\n`, "force")).toMatchObject({
      lint: { script: "b", tags: ["a"] },
    });
    expect(child(`${base}lint: { <<: [*b, *a], script: x }\n`, "force")).toMatchObject({
      lint: { script: "x" },
    });
  });

  it("still extends jobs of included files that a job which it builds on extends", () => {
    const base = ".base: { extends: [.elsewhere, .deep] }\n.deep: { extends: .there }\n";

    expect(child(`${base}lint: { extends: .base, script: x }\n`, "force")).toHaveProperty(
      "lint.extends",
      [".elsewhere", ".there"],
    );
  });

  it("may build on a job of an included file", () => {
    expect(child("lint: { extends: .elsewhere, script: x }\n", "force")).toMatchObject({
      lint: { extends: [".elsewhere"], rules: [{ when: "always" }] },
    });
  });

  it("may fail under an allow-failure", () => {
    expect(child(plain, "allow-failure")).toMatchObject({
      lint: { script: ["npm run lint"], allow_failure: true },
    });
  });

  it("runs in any case when it is forced", () => {
    const text = `${plain}  when: manual\n  only: [tags]\n  except: [main]\n`;

    expect(child(text, "force")).toMatchObject({
      lint: { stage: "test", script: ["npm run lint"], rules: [{ when: "always" }] },
    });
    expect(child(text, "force")).not.toHaveProperty("lint.only");
  });

  it("is also one that names its stage, and hidden jobs are none", () => {
    const text =
      "a: { script: x, variables: { OPTOUT_STAGE: lint } }\nb: { script: x }\n.lint: { script: x }\n";

    expect(child(text, "skip")).toMatchObject({
      a: { script: ["echo 'lint is left out'", "exit 86"] },
      b: { script: "x" },
      ".lint": { script: "x" },
    });
  });
});

// GitLab lets the rule that matches overrule the job ("rules:allow_failure", "rules:when")
describe("a rule of a job", () => {
  const outcomes = ["skip", "hold"] as const;
  const lint = (text: string, outcome: StageOutcome["outcome"]): unknown =>
    (child(text, outcome) as { lint: unknown }).lint;
  const rule = (members: string): string => `${plain}  rules: [{ if: $A, ${members} }]\n`;

  it.each(outcomes)("has no say in whether the stub may fail: %s", (outcome) => {
    for (const value of ["true", "false", "!reference [.x, y]"]) {
      expect(lint(rule(`allow_failure: ${value}`), outcome)).toMatchObject({
        rules: [{ if: "$A" }],
        allow_failure: outcome === "skip" ? { exit_codes: [86] } : false,
      });
      expect(lint(rule(`allow_failure: ${value}`), outcome)).not.toHaveProperty(
        "rules.0.allow_failure",
      );
    }
  });

  it.each(outcomes)("lets no stub wait for a click or a time: %s", (outcome) => {
    const manual = { if: "$A", when: "on_success" };
    expect(lint(rule("when: manual"), outcome)).toHaveProperty("rules", [manual]);
    expect(lint(rule("when: delayed, start_in: 1 day"), outcome)).toHaveProperty("rules", [manual]);
    expect(lint(`${plain}  rules: [{ when: never }, { when: always }]\n`, outcome)).toHaveProperty(
      "rules",
      [{ when: "never" }, { when: "always" }],
    );
    expect(lint(`${plain}  rules: [{ allow_failure: true }]\n`, outcome)).toHaveProperty("rules", [
      { when: "on_success" },
    ]);
  });

  it.each([
    ["a job that it extends", ".base: { rules: [{ if: $A, allow_failure: true }] }\n", ".base", ""],
    [
      "a reference",
      ".base: { rules: [{ if: $A, allow_failure: true }] }\n",
      "",
      "  rules: [!reference [.base, rules]]\n",
    ],
    [
      "references of references",
      ".a: { rules: [[{ if: $A, allow_failure: true }]] }\n.b: { rules: [!reference [.a, rules]] }\n",
      "",
      "  rules: !reference [.b, rules]\n",
    ],
    [
      "an alias",
      ".base: { rules: &rules [{ if: $A, allow_failure: true }] }\n",
      "",
      "  rules: *rules\n",
    ],
    [
      "a merge",
      ".rule: &rule { if: $A, allow_failure: true }\n",
      "",
      "  rules: [{ <<: *rule, when: manual }]\n",
    ],
  ])("is seen behind %s", (_, bases, base, rules) => {
    const text = `${bases}lint:\n  script: x\n${base === "" ? "" : `  extends: ${base}\n`}${rules}`;

    for (const outcome of [...outcomes, "allow-failure"] as const) {
      expect(lint(text, outcome)).toHaveProperty("rules.0.if", "$A");
      expect(lint(text, outcome)).not.toHaveProperty("rules.0.allow_failure");
      expect(made(text, outcome).doubts).toEqual([]);
    }
    for (const outcome of outcomes)
      expect(lint(text, outcome)).not.toHaveProperty("rules.0.when", "manual");
    expect(parse(made(text, "hold").text, quiet)).toMatchObject(parse(bases, quiet) as object);
  });

  it.each(outcomes)("that cannot be followed leaves a stub for every pipeline: %s", (outcome) => {
    const unseen = [
      "[!reference [.elsewhere, rules]]",
      "[{ if: $A }, !reference [.elsewhere, rules]]",
      "[{ if: $A, when: !reference [.elsewhere, when] }]",
      "[!reference [lint, rules]]",
    ];
    for (const rules of unseen) {
      const text = `${plain}  rules: ${rules}\n`;
      expect(lint(text, outcome)).toHaveProperty("rules", [{ when: "on_success" }]);
      expect(made(text, outcome).doubts).toEqual([{ about: "rules", job: "lint", outcome }]);
    }
  });

  it.each(outcomes)("of an included file is not merged into a stub: %s", (outcome) => {
    expect(lint(`include: jobs.yml\n${plain}`, outcome)).toHaveProperty("rules", [
      { when: "on_success" },
    ]);
    expect(lint(`include: jobs.yml\n${plain}  only: [tags]\n`, outcome)).not.toHaveProperty(
      "rules",
    );
    expect(lint(`${plain}  rules: null\n`, outcome)).not.toHaveProperty("rules");
  });

  it("does not overrule an allow-failure, and still decides when the job is there", () => {
    expect(lint(rule("when: manual, allow_failure: false"), "allow-failure")).toMatchObject({
      script: ["npm run lint"],
      rules: [{ if: "$A", when: "manual" }],
      allow_failure: true,
    });
    expect(lint(rule("allow_failure: false"), "allow-failure")).not.toHaveProperty(
      "rules.0.allow_failure",
    );
  });

  it("that cannot be followed may still overrule an allow-failure, which is told", () => {
    const doubts = [{ about: "rules", job: "lint", outcome: "allow-failure" }];
    const text = `${plain}  rules: [!reference [.elsewhere, rules]]\n`;

    expect(made(text, "allow-failure")).toMatchObject({
      text: expect.stringContaining("!reference [ .elsewhere, rules ]") as unknown,
      doubts,
    });
    expect(made(`${plain}  extends: .elsewhere\n`, "allow-failure").doubts).toEqual(doubts);
    expect(made(plain, "allow-failure").doubts).toEqual([]);
  });
});

describe("a delayed job", () => {
  it("that is forced starts at once, for start_in may not stand beside rules", () => {
    const text = `${plain}  when: delayed\n  start_in: 30 minutes\n`;

    expect(child(text, "force")).toMatchObject({ lint: { rules: [{ when: "always" }] } });
    expect(child(text, "force")).not.toHaveProperty("lint.start_in");
    expect(
      child(`.base: { start_in: 1 day, when: delayed }\nlint: { extends: .base }\n`, "force"),
    ).toEqual(expect.objectContaining({ lint: { rules: [{ when: "always" }] } }));
  });
});

describe("a file is refused", () => {
  it.each([
    ["that is no YAML", "a: [", "stages.yml:1:5 is no YAML"],
    ["whose jobs extend each other", "lint: { extends: lint }\n", "extend each other too deeply"],
    ["that names a job twice", `${plain}${plain}`, "stages.yml:4:1 is no YAML"],
    ["that holds a list", "- a\n", "stages.yml holds no jobs"],
    ["that is empty", "", "stages.yml holds no jobs"],
    [
      "without a job of the stage",
      "test: { script: x }\n",
      "stages.yml has no job of the stage lint",
    ],
    ["whose job is no mapping", "lint: x\n", "stages.yml has no job of the stage lint"],
  ])("%s", (_, text, why) => {
    expect(problem(() => child(text, "skip"))).toEqual({
      code: "config-invalid",
      message: expect.stringContaining(why) as string,
    });
  });
});
