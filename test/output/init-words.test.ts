/** What `init` says is left to do: where the key of CI goes. */
import { describe, expect, it } from "vitest";

import { parseSshPublicKey } from "../../src/core/keys.ts";
import { initJson } from "../../src/output/init-json.ts";
import { initNext } from "../../src/output/init-next.ts";
import type { InitReport } from "../../src/output/init-words.ts";
import { testKey } from "../support/keys.ts";

const path = "/home/alice/my keys/ci.pem";
const report: InitReport = {
  policy: { path: ".optout/policy.yaml", outcome: "written" },
  schema: { path: ".optout/policy.schema.json", outcome: "written" },
  log: { store: "git:optout-log", branch: "optout-log", id: "A".repeat(43), outcome: "created" },
  operator: null,
  ciKeyName: "ci-acme-shop",
  ci: { principal: "ci", key: parseSshPublicKey(testKey("bob").ssh), path, made: true },
  stages: [],
  stage: "lint",
  remote: "origin",
  forge: "github",
};
const file = `'${path}'`;

describe("the key of CI", () => {
  it.each([
    ["github" as const, `gh secret set OPTOUT_KEY < ${file} && rm ${file}`, "a deploy key"],
    [
      "gitlab" as const,
      `glab variable set OPTOUT_KEY_FILE --type file < ${file} && rm ${file}`,
      "a project access token",
    ],
  ])("goes to %s by a command, and the right to push by its own way", (forge, command, right) => {
    const { ci, next } = initJson({ ...report, forge });

    expect(ci).toMatchObject({ principal: "ci", path, made: true });
    expect(next.slice(-2)).toEqual([command, "optout doctor"]);
    expect(initNext({ ...report, forge }).join("\n")).toContain(`by ${right}`);
  });

  it("is handed over by hand where no forge is known", () => {
    const words = initNext({ ...report, forge: null });

    expect(words.at(-2)).toContain(
      `Hand the jobs that record ${file} as OPTOUT_KEY_FILE, then delete the file: rm ${file}`,
    );
  });

  it("needs no right to push for a log that is not in git", () => {
    const { next } = initJson({ ...report, log: { ...report.log, branch: null } });

    expect(next.at(-1)).toContain("gh secret set OPTOUT_KEY");
  });

  it("is told how to be made where there is none", () => {
    expect(initJson({ ...report, ci: null }).next.at(-1)).toBe(
      "optout keys create ci-acme-shop --no-passphrase",
    );
  });
});
