/** The decision: what makes the whole log unfit, what the clock says, and which override wins. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkExit, decide } from "../../src/core/decide.ts";
import type { Action } from "../../src/core/policy.ts";
import type { Subject } from "../../src/core/scope.ts";
import { viewOf } from "../../src/core/view.ts";
import {
  day,
  hour,
  outcomeOf,
  production,
  subjectOf,
  t0,
  World,
  type Appended,
  type How,
  type Members,
} from "../support/world.ts";

const hash = "h".repeat(42) + "A";
const year = 365 * day;

describe("the whole log is refused", () => {
  it("when it is empty", () => {
    const { policy } = new World();

    const decision = decide({ view: viewOf(policy, 0, []), subject: subjectOf(), now: t0 });

    expect(decision).toMatchObject({ kind: "integrity", code: "log-missing" });
  });

  it("when it does not begin as the policy says", () => {
    const [one, other] = [new World(), new World()];
    const { jws } = other.created("alice", {}, { header: "{}" });
    one.positions[0] = Buffer.from(jws);

    expect(one.decide()).toMatchObject({ kind: "integrity", code: "wrong-log", seq: 0 });
  });

  it.each([
    ["an unknown kind", { kind: "override.blessed" }],
    ["an unknown version", { kind: "override.created", v: 2 }],
    ["an unknown version of a note", { kind: "note.sticker", v: 3 }],
  ])("when a person signed %s", (_what, own) => {
    const world = new World();
    world.created("alice");
    const { seq } = world.append("erin", own);

    expect(world.decide()).toMatchObject({ kind: "integrity", code: "unknown-version", seq });
  });

  it("when a person's statement contradicts it", () => {
    const world = new World();
    world.created("alice");
    const { seq } = world.append(
      "erin",
      { kind: "key.revoked", kid: hash },
      { saw: { seq: 1, hash } },
    );

    expect(world.decide()).toMatchObject({ kind: "integrity", code: "contradiction", seq });
  });

  it("when a person's note does, though the note itself means nothing", () => {
    const world = new World();
    const { seq } = world.append("erin", { kind: "note.hello" }, { saw: { seq: 1, hash } });

    expect(world.decide()).toMatchObject({ code: "contradiction", seq });
  });

  it("when a person saw a position that comes after her own", () => {
    const world = new World();
    const seen = { seq: 7, hash };
    const { seq } = world.append("erin", { kind: "key.revoked", kid: hash }, { saw: seen });

    expect(world.decide()).toMatchObject({ code: "contradiction", seq });
  });

  it("when genuine statements were placed anew without a revocation that somebody saw", () => {
    const world = new World();
    const override = world.created("alice");
    world.revoked("alice", override);
    const { jws } = world.created("bob");
    world.positions.splice(override.seq + 1);
    const { seq } = world.place(jws);

    expect(world.decide()).toMatchObject({ code: "contradiction", seq });
  });
});

describe("the log stands", () => {
  it.each([
    ["an unknown kind by a ci key", "ci", { kind: "override.blessed" }, {}],
    ["an unknown version by a ci key", "ci", { kind: "override.used", v: 2 }, {}],
    ["an unknown kind by an unknown key", "mallory", { kind: "override.blessed" }, {}],
    ["an unknown kind of another log", "erin", { kind: "override.blessed", log: hash }, {}],
    [
      "an unknown kind under a bad signature",
      "erin",
      { kind: "override.blessed" },
      { signature: () => Buffer.alloc(64) },
    ],
    [
      "an unknown kind at a void position",
      "erin",
      { kind: "override.blessed" },
      { position: { seq: 99 } },
    ],
    [
      "a contradiction at a void position",
      "erin",
      { kind: "key.revoked", kid: hash },
      { saw: { seq: 1, hash }, position: { seq: 99 } },
    ],
    ["a note of a kind that nobody knows", "erin", { kind: "note.sticker" }, {}],
    [
      "a ci key's contradiction",
      "ci",
      {
        kind: "notice.sent",
        about: "ovr_0000000000000001",
        channel: "slack",
        target_hash: hash,
        status: "failed",
      },
      { saw: { seq: 1, hash } },
    ],
    [
      "an unknown key's contradiction",
      "mallory",
      { kind: "key.revoked", kid: hash },
      { saw: { seq: 1, hash } },
    ],
    [
      "a contradiction under a bad signature",
      "erin",
      { kind: "key.revoked", kid: hash },
      { saw: { seq: 1, hash }, signature: () => Buffer.alloc(64) },
    ],
    [
      "a contradiction of another log",
      "erin",
      { kind: "key.revoked", kid: hash, log: hash },
      { saw: { seq: 1, hash } },
    ],
  ] satisfies [string, string, Members, How][])("in spite of %s", (_what, who, own, how) => {
    const world = new World();
    world.created("alice");
    world.append(who, own, how);

    expect(outcomeOf(world.decide())).toBe("skip");
  });

  it("in spite of a note that does not tell in full what its author saw", () => {
    const world = new World();
    world.created("alice");
    const noted = (saw: Members): unknown => world.append("erin", { kind: "note.hello", saw });
    noted({ seq: 1 });
    noted({ hash });

    expect(outcomeOf(world.decide())).toBe("skip");
  });

  it("in spite of the contradiction of a person who left the policy", () => {
    const world = new World();
    world.created("alice");
    world.append("erin", { kind: "key.revoked", kid: hash }, { saw: { seq: 1, hash } });
    world.setPolicy((text) => text.replace(/ {2}erin: .*\n/, ""));

    expect(outcomeOf(world.decide())).toBe("skip");
  });

  it("in spite of what was seen before the view begins", () => {
    const world = new World();
    world.created("alice", {}, { saw: { seq: 0, hash } });
    const later = world.created("alice");
    const view = world.view({ first: later.seq - 1 });

    const decision = decide({ view, subject: subjectOf(), now: t0 + 10 });

    expect(outcomeOf(decision)).toBe("skip");
  });

  it("in spite of garbage of any kind between its positions", () => {
    const world = new World();
    world.raw("");
    world.raw(Buffer.alloc(200_000, 0x41));
    world.raw('{"v":1}');
    world.created("alice");

    expect(outcomeOf(world.decide())).toBe("skip");
  });
});

describe("when the clock is in doubt, no override but a hold is in force:", () => {
  const hold: Members = {
    action: "hold",
    target: { type: "stage", name: "deploy-prod" },
    scope: { branches: ["main"], environment: "production" },
  };

  const withStore = (storeOffset: number | null): string => {
    const world = new World();
    world.created("alice", {}, { at: 0 });
    const now = t0 + 600;
    const storeTime = storeOffset === null ? null : now + storeOffset;
    return outcomeOf(decide({ view: world.view(), subject: subjectOf(), now, storeTime }));
  };

  it.each([121, -121, year, -year])("the store's time differs by %d seconds", (offset) => {
    expect(withStore(offset)).toBe("enforced");
  });

  it.each([null, 0, 120, -120])("not when it differs by no more than 120: %d", (offset) => {
    expect(withStore(offset)).toBe("skip");
  });

  const withPerson = (ahead: number, who = "erin", how: How = {}): string => {
    const world = new World();
    world.created("alice", {}, { at: 0 });
    world.append(who, { kind: "key.revoked", kid: hash }, { at: 600 + ahead, ...how });
    return outcomeOf(world.decide({}, 600));
  };

  it("a person signed more than 120 seconds ahead of this machine", () => {
    expect(withPerson(121)).toBe("enforced");
    expect(withPerson(120)).toBe("skip");
  });

  it.each([
    ["an unknown key", "mallory", {}],
    ["a bad signature", "erin", { signature: () => Buffer.alloc(64) }],
    ["a void position", "erin", { position: { seq: 77 } }],
  ] satisfies [string, string, How][])("not what is not a person's word: %s", (_what, who, how) => {
    expect(withPerson(year, who, how)).toBe("skip");
  });

  it("nor a ci key's", () => {
    const world = new World();
    const override = world.created("alice", {}, { at: 0 });
    world.used("ci", override, {}, { at: year });

    expect(outcomeOf(world.decide({}, 600))).toBe("skip");
  });

  it("and says so", () => {
    const world = new World();
    const override = world.created("alice", {}, { at: 0 });
    world.append("erin", { kind: "key.revoked", kid: hash }, { at: year });

    expect(world.objections(override, {}, 600)).toEqual(["clock"]);
  });

  const holdAt = (own: Members, now: number, storeTime: number | null): string => {
    const world = new World();
    world.created("alice", { ...hold, ...own }, { at: 0 });
    const subject = subjectOf({ stage: "deploy-prod", ...production });
    const question = { view: world.view(), subject, now: t0 + now };
    return outcomeOf(
      decide({ ...question, storeTime: storeTime === null ? null : t0 + storeTime }),
    );
  };

  it("a hold stands though this machine is a year ahead of the store", () => {
    expect(holdAt({}, year, 600)).toBe("hold");
  });

  it("a hold stands though this machine is a year behind the store", () => {
    expect(holdAt({}, 600, year)).toBe("hold");
    expect(holdAt({}, -year, 600)).toBe("hold");
  });

  it("a hold stands though this machine is a year behind the hold's own author", () => {
    expect(holdAt({}, -year, null)).toBe("hold");
  });

  it("a hold is over where both clocks say so, and not begun where neither does", () => {
    expect(holdAt({}, year, 2 * year)).toBe("enforced");
    expect(holdAt({ nbf: t0 + 6 * day }, 600, 1200)).toBe("enforced");
  });

  it("a hold that was revoked stands again, for its revocation permits", () => {
    const world = new World();
    const held = world.created("alice", hold, { at: 0 });
    world.revoked("alice", held);
    const subject = subjectOf({ stage: "deploy-prod", ...production });
    const ask = (storeTime: number | null): string =>
      outcomeOf(decide({ view: world.view(), subject, now: t0 + 60, storeTime }));

    expect([ask(null), ask(t0 + 600)]).toEqual(["enforced", "hold"]);
  });
});

describe("of several in force the most protective wins", () => {
  const orderOf = (stage: string, kinds: readonly Action[]): string[] => {
    const world = new World({
      policy: (text) =>
        text
          .replace(
            "actions: [skip, allow-failure, force]",
            "actions: [skip, allow-failure, force, hold]",
          )
          .replace("    approvals: { count: 1, from: [release-manager], pending: 1h }\n", ""),
    });
    const environment = stage === "deploy-prod" ? { environment: "production" } : {};
    for (const action of kinds) {
      world.created("alice", {
        action,
        target: { type: "stage", name: stage },
        scope: { branches: ["main"], ...environment },
      });
    }
    const decision = world.decide({ stage, ...environment });
    return decision.kind === "decided"
      ? decision.inForce.map(({ statement }) => statement.action)
      : [];
  };
  const all: readonly Action[] = ["skip", "allow-failure", "force", "hold"];

  it("for a deploy: hold, skip, allow-failure, force", () => {
    expect(orderOf("deploy-prod", [...all].reverse())).toEqual([
      "hold",
      "skip",
      "allow-failure",
      "force",
    ]);
  });

  it("for any other stage: hold, force, allow-failure, skip", () => {
    expect(orderOf("lint", all)).toEqual(["hold", "force", "allow-failure", "skip"]);
  });

  it("whatever their order in the log", () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...all], { minLength: 2 }), (some) => {
        const found = orderOf("lint", some);
        expect(found).toEqual(
          ["hold", "force", "allow-failure", "skip"].filter((one) => found.includes(one)),
        );
      }),
      { numRuns: 20 },
    );
  });

  it("and of two that are the same the earlier", () => {
    const world = new World();
    const { seq } = world.created("alice");
    world.created("alice");

    expect(world.decide()).toMatchObject({ inForce: [{ seq }, { seq: seq + 1 }] });
  });
});

describe("what is decided is for this stage only", () => {
  it.each(["unit-tests", "lint2", "Lint", "li", "l\u0456nt"])("not for %j", (stage) => {
    const world = new World();
    world.created("alice");

    expect(world.decide({ stage })).toMatchObject({
      outcome: "enforced",
      inForce: [],
      rejected: [],
    });
  });

  it("and nothing is in force for a stage that the policy dropped", () => {
    const world = new World();
    world.created("alice");
    world.setPolicy((text) => text.replace(/ {2}lint: .*\n/, ""));

    expect(world.decide()).toMatchObject({
      outcome: "enforced",
      rejected: [{ objections: [{ code: "no-rule" }] }],
    });
  });
});

describe("the exit status of check is named", () => {
  const exit = (world: World, wanted: Action = "skip", own: Partial<Subject> = {}): string =>
    checkExit(world.decide(own), wanted);

  it("integrity when the whole log is refused", () => {
    const world = new World();
    world.created("alice");
    world.append("erin", { kind: "override.blessed" });

    expect(exit(world)).toBe("integrity");
  });

  it("enforced when there is no genuine override of the stage", () => {
    const world = new World();
    world.created("mallory");

    expect(exit(world)).toBe("enforced");
  });

  it("rejected when there is one that does not apply", () => {
    const world = new World();
    world.created("alice");

    expect(exit(world, "skip", { branch: "dev" })).toBe("rejected");
  });

  it("rejected when another action is in force than the one asked for", () => {
    const world = new World();
    world.created("alice", { action: "force" });

    expect(exit(world, "skip")).toBe("rejected");
    expect(exit(world, "force")).toBe("ok");
  });

  it("ok when the action asked for is in force", () => {
    const world = new World();
    world.created("alice");

    expect(exit(world)).toBe("ok");
  });
});

describe("whatever the log holds", () => {
  /** How protective an outcome is of a stage that is no deploy. */
  const protection = ["skip", "allow-failure", "enforced", "force", "hold"];

  /** A world with one override of each kind, some of them approved, used, or for later. */
  function busyWorld(): { world: World; overrides: Appended[]; held: Appended } {
    const world = new World();
    const gate = {
      target: { type: "stage", name: "prod-gate" },
      scope: { branches: ["main"], environment: "production" },
    };
    const overrides = [
      world.created("alice"),
      world.created("alice", { once: true, target: { type: "stage", name: "unit-tests" } }),
      world.created("alice", gate),
    ];
    for (const of of overrides.slice(2)) {
      world.approved("bob", of);
      world.approved("carol", of);
    }
    const held = world.created("alice", {
      action: "hold",
      target: { type: "stage", name: "deploy-prod" },
      scope: { branches: ["main"], environment: "production" },
    });
    return { world, overrides, held };
  }

  const outcomes = (world: World): string[] =>
    [
      {},
      { stage: "unit-tests" },
      { stage: "prod-gate", ...production },
      { stage: "deploy-prod", ...production },
    ].map((own) => outcomeOf(world.decide(own)));

  const before = outcomes(busyWorld().world);

  it("the world of these tests has something to lose", () => {
    expect(before).toEqual(["skip", "skip", "skip", "hold"]);
  });

  const kinds = ["override.approved", "override.denied", "override.revoked", "override.created"];
  const statements = fc.record({
    who: fc.constantFrom("erin", "ci", "sven"),
    kind: fc.constantFrom(...kinds),
    target: fc.nat(3),
    emergency: fc.boolean(),
    action: fc.constantFrom("skip", "force", "hold", "allow-failure"),
  });

  it("no statement of someone who is not entitled changes a decision", () => {
    fc.assert(
      fc.property(fc.array(statements, { minLength: 1, maxLength: 4 }), (said) => {
        const { world, overrides, held } = busyWorld();
        for (const { who, kind, target, emergency, action } of said) {
          const of = [...overrides, held][target] ?? held;
          const stage = ["lint", "unit-tests", "prod-gate", "deploy-prod"][target];
          if (kind === "override.created") {
            const scope = { branches: "*", environment: "production" };
            world.created(who, {
              action,
              target: { type: "stage", name: stage },
              scope,
              ...(emergency ? { emergency } : {}),
            });
            world.created(who, { action, target: { type: "stage", name: stage } });
          } else if (kind === "override.approved") world.approved(who, of);
          else if (kind === "override.denied") world.denied(who, of);
          else world.revoked(who, of);
        }
        expect(outcomes(world)).toEqual(before);
      }),
      { numRuns: 60 },
    );
  });

  it("a statement that restricts never loosens, whoever makes it and however spoilt it is", () => {
    const spoils: How[] = [
      {},
      { signature: () => Buffer.alloc(64) },
      { position: { seq: 99 } },
      { header: "{}" },
      { bytes: (bytes) => Buffer.concat([Buffer.from("x "), bytes]) },
    ];
    const restricting = fc.record({
      who: fc.constantFrom("alice", "bob", "erin", "sven", "uma", "ci", "mallory"),
      kind: fc.constantFrom("revoked", "denied", "used", "key"),
      target: fc.nat(2),
      how: fc.constantFrom(...spoils),
    });
    fc.assert(
      fc.property(fc.array(restricting, { minLength: 1, maxLength: 4 }), (said) => {
        const { world, overrides } = busyWorld();
        for (const { who, kind, target, how } of said) {
          const of = overrides[target];
          if (of === undefined) continue;
          if (kind === "revoked") world.revoked(who, of, how);
          else if (kind === "denied") world.denied(who, of, how);
          else if (kind === "used") world.used(who, of, { run: "999" }, how);
          else world.keyRevoked(who, "alice", how);
        }
        const after = outcomes(world);
        for (const [i, outcome] of after.entries()) {
          const rank = (one: string | undefined): number => protection.indexOf(one ?? "");
          expect(rank(outcome)).toBeGreaterThanOrEqual(rank(before[i]));
        }
      }),
      { numRuns: 100 },
    );
  });

  it("nothing that a stranger can push lifts a hold", () => {
    const { world, held } = busyWorld();
    const genuine = world.positions.map((bytes) => Buffer.from(bytes));
    const pushes = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.constantFrom(...genuine),
      fc.constantFrom(...(["revoked", "denied", "used"] as const)).map((kind) => {
        const length = world.positions.length;
        if (kind === "revoked") world.revoked("mallory", held);
        else if (kind === "denied") world.denied("mallory", held);
        else world.used("mallory", held);
        const bytes = world.positions.at(-1) ?? new Uint8Array();
        world.positions.splice(length);
        return bytes;
      }),
    );
    fc.assert(
      fc.property(fc.array(pushes, { maxLength: 5 }), (pushed) => {
        const all = [...genuine, ...pushed];
        const decision = decide({
          view: viewOf(world.policy, 0, all),
          subject: subjectOf({ stage: "deploy-prod", ...production }),
          now: t0 + 60,
        });
        expect(outcomeOf(decision)).toBe("hold");
      }),
      { numRuns: 100 },
    );
  });

  it("deciding never throws for random bytes as positions", () => {
    const { world } = busyWorld();
    const line = Buffer.from(world.positions[2] ?? []).toString("latin1");
    const mangled = fc
      .tuple(fc.nat(line.length - 1), fc.nat(line.length - 1), fc.string({ maxLength: 6 }))
      .map(([from, to, text]) =>
        Buffer.from(line.slice(0, from) + text + line.slice(to), "latin1"),
      );
    const anything = fc.oneof(fc.uint8Array({ maxLength: 80 }), mangled);
    fc.assert(
      fc.property(
        fc.array(anything, { maxLength: 6 }),
        fc.nat(2),
        fc.boolean(),
        (bytes, first, real) => {
          const positions = real ? [...world.positions, ...bytes] : bytes;
          const question = { subject: subjectOf(), now: t0 };
          expect(() =>
            decide({ view: viewOf(world.policy, first, positions), ...question }),
          ).not.toThrow();
        },
      ),
      { numRuns: 300 },
    );
  });

  it("a decision is the same when it is made twice, and leaves the view as it was", () => {
    const { world } = busyWorld();
    const view = world.view();
    const ask = (): string =>
      JSON.stringify(decide({ view, subject: subjectOf(), now: t0 + hour / 2 }));

    expect(ask()).toBe(ask());
  });
});
