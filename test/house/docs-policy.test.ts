/** The policy that the docs show is one that loads. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { channelProblems, channelsOf } from "../../src/core/channel-shape.ts";
import { parsePolicy } from "../../src/core/policy-parse.ts";
import { readCases, runCases } from "../../src/operations/policy-cases.ts";

const yamlIn = (name: string): string => {
  const page = readFileSync(new URL(`../../docs/${name}`, import.meta.url), "utf8");
  return /```yaml\n(.*?)```/s.exec(page)?.[1] ?? "";
};

it("names channels that can be opened", () => {
  const text = yamlIn("policy.md") + yamlIn("notifications.md");
  const policy = parsePolicy(Buffer.from(text), "docs");

  expect(channelProblems(policy)).toEqual([]);
  expect(channelsOf(policy).map(({ to }) => to)).toEqual([
    "slack",
    "teams",
    "webhook",
    "email",
    "exec",
    "forge",
  ]);
});

it("loads without a warning", () => {
  const page = readFileSync(new URL("../../docs/policy.md", import.meta.url), "utf8");
  const [, example = ""] = /```yaml\n(.*?)```/s.exec(page) ?? [];

  const policy = parsePolicy(Buffer.from(example), "docs/policy.md");

  expect(policy.warnings).toEqual([]);
  expect([...policy.stages.keys()]).toEqual(["lint", "unit-tests", "deploy-prod", "license"]);
});

it("has tests that its example passes", () => {
  const page = readFileSync(new URL("../../docs/policy.md", import.meta.url), "utf8");
  const [, example = ""] = /```yaml\n(.*?)```/s.exec(page) ?? [];
  const [, cases = ""] = /```yaml\n# \S+\n(version: 1\ncases:\n.*?)```/s.exec(page) ?? [];
  const policy = parsePolicy(Buffer.from(example), "docs/policy.md");

  const read = readCases(Buffer.from(cases), policy);

  if ("problems" in read) throw new Error(JSON.stringify(read.problems));
  const results = runCases(policy, read);
  expect(results.map(({ faults }) => faults)).toEqual(results.map(() => []));
  expect(results.map(({ tested }) => tested.expect)).toContain("pending");
});
