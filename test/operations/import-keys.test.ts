/** Adding keys to a policy file leaves everything else as it stands. */
import { describe, expect, it } from "vitest";
import { changedLines, withKeys } from "../../src/operations/import-keys.ts";
import { problem } from "../support/problem.ts";

const flow = `principals:
  alice: { name: Alice Ng,   keys: ["ssh-ed25519 AAAA alice"] } # on call
  bob: { keys: [] }
stages: {}
`;
const block = `principals:
  alice:
    keys:
      - ssh-ed25519 AAAA alice # her laptop
    roles: [oncall]
`;

describe("keys are added", () => {
  it("to a list in brackets", () => {
    expect(changedLines(flow, withKeys(flow, "alice", ["ssh-ed25519 BBBB a"]))).toEqual([
      "@@ line 2 @@",
      '-  alice: { name: Alice Ng,   keys: ["ssh-ed25519 AAAA alice"] } # on call',
      '+  alice: { name: Alice Ng,   keys: ["ssh-ed25519 AAAA alice", "ssh-ed25519 BBBB a"] } # on call',
    ]);
  });

  it("to an empty list", () => {
    expect(withKeys(flow, "bob", ["k1", "k2"])).toContain('  bob: { keys: ["k1", "k2"] }\n');
  });

  it("below the last of a list of lines", () => {
    expect(changedLines(block, withKeys(block, "alice", ["k1", "k2"]))).toEqual([
      "@@ line 5 @@",
      '+      - "k1"',
      '+      - "k2"',
    ]);
  });

  it("to nobody who is not in the policy", () => {
    expect(problem(() => withKeys(flow, "eve", ["k1"]))).toEqual({
      code: "usage",
      message: "the policy has no principal eve with a list of keys",
    });
  });
});
