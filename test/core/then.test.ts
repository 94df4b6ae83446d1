/** Who restricted something and lost a role or a key since does not permit it by that. */
import { createHash } from "node:crypto";

import { describe, expect, it } from "vitest";

import { decide } from "../../src/core/decide.ts";
import { policyThen } from "../../src/core/then.ts";
import { testKey } from "../support/keys.ts";
import {
  hour,
  outcomeOf,
  production,
  subjectOf,
  t0,
  World,
  type Members,
} from "../support/world.ts";

const deploy = {
  target: { type: "stage", name: "deploy-prod" },
  scope: { branches: ["main"], environment: "production" },
};

const decided = (world: World, own = {}, at = world.clock): ReturnType<typeof decide> =>
  decide({ view: world.view(), subject: subjectOf(own), now: t0 + at });

/** From now on the person has this entry in the policy; none where it is empty. */
const changed = (world: World, id: string, entry: string): void => {
  world.setPolicy((text) =>
    text.replace(new RegExp(`^  ${id}: .*\n`, "m"), entry === "" ? "" : `  ${id}: ${entry}\n`),
  );
};

describe("an end by somebody who may not end it any more", () => {
  const ended = {
    outcome: "enforced",
    rejected: [{ objections: [{ code: "revoked", by: "uma" }] }],
  };

  function revokedByUma(): World {
    const world = new World();
    world.revoked("uma", world.created("alice"));
    return world;
  }

  it("stands where she lost the role", () => {
    const world = revokedByUma();
    changed(world, "uma", "{ roles: [developer], keys: [KEY(uma)] }");

    expect(decided(world)).toMatchObject(ended);
  });

  it("stands where the rule names other roles", () => {
    const world = revokedByUma();
    world.setPolicy((text) => text.replaceAll("may_revoke: [lifter]", "may_revoke: [security]"));

    expect(decided(world)).toMatchObject(ended);
  });

  it("stands where her key is one of CI now", () => {
    const world = revokedByUma();
    changed(world, "uma", "{ kind: ci, roles: [lifter], keys: [KEY(uma)] }");

    expect(decided(world)).toMatchObject(ended);
  });

  it("has no effect where she was not entitled by the policy of then either", () => {
    const world = new World();
    world.revoked("erin", world.created("alice"));
    world.setPolicy((text) => `${text}# another\n`);

    expect(outcomeOf(decided(world))).toBe("skip");
  });

  it("is a doubt where the policy of then is not in the log", () => {
    const world = new World({ bare: true });
    world.revoked("erin", world.created("alice"));
    world.setPolicy((text) => `${text}# another\n`);

    expect(decided(world)).toMatchObject({
      outcome: "enforced",
      rejected: [{ objections: [{ code: "doubt" }] }],
    });
  });

  it("goes by no text but the one that the policy's digest is of", () => {
    const world = new World({ bare: true });
    const { digest } = world.policy;
    const text = world.policy.text.replaceAll("[lifter]", "[developer]");
    world.append("erin", { kind: "policy.recorded", text, policy: digest });
    world.revoked("erin", world.created("alice"));
    world.setPolicy((now) => `${now}# another\n`);

    expect(decided(world)).toMatchObject({ rejected: [{ objections: [{ code: "doubt" }] }] });
  });

  it("goes by the policy that it names, not by one recorded before", () => {
    const world = new World({ policy: (text) => text.replaceAll("[lifter]", "[nobody]") });
    world.setPolicy((text) => text.replaceAll("[nobody]", "[lifter]"));
    world.recorded("alice");
    world.revoked("uma", world.created("alice"));
    changed(world, "uma", "{ roles: [developer], keys: [KEY(uma)] }");

    expect(decided(world)).toMatchObject(ended);
  });

  it("stands where only the policy of now entitles to it", () => {
    const world = new World();
    world.revoked("erin", world.created("alice"));
    changed(world, "erin", "{ roles: [lifter], keys: [KEY(erin)] }");

    expect(decided(world)).toMatchObject({
      outcome: "enforced",
      rejected: [{ objections: [{ code: "revoked", by: "erin" }] }],
    });
  });

  it("has no effect where the policy of then did not know her, and that of now does not entitle", () => {
    const world = new World({ policy: (text) => text.replace(/^  erin: .*\n/m, "") });
    world.revoked("erin", world.created("alice"));
    world.setPolicy((text) =>
      text.replace(
        "principals:\n",
        "principals:\n  erin: { roles: [developer], keys: [KEY(erin)] }\n",
      ),
    );

    expect(outcomeOf(decided(world))).toBe("skip");
  });

  it("has no effect by the policy of now, though that is not in the log", () => {
    const world = new World({ bare: true });
    world.revoked("erin", world.created("alice"));

    expect(outcomeOf(decided(world))).toBe("skip");
  });

  it("is found by its policy, though spoilt records of that stand before", () => {
    const world = new World({ bare: true });
    const { digest } = world.policy;
    world.append("alice", { kind: "policy.recorded", text: world.policy.text, more: 1 });
    world.append("alice", { kind: "policy.recorded" });
    world.append("mallory", { kind: "policy.recorded", text: "no", policy: digest });
    world.append(
      "alice",
      { kind: "policy.recorded" },
      { payload: (own) => ` ${JSON.stringify(own)}` },
    );
    world.recorded("alice");
    world.revoked("uma", world.created("alice"));
    changed(world, "uma", "{ roles: [developer], keys: [KEY(uma)] }");

    expect(decided(world)).toMatchObject(ended);
  });

  it("is a doubt where what it names as its policy is none", () => {
    const world = new World();
    const override = world.created("alice");
    const text = "no policy";
    const policy = createHash("sha256").update(text).digest("base64url");
    world.append("mallory", { kind: "policy.recorded", text, policy });
    world.append("erin", { kind: "override.revoked", override: override.id, policy });

    expect(decided(world)).toMatchObject({ rejected: [{ objections: [{ code: "doubt" }] }] });
  });

  it("is a doubt where it is of a position that has not its form, and no statement records it", () => {
    const world = new World();
    const override = world.created("alice");
    const policy = "p".repeat(43);
    const spoilt = { bytes: (genuine: Uint8Array) => Buffer.concat([genuine, Buffer.from(" ")]) };
    world.append("alice", { kind: "policy.recorded", text: "no policy", policy }, spoilt);
    world.append("erin", { kind: "override.revoked", override: override.id, policy });

    expect(decided(world)).toMatchObject({ rejected: [{ objections: [{ code: "doubt" }] }] });
  });

  it("does not lift a hold", () => {
    const world = new World();
    world.revoked("uma", world.created("alice", { ...deploy, action: "hold" }));
    changed(world, "uma", "{ roles: [developer], keys: [KEY(uma)] }");

    expect(outcomeOf(decided(world, { stage: "deploy-prod", ...production }))).toBe("hold");
  });
});

