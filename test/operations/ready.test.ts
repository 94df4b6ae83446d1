/** Could she skip that stage now, alone? The same answer that `skip` would get. */
import { describe, expect, it } from "vitest";

import { readyToSkip, type Readiness } from "../../src/operations/ready.ts";
import { keyOf, t0, World } from "../support/world.ts";

function ready(who: string, stageId: string, world = new World()): Readiness {
  const view = world.view();
  const author = view.policy.principals.get(who);
  const stage = view.policy.stages.get(stageId);
  if (author === undefined || stage === undefined) throw new Error("not in the policy");
  const kid = keyOf(who).kid;
  return readyToSkip(view, stage, { author, kid, now: t0 + 100, branch: "main" });
}

describe("somebody is not ready to skip a stage", () => {
  it("that no one may skip", () => {
    expect(ready("alice", "license")).toMatchObject({
      kind: "not-ready",
      because: [{ code: "never", action: "skip" }],
    });
  });

  it("without a role of its rule, even in an emergency", () => {
    expect(ready("erin", "lint")).toMatchObject({
      kind: "not-ready",
      because: [{ code: "who", roles: ["oncall"] }],
    });
    expect(ready("erin", "prod-gate")).toMatchObject({
      kind: "not-ready",
      because: [{ code: "who" }, { code: "approvals" }],
    });
  });

  it("as a CI identity, whatever its roles", () => {
    expect(ready("ci", "lint")).toMatchObject({ kind: "not-ready", because: [{ code: "who" }] });
  });

  it("that others have to approve first", () => {
    expect(ready("alice", "deploy-prod")).toEqual({
      kind: "not-ready",
      because: [{ code: "approvals", needed: 1, have: 0, from: ["release-manager"] }],
    });
  });

  it("that waits for its announcement", () => {
    expect(ready("alice", "release")).toEqual({
      kind: "not-ready",
      because: [{ code: "not-announced" }],
    });
  });

  it("with a key that was revoked", () => {
    const world = new World();
    world.keyRevoked("alice", "alice");

    expect(ready("alice", "lint", world)).toMatchObject({
      kind: "not-ready",
      because: [{ code: "key-revoked" }],
    });
  });
});

describe("somebody is ready to skip a stage", () => {
  it("that the rule opens to her, with the ticket that it asks for", () => {
    expect(ready("alice", "lint")).toEqual({
      kind: "ready",
      emergency: false,
      longestSeconds: 4 * 3600,
      ticket: "^(INC|OPS)-[0-9]+$",
    });
  });

  it("without a ticket where none is asked for", () => {
    expect(ready("alice", "scan")).toMatchObject({ kind: "ready", ticket: null });
  });

  it("by an emergency where approvals would take time", () => {
    expect(ready("alice", "prod-gate")).toEqual({
      kind: "ready",
      emergency: true,
      longestSeconds: 30 * 60,
      ticket: null,
    });
  });
});
