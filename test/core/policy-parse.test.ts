import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { OptoutError } from "../../src/core/errors.ts";
import type { Policy } from "../../src/core/policy.ts";
import { parsePolicy, policyProblems } from "../../src/core/policy-parse.ts";
import { problem } from "../support/problem.ts";
import { sampleKid, sampleSsh } from "../support/sample-keys.ts";

const vectorFile = new URL("../vectors/policy.yaml", import.meta.url);
/** A policy of a few lines; each test changes one of them. */
const base = `version: 1
log: { store: git }
principals:
  alice: { roles: [oncall], keys: ["${sampleSsh("alice")}"] }
  bob:   { roles: [release-manager], keys: ["${sampleSsh("bob")}"] }
stages:
  lint: { kind: quality }
rules:
  - id: quality
    match: { kind: quality }
    actions: [skip]
    who: [oncall]
    longest: 4h
`;

function parse(text: string): Policy {
  return parsePolicy(Buffer.from(text), "policy.yaml");
}

/** `base` with one piece replaced by another. */
function changed(from: string, to: string): string {
  if (!base.includes(from)) throw new Error(`the base has no ${from}`);
  return base.replace(from, to);
}

/** The base's rule with one line more. */
const ruleWith = (line: string): string => `${base}    ${line}\n`;

function problemsOf(text: string): readonly string[] {
  return policyProblems(Buffer.from(text)).map(
    ({ line, column, message }) => `${line}:${column} ${message}`,
  );
}

describe("the policy of the vectors", () => {
  const bytes = readFileSync(vectorFile);
  const policy = parsePolicy(bytes, "policy.yaml");

  it("is read", () => {
    expect(policyProblems(bytes)).toEqual([]);
    expect(policy.version).toBe(1);
    expect(policy.log).toEqual({
      store: "git",
      branch: "optout-log",
      id: "jz4eJODYvsEe3D4yoQm0aR7BdGiyzBIA5NZf2_qbYAM",
      subjectPrefix: null,
      pushOptions: null,
    });
    expect([...policy.principals.keys()]).toEqual(["alice", "bob", "carol", "dora", "erin", "ci"]);
    expect([...policy.stages.keys()]).toEqual([
      "lint",
      "unit-tests",
      "license",
      "prod-gate",
      "deploy-prod",
    ]);
    expect(policy.rules.map(({ id }) => id)).toEqual(["quality", "gates", "deploys"]);
  });

  it("has the digest and the text of its bytes", () => {
    expect(policy.digest).toBe(createHash("sha256").update(bytes).digest("base64url"));
    expect(policy.text).toBe(bytes.toString());
  });

  it("knows every key by its thumbprint, with its owner", () => {
    expect([...policy.keys].map(([kid, { owner }]) => [kid, owner.id])).toEqual(
      [
        ["alice", "alice"],
        ["alice2", "alice"],
        ["bob", "bob"],
        ["carol", "carol"],
        ["dora", "dora"],
        ["erin", "erin"],
        ["ci", "ci"],
      ].map(([key = "", owner]) => [sampleKid(key), owner]),
    );
    expect(policy.keys.get(sampleKid("alice2"))?.owner).toBe(policy.principals.get("alice"));
  });

  it("has every member of a rule, durations in seconds", () => {
    expect(policy.rules[1]).toEqual({
      id: "gates",
      match: { kinds: ["gate"], stages: null, branches: ["main", "release/*"], environments: null },
      actions: ["skip"],
      who: ["oncall"],
      longestSeconds: 3_600,
      defaultSeconds: null,
      reason: { min: 1, codes: null, ticket: null },
      approvals: { count: 2, from: ["release-manager"], pendingSeconds: 3_600 },
      emergency: { who: ["oncall"], longestSeconds: 1_800, reviewWithinSeconds: 86_400 },
      mayRevoke: ["oncall"],
      recordUse: false,
      announce: false,
      forgeAccount: false,
      line: 23,
    });
    const reason = policy.rules[0]?.reason;
    expect(reason?.min).toBe(10);
    expect(reason?.ticket?.matches("INC-4312")).toBe(true);
    expect(reason?.ticket?.matches("INC-4312 x")).toBe(false);
  });

  it("keeps the lines of principals, stages and rules", () => {
    expect(policy.principals.get("alice")?.line).toBe(4);
    expect(policy.stages.get("license")?.line).toBe(13);
    expect(policy.rules.map(({ line }) => line)).toEqual([17, 23, 31]);
  });

  it("says what a stage does when the log is out of reach: a deploy stops, others run", () => {
    const stages = [...policy.stages.values()].map(({ id, whenUnreachable }) => [
      id,
      whenUnreachable,
    ]);
    expect(Object.fromEntries(stages)).toEqual({
      lint: "run",
      "unit-tests": "run",
      license: "run",
      "prod-gate": "run",
      "deploy-prod": "stop",
    });
  });

  it("warns of the roles of its CI identity only", () => {
    expect(policy.warnings).toEqual([
      { line: 9, message: "ci is of kind ci, so its roles have no effect" },
    ]);
  });

  it("is frozen to the last object", () => {
    const thawed: string[] = [];
    const walk = (value: unknown, path: string): void => {
      if (typeof value !== "object" || value === null) return;
      if (value instanceof Map) {
        for (const [name, member] of value) walk(member, `${path}.${String(name)}`);
        return;
      }
      if (!Object.isFrozen(value)) thawed.push(path);
      for (const [name, member] of Object.entries(value)) walk(member, `${path}.${name}`);
    };
    walk(policy, "policy");
    expect(thawed).toEqual([]);
  });

  it("is made anew each time", () => {
    const again = parsePolicy(bytes, "policy.yaml");
    expect(again).not.toBe(policy);
    expect(again.digest).toBe(policy.digest);
    expect(again.principals.get("alice")).toEqual(policy.principals.get("alice"));
  });
});