describe("the policy that a position names", () => {
  it("is none where it reads as no statement, or names none", () => {
    const world = new World();
    const junk = world.raw("no statement");
    const without = world.append("alice", { kind: "note.hello", policy: 7 });
    const view = world.view();

    for (const seq of [junk, without.seq]) {
      expect(policyThen(view, view.at(seq) ?? { claim: null })).toBeNull();
    }
  });

  it("is that of the view where it is the same, and else read once", () => {
    const world = new World();
    const before = world.created("alice");
    world.setPolicy((text) => `${text}# another\n`);
    const after = world.created("alice");
    const view = world.view();
    const of = ({ seq }: { readonly seq: number }): unknown =>
      policyThen(view, view.at(seq) ?? { claim: null });

    expect(of(after)).toBe(view.policy);
    expect(of(before)).not.toBe(view.policy);
    expect(of(before)).toMatchObject({ text: view.policy.text.replace("# another\n", "") });
    expect(of(before)).toBe(of(before));
  });
});

describe("a key that was revoked", () => {
  const revoked = { outcome: "enforced", rejected: [{ objections: [{ code: "key-revoked" }] }] };

  it.each([
    ["has another key", "{ roles: [security], keys: [KEY(carol:second)] }"],
    ["has another role", "{ roles: [developer], keys: [KEY(sven)] }"],
    ["is not in the policy", ""],
  ])("stays revoked when the one who revoked it %s", (_what, entry) => {
    const world = new World();
    world.created("alice");
    world.keyRevoked("sven", "alice");
    changed(world, "sven", entry);

    expect(decided(world)).toMatchObject(revoked);
  });

  it("stays revoked whatever policies the noise before names", () => {
    const world = new World();
    const override = world.created("alice");
    for (let i = 0; i < 40; i += 1) {
      const policy = String(i).padStart(43, "p");
      world.approved("mallory", override, {}, { policy });
      world.append("mallory", { kind: "key.revoked", kid: testKey("alice").kid, policy });
    }
    world.keyRevoked("sven", "alice");
    changed(world, "sven", "");

    expect(decided(world)).toMatchObject(revoked);
  });

  it("is revoked by the policy of now, though the log does not hold that", () => {
    const world = new World({ bare: true });
    world.created("alice");
    world.keyRevoked("sven", "alice");

    expect(decided(world)).toMatchObject(revoked);
  });

  it("is revoked by somebody who may do that now, though not then", () => {
    const world = new World();
    world.created("alice");
    world.keyRevoked("erin", "alice");
    changed(world, "erin", "{ roles: [security], keys: [KEY(erin)] }");

    expect(decided(world)).toMatchObject(revoked);
  });

  it("is not revoked by somebody under a policy that did not have it", () => {
    const world = new World({ bare: true });
    changed(world, "alice", "{ roles: [oncall], keys: [KEY(alice)] }");
    world.recorded("alice");
    world.keyRevoked("erin", "alice:second");
    changed(world, "alice", "{ roles: [oncall], keys: [KEY(alice), KEY(alice:second)] }");
    world.created("alice:second");

    expect(outcomeOf(decided(world))).toBe("skip");
  });

  it("is not revoked by whom no policy in the log entitles", () => {
    const world = new World();
    world.created("alice");
    world.keyRevoked("erin", "alice");
    world.keyRevoked("mallory", "alice");
    changed(world, "erin", "");

    expect(outcomeOf(decided(world))).toBe("skip");
  });
});

