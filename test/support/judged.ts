/**
 * An override and its judgement as plain values, for tests of words: alice skips lint on main for
 * two hours from 2026-11-21T15:00Z, as #412, and it is in force.
 */
import type { Judged } from "../../src/core/judge.ts";
import type { Principal, Rule } from "../../src/core/policy.ts";
import type { Subject } from "../../src/core/scope.ts";
import type { OverrideCreated } from "../../src/core/statement.ts";

export const issuedAt: number = Date.UTC(2026, 10, 21, 15) / 1000;
export const policyCommit: string = "9f3c1a2".padEnd(40, "0");

const hash = "h".repeat(43);

export function created(own: Partial<OverrideCreated> = {}): OverrideCreated {
  return {
    v: 1,
    kind: "override.created",
    id: "ovr_7k2m9q4x8c3t5v0b",
    by: "alice",
    iat: issuedAt,
    log: hash,
    policy: hash,
    policy_at: policyCommit,
    saw: { seq: 411, hash },
    action: "skip",
    target: { type: "stage", name: "lint" },
    scope: { branches: ["main"] },
    reason: { code: "broken-gate", text: "eslint crash on TS 7" },
    tickets: ["INC-4312"],
    nbf: issuedAt,
    duration: 7200,
    ...own,
  };
}

export const alice: Principal = {
  id: "alice",
  name: "Alice Ng",
  kind: "person",
  roles: ["oncall"],
  keys: [],
  github: null,
  gitlab: null,
  githubId: null,
  gitlabId: null,
  line: 4,
};

const quality: Rule = {
  id: "quality",
  match: { kinds: ["quality"], stages: null, branches: null, environments: null },
  actions: ["skip"],
  who: ["oncall"],
  longestSeconds: 43_200,
  defaultSeconds: null,
  reason: { min: 10, codes: null, ticket: null },
  approvals: null,
  emergency: null,
  mayRevoke: [],
  recordUse: false,
  announce: false,
  forgeAccount: false,
  line: 20,
};

export function judged(own: Partial<Judged> = {}): Judged {
  return {
    seq: 412,
    hash,
    digest: hash,
    statement: created(),
    author: alice,
    rule: quality,
    approvals: [],
    start: issuedAt,
    end: issuedAt + 7200,
    needsUse: false,
    objections: [],
    ...own,
  };
}

export function subject(own: Partial<Subject> = {}): Subject {
  return {
    stage: "lint",
    branch: "main",
    head: null,
    tag: null,
    sha: null,
    pr: null,
    environment: null,
    fork: false,
    forge: null,
    run: null,
    ...own,
  };
}
