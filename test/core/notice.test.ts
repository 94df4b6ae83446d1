/** What people are told of, where, and what the log shows as not told yet. */
import { createHash } from "node:crypto";

import { describe, expect, it } from "vitest";

import { channelsOf } from "../../src/core/channel-shape.ts";
import {
  deliveryOf,
  isDue,
  isTold,
  noticesIn,
  tellWithinSeconds,
  undelivered,
  type Notice,
} from "../../src/core/notice.ts";
import { standings } from "../../src/core/state.ts";
import { hour, t0, World } from "../support/world.ts";

const deploy = {
  target: { type: "stage", name: "deploy-prod" },
  scope: { branches: ["main"], environment: "production" },
  action: "force",
};

function noticesOf(world: World): readonly Notice[] {
  const now = t0 + world.clock;
  return noticesIn(world.view(), standings(world.view(), now, "main"), now - tellWithinSeconds);
}

const eventsOf = (world: World): readonly string[] => noticesOf(world).map(({ event }) => event);

const everything = { to: "slack", match: null, rules: null, events: null } as const;

describe("what people are told of", () => {
  it("is every override, and whatever ends, approves or reviews it", () => {
    const world = new World();
    const skip = world.created("alice");
    world.revoked("alice", skip);
    const asked = world.created("alice", { ...deploy, pending_until: t0 + hour });
    world.approved("bob", asked);
    const emergency = world.created("alice", { ...deploy, emergency: true, duration: 600 });
    world.append("bob", {
      kind: "override.reviewed",
      override: emergency.id,
      outcome: "ok",
      note: "was right",
    });
    world.denied("bob", emergency);

    expect(eventsOf(world)).toEqual([
      "created",
      "revoked",
      "requested",
      "approved",
      "emergency",
      "reviewed",
      "denied",
    ]);
  });

  it("is told with what its author noted, and how a review came out", () => {
    const world = new World();
    const emergency = world.created("alice", { ...deploy, emergency: true, duration: 600 });
    const note = "was right";
    world.append("bob", { kind: "override.reviewed", override: emergency.id, outcome: "ok", note });
    world.denied("bob", emergency);

    expect(noticesOf(world).map((one) => [one.note, one.outcome])).toEqual([
      [null, null],
      [note, "ok"],
      ["not now", null],
    ]);
  });

  it("is every approval that counts, and no other", () => {
    const world = new World();
    const scope = { branches: ["main"], environment: "production" };
    const asked = world.created("alice", { target: { type: "stage", name: "prod-gate" }, scope });
    const seqs = ["bob", "erin", "bob", "carol"].map((who) => world.approved(who, asked).seq);

    const told = noticesOf(world).filter(({ event }) => event === "approved");

    expect(told.map(({ seq }) => seq)).toEqual([seqs[0], seqs[3]]);
  });

  it("is no use of an override, and nothing of what is no override in view", () => {
    const world = new World();
    world.raw("no statement");
    world.append("alice", { kind: 7 });
    world.used("ci", world.created("alice"));
    world.revoked("alice", { id: world.newId("ovr") });
    world.keyRevoked("alice", "alice:second");

    expect(eventsOf(world)).toEqual(["created"]);
  });

  it("is an extension, where an override takes the place of another", () => {
    const world = new World();
    const skip = world.created("alice");
    world.created("alice", { supersedes: skip.id });

    expect(eventsOf(world)).toEqual(["created", "extended"]);
  });

  it("names those who could have approved an emergency", () => {
    const world = new World();
    world.created("alice", { ...deploy, emergency: true, duration: 600 });

    world.created("dora", { ...deploy, emergency: true, duration: 600 });

    expect(noticesOf(world).map(({ approvers }) => approvers)).toEqual([
      ["bob", "carol", "dora"],
      ["bob", "carol"],
    ]);
  });

  it("is nothing that someone signed who may not", () => {
    const world = new World();
    const skip = world.created("alice");
    world.revoked("dora", skip);
    world.append("ci", { kind: "override.revoked", override: skip.id });
    world.denied("erin", skip);
    const { seq } = world.revoked("alice", skip);

    expect(noticesOf(world).map((one) => [one.event, one.seq])).toEqual([
      ["created", skip.seq],
      ["revoked", seq],
    ]);
  });

  it("is nothing older than a day", () => {
    const world = new World();
    world.created("alice", {}, { at: 0 });
    world.clock = tellWithinSeconds;
    expect(eventsOf(world)).toEqual(["created"]);
    world.clock += 1;

    expect(eventsOf(world)).toEqual([]);
  });
});

