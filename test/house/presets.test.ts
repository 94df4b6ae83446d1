/** The presets of the package: what `init --preset` writes, as whole policies, each with its tests. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { parsePolicy } from "../../src/core/policy-parse.ts";
import { presetNames } from "../../src/operations/policy-presets.ts";
import { policyText } from "../../src/operations/policy-template.ts";
import { readCases, runCases } from "../../src/operations/policy-cases.ts";

const directory = join(import.meta.dirname, "..", "..", "templates", "policy");
const read = (name: string): Buffer => readFileSync(join(directory, name));

const stages = [
  { id: "lint", kind: "quality", environment: null, from: null },
  { id: "unit-tests", kind: "quality", environment: null, from: null },
  { id: "deploy-prod", kind: "deploy", environment: null, from: null },
] as const;

const log = {
  store: "git",
  branch: "optout-log",
  id: null,
  subjectPrefix: null,
  pushOptions: null,
} as const;

describe.each(presetNames)("the preset %s", (preset) => {
  it("stands in the package as init writes it", () => {
    const text = policyText({ operator: null, ci: null, stages, log, preset });

    expect(read(`${preset}.yaml`).toString()).toBe(text);
  });

  it("answers as its tests say, each rule in some of them", () => {
    const policy = parsePolicy(read(`${preset}.yaml`), preset);
    const cases = readCases(read(`${preset}.test.yaml`), policy);

    if ("problems" in cases) throw new Error(JSON.stringify(cases.problems));
    const results = runCases(policy, cases);
    const failed = results.filter(({ faults }) => faults.length > 0);
    expect(failed).toEqual([]);
    expect(results.length).toBeGreaterThan(10);
  });
});

it("no preset is without tests, and there is nothing else", () => {
  const wanted = presetNames.flatMap((name) => [`${name}.test.yaml`, `${name}.yaml`]);

  expect(readdirSync(directory).toSorted()).toEqual(wanted.toSorted());
});
