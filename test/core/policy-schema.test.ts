import { readFileSync } from "node:fs";

import { Ajv } from "ajv";
import { load } from "js-yaml";
import { describe, expect, it } from "vitest";

import { policyProblems } from "../../src/core/policy-parse.ts";
import { memberDescriptions, policyJsonSchema } from "../../src/core/policy-schema.ts";
import { sampleSsh } from "../support/sample-keys.ts";

const schema = policyJsonSchema();
const accepts = new Ajv({ strict: true, strictTypes: false }).compile({ ...schema });
const vectors = readFileSync(new URL("../vectors/policy.yaml", import.meta.url), "utf8");
/** Every member that most policies have. */
const example = `version: 1
log: { store: git, branch: optout-log, id: ${"A".repeat(43)} }
principals:
  alice: { name: Alice Ng, github: alice, roles: [developer, oncall], keys: ["${sampleSsh("alice")}"] }
  bob:   { name: Bob Ruiz, github: bob,   roles: [release-manager],   keys: ["${sampleSsh("bob")}"] }
  ci:    { kind: ci, keys: ["${sampleSsh("ci")}"] }
stages:
  lint:        { kind: quality }
  unit-tests:  { kind: quality, prefer: allow-failure }
  deploy-prod: { kind: deploy, environment: production }
  license:     { kind: legal, never: [skip, allow-failure] }
rules:
  - id: quality
    match:   { kind: quality }
    actions: [skip, allow-failure, force]
    who:     [developer, oncall]
    longest: 12h
    default: 2h
    reason:  { min: 10 }
  - id: prod-deploys
    match:   { stages: [deploy-prod], branches: [main, "release/*"] }
    actions: [skip, force, hold]
    who:     [oncall]
    longest: 1h
    approvals: { count: 2, from: [release-manager], pending: 1h }
    emergency: { who: [oncall], longest: 30m, review_within: 24h }
    may_revoke: [oncall, release-manager]
limits:  { per_stage: { total: 24h, within: 7d } }
notify:
  - { to: slack, url_env: OPTOUT_SLACK_WEBHOOK }
  - { to: webhook, url: "https://hooks.example.com/optout", secret_env: OPTOUT_WEBHOOK_SECRET }
`;

const isAccepted = (text: string): boolean => accepts(load(text));
const isRead = (text: string): boolean => policyProblems(Buffer.from(text)).length === 0;

describe("the JSON Schema of the policy", () => {
  it.each([
    ["the policy of the vectors", vectors],
    ["an example with most members", example],
  ])("accepts %s, and so does the reading", (_, text) => {
    expect(isRead(text)).toBe(true);
    expect(isAccepted(text)).toBe(true);
  });

  it.each([
    ["an unknown member", "version: 1", "version: 1\nrule: []"],
    ["an unknown member of a principal", "alice: {", "alice: { nick: al,"],
    ["an unknown member of a stage", "kind: legal", "kind: legal, x: y"],
    ["an unknown member of a rule", "default: 2h", "defualt: 2h"],
    ["an unknown member of a match", "match:   { kind: quality }", "match: { kinds: quality }"],
    ["an unknown member of approvals", "pending: 1h", "wait: 1h"],
    ["an unknown member of the log", "store: git", "store: git, bucket: x"],
    ["another version", "version: 1", "version: 2"],
    ["a store that is not known", "store: git", "store: ftp"],
    ["a log id that is short", "A".repeat(43), "AAAA"],
    ["a principal in capitals", "  bob:", "  Bob:"],
    ["an RSA key", "ssh-ed25519", "ssh-rsa"],
    ["a stage in capitals", "  lint:", "  Lint:"],
    ["a stage without a kind", "{ kind: deploy, environment", "{ environment"],
    ["an action that is not known", "[skip, force, hold]", "[skip, forse]"],
    ["an action twice", "[skip, force, hold]", "[skip, skip]"],
    ["no actions", "[skip, force, hold]", "[]"],
    ["a rule without longest", "    longest: 12h\n", ""],
    ["a length that is a number", "longest: 12h", "longest: 12"],
    ["a length in words", "longest: 12h", "longest: long"],
    ["who as a word", "who:     [oncall]", "who: oncall"],
    ["a count of 0", "count: 2", "count: 0"],
    ["a count as text", "count: 2", 'count: "2"'],
    ["a channel of no kind", "{ to: slack, ", "{ "],
    ["an account that need not match", "default: 2h", "forge_account: required"],
    ["a client id with a space", "version: 1", 'version: 1\nsign_in: { client_id: "a b" }'],
    ["an account's number as text", "github: bob", 'github_id: "7"'],
    ["an announcement that is optional", "default: 2h", "announce: optional"],
  ])("refuses %s, and so does the reading", (_, from, to) => {
    expect(example).toContain(from);
    const text = example.replace(from, to);
    expect(isRead(text)).toBe(false);
    expect(isAccepted(text)).toBe(false);
  });

  it("describes every member, and nothing that is no member", () => {
    expect(membersOf(schema, "").toSorted()).toEqual(Object.keys(memberDescriptions).toSorted());
  });

  it("says to the editor which draft it is", () => {
    expect(schema["$schema"]).toBe("http://json-schema.org/draft-07/schema#");
    expect(JSON.stringify(schema)).toContain('"description":"Roles that may do it."');
  });
});

/** The paths of all members; each form of a member once. */
function membersOf(part: unknown, path: string): readonly string[] {
  const found = members(part).flatMap(([keyword, value]): readonly string[] => {
    if (keyword === "anyOf" && Array.isArray(value)) {
      return value.flatMap((form) => membersOf(form, path));
    }
    if (keyword === "items") return membersOf(value, `${path}[]`);
    if (keyword === "additionalProperties") return membersOf(value, `${path}.*`);
    if (keyword !== "properties") return [];
    return members(value).flatMap(([name, member]) => {
      const at = path === "" ? name : `${path}.${name}`;
      return [at, ...membersOf(member, at)];
    });
  });
  return [...new Set(found)];
}

function members(value: unknown): readonly (readonly [string, unknown])[] {
  return typeof value === "object" && value !== null ? Object.entries<unknown>({ ...value }) : [];
}