describe("a policy", () => {
  it("may leave out what has a default", () => {
    const policy = parse(base);
    expect(policy.log).toEqual({
      store: "git",
      branch: "optout-log",
      id: null,
      subjectPrefix: null,
      pushOptions: null,
    });
    expect(policy.principals.get("alice")).toMatchObject({
      name: null,
      kind: "person",
      github: null,
      gitlab: null,
      githubId: null,
      gitlabId: null,
    });
    expect(policy.stages.get("lint")).toEqual({
      id: "lint",
      kind: "quality",
      environment: null,
      never: [],
      prefer: null,
      whenUnreachable: "run",
      irreversible: false,
      rollback: null,
      line: 7,
    });
    expect(policy.rules[0]).toMatchObject({
      defaultSeconds: null,
      reason: { min: 1, codes: null, ticket: null },
      approvals: null,
      emergency: null,
      mayRevoke: [],
      recordUse: false,
      announce: false,
      forgeAccount: false,
    });
    expect(policy).toMatchObject({
      mayRevoke: [],
      limits: { perStage: null, openPerStage: null, openPerPerson: null, extensions: null },
      notify: [],
      freezes: [],
      warnings: [],
    });
  });

  it("may say of a stage that what it did cannot be undone", () => {
    const stage = (said: string): unknown =>
      parse(changed("{ kind: quality }", `{ kind: quality, irreversible: ${said} }`)).stages.get(
        "lint",
      );

    expect(stage("true")).toMatchObject({ irreversible: true });
    expect(stage("false")).toMatchObject({ irreversible: false });
  });

  it("gives no roles to whom it names none for", () => {
    expect(parse(changed("roles: [oncall], ", "")).principals.get("alice")?.roles).toEqual([]);
  });

  it("may have texts as long as their limits", () => {
    const name = "n".repeat(100);
    const text = changed("{ roles: [oncall]", `{ name: ${name}, roles: [oncall]`);

    expect(parse(text).principals.get("alice")?.name).toBe(name);
    expect(problemsOf(text.replace(name, `${name}n`))).toEqual([
      "4:18 principals.alice.name is longer than 100 characters",
    ]);
  });

  it("may have no principal, stage or rule: then nobody may do anything", () => {
    const policy = parse(
      "version: 1\nlog: {store: dir, path: /l}\nprincipals: {}\nstages: {}\nrules: []",
    );
    expect([policy.principals.size, policy.stages.size, policy.rules.length]).toEqual([0, 0, 0]);
  });

  it("may say everything", () => {
    const more = `    default: 2h
    reason: { min: 10, codes: [flaky, hotfix], ticket: "[A-Z]+-[0-9]+" }
    approvals: { count: 1, from: [release-manager] }
    may_revoke: [release-manager]
    record_use: required
    announce: required
    forge_account: match
may_revoke: [release-manager]
sign_in: { client_id: Iv1.8a61f9b3a7aba766 }
limits:
  per_stage: { total: 24h, within: 7d, open: 3 }
  per_person: { open: 2 }
  extensions: { count: 0, total: 8h }
notify:
  - { to: slack, url_env: HOOK, retries: 3, quiet: true, only: [lint, {a: ~}] }
freezes:
  - { id: xmas, from: "2026-12-20T00:00:00Z", until: "2027-01-02T00:00:00Z", match: { kind: deploy } }
  - { id: weekend, weekly: "fri 16:00 to mon 08:00", zone: Europe/Berlin, match: { kind: deploy }, except: { stages: docs } }
`;
    const policy = parse(base + more);
    expect(policy.rules[0]).toMatchObject({
      defaultSeconds: 7_200,
      approvals: { count: 1, from: ["release-manager"], pendingSeconds: 86_400 },
      mayRevoke: ["release-manager"],
      recordUse: true,
      announce: true,
      forgeAccount: true,
    });
    expect(policy.signInClientId).toBe("Iv1.8a61f9b3a7aba766");
    expect(policy.rules[0]?.reason.codes).toEqual(["flaky", "hotfix"]);
    expect(policy.mayRevoke).toEqual(["release-manager"]);
    expect(policy.limits).toEqual({
      perStage: { totalSeconds: 86_400, withinSeconds: 604_800 },
      openPerStage: 3,
      openPerPerson: 2,
      extensions: { most: 0, totalSeconds: 28_800 },
    });
    expect(policy.notify).toEqual([
      {
        to: "slack",
        name: "slack",
        settings: { url_env: "HOOK", retries: 3, quiet: true, only: ["lint", { a: null }] },
        line: 28,
      },
    ]);
    const deploys = { kinds: ["deploy"], stages: null, branches: null, environments: null };
    expect(policy.freezes).toEqual([
      {
        id: "xmas",
        zone: "UTC",
        match: deploys,
        except: null,
        times: [{ kind: "span", from: 1_797_724_800, until: 1_798_848_000 }],
        line: 30,
      },
      {
        id: "weekend",
        zone: "Europe/Berlin",
        match: deploys,
        except: { kinds: null, stages: ["docs"], branches: null, environments: null },
        times: [
          { kind: "weekly", from: 4 * 1440 + 960, until: 480, text: "fri 16:00 to mon 08:00" },
        ],
        line: 31,
      },
    ]);
  });

  it("may keep the log in a bucket", () => {
    const log =
      "log: { store: s3, bucket: acme-log, prefix: team/x, region: eu-west-1, " +
      'endpoint: "https://s3.example:9000/base" }';
    expect(parse(changed("log: { store: git }", log)).log).toEqual({
      store: "s3",
      bucket: "acme-log",
      prefix: "team/x",
      region: "eu-west-1",
      endpoint: "https://s3.example:9000/base",
      addressing: null,
      sse: null,
      kmsKey: null,
      id: null,
    });
  });

  it("may say how the bucket is named and encrypted", () => {
    const log =
      "store: s3, bucket: acme-log, addressing: virtual, sse: aws:kms, kms_key: alias/optout";
    expect(parse(changed("store: git", log.replace("aws:kms", '"aws:kms"'))).log).toMatchObject({
      addressing: "virtual",
      sse: "aws:kms",
      kmsKey: "alias/optout",
    });
  });

  it("may keep the log in a bucket or a directory with nothing more said", () => {
    const s3 = changed("store: git", "store: s3, bucket: acme-log");
    expect(parse(s3).log).toMatchObject({ prefix: "", region: null, endpoint: null });
    const dir = changed("store: git", "store: dir, path: ../log");
    expect(parse(dir).log).toEqual({ store: "dir", path: "../log", id: null });
  });

  it("may say one kind or glob, or several", () => {
    const policy = parse(
      changed(
        "{ kind: quality }\n    actions",
        '{ kind: [quality, gate], branches: "release/**" }\n    actions',
      ),
    );
    expect(policy.rules[0]?.match).toMatchObject({
      kinds: ["quality", "gate"],
      branches: ["release/**"],
    });
  });

  it("may overrule what a stage does when the log is out of reach", () => {
    const policy = parse(changed("{ kind: quality }", "{ kind: deploy, when_unreachable: run }"));
    expect(policy.stages.get("lint")?.whenUnreachable).toBe("run");
  });

  it("may give accounts, of people and of bots", () => {
    const policy = parse(
      changed(
        "alice: {",
        'alice: { name: Alice Ng, github: Alice-Ng, gitlab: "alice.ng_2",',
      ).replace("bob:   {", 'bob: { kind: ci, github: "deploy[bot]",'),
    );
    expect(policy.principals.get("alice")).toMatchObject({
      name: "Alice Ng",
      github: "Alice-Ng",
      gitlab: "alice.ng_2",
      githubId: null,
      gitlabId: null,
    });
    expect(policy.principals.get("bob")).toMatchObject({ kind: "ci", github: "deploy[bot]" });
  });

  it("may give a person no key, while she waits for one", () => {
    const policy = parse(changed(`keys: ["${sampleSsh("bob")}"]`, "keys: []"));
    expect(policy.principals.get("bob")?.keys).toEqual([]);
  });
});