describe("the time of what was approved", () => {
  it.each([
    ["loses the role", "{ roles: [developer], keys: [KEY(bob)] }"],
    ["leaves the policy", ""],
    ["has another key", "{ roles: [release-manager], keys: [KEY(carol:second)] }"],
  ])("does not begin anew with a second approval when the first approver %s", (_what, entry) => {
    const world = new World();
    const asked = world.created("alice", { ...deploy, duration: 60 });
    world.approved("bob", asked);
    world.approved("carol", asked, { at: world.clock + hour / 2 });
    const deployJob = { stage: "deploy-prod", ...production };
    expect(outcomeOf(decided(world, deployJob))).toBe("enforced");
    changed(world, "bob", entry);

    expect(decided(world, deployJob)).toMatchObject({
      outcome: "enforced",
      rejected: [{ objections: [{ code: "expired" }] }],
    });
  });

  it("begins with the approval that counts where another never did", () => {
    const world = new World();
    const asked = world.created("alice", deploy);
    world.approved("erin", asked);
    const { seq } = world.approved("bob", asked, { at: world.clock + hour / 2 });
    world.setPolicy((text) => `${text}# another\n`);

    expect(decided(world, { stage: "deploy-prod", ...production }, hour)).toMatchObject({
      outcome: "skip",
      inForce: [{ approvals: [{ seq, by: "bob" }] }],
    });
  });

  it.each([
    ["stands at a void position", { position: { prev: "x".repeat(43) } }],
    [
      "is of another text",
      { payload: (own: Members) => JSON.stringify({ ...own, digest: "d".repeat(43) }) },
    ],
  ])("does not begin with an approval that never counted, for it %s", (_what, how) => {
    const world = new World();
    const asked = world.created("alice", { ...deploy, duration: 60 });
    world.approved("bob", asked, how);
    world.approved("carol", asked, { at: world.clock + hour / 2 });
    changed(world, "bob", "{ roles: [developer], keys: [KEY(bob)] }");

    expect(outcomeOf(decided(world, { stage: "deploy-prod", ...production }))).toBe("skip");
  });

  it("does not begin with an approval that saw what is not in view", () => {
    const world = new World();
    const asked = world.created("alice", { ...deploy, duration: 60 });
    world.approved("bob", asked, { saw: { seq: 0, hash: world.hashAt(0) } });
    world.approved("carol", asked, { at: world.clock + hour / 2 });
    const deployJob = subjectOf({ stage: "deploy-prod", ...production });

    const decision = decide({
      view: world.view({ first: 1 }),
      subject: deployJob,
      now: t0 + world.clock,
    });

    expect(outcomeOf(decision)).toBe("skip");
  });

  it("does not begin with an approval for a stage that the policy did not have then", () => {
    const world = new World({ policy: (text) => text.replace(/^  deploy-prod: .*\n/m, "") });
    const stages = (text: string): string =>
      text.replace(
        "stages:\n",
        "stages:\n  deploy-prod: { kind: deploy, environment: production }\n",
      );
    const asked = world.created("alice", { ...deploy, duration: 60 });
    world.approved("bob", asked);
    world.approved("carol", asked, { at: world.clock + hour / 2 });
    world.setPolicy(stages);
    changed(world, "bob", "{ roles: [developer], keys: [KEY(bob)] }");

    expect(outcomeOf(decided(world, { stage: "deploy-prod", ...production }))).toBe("skip");
  });
});
