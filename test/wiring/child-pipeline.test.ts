/** A child pipeline under decisions: which jobs are changed, and how. */
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

import { childPipeline, type StageOutcome } from "../../src/wiring/child-pipeline.ts";
import { problem } from "../support/problem.ts";

const place = { image: "node:24", tags: ["docker"] };
const child = (text: string, outcome: StageOutcome["outcome"], stage = "lint"): unknown =>
  parse(childPipeline("stages.yml", text, [{ stage, outcome, note: "lint is left out" }], place));
const plain = "lint:\n  stage: test\n  script: [npm run lint]\n";

describe("a job of a stage", () => {
  it("stays as it is written when it runs normally", () => {
    const text = "# why\nlint: { script: !reference [.a, script] } # x\n";

    expect(
      childPipeline("stages.yml", text, [{ stage: "lint", outcome: "enforced", note: "" }], place),
    ).toBe(
      "# why\nlint: { script: !reference [ .a, script ] } # x\nworkflow:\n  rules:\n    - when: always\n",
    );
  });

  it("becomes a visible stub when it is left out, where the gate itself could run", () => {
    expect(child(plain, "skip")).toEqual({
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
      lint: { variables: { A: 1, B: 3 }, script: "x", rules: [{ when: "always" }] },
      workflow: { rules: [{ when: "always" }] },
    });
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