describe("a policy is refused", () => {
  it.each([
    ["when it is empty", "", "1:1 the policy is empty"],
    ["when it is only comments", "# soon\n", "2:1 the policy is empty"],
    ["when it is a list", "- version: 1\n", "1:1 the policy must be a mapping, not a list"],
    ["when it is a word", "version\n", "1:1 the policy must be a mapping, not text"],
    ["without a version", changed("version: 1\n", ""), "1:1 version is missing"],
    [
      "of a newer version, with that alone",
      changed("version: 1", "version: 2\nx: y"),
      "1:10 version 2 needs a newer optout",
    ],
    ["of version 0", changed("version: 1", "version: 0"), "1:10 version must be 1, not 0"],
    [
      "of a version in quotes",
      changed("version: 1", 'version: "1"'),
      "1:10 version must be 1, not text",
    ],
    [
      "of a version with a fraction",
      changed("version: 1", 'version: "1.0"'),
      "1:10 version must be 1, not text",
    ],
    ["without a log", changed("log: { store: git }\n", ""), "1:1 log is missing"],
    [
      "without principals",
      base.replace(/principals:[^]*stages/, "stages"),
      "1:1 principals is missing",
    ],
    ["without stages", base.replace(/stages:[^]*rules/, "rules"), "1:1 stages is missing"],
    ["without rules", base.replace(/rules:[^]*/, ""), "1:1 rules is missing"],
    [
      "with rules left empty",
      base.replace(/rules:[^]*/, "rules:\n"),
      "8:1 rules must be a list, not nothing",
    ],
    [
      "with an unknown member",
      `${base}rule: []\n`,
      '14:1 unknown member "rule"; did you mean "rules"?',
    ],
    [
      "with a member of JavaScript's own",
      `${base}constructor: 1\n`,
      '14:1 unknown member "constructor"',
    ],
    ["with __proto__", `${base}__proto__: { version: 1 }\n`, '14:1 unknown member "__proto__"'],
    [
      "with an unknown member of a principal",
      changed("roles: [oncall]", "role: [oncall]"),
      '4:12 unknown member "role" in principals.alice; did you mean "roles"?',
    ],
    [
      "with an unknown member of a stage",
      changed("{ kind: quality }", "{ kind: quality, enviroment: x }"),
      '7:26 unknown member "enviroment" in stages.lint; did you mean "environment"?',
    ],
    [
      "with an unknown member of a match",
      changed("{ kind: quality }\n    actions", "{ kind: quality, branch: main }\n    actions"),
      '10:29 unknown member "branch" in rules[0].match; did you mean "branches"?',
    ],
    [
      "with an unknown member of the log",
      changed("store: git", "store: git, bucket: x"),
      '2:20 unknown member "bucket" in log',
    ],
    ["without a store", changed("{ store: git }", "{ branch: x }"), "2:6 log.store is missing"],
    [
      "with an unknown store",
      changed("store: git", "store: gti"),
      '2:15 log.store must be one of git, dir, s3, not "gti"; did you mean "git"?',
    ],
    [
      "with a store of JavaScript's own",
      changed("store: git", "store: constructor"),
      '2:15 log.store must be one of git, dir, s3, not "constructor"',
    ],
    [
      "with a branch that git refuses",
      changed("store: git", "store: git, branch: --force"),
      "2:28 log.branch is not a name that git accepts",
    ],
    [
      "with a log id that is short",
      changed("store: git", "store: git, id: abc"),
      `2:24 log.id must be a log's id (43 characters of base64url), not "abc"`,
    ],
    [
      "with a log id that has a second spelling",
      changed("store: git", `store: git, id: ${"A".repeat(42)}B`),
      "2:24 log.id is not canonical base64url",
    ],
    [
      "with a directory that is not said",
      changed("store: git", "store: dir"),
      "2:6 log.path is missing",
    ],
    [
      "with a bucket that is not said",
      changed("store: git", "store: s3"),
      "2:6 log.bucket is missing",
    ],
    [
      "with a bucket in capitals",
      changed("store: git", "store: s3, bucket: Acme"),
      '2:27 log.bucket must be the name of a bucket, not "Acme"',
    ],
    [
      "with a prefix that begins with a slash",
      changed("store: git", "store: s3, bucket: acme, prefix: /x"),
      '2:41 log.prefix must be a prefix like team/optout, not "/x"',
    ],
    [
      "with a prefix that ends with a slash",
      changed("store: git", "store: s3, bucket: acme, prefix: x/"),
      '2:41 log.prefix must be a prefix like team/optout, not "x/"',
    ],
    [
      "with a prefix that climbs",
      changed("store: git", "store: s3, bucket: acme, prefix: x/../y"),
      "2:41 log.prefix has a part that is only dots",
    ],
    [
      "with a key of KMS and no word of KMS",
      changed("store: git", "store: s3, bucket: acme, kms_key: alias/x"),
      "2:33 log.kms_key needs sse: aws:kms",
    ],
    [
      "with an unknown way to encrypt",
      changed("store: git", "store: s3, bucket: acme, sse: AES128"),
      '2:38 log.sse must be one of AES256, aws:kms, not "AES128"',
    ],
    [
      "with an endpoint that is no URL",
      changed("store: git", 'store: s3, bucket: acme, endpoint: "https://h:x"'),
      "2:43 log.endpoint is not a URL",
    ],
    [
      "with an endpoint that holds a password",
      changed("store: git", 'store: s3, bucket: acme, endpoint: "https://u:p@h/"'),
      '2:43 log.endpoint must be an http or https URL, not "https://u:p@h/"',
    ],
    [
      "with an endpoint that is a file",
      changed("store: git", 'store: s3, bucket: acme, endpoint: "file:///etc"'),
      '2:43 log.endpoint must be an http or https URL, not "file:///etc"',
    ],
    [
      "with a principal in capitals",
      changed("alice:", "Alice:"),
      '4:3 principals: "Alice" must be a name of at most 64 lower-case letters, digits and . _ -',
    ],
    [
      "with a principal that is nothing",
      changed("stages:\n", "  carol:\nstages:\n"),
      "6:3 principals.carol must be a mapping, not nothing",
    ],
    [
      "with a principal without keys",
      changed(`, keys: ["${sampleSsh("bob")}"]`, ""),
      "5:10 principals.bob.keys is missing",
    ],
    [
      "with a principal of an unknown kind",
      changed("bob:   {", "bob:   { kind: bot,"),
      '5:18 principals.bob.kind must be one of person, ci, not "bot"',
    ],
    [
      "with a key that is no list",
      changed(`keys: ["${sampleSsh("bob")}"]`, "keys: ssh-ed25519"),
      "5:44 principals.bob.keys must be a list, not text: write [ssh-ed25519]",
    ],
    [
      "with an RSA key",
      changed(sampleSsh("bob"), "ssh-rsa AAAA bob"),
      "5:45 principals.bob.keys[0]: keys of type ssh-rsa are not supported; use ssh-ed25519 or ecdsa-sha2-nistp256",
    ],
    [
      "with a key of small order",
      changed(sampleSsh("bob"), `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${"A".repeat(43)}`),
      "5:45 principals.bob.keys[0]: the key is a point of small order",
    ],
    [
      "with seventeen keys",
      changed(
        `"${sampleSsh("bob")}"`,
        Array.from({ length: 17 }, () => `"${sampleSsh("bob")}"`).join(", "),
      ),
      "5:44 principals.bob.keys has 17 items, at most 16",
    ],
    [
      "with one key under two principals",
      changed(sampleSsh("bob"), sampleSsh("alice")),
      "5:45 principals.bob.keys[0] is also a key of alice (line 4), and would count twice",
    ],
    [
      "with one key under two principals, with other comments",
      changed(sampleSsh("bob"), `${sampleSsh("alice")} the second`),
      "5:45 principals.bob.keys[0] is also a key of alice (line 4), and would count twice",
    ],
    [
      "with one key twice",
      changed(`"${sampleSsh("bob")}"`, `"${sampleSsh("bob")}", "${sampleSsh("bob")}"`),
      "5:133 principals.bob.keys[1] is given twice",
    ],
    [
      "with one account under two principals",
      changed("alice: {", "alice: { github: ann,").replace("bob:   {", "bob:   { github: Ann,"),
      "5:20 principals.bob.github is also the account of alice (line 4), and would count twice",
    ],
    [
      "with one account on GitLab under two principals",
      changed("alice: {", "alice: { gitlab: ann,").replace("bob:   {", "bob:   { gitlab: ann,"),
      "5:20 principals.bob.gitlab is also the account of alice (line 4), and would count twice",
    ],
    [
      "with one account's number under two principals",
      changed("alice: {", "alice: { github_id: 7,").replace("bob:   {", "bob:   { github_id: 7,"),
      "5:23 principals.bob.github_id is also the account of alice (line 4), and would count twice",
    ],
    [
      "with an account that is a number",
      changed("alice: {", "alice: { github: 7,"),
      "4:20 principals.alice.github must be the name of an account, not a number: put it in quotes",
    ],
    [
      "with an account that holds an @",
      changed("alice: {", 'alice: { github: "@ann",'),
      '4:20 principals.alice.github must be the name of an account, not "@ann"',
    ],
    [
      "with a role in capitals",
      changed("roles: [oncall]", "roles: [OnCall]"),
      '4:20 principals.alice.roles[0] must be a name of at most 64 lower-case letters, digits and . _ -, not "OnCall"',
    ],
    [
      "with a role twice",
      changed("roles: [oncall]", "roles: [oncall, oncall]"),
      "4:28 principals.alice.roles[1] is given twice",
    ],
    [
      "with a role that some read as true",
      changed("roles: [oncall]", "roles: [on]"),
      '4:20 on without quotes is true or false to some readers of YAML: write "on"',
    ],
    [
      "with a stage's id in capitals",
      changed("lint:", "Lint:"),
      '7:3 stages: "Lint" must be an id of at most 64 lower-case letters, digits and . _ / -, and not all_decisions',
    ],
    [
      "with a stage of no kind",
      changed("lint: { kind: quality }", "lint: {}"),
      "7:9 stages.lint.kind is missing",
    ],
    [
      "with a stage that forbids an unknown action",
      changed("{ kind: quality }", "{ kind: quality, never: [skipp] }"),
      '7:34 stages.lint.never[0] must be one of skip, allow-failure, force, hold, not "skipp"; did you mean "skip"?',
    ],
    [
      "with a stage that prefers what it forbids",
      changed("{ kind: quality }", "{ kind: quality, never: [skip], prefer: skip }"),
      "7:41 stages.lint.prefer is skip, which the stage's never forbids",
    ],
    [
      "with a stage that neither runs nor stops",
      changed("{ kind: quality }", "{ kind: quality, when_unreachable: skip }"),
      '7:44 stages.lint.when_unreachable must be one of run, stop, not "skip"; did you mean "stop"?',
    ],
    [
      "with a rule without an id",
      changed("id: quality\n    match", "match"),
      "9:5 rules[0].id is missing",
    ],
    [
      "with two rules of one id",
      `${base}  - { id: quality, match: {}, actions: [hold], who: [oncall], longest: 1h }\n`,
      "14:11 rules[1].id is also the id of the rule at line 9",
    ],
    [
      "with a rule without a match",
      changed("    match: { kind: quality }\n", ""),
      "9:5 rules[0].match is missing",
    ],
    [
      "with a rule without actions",
      changed("    actions: [skip]\n", ""),
      "9:5 rules[0].actions is missing",
    ],
    [
      "with a rule of no actions",
      changed("actions: [skip]", "actions: []"),
      "11:14 rules[0].actions must not be empty",
    ],
    [
      "with a rule for nobody",
      changed("who: [oncall]", "who: []"),
      "12:10 rules[0].who must not be empty",
    ],
    [
      "with a rule whose who is a word",
      changed("who: [oncall]", "who: oncall"),
      "12:10 rules[0].who must be a list, not text: write [oncall]",
    ],
    [
      "with a rule without longest",
      changed("    longest: 4h\n", ""),
      "9:5 rules[0].longest is missing",
    ],
    [
      "with a length that is a number",
      changed("longest: 4h", "longest: 4"),
      "13:14 rules[0].longest must be a duration like 2h, not a number: add a unit, as in 4h",
    ],
    [
      "with a length that is no duration",
      changed("longest: 4h", "longest: 4x"),
      '13:14 rules[0].longest: the duration "4x" is not made of days (d), hours (h), minutes (m) and seconds (s)',
    ],
    [
      "with a length of nothing",
      changed("longest: 4h", "longest: 0h"),
      '13:14 rules[0].longest: the duration "0h" is no time at all',
    ],
    [
      "with a default over longest",
      ruleWith("default: 5h"),
      "14:5 rules[0].default is longer than the rule's longest",
    ],
    [
      "with a reason of no characters",
      ruleWith("reason: { min: 0 }"),
      "14:20 rules[0].reason.min must be a whole number from 1 to 2000, not 0",
    ],
    [
      "with an unknown code",
      ruleWith("reason: { codes: [flakey] }"),
      '14:23 rules[0].reason.codes[0] must be one of broken-gate, flaky, upstream-outage, hotfix, minor-change, maintenance, forensics, drill, other, not "flakey"; did you mean "flaky"?',
    ],
    [
      "with a ticket pattern that backtracks",
      ruleWith('reason: { ticket: "(a+)+$" }'),
      "14:23 rules[0].reason.ticket: the ticket pattern repeats a group, which is not supported (at its character 5)",
    ],
    [
      "with approvals by nobody",
      ruleWith("approvals: { count: 1, from: [] }"),
      "14:34 rules[0].approvals.from must not be empty",
    ],
    [
      "with no approvals needed",
      ruleWith("approvals: { count: 0, from: [oncall] }"),
      "14:25 rules[0].approvals.count must be a whole number from 1 to 16, not 0",
    ],
    [
      "with seventeen approvals needed",
      ruleWith("approvals: { count: 17, from: [oncall] }"),
      "14:25 rules[0].approvals.count must be a whole number from 1 to 16, not 17",
    ],
    [
      "with approvals that wait for more than a week",
      ruleWith("approvals: { count: 1, from: [oncall], pending: 8d }"),
      "14:53 rules[0].approvals.pending: is longer than 7d",
    ],
    [
      "with an emergency without an end",
      ruleWith("emergency: { who: [oncall] }"),
      "14:16 rules[0].emergency.longest is missing",
    ],
    [
      "with an announcement that is optional",
      ruleWith("announce: optional"),
      '14:15 rules[0].announce must be required, not "optional"',
    ],
    [
      "with a use to record that is true",
      ruleWith("record_use: true"),
      "14:17 rules[0].record_use must be required, not true or false",
    ],
    [
      "with a glob that is empty",
      changed("{ kind: quality }\n    actions", '{ branches: "" }\n    actions'),
      "10:24 rules[0].match.branches is empty",
    ],
    [
      "with no globs in a list",
      changed("{ kind: quality }\n    actions", "{ branches: [] }\n    actions"),
      "10:24 rules[0].match.branches must not be empty",
    ],
    [
      "with a glob of 257 characters",
      changed("{ kind: quality }\n    actions", `{ branches: ${"a".repeat(257)} }\n    actions`),
      "10:24 rules[0].match.branches is longer than 256 characters",
    ],
    [
      "with a match that is nothing",
      changed("match: { kind: quality }", "match:"),
      "10:5 rules[0].match must be a mapping, not nothing",
    ],
    [
      "with a limit over its window",
      `${base}limits: { per_stage: { total: 8d, within: 7d } }\n`,
      "14:24 limits.per_stage.total is longer than within",
    ],
    [
      "with a limit that has no window",
      `${base}limits: { per_stage: { total: 8d } }\n`,
      "14:22 limits.per_stage.within is missing: total is the most within it",
    ],
    [
      "with a limit that is a window only",
      `${base}limits: { per_stage: { within: 8d, open: 1 } }\n`,
      "14:22 limits.per_stage.total is missing: within says how far back it reaches",
    ],
    [
      "with a limit of nothing",
      `${base}limits: { per_stage: {} }\n`,
      "14:22 limits.per_stage.total is missing, and so are within and open",
    ],
    [
      "with a limit that would forbid every override",
      `${base}limits: { per_person: { open: 0 } }\n`,
      "14:31 limits.per_person.open must be a whole number from 1 to 1000, not 0",
    ],
    [
      "with a limit on extensions that is none",
      `${base}limits: { extensions: {} }\n`,
      "14:23 limits.extensions.count is missing, and so is total",
    ],
    [
      "with a channel of no kind",
      `${base}notify: [{ url_env: X }]\n`,
      "14:10 notify[0].to is missing",
    ],
    [
      "with a channel's setting of a strange name",
      `${base}notify: [{ to: slack, __proto__: { a: b } }]\n`,
      '14:23 notify[0]: "__proto__" must be a name like url_env',
    ],
    [
      "with a channel's setting of a strange name inside",
      `${base}notify: [{ to: slack, x: { "a b": c } }]\n`,
      '14:28 notify[0].x: "a b" must be a name like url_env',
    ],
    [
      "with a freeze that has no times",
      `${base}freezes: [{ id: xmas, from: "2026-12-20T00:00", match: {} }]\n`,
      "14:13 freezes[0].id needs from and until, or weekly",
    ],
    [
      "with an unknown member of a freeze",
      `${base}freezes: [{ id: xmas, match: {}, weekly: "fri 16:00 to sat 08:00", zoen: UTC }]\n`,
      '14:68 unknown member "zoen" in freezes[0]; did you mean "zone"?',
    ],
    [
      "with what is no YAML",
      `${base}x: [`,
      "15:1 not YAML: a line inside brackets or quotes is indented too little",
    ],
    [
      "with an anchor",
      changed("who: [oncall]", "who: &x [oncall]"),
      "12:10 anchors (&) are not supported: write the value out",
    ],
    [
      "with a glob that reads as an alias",
      changed("{ kind: quality }\n    actions", "{ branches: * }\n    actions"),
      '10:24 aliases (*) are not supported: write the value out, or put a glob in quotes ("*")',
    ],
    ["with a member twice", `${base}rules: []\n`, "14:1 rules is given twice"],
    [
      "with a person's name that is a number",
      changed("{ roles: [oncall]", "{ name: 7, roles: [oncall]"),
      "4:18 principals.alice.name must be a person's name, not a number: put it in quotes",
    ],
    [
      "with a key that is a number",
      changed(`["${sampleSsh("bob")}"]`, "[7]"),
      "5:45 principals.bob.keys[0] must be an OpenSSH public key, not a number: put it in quotes",
    ],
    [
      "with an environment that is a number",
      changed("{ kind: quality }", "{ kind: quality, environment: 7 }"),
      "7:39 stages.lint.environment must be the name of an environment, not a number: put it in quotes",
    ],
    [
      "with a stage that is irreversible in words",
      changed("{ kind: quality }", '{ kind: quality, irreversible: "yes" }'),
      '7:40 stages.lint.irreversible must be true or false, not "yes"',
    ],
    [
      "with a stage that is irreversible by a number",
      changed("{ kind: quality }", "{ kind: quality, irreversible: 1 }"),
      "7:40 stages.lint.irreversible must be true or false, not a number",
    ],
    [
      "with a stage that is irreversible by a list",
      changed("{ kind: quality }", "{ kind: quality, irreversible: [true] }"),
      "7:40 stages.lint.irreversible must be true or false, not a list",
    ],
    [
      "with a way back that is true",
      changed("{ kind: quality }", "{ kind: quality, rollback: true }"),
      "7:36 stages.lint.rollback must be a command, not true or false: put it in quotes",
    ],
    [
      "with a client id that is none",
      `${base}sign_in: { client_id: "a b" }\n`,
      '14:23 sign_in.client_id must be a client id, not "a b"',
    ],
    [
      "with a role twice",
      changed("roles: [oncall]", "roles: [oncall, oncall]"),
      "4:28 principals.alice.roles[1] is given twice",
    ],
    [
      "with a kind of channel that is too long to repeat",
      `${base}notify: [{ to: ${"A".repeat(61)} }]\n`,
      `14:16 notify[0].to must be a name of at most 64 lower-case letters, digits and . _ -, not "${"A".repeat(60)}…"`,
    ],
    [
      "with a kind of channel in capitals",
      `${base}notify: [{ to: ${"A".repeat(60)} }]\n`,
      `14:16 notify[0].to must be a name of at most 64 lower-case letters, digits and . _ -, not "${"A".repeat(60)}"`,
    ],
    [
      "with a log that is a word",
      changed("{ store: git }", "git"),
      "2:6 log must be a mapping, not text",
    ],
    [
      "with principals in a list",
      base.replace(/principals:[^]*stages/, "principals: []\nstages"),
      "3:13 principals must be a mapping, not a list",
    ],
    [
      "with a channel that is a word",
      `${base}notify: [slack]\n`,
      "14:10 notify[0] must be a mapping, not text",
    ],
    [
      "with a channel's setting of a strange name in a list",
      `${base}notify: [{ to: slack, x: [a, { "a b": c }] }]\n`,
      '14:32 notify[0].x[1]: "a b" must be a name like url_env',
    ],
    [
      "with a mapping for a list",
      changed("who: [oncall]", "who: { oncall: true }"),
      "12:10 rules[0].who must be a list, not a mapping",
    ],
  ])("%s", (_, text, expected) => {
    expect(problemsOf(text)).toEqual([expected]);
    expect(problem(() => parse(text))).toEqual({
      code: "policy-invalid",
      message: `policy.yaml:${expected}`,
    });
  });

  it("when it has more than 2,000 principals", () => {
    const many = Array.from({ length: 2_001 }, (_, i) => `  p${i}: { keys: [] }\n`).join("");
    const text = base.replace(/principals:[^]*stages/, `principals:\n${many}stages`);
    expect(problemsOf(text)).toEqual(["4:3 principals has 2001 members, at most 2000"]);
    const fewer = text.replace("  p2000: { keys: [] }\n", "");
    expect(problemsOf(fewer)).toEqual([]);
  });

  it("with everything that is wrong, in the order of the file", () => {
    const text = changed("roles: [oncall]", "roels: [oncall]")
      .replace("actions: [skip]", "actions: [skp]")
      .replace("longest: 4h", "longest: 4")
      .replace("kind: quality }\n    actions", "knd: no }\n    actions");
    expect(problemsOf(text)).toEqual([
      '4:12 unknown member "roels" in principals.alice; did you mean "roles"?',
      '10:14 unknown member "knd" in rules[0].match; did you mean "kind"?',
      '10:19 no without quotes is true or false to some readers of YAML: write "no"',
      '11:15 rules[0].actions[0] must be one of skip, allow-failure, force, hold, not "skp"; did you mean "skip"?',
      "13:14 rules[0].longest must be a duration like 2h, not a number: add a unit, as in 4h",
    ]);
  });

  it("in one message, a line for each problem, and all of them as the cause", () => {
    const stages = Array.from({ length: 12 }, (_, i) => `  s${i}: {}\n`).join("");
    const text = changed("  lint: { kind: quality }\n", `  lint: { kind: quality }\n${stages}`);
    const thrown = caught(() => parse(text));
    expect(thrown.message.split("\n")).toHaveLength(11);
    expect(thrown.message).toMatch(/^policy\.yaml:8:7 stages\.s0\.kind is missing\n/);
    expect(thrown.message).toMatch(/\nand 2 more$/);
    expect(thrown.hint).toBe("optout policy check");
    expect(thrown.cause).toEqual(policyProblems(Buffer.from(text)));
    expect(thrown.cause).toHaveLength(12);
  });

  it("or read, and never breaks, whatever the change to its bytes", () => {
    const bytes = readFileSync(vectorFile);
    const change = fc.record({
      at: fc.nat({ max: bytes.length - 1 }),
      drop: fc.nat({ max: 5 }),
      put: fc.uint8Array({ maxLength: 5 }),
    });
    fc.assert(
      fc.property(change, ({ at, drop, put }) => {
        const bent = Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + drop)]);
        const isRead = policyProblems(bent).every(({ message }) =>
          message.endsWith("on the curve"),
        );
        const outcome = isRead
          ? parsePolicy(bent, "p").version
          : problem(() => parsePolicy(bent, "p")).code;
        expect(outcome).toBe(isRead ? 1 : "policy-invalid");
      }),
      { numRuns: 500 },
    );
  });
});

describe("a key under which nothing can be verified", () => {
  const off = `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${Buffer.alloc(33)
    .fill(2, 1, 2)
    .toString("base64")
    .slice(1)}`;
  const text = changed(sampleSsh("bob"), off);

  it("is a problem for the lint of a policy", () => {
    expect(problemsOf(text)).toEqual([
      "5:45 principals.bob.keys[0]: the key is not a point on the curve",
    ]);
  });

  it("does not keep the policy from being read, because it does no harm", () => {
    expect(parse(text).principals.get("bob")?.keys).toHaveLength(1);
  });
});

function caught(act: () => unknown): OptoutError {
  try {
    act();
  } catch (thrown) {
    if (thrown instanceof OptoutError) return thrown;
  }
  throw new Error("nothing was refused");
}