describe("a channel", () => {
  const event = "created";
  const match = { kinds: null, stages: null, branches: null, environments: null };
  const scope = { branches: ["main", "release/1"] };

  /** Whether it is told of a skip of lint on two branches, by the policy of now. */
  function told(
    channel: Partial<Parameters<typeof isTold>[0]>,
    own = {},
    policy = (text: string): string => text,
  ): boolean {
    const world = new World();
    world.created("alice", { scope, ...own });
    world.setPolicy(policy);
    const [notice] = noticesOf(world);
    if (notice === undefined) throw new Error("there is no notice");
    const { judged } = notice.standing;
    return isTold({ ...everything, ...channel }, { ...judged, event }, world.policy, "main");
  }

  it.each([
    ["everything, where it says nothing", {}, true],
    ["its events", { events: ["created"] as const }, true],
    ["no other event", { events: ["revoked"] as const }, false],
    ["its stages", { match: { ...match, stages: ["li*"] } }, true],
    ["no other stage", { match: { ...match, stages: ["deploy-*"] } }, false],
    [
      "its branches, where one of several is among them",
      { match: { ...match, branches: ["release/*"] } },
      true,
    ],
    ["no other branch", { match: { ...match, branches: ["dev"] } }, false],
    ["its rules", { rules: ["deploys", "quality"] }, true],
    ["no other rule", { rules: ["deploys"] }, false],
    ["nothing that names no pull request, where it is one", { to: "forge" } as const, false],
  ])("is told of %s", (_, channel, expected) => {
    expect(told(channel)).toBe(expected);
  });

  it("that is a pull request is told of what names one", () => {
    expect(told({ to: "forge" }, { scope: { ...scope, pr: 7 } })).toBe(true);
  });

  it("for some rules is told of nothing that no rule is about", () => {
    const noRule = (text: string): string =>
      text.replace("{ kind: quality }\n    actions", "{ kind: no-such }\n    actions");

    expect(told({ rules: ["quality"] }, {}, noRule)).toBe(false);
    expect(told({}, {}, noRule)).toBe(true);
  });

  it("for some stages is told of none that the policy has no more", () => {
    const noStage = (text: string): string => text.replace(/^  lint: .*\n/m, "");

    expect(told({ match }, {}, noStage)).toBe(false);
    expect(told({}, {}, noStage)).toBe(true);
  });
});

