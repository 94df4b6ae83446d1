/**
 * The policy that `init` writes: valid and without warnings for whatever it is made of.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { NewStage } from "../../src/core/new-stage.ts";
import { parsePolicy } from "../../src/core/policy-parse.ts";
import { hasRole } from "../../src/core/policy.ts";
import { ruleFor } from "../../src/core/scope.ts";
import { policyText, type NewPolicy } from "../../src/operations/policy-template.ts";
import { testKey } from "../support/keys.ts";

const named = (id: string, kind: NewStage["kind"] = "quality"): NewStage => ({
  id,
  kind,
  environment: null,
  from: null,
});

const wanted: NewPolicy = {
  operator: { id: "alice", name: "Alice Ng", keyLine: `${testKey("alice").ssh} alice` },
  ci: null,
  stages: [named("lint"), named("unit-tests")],
  log: {
    store: "git",
    branch: "optout-log",
    id: null,
    subjectPrefix: null,
    pushOptions: null,
  },
  preset: "solo",
};

const parsed = (more: Partial<NewPolicy> = {}) =>
  parsePolicy(Buffer.from(policyText({ ...wanted, ...more })), "policy.yaml");

const nobody = {
  branch: "main",
  head: null,
  tag: null,
  sha: null,
  pr: null,
  environment: null,
  fork: false,
  forge: null,
  run: null,
};

describe("a new policy", () => {
  it.each([
    ["production", "production"],
    ["eu west/1", "eu west/1"],
    ["e0", "e0"],
    ["a\n  b: c", null],
    ["x } # y", null],
    ["", null],
  ])("names the environment %j of a stage where its name is plain", (environment, told) => {
    const stages = [{ ...named("deploy", "deploy"), environment }, named("lint")];

    expect(parsed({ stages }).stages.get("deploy")?.environment).toBe(told);
  });

  it("has the operator with the key, and nobody else", () => {
    const { principals, keys } = parsed();

    expect([...principals.keys()]).toEqual(["alice"]);
    expect(principals.get("alice")).toMatchObject({ name: "Alice Ng", kind: "person" });
    expect([...keys.keys()]).toEqual([testKey("alice").kid]);
  });

  it("has the key of CI where there is one, as a principal that can override nothing", () => {
    const { principals, keys } = parsed({ ci: { id: "ci", keyLine: `${testKey("bob").ssh} ci` } });

    expect(principals.get("ci")).toMatchObject({ kind: "ci", roles: [] });
    expect(keys.get(testKey("bob").kid)?.owner.id).toBe("ci");
  });

  it("lets the operator override each stage, deploys for an hour at most", () => {
    const policy = parsed({
      stages: [named("lint"), named("deploy-prod", "deploy"), named("eu", "deploy")],
    });
    const alice = policy.principals.get("alice");

    for (const stage of policy.stages.values()) {
      const rule = ruleFor(policy, { ...nobody, stage: stage.id });
      expect(alice !== undefined && hasRole(alice, rule?.who ?? [])).toBe(true);
      expect(rule?.longestSeconds).toBe(stage.id === "lint" ? 12 * 3600 : 3600);
      expect(stage.kind).toBe(stage.id === "lint" ? "quality" : "deploy");
    }
  });

  it("tells editors its schema, and every reader what it is for, in lines that fit", () => {
    const lines = policyText(wanted).split("\n");

    expect(lines[0]).toBe("# yaml-language-server: $schema=./policy.schema.json");
    const long = lines.filter((line) => line.length > 120 && !line.includes("ssh-"));
    expect(long).toEqual([]);
  });

  it("has examples in its comments that are valid once they are no comments", () => {
    const key = JSON.stringify(testKey("bob").ssh);
    const text = policyText({ ...wanted, stages: [named("lint"), named("deploy-prod", "deploy")] })
      .replace(/# bob: (.*)"ssh[^"]*"/, `bob: $1${key}`)
      .replace(/# ci: (.*)"ssh[^"]*"/, `ci: $1${JSON.stringify(testKey("ci").ssh)}`)
      .replace("# license:", "license:")
      .replace("# approvals:", "approvals:")
      .replace("# emergency:", "emergency:");

    const policy = parsePolicy(Buffer.from(text), "policy.yaml");

    expect([...policy.principals.keys()]).toEqual(["alice", "bob", "ci"]);
    expect(policy.rules[1]).toMatchObject({
      approvals: { count: 1 },
      emergency: { who: ["oncall"] },
    });
    expect(policy.stages.get("license")?.never).toEqual(["skip", "allow-failure"]);
  });

  it("has a rule for deploys in a comment until there is a deploy", () => {
    const text = policyText(wanted).replaceAll(/^ {2}# (?=- id: deploys| {2}\w+:)/gm, "  ");

    expect(parsed().rules.map((rule) => rule.id)).toEqual(["quality"]);
    expect(parsePolicy(Buffer.from(text), "policy.yaml").rules.map((rule) => rule.id)).toEqual([
      "quality",
      "deploys",
    ]);
  });

  it("is valid, says what was asked for and warns of nothing, whatever the names are", () => {
    const word = fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,63}$/);
    const odd = fc.constantFrom(
      "null",
      "true",
      "no",
      "1e3",
      "0x1f",
      "1.5",
      "2026-11-21",
      "y",
      "e0",
      "e-5",
      "e",
    );
    const stage = fc.oneof(fc.stringMatching(/^[a-z0-9][a-z0-9._/-]{0,63}$/), odd);
    const person = fc
      .string({ unit: "grapheme", minLength: 1, maxLength: 20 })
      .filter((text) => /^[^\p{C}\p{Zl}\p{Zp}]{1,50}$/u.test(text));
    fc.assert(
      fc.property(
        fc.oneof(word, odd),
        fc.option(person),
        fc.uniqueArray(stage, { minLength: 1, maxLength: 5 }),
        fc.stringMatching(/^\/[ -~]{1,40}$/),
        (id, name, stages, path) => {
          const policy = parsed({
            operator: { id, name, keyLine: `${testKey("alice").ssh} ${id}` },
            stages: stages.map((one) => named(one)),
            log: { store: "dir", path, id: null },
          });
          expect([...policy.principals.keys()]).toEqual([id]);
          expect(policy.principals.get(id)?.name).toBe(name);
          expect([...policy.stages.keys()]).toEqual(stages);
          expect(policy.log).toEqual({ store: "dir", path, id: null });
          expect(policy.warnings).toEqual([]);
        },
      ),
    );
  });
});
