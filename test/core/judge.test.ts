/** The judgement of one override: what docs/format.md says of doubt, approvals, uses and time. */
import { createHash } from "node:crypto";

import { describe, expect, it } from "vitest";
import { decide } from "../../src/core/decide.ts";
import {
  day,
  hour,
  production,
  subjectOf,
  t0,
  World,
  type Appended,
  type How,
  type Members,
} from "../support/world.ts";

const gateMembers: Members = {
  target: { type: "stage", name: "prod-gate" },
  scope: { branches: ["main"], environment: "production" },
};
const deployMembers: Members = {
  target: { type: "stage", name: "deploy-prod" },
  scope: { branches: ["main"], environment: "production" },
};

const gate = (world: World, own: Members = {}, who = "alice", how: How = {}): Appended =>
  world.created(who, { ...gateMembers, ...own }, how);
const hold = (world: World, own: Members = {}, who = "alice", how: How = {}): Appended =>
  world.created(who, { ...deployMembers, action: "hold", ...own }, how);

/** What stands against an override of a stage in production. */
const against = (world: World, of: Appended, now?: number): string[] =>
  world.objections(of, production, now);

const leaves = (who: string) => (text: string) => text.replace(new RegExp(` {2}${who}: .*\\n`), "");

describe("doubt restricts:", () => {
  const spoilt: [string, How][] = [
    ["its position names another number", { position: { seq: 77 } }],
    ["its position does not chain", { position: { prev: "x".repeat(43) } }],
    [
      "its position is not of the form",
      { bytes: (bytes) => Buffer.concat([Buffer.from("x "), bytes]) },
    ],
    ["its signature is wrong", { signature: () => Buffer.alloc(64, 7) }],
    ["its header is not the one accepted", { header: "{}" }],
    ["its JSON is not strict", { payload: (members) => JSON.stringify(members, null, 1) }],
  ];

  it.each(spoilt)("a revocation counts, though %s", (_what, how) => {
    const world = new World();
    const override = world.created("alice");
    world.revoked("alice", override, how);

    expect(["doubt", "revoked"]).toContain(world.objections(override)[0]);
  });

  it.each(spoilt)("a denial counts, though %s", (_what, how) => {
    const world = new World();
    const override = gate(world, { duration: 60, emergency: true });
    world.denied("bob", override, how);

    expect(["doubt", "denied"]).toContain(against(world, override)[0]);
  });

  it.each(spoilt)("a use counts, though %s", (_what, how) => {
    const world = new World();
    const override = world.created("alice", { once: true });
    world.used("ci", override, { run: "999" }, how);

    expect(["doubt", "used-up"]).toContain(world.objections(override)[0]);
  });

  it("a revocation counts that was made under a key that nobody knows", () => {
    const world = new World();
    const override = world.created("alice");
    const { seq } = world.revoked("mallory", override);

    expect(world.judge(override).objections).toEqual([{ code: "doubt", seq }]);
  });

  it("a denier who left the policy has still denied", () => {
    const world = new World();
    const override = gate(world, { duration: 60, emergency: true });
    const { seq } = world.denied("bob", override);
    world.setPolicy(leaves("bob"));

    expect(world.judge(override, production).objections).toEqual([{ code: "doubt", seq }]);
  });

  it("a use by a ci key that was rotated is still a use, even for the run that made it", () => {
    const world = new World();
    const override = world.created("alice", { once: true });
    const { seq } = world.used("ci", override);
    world.setPolicy((text) => text.replace(/keys: \["ssh-ed25519 [^"]+ ci", /, "keys: ["));

    expect(world.judge(override).objections).toEqual([{ code: "doubt", seq }]);
  });

  it("a revocation before the creation counts as one after it", () => {
    const world = new World();
    const id = world.newId("ovr");
    world.revoked("alice", { id });
    const override = world.created("alice", { id });

    expect(world.objections(override)).toEqual(["revoked"]);
  });
});

describe("what a known principal may not say has no effect:", () => {
  it("a revocation by a person whom the rule does not name", () => {
    const world = new World();
    const override = world.created("alice");
    world.revoked("erin", override);

    expect(world.objections(override)).toEqual([]);
  });

  it("the same under a void position", () => {
    const world = new World();
    const override = world.created("alice");
    world.revoked("erin", override, { position: { seq: 99 } });

    expect(world.objections(override)).toEqual([]);
  });

  it("a revocation by a ci key, whatever its roles", () => {
    const world = new World();
    const override = world.created("alice");
    world.revoked("ci", override);

    expect(world.objections(override)).toEqual([]);
  });

  it("a denial by a person who may not approve", () => {
    const world = new World();
    const override = gate(world, { duration: 60, emergency: true });
    world.denied("erin", override);

    expect(against(world, override)).toEqual([]);
  });

  it("a denial by the author, or by one who may only revoke", () => {
    const world = new World();
    const override = gate(world, { duration: 60, emergency: true }, "dora");
    world.denied("dora", override);
    world.denied("uma", override);

    expect(against(world, override)).toEqual([]);
  });

  it("a denial by a ci key, whatever its roles", () => {
    const world = new World();
    const override = gate(world, { duration: 60, emergency: true });
    world.denied("ci", override);

    expect(against(world, override)).toEqual([]);
  });

  it("a use by a person", () => {
    const world = new World();
    const override = world.created("alice", { once: true });
    world.used("alice", override, { run: "999" });

    expect(world.objections(override)).toEqual([]);
  });
});

describe("a revocation", () => {
  it.each([
    ["its author", "alice"],
    ["its author's other key", "alice:second"],
    ["an eligible approver", "carol"],
    ["a role that the rule's may_revoke names", "uma"],
  ])("ends an override by %s", (_what, who) => {
    const world = new World();
    const override = gate(world, { duration: 60, emergency: true });
    const { seq } = world.revoked(who, override);

    expect(world.judge(override, production).objections).toEqual([
      { code: "revoked", seq, by: who.split(":")[0] },
    ]);
  });

  it("stays, though the override is approved again", () => {
    const world = new World();
    const override = gate(world);
    world.revoked("alice", override);
    world.approved("bob", override);
    world.approved("carol", override);

    expect(against(world, override)).toEqual(["revoked"]);
  });

  it("by a third person has no effect where no rule names anybody", () => {
    const world = new World();
    const override = gate(world, { scope: { branches: ["dev"], environment: "production" } });
    world.revoked("uma", override);

    expect(world.objections(override, { ...production, branch: "dev" })).toEqual(["no-rule"]);
  });

  it("ends no other override", () => {
    const world = new World();
    const [one, other] = [world.created("alice"), world.created("alice")];
    world.revoked("alice", one);

    expect(world.objections(other)).toEqual([]);
  });
});

describe("a permitting statement counts only after what its author saw:", () => {
  it("an old creation placed again, in a view that does not reach what it saw, does not count", () => {
    const world = new World();
    const { jws } = world.created("alice");
    world.recorded("alice");
    const again = world.place(jws);
    const view = world.view({ first: again.seq - 1 });

    const decision = decide({ view, subject: subjectOf(), now: t0 + 10 });

    expect(decision.kind === "decided" && decision.rejected[0]?.objections).toEqual([
      { code: "not-seen", seq: 1 },
    ]);
  });

  it("and does where the view reaches it, once", () => {
    const world = new World();
    const { jws, seq } = world.created("alice");
    world.place(jws);

    expect(world.decide()).toMatchObject({ outcome: "skip", inForce: [{ seq }], rejected: [] });
  });

  it("an approval of a position that is out of view does not count", () => {
    const world = new World();
    const override = gate(world);
    world.approved("bob", override, { saw: { seq: 999, hash: "h".repeat(43) } });

    expect(against(world, override)).toEqual(["approvals"]);
  });

  it("a creation placed before what it saw does not count", () => {
    const world = new World();
    const seen = { seq: world.head.seq + 2, hash: "h".repeat(43) };
    const override = world.created("alice", {}, { saw: seen });

    expect(world.judge(override).objections).toEqual([{ code: "not-seen", seq: seen.seq }]);
  });

  it("nor does it where what it saw was known before it stood there", () => {
    const world = new World();
    const later = Buffer.from("known before");
    const hash = createHash("sha256").update(later).digest("base64url");
    const saw = { seq: world.head.seq + 2, hash };
    const override = world.created("alice", {}, { saw });
    expect(world.raw(later)).toBe(saw.seq);

    expect(world.judge(override).objections).toEqual([{ code: "not-seen", seq: saw.seq }]);
  });
});

describe("a revoked key", () => {
  it.each([
    ["by its owner", "alice"],
    ["by its owner's other key", "alice:second"],
    ["by a role of the policy's may_revoke", "sven"],
  ])("permits nothing, before or after: %s", (_what, who) => {
    const world = new World();
    const before = world.created("alice");
    world.keyRevoked(who, "alice");
    const after = world.created("alice");

    expect([world.objections(before), world.objections(after)]).toEqual([
      ["key-revoked"],
      ["key-revoked"],
    ]);
  });

  it.each([
    ["another person", "bob", {}],
    ["a ci key, though it has the role", "ci", {}],
    ["an unknown key", "mallory", {}],
    ["a bad signature", "alice", { signature: () => Buffer.alloc(64) }],
  ] satisfies [string, string, How][])("is not revoked by %s", (_what, who, how) => {
    const world = new World();
    const override = world.created("alice");
    world.keyRevoked(who, "alice", how);

    expect(world.objections(override)).toEqual([]);
  });

  it("leaves the other keys of its owner alone", () => {
    const world = new World();
    world.keyRevoked("alice", "alice");
    const override = world.created("alice:second");

    expect(world.objections(override)).toEqual([]);
  });

  it("takes its approvals with it", () => {
    const world = new World();
    const override = gate(world);
    world.approved("bob", override);
    world.approved("carol", override);
    world.keyRevoked("carol", "carol");

    expect(world.judge(override, production).objections).toMatchObject([
      { code: "approvals", have: 1 },
    ]);
  });

  it("does not begin the time anew with an approval that came later", () => {
    const world = new World();
    const override = hold(world, { action: "skip", duration: 600 });
    world.approved("bob", override, { at: 10 });
    world.approved("carol", override, { at: 3000 });
    expect(against(world, override, 3100)).toEqual(["expired"]);
    world.keyRevoked("bob", "bob");

    expect(against(world, override, 3100)).toEqual(["expired"]);
  });

  it("takes its notices with it", () => {
    const world = new World();
    const override = world.created("alice", { target: { type: "stage", name: "release" } });
    world.noticed("alice:second", override);
    world.keyRevoked("alice", "alice:second");

    expect(world.objections(override)).toEqual(["not-announced"]);
  });

  it("still restricts: its revocations and denials stand", () => {
    const world = new World();
    const override = world.created("alice");
    world.revoked("alice:second", override);
    world.keyRevoked("alice", "alice:second");

    expect(world.objections(override)).toEqual(["revoked"]);
  });

  it("lifts no hold", () => {
    const world = new World();
    const held = hold(world);
    world.revoked("alice:second", held);
    world.keyRevoked("alice", "alice:second");

    expect(against(world, held)).toEqual([]);
  });

  it("leaves the holds that it made in force", () => {
    const world = new World();
    const held = hold(world);
    world.keyRevoked("alice", "alice");

    expect(against(world, held)).toEqual([]);
  });
});

describe("approvals", () => {
  /** An override of the gate, approved by each in turn. */
  function approvedBy(...approvers: string[]): { world: World; override: Appended } {
    const world = new World();
    const override = gate(world);
    for (const who of approvers) world.approved(who, override);
    return { world, override };
  }

  it.each([
    ["nobody's", []],
    ["too few", ["bob"]],
    ["two of one person", ["bob", "bob"]],
    ["two keys' of one person", ["bob", "bob:second"]],
    ["the author's own", ["bob", "alice"]],
    ["another role's", ["bob", "erin"]],
    ["a ci key's, whatever its roles", ["bob", "ci"]],
    ["a stranger's", ["bob", "mallory"]],
  ])("do not suffice when they are %s", (_what, approvers) => {
    const { world, override } = approvedBy(...approvers);

    expect(world.judge(override, production).objections).toEqual([
      {
        code: "approvals",
        needed: 2,
        have: approvers.length > 0 ? 1 : 0,
        from: ["release-manager"],
      },
    ]);
  });

  it("by the author do not count, though she has the role", () => {
    const world = new World();
    const override = gate(world, {}, "dora");
    world.approved("bob", override);
    world.approved("dora", override);

    expect(against(world, override)).toEqual(["approvals"]);
  });

  it("of another text do not count: of an edited request, or moved to another override", () => {
    const world = new World();
    const [one, other] = [gate(world), gate(world)];
    world.approved("bob", one);
    world.approved("carol", { ...one, digest: other.digest });

    expect(against(world, one)).toEqual(["approvals"]);
  });

  it.each([
    ["its position is void", { position: { seq: 99 } }],
    ["its signature is wrong", { signature: () => Buffer.alloc(64) }],
  ] satisfies [string, How][])("do not count when %s", (_what, how) => {
    const world = new World();
    const override = gate(world);
    world.approved("bob", override);
    world.approved("carol", override, how);

    expect(against(world, override)).toEqual(["approvals"]);
  });

  it("placed again do not count again", () => {
    const world = new World();
    const override = gate(world);
    const { jws } = world.approved("bob", override);
    world.place(jws);

    expect(against(world, override)).toEqual(["approvals"]);
  });

  it("before the creation do not count", () => {
    const world = new World();
    const members = world.statement("alice", {
      kind: "override.created",
      action: "skip",
      reason: { code: "flaky", text: "it fails at times" },
      tickets: [],
      nbf: t0,
      duration: hour,
      ...gateMembers,
    });
    const jws = world.sign("alice", members);
    const digest = world.place(jws).digest;
    world.positions.pop();
    const early = { id: members.id, digest, seq: 0, jws, hash: "" };
    world.approved("bob", early);
    world.approved("carol", early);
    world.place(jws, { at: 10 });

    expect(against(world, early)).toEqual(["approvals"]);
  });

  it("of a person who has lost the role do not count", () => {
    const { world, override } = approvedBy("bob", "carol");
    world.setPolicy((text) =>
      text.replace("carol: { roles: [release-manager]", "carol: { roles: [developer]"),
    );

    expect(against(world, override)).toEqual(["approvals"]);
  });

  it("of a person who has left do not count", () => {
    const { world, override } = approvedBy("bob", "carol");
    world.setPolicy(leaves("carol"));

    expect(against(world, override)).toEqual(["approvals"]);
  });

  it("of enough distinct eligible people suffice", () => {
    const { world, override } = approvedBy("bob", "carol");

    expect(against(world, override)).toEqual([]);
  });

  it("are what the rule says, though the author claims to need none", () => {
    const world = new World();
    const override = gate(world, { pending_until: t0 + 7 * day });

    expect(world.judge(override, production).objections).toMatchObject([{ code: "approvals" }]);
  });

  describe("start the time", () => {
    function approvedAt(...times: [string, number][]): { start: number; end: number } {
      const world = new World();
      const override = gate(world, { duration: 600 });
      for (const [who, at] of times) world.approved(who, override, { at });
      const { start, end } = world.judge(override, production);
      return { start: start - t0, end: end - t0 };
    }

    it("at the greatest iat of the first two", () => {
      expect(approvedAt(["bob", 100], ["carol", 300])).toEqual({ start: 300, end: 900 });
      expect(approvedAt(["bob", 300], ["carol", 100])).toEqual({ start: 300, end: 900 });
    });

    it("and a third changes nothing", () => {
      expect(approvedAt(["bob", 100], ["carol", 300], ["dora", 500]).start).toBe(300);
      expect(approvedAt(["bob", 100], ["carol", 300], ["dora", 50]).start).toBe(300);
    });

    it("counting each person's first approval", () => {
      expect(approvedAt(["bob", 100], ["bob", 200], ["carol", 150]).start).toBe(150);
    });

    it("never before nbf", () => {
      const world = new World();
      const override = gate(world, { nbf: t0 + 500 });
      world.approved("bob", override, { at: 10 });
      world.approved("carol", override, { at: 20 });

      expect(world.judge(override, production).start).toBe(t0 + 500);
    });
  });

  describe("are waited for", () => {
    const pendingUntil = (own: Members, lastAt: number): string[] => {
      const world = new World();
      const override = gate(world, own, "alice", { at: 0 });
      world.approved("bob", override, { at: 10 });
      world.approved("carol", override, { at: lastAt });
      return against(world, override, lastAt);
    };

    it("as long as the rule says, the end being exclusive", () => {
      expect(pendingUntil({}, 2 * hour)).toEqual(["approvals-too-late"]);
      expect(pendingUntil({}, 2 * hour - 1)).toEqual([]);
    });

    it("not longer, though the author wrote a later pending_until", () => {
      expect(pendingUntil({ pending_until: t0 + 6 * day }, 2 * hour)).toEqual([
        "approvals-too-late",
      ]);
    });

    it("less long where the author wrote an earlier pending_until", () => {
      expect(pendingUntil({ pending_until: t0 + 60 }, 60)).toEqual(["approvals-too-late"]);
      expect(pendingUntil({ pending_until: t0 + 60 }, 59)).toEqual([]);
    });

    it("and it is told how many came in time", () => {
      const world = new World();
      const override = gate(world, {}, "alice", { at: 0 });
      world.approved("bob", override, { at: 10 });

      expect(world.judge(override, production, 2 * hour).objections).toEqual([
        { code: "approvals-too-late", needed: 2, have: 1 },
      ]);
    });

    it("and nothing has expired meanwhile, though the duration is shorter than the wait", () => {
      const world = new World();
      const override = gate(world, { duration: 60 }, "alice", { at: 0 });

      expect(against(world, override, hour)).toEqual(["approvals"]);
    });

    it("but until ends what waits too", () => {
      const world = new World();
      const override = gate(world, { until: t0 + 60 }, "alice", { at: 0 });

      expect(against(world, override, 60)).toEqual(["approvals", "expired"]);
    });
  });

  it("and one denial: the denial ends it, whenever it comes", () => {
    const { world, override } = approvedBy("bob", "carol");
    const { seq } = world.denied("dora", override);

    expect(world.judge(override, production).objections).toEqual([
      { code: "denied", seq, by: "dora" },
    ]);
  });
});

describe("an emergency", () => {
  const emergency = { emergency: true, duration: 1800 };

  it("is in force before anyone approved", () => {
    const world = new World();

    expect(against(world, gate(world, emergency))).toEqual([]);
  });

  it("is not, by someone whom the rule's emergency does not name", () => {
    const world = new World();

    expect(against(world, gate(world, emergency, "bob"))).toEqual(["who"]);
  });

  it("is not, when it is longer than the rule's emergency", () => {
    const world = new World();

    expect(against(world, gate(world, { ...emergency, duration: 1801 }))).toEqual(["too-long"]);
  });

  it("is not changed by approvals: they neither delay nor lengthen it", () => {
    const world = new World();
    const override = gate(world, emergency, "alice", { at: 0 });
    world.approved("bob", override, { at: 100 });
    world.approved("carol", override, { at: 200 });

    const { start, end, approvals } = world.judge(override, production);
    expect([start, end, approvals]).toEqual([t0, t0 + 1800, []]);
  });

  it("ends by the denial of an eligible approver", () => {
    const world = new World();
    const override = gate(world, emergency);
    world.denied("carol", override);

    expect(against(world, override)).toEqual(["denied"]);
  });
});

describe("where the rule demands an announcement, an override", () => {
  const release = (world: World): Appended =>
    world.created("alice", { target: { type: "stage", name: "release" } });

  it.each([
    ["there is no notice", null],
    [
      "the notice says that it failed",
      (world, of) => world.noticed("ci", of, { status: "failed" }),
    ],
    [
      "the notice is about another",
      (world, of) => world.noticed("ci", of, { about: "ovr_000000000000000z" }),
    ],
    [
      "the notice names a channel that the policy does not",
      (world, of) => world.noticed("ci", of, { channel: "diary" }),
    ],
    ["somebody else says that it was announced", (world, of) => world.noticed("bob", of)],
    ["the notice is under an unknown key", (world, of) => world.noticed("mallory", of)],
    [
      "the notice's position is void",
      (world, of) => world.noticed("ci", of, {}, { position: { seq: 99 } }),
    ],
    [
      "the notice saw what is not there",
      (world, of) => world.noticed("ci", of, {}, { saw: { seq: 1, hash: "h".repeat(43) } }),
    ],
  ] satisfies [string, ((world: World, of: Appended) => unknown) | null][])(
    "is not in force when %s",
    (_what, notice) => {
      const world = new World();
      const override = release(world);
      notice?.(world, override);

      expect(world.objections(override)).toEqual(["not-announced"]);
    },
  );

  it.each(["alice", "ci"])("is in force when a notice by %s was delivered", (who) => {
    const world = new World();
    const override = release(world);
    world.noticed(who, override);

    expect(world.objections(override)).toEqual([]);
  });

  it("that is a hold needs none, because it restricts", () => {
    const world = new World();
    const override = world.created("alice", {
      target: { type: "stage", name: "release" },
      action: "hold",
    });

    expect(world.objections(override)).toEqual([]);
  });
});

describe("of an override for one use", () => {
  const once = (world: World): Appended => world.created("alice", { once: true });

  it("nobody has the use before it is recorded", () => {
    const world = new World();

    expect(world.objections(once(world))).toEqual([]);
  });

  it("the first run in log order has the use, and no other", () => {
    const world = new World();
    const override = once(world);
    const { seq } = world.used("ci", override);
    world.used("ci", override, { run: "813" });

    expect(world.objections(override)).toEqual([]);
    expect(world.judge(override, { run: "813" }).objections).toEqual([
      { code: "used-up", seq, run: "812" },
    ]);
    expect(world.objections(override, { run: null })).toEqual(["used-up"]);
  });

  it("all attempts and matrix legs of the run have it", () => {
    const world = new World();
    const override = once(world);
    world.used("ci", override, { attempt: 1, job: "lint (20)" });
    world.used("ci", override, { attempt: 2, job: "lint (22)" });

    expect(world.objections(override)).toEqual([]);
  });

  it("a run of the same number on another forge has it not", () => {
    const world = new World();
    const override = once(world);
    world.used("ci", override);

    expect(world.objections(override, { forge: "gitlab" })).toEqual(["used-up"]);
  });

  it("a use that was recorded for another stage has spent it for the run too", () => {
    const world = new World();
    const override = once(world);
    world.used("ci", override, { stage: "unit-tests" });

    expect(world.objections(override)).toEqual(["used-up"]);
  });

  it("a use of another text has spent it for the run too", () => {
    const world = new World();
    const override = once(world);
    world.used("ci", { ...override, digest: "d".repeat(43) });

    expect(world.objections(override)).toEqual(["used-up"]);
  });

  it("a use that cannot be verified spends it for everyone", () => {
    const world = new World();
    const override = once(world);
    world.used("mallory", override);
    world.used("ci", override);

    expect(world.objections(override)).toEqual(["doubt"]);
  });
});

describe("any number of uses", () => {
  it("leave an override in force that is not for one use", () => {
    const world = new World();
    const override = world.created("alice");
    world.used("ci", override);
    world.used("ci", override, { run: "813" });

    expect(world.objections(override, { run: "900" })).toEqual([]);
  });

  it("need a record where the override is for one use or the rule demands it", () => {
    const world = new World();
    const scan = { target: { type: "stage", name: "scan" } };

    expect(world.judge(world.created("alice")).needsUse).toBe(false);
    expect(world.judge(world.created("alice", { once: true })).needsUse).toBe(true);
    expect(world.judge(world.created("alice", scan)).needsUse).toBe(true);
  });

  it("say nothing of a hold, which knows no uses", () => {
    const world = new World();
    const held = hold(world, { once: true });
    world.used("ci", held, { stage: "deploy-prod", run: "999" });

    expect(against(world, held)).toEqual([]);
    expect(world.judge(held, production).needsUse).toBe(false);
  });
});

describe("the time of an override", () => {
  const at = (own: Members, now: number): string[] => {
    const world = new World();
    return world.objections(world.created("alice", own, { at: 0 }), {}, now);
  };

  it("begins at nbf, or up to a minute before it", () => {
    expect(at({ nbf: t0 + 600 }, 539)).toEqual(["not-started"]);
    expect(at({ nbf: t0 + 600 }, 540)).toEqual([]);
  });

  it("ends after its duration, the end being exclusive and not stretched", () => {
    expect(at({ duration: 600 }, 600)).toEqual(["expired"]);
    expect(at({ duration: 600 }, 599)).toEqual([]);
    expect(at({ nbf: t0 + 600, duration: 600 }, 1200)).toEqual(["expired"]);
  });

  it("ends at until, if that comes first", () => {
    expect(at({ duration: 600, until: t0 + 100 }, 100)).toEqual(["expired"]);
    expect(at({ duration: 600, until: t0 + 100 }, 99)).toEqual([]);
    expect(at({ duration: 600, until: t0 + 1000 }, 600)).toEqual(["expired"]);
  });

  it("is told with its objections", () => {
    const world = new World();
    const override = world.created("alice", { nbf: t0 + 600, duration: 60 }, { at: 0 });

    expect(world.judge(override, {}, 0).objections).toEqual([
      { code: "not-started", start: t0 + 600 },
    ]);
    expect(world.judge(override, {}, 660).objections).toEqual([{ code: "expired", end: t0 + 660 }]);
  });
});

describe("a hold turns permit and restrict around:", () => {
  it("no approvals are needed", () => {
    const world = new World();

    expect(against(world, hold(world))).toEqual([]);
    expect(against(world, hold(world, { action: "skip" }))).toEqual(["approvals"]);
  });

  it("the rule must allow it all the same", () => {
    const world = new World();

    expect(against(world, hold(world, {}, "erin"))).toEqual(["who"]);
    expect(against(world, hold(world, { duration: hour + 1 }))).toEqual(["too-long"]);
    expect(world.objections(hold(world), {})).toEqual(["out-of-scope"]);
  });

  it("what its author saw may be out of view", () => {
    const world = new World();
    const held = hold(world, {}, "alice", { saw: { seq: 99, hash: "h".repeat(43) } });

    expect(against(world, held)).toEqual([]);
  });

  it.each([
    ["an unknown key", "mallory", {}],
    ["a person who may not", "erin", {}],
    ["a ci key, whatever its roles", "ci", {}],
    ["a bad signature", "alice", { signature: () => Buffer.alloc(64) }],
    ["a void position", "alice", { position: { seq: 99 } }],
    [
      "bytes that are not of the form",
      "alice",
      { bytes: (bytes) => Buffer.concat([bytes, Buffer.from("x")]) },
    ],
    ["one who saw what is not there", "alice", { saw: { seq: 999, hash: "h".repeat(43) } }],
  ] satisfies [string, string, How][])("no doubt lifts it: not %s", (_what, who, how) => {
    const world = new World();
    const held = hold(world);
    world.revoked(who, held, how);
    world.denied(who, held, how);

    expect(against(world, held)).toEqual([]);
  });

  it("nor a revocation by one who left the policy since", () => {
    const world = new World();
    const held = hold(world, {}, "dora");
    world.revoked("uma", held);
    world.setPolicy(leaves("uma"));

    expect(against(world, held)).toEqual([]);
  });

  it("nor a denial of another text", () => {
    const world = new World();
    const held = hold(world);
    world.denied("bob", { ...held, digest: "d".repeat(43) });

    expect(against(world, held)).toEqual([]);
  });

  it("nor a denial by the author or by one who may only revoke", () => {
    const world = new World();
    const held = hold(world);
    world.denied("alice", held);
    world.denied("uma", held);

    expect(against(world, held)).toEqual([]);
  });

  it.each([
    ["its author", "alice"],
    ["an eligible approver", "bob"],
    ["a role that the rule's may_revoke names", "uma"],
  ])("its revocation by %s lifts it", (_what, who) => {
    const world = new World();
    const held = hold(world);
    const { seq } = world.revoked(who, held);

    expect(world.judge(held, production).objections).toEqual([{ code: "revoked", seq, by: who }]);
  });

  it("its denial by an eligible approver lifts it", () => {
    const world = new World();
    const held = hold(world);
    world.denied("bob", held);

    expect(against(world, held)).toEqual(["denied"]);
  });

  it("time ends it", () => {
    const world = new World();
    const held = hold(world, { duration: 600 }, "alice", { at: 0 });

    expect(against(world, held, 599)).toEqual([]);
    expect(against(world, held, 600)).toEqual(["expired"]);
  });
});

describe("the judgement", () => {
  it("is by the policy of now, whatever the writer claimed", () => {
    const world = new World();
    const override = world.created("alice", { duration: 4 * hour });
    world.setPolicy((text) => text.replace("longest: 4h", "longest: 2h"));

    expect(world.objections(override)).toEqual(["too-long"]);
  });

  it("is that nothing is in force of a person who has left", () => {
    const world = new World();
    world.created("dora");
    world.setPolicy(leaves("dora"));

    expect(world.decide()).toMatchObject({ outcome: "enforced", inForce: [], rejected: [] });
  });

  it("names every reason, not only the first", () => {
    const world = new World();
    const override = world.created("erin", { duration: 5 * hour, tickets: [] }, { at: 0 });
    world.revoked("erin", override);

    expect(world.objections(override, { branch: "dev", head: "dev" }, 6 * hour)).toEqual([
      "out-of-scope",
      "who",
      "too-long",
      "ticket-missing",
      "revoked",
      "expired",
    ]);
  });
});
