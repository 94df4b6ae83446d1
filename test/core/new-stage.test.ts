/** What the name of a stage tells about its kind. */
import { describe, expect, it } from "vitest";

import { kindOfName } from "../../src/core/new-stage.ts";

const words = (text: string): readonly string[] => text.split(" ");

describe("a name with one of these words is of", () => {
  it.each(words("deploy deploys deployment promote publish publishing release releases rollout"))(
    "a deploy: %s",
    (word) => {
      expect(kindOfName(word)).toBe("deploy");
      expect(kindOfName(`the_${word}`)).toBe("deploy");
    },
  );

  it.each(
    words(
      "audit bench benchmark check checks coverage cypress e2e eslint fmt format formatting " +
        "integration knip lint linter linting lints oxlint playwright prettier quality sast scan " +
        "security smoke spec specs style stylelint test tests tsc typecheck types typing unit vet",
    ),
  )("a check of quality: %s", (word) => {
    expect(kindOfName(word)).toBe("quality");
    expect(kindOfName(`${word}-web`)).toBe("quality");
  });
});

describe("the kind of a stage that is named", () => {
  it.each([
    ["runTests", "quality"],
    ["LINT", "quality"],
    ["e2eDeploy", "deploy"],
    ["web3Release", "deploy"],
    ["Type check", "quality"],
    ["type-checking", "quality"],
    ["lint:web/unit", "quality"],
  ])("%s is told from its words, however they are joined: %s", (name, kind) => {
    expect(kindOfName(name)).toBe(kind);
  });

  it.each(["deploy-tests", "test-release", "lint-and-publish"])(
    "%s is a deploy, though a check is named too, for a doubtful one is",
    (name) => {
      expect(kindOfName(name)).toBe("deploy");
    },
  );

  it.each(["", "build", "latest", "redeploy", "protest", "checkout", "type", "released"])(
    "%s is told by nothing",
    (name) => {
      expect(kindOfName(name)).toBeNull();
    },
  );
});