describe("what was not told", () => {
  function delivered(write: (world: World, skip: ReturnType<World["created"]>) => void): boolean {
    const world = new World();
    write(world, world.created("alice"));
    const [notice] = noticesOf(world);
    return notice !== undefined && deliveryOf(world.view(), notice, "slack").delivered;
  }

  it("is what no record of a delivery says", () => {
    expect(delivered(() => undefined)).toBe(false);
    expect(delivered((world, skip) => void world.noticed("alice", skip))).toBe(true);
    expect(delivered((world, skip) => void world.noticed("ci", skip))).toBe(true);
  });

  it.each([
    ["fails", "alice", { status: "failed" }],
    ["is of another channel", "alice", { channel: "webhook" }],
    ["is signed by somebody else", "bob", {}],
  ])("is what a record is about that %s", (_, who, own) => {
    expect(delivered((world, skip) => void world.noticed(who, skip, own))).toBe(false);
  });

  it("was not tried by who may not record it, nor by who tells another channel", () => {
    const world = new World();
    const skip = world.created("alice");
    world.noticed("alice", skip, { channel: "webhook" });
    world.noticed("bob", skip);
    world.noticed("alice", skip, {}, { signature: () => Buffer.alloc(64) });
    const [notice] = noticesOf(world);
    if (notice === undefined) throw new Error("there is no notice");

    expect(deliveryOf(world.view(), notice, "slack")).toEqual({
      delivered: false,
      tries: 0,
      lastTry: null,
    });
  });

  it("is not what was delivered", () => {
    const world = new World();
    const [told, left] = [world.created("alice"), world.created("alice")];
    world.noticed("alice", told);
    world.setPolicy((text) =>
      text.replace(/^notify:[^]*/m, "notify: [{ to: slack, url_env: X }]\n"),
    );

    const found = channelsOf(world.policy).flatMap((channel) =>
      undelivered(world.view(), noticesOf(world), channel, "main"),
    );

    expect(found.map(({ notice }) => notice.seq)).toEqual([left.seq]);
  });

  it("is only what the channel is told of", () => {
    const world = new World();
    const skip = world.created("alice");
    world.created("alice", { target: { type: "stage", name: "unit-tests" } });
    const { seq } = world.revoked("alice", skip);
    world.setPolicy((text) =>
      text.replace(/^notify:[^]*/m, "notify: [{ to: slack, url_env: X, events: [revoked] }]\n"),
    );

    const left = channelsOf(world.policy).flatMap((channel) =>
      undelivered(world.view(), noticesOf(world), channel, "main"),
    );

    expect(left.map(({ notice }) => notice.seq)).toEqual([seq]);
  });

  describe("to a channel that the policy has not always had", () => {
    const channels = (...more: readonly string[]): string =>
      ["notify:", "  - { to: slack, url_env: CHAT }", ...more, ""].join("\n");
    const pager = "  - { to: exec, name: pager, command: [page] }";
    const without = (text: string): string => text.replace(/^notify:[^]*/m, channels());
    const withPager = (text: string): string => text.replace(/^notify:[^]*/m, channels(pager));

    /** What the channel was not told, by number. */
    function leftFor(name: string, world: World, first = 0): readonly number[] {
      const channel = channelsOf(world.policy).find((one) => one.name === name);
      if (channel === undefined) throw new Error(`there is no channel ${name}`);
      const left = undelivered(world.view({ first }), noticesOf(world), channel, "main");
      return left.map(({ notice }) => notice.seq);
    }

    function grown(): { readonly world: World; readonly seqs: readonly [number, number] } {
      const world = new World({ policy: without });
      const before = world.created("alice");
      world.setPolicy(withPager);
      world.recorded("alice");
      return { world, seqs: [before.seq, world.created("alice").seq] };
    }

    it("is what was done since then, and not what was done before", () => {
      const { world, seqs } = grown();

      expect(leftFor("pager", world)).toEqual([seqs[1]]);
      expect(leftFor("slack", world)).toEqual(seqs);
    });

    it("is all that somebody signs under a text of her own, without the channel", () => {
      const world = new World({ policy: withPager });
      const text = without(world.policy.text);
      const policy = createHash("sha256").update(text).digest("base64url");
      world.append("alice", { kind: "policy.recorded", text, policy });
      const skip = world.created("alice", { policy });

      expect(leftFor("pager", world)).toEqual([skip.seq]);
    });

    it("is the same after the channel itself was rewritten", () => {
      const { world, seqs } = grown();
      world.setPolicy((text) => text.replace("[page]", "[page, --loud]"));

      expect(leftFor("pager", world)).toEqual([seqs[1]]);
      expect(leftFor("slack", world)).toEqual(seqs);
    });

    it("is all of it, where the log in view does not hold the policy of then", () => {
      const { world, seqs } = grown();

      expect(leftFor("pager", world, seqs[0])).toEqual(seqs);
    });
  });

  it("is left to its author's command for a minute", () => {
    const world = new World();
    world.created("alice", {}, { at: 0 });
    const [notice] = noticesOf(world);
    if (notice === undefined) throw new Error("there is no notice");
    const delivery = deliveryOf(world.view(), notice, "slack");

    expect(isDue(delivery, notice, t0 + 59)).toBe(false);
    expect(isDue(delivery, notice, t0 + 60)).toBe(true);
  });

  it("is tried again after waits that double, and six times at most", () => {
    const world = new World();
    const skip = world.created("alice", {}, { at: 0 });
    const [notice] = noticesOf(world);
    if (notice === undefined) throw new Error("there is no notice");
    const dueAt = (at: number): boolean =>
      isDue(deliveryOf(world.view(), notice, "slack"), notice, t0 + at);

    world.noticed("ci", skip, { status: "failed" }, { at: 100 });
    expect([dueAt(219), dueAt(220)]).toEqual([false, true]);
    world.noticed("ci", skip, { status: "failed" }, { at: 300 });
    expect([dueAt(539), dueAt(540)]).toEqual([false, true]);
    for (const at of [1000, 2000, 4000, 8000]) {
      world.noticed("ci", skip, { status: "failed" }, { at });
    }
    expect(dueAt(80_000)).toBe(false);
  });
});
