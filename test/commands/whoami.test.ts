/**
 * `optout whoami`: the principal that the policy sees behind the keys at hand, and what its rules
 * allow; exit 4 with the line to add where it sees nobody.
 */
import { describe, expect, it } from "vitest";

import type { FoundKey, OpenLog } from "../../src/commands/openers.ts";
import { whoami } from "../../src/commands/whoami.ts";
import { parseSshPublicKey } from "../../src/core/keys.ts";
import { parsePolicy } from "../../src/core/policy-parse.ts";
import { testKey } from "../support/keys.ts";
import { noMemory } from "../support/memory.ts";
import { memoryStore } from "../support/memory-store.ts";
import { rejection } from "../support/problem.ts";
import { callFor, foundKeys, openersWith, recordedIo } from "./given.ts";

const policy = parsePolicy(
  Buffer.from(`version: 1
log: { store: git, id: jz4eJODYvsEe3D4yoQm0aR7BdGiyzBIA5NZf2_qbYAM }
principals:
  alice: { name: Alice Ng, roles: [developer], keys: ["${testKey("alice").ssh}"] }
  bob:   { roles: [oncall], keys: ["${testKey("bob").ssh}"] }
  ci:    { kind: ci, keys: ["${testKey("ci").ssh}"] }
stages:
  lint:        { kind: quality }
  license:     { kind: quality, never: [skip, allow-failure] }
  deploy-prod: { kind: deploy, environment: production }
  other:       { kind: other }
rules:
  - { id: quality, match: { kind: quality }, actions: [skip, allow-failure, force], who: [developer], longest: 12h }
  - id: deploys
    match:   { kind: deploy, branches: [main], environments: [production] }
    actions: [force, hold]
    who:     [oncall]
    longest: 1h
    approvals: { count: 2, from: [developer] }
    emergency: { who: [oncall, developer], longest: 30m }
`),
  "policy.yaml",
);

const log: OpenLog = {
  policy,
  policyCommit: "9f3c1a2".padEnd(40, "0"),
  policySource: ".optout/policy.yaml at origin/HEAD",
  store: memoryStore(),
  memory: noMemory,
  tail: null,
};

function keyOf(name: string): FoundKey {
  const key = parseSshPublicKey(testKey(name).ssh);
  const source = `key file /keys/${name}.pem`;
  const sign = () => expect.unreachable();
  return { key, source, kind: "file", open: () => ({ key, source, sign }) };
}

async function asked(keys: readonly string[], ...flags: readonly string[]) {
  const io = recordedIo();
  const open = openersWith({
    log: () => Promise.resolve(log),
    keys: () => Promise.resolve(foundKeys(...keys.map(keyOf))),
    defaultBranch: () => Promise.resolve("main"),
    workplace: () =>
      Promise.resolve({
        root: "/shop",
        branch: "main",
        sha: null,
        remote: "origin",
        repository: { host: "local", name: "shop" },
      }),
  });
  const status = await whoami(callFor("whoami", ...flags), io, open);
  return { status, ...io.written };
}

describe("whoami", () => {
  it("ends with exit 4 when there is no key", async () => {
    expect(await rejection(asked([]))).toMatchObject({ code: "no-key", exit: 4 });
  });

  it("ends with exit 4 and the line to add when the policy knows none of the keys", async () => {
    expect(await rejection(asked(["mallory"]))).toMatchObject({
      code: "key-unknown",
      exit: 4,
      hint: expect.stringContaining(parseSshPublicKey(testKey("mallory").ssh).ssh) as unknown,
    });
  });

  it("takes the first key that the policy knows", async () => {
    expect(await asked(["mallory", "bob"], "-q")).toEqual({ status: 0, out: "bob\n", err: "" });
  });

  it("tells the principal, the key and what the rules allow on the default branch", async () => {
    const { status, out } = await asked(["alice"]);

    expect(status).toBe(0);
    expect(out.split("\n").map((line) => line.trimEnd())).toEqual([
      "✓ alice (Alice Ng): developer",
      `  key     key file /keys/alice.pem ${parseSshPublicKey(testKey("alice").ssh).fingerprint}`,
      "  policy  .optout/policy.yaml at origin/HEAD (9f3c1a2)",
      "",
      "What the rules let you do on main:",
      "STAGE        ACTIONS                   FOR UP TO  RULE          NEEDS",
      "lint         skip allow-failure force  12h        quality",
      "license      force                     12h        quality",
      "deploy-prod  none                                 deploys       --emergency",
      "other        none                                 none matches",
      "",
    ]);
  });

  it("tells whose approval is needed, and whether an emergency is open", async () => {
    const { out } = await asked(["bob"], "--json");

    expect(JSON.parse(out)).toMatchObject({
      kind: "optout/whoami",
      v: 1,
      principal: { id: "bob", kind: "person", roles: ["oncall"] },
      key: { kid: testKey("bob").kid, source: "key file /keys/bob.pem" },
      branch: "main",
      may: [
        { stage: "lint", rule: "quality", actions: [] },
        { stage: "license", actions: [] },
        {
          stage: "deploy-prod",
          rule: "deploys",
          actions: ["force", "hold"],
          longestSeconds: 3600,
          approvals: { count: 2, from: ["developer"] },
          emergency: true,
        },
        { stage: "other", rule: null, actions: [] },
      ],
    });
  });

  it("says of a CI identity that it can override nothing", async () => {
    const { out } = await asked(["ci"]);

    expect(out).toContain("✓ ci: a CI identity");
    expect(out).toContain("It records uses and notices; it can override nothing.");
  });
});
