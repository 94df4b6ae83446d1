/** The policy that the docs show is one that loads. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { parsePolicy } from "../../src/core/policy-parse.ts";

it("loads without a warning", () => {
  const page = readFileSync(new URL("../../docs/policy.md", import.meta.url), "utf8");
  const [, example = ""] = /```yaml\n(.*?)```/s.exec(page) ?? [];

  const policy = parsePolicy(Buffer.from(example), "docs/policy.md");

  expect(policy.warnings).toEqual([]);
  expect([...policy.stages.keys()]).toEqual(["lint", "unit-tests", "deploy-prod", "license"]);
});
