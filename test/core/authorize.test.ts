/** May this principal do that? Every reason, in every place that is asked for. */
import { describe, expect, it } from "vitest";
import { mayIssue, type Request } from "../../src/core/authorize.ts";
import { extensionHorizon } from "../../src/core/extension.ts";
import { overriddenSeconds } from "../../src/core/time-used.ts";
import { day, hour, keyOf, t0, World, type Appended, type Members } from "../support/world.ts";

function asking(world: World, own: Partial<Request> = {}, who = "alice"): Request {
  const author = world.policy.principals.get(who);
  if (author === undefined) throw new Error(`${who} is not in the policy`);
  return {
    action: "skip",
    author,
    duration: hour,
    reason: { code: "broken-gate", text: "linter image answers 500" },
    tickets: ["INC-1"],
    emergency: false,
    stage: "lint",
    scope: { branches: ["main"] },
    kid: keyOf(who).kid,
    account: "unasked",
    ...own,
  };
}

const ask = (
  world: World,
  own: Partial<Request> = {},
  who = "alice",
  defaultBranch: string | null = "main",
): ReturnType<typeof mayIssue> =>
  mayIssue(world.view(), asking(world, own, who), t0 + world.clock, defaultBranch);

/** The codes of each refused place. */
function refusals(...given: Parameters<typeof ask>): Record<string, string[]> {
  const answer = ask(...given);
  if (answer.kind !== "refused") return {};
  return Object.fromEntries(
    answer.refused.map(({ place, objections }) => [place, objections.map(({ code }) => code)]),
  );
}

const gateScope = { branches: ["main"], environment: "production" };
const gate: Partial<Request> = { stage: "prod-gate", scope: gateScope };

describe("a clock in doubt", () => {
  it.each(["skip", "hold"] as const)(
    "refuses a new override, whatever its action: %s",
    (action) => {
      const world = new World();
      world.created("alice", {}, { at: day });
      const judged = mayIssue(world.view(), asking(world, { action }), t0, "main");

      expect(judged).toMatchObject({ kind: "refused", refused: [{ place: "main" }] });
      const codes = judged.kind === "refused" ? judged.refused[0]?.objections : [];
      expect(codes?.map(({ code }) => code)).toContain("clock");
    },
  );
});

describe("a rule that wants the account on the forge to match", () => {
  const world = new World();
  const rules = world.policy.rules.map((rule) => ({ ...rule, forgeAccount: true }));
  const judged = (account: Request["account"]): ReturnType<typeof mayIssue> => {
    const view = { ...world.view(), policy: { ...world.policy, rules } };
    const author = { ...asking(world).author, github: "alice", githubId: 7 };
    return mayIssue(view, asking(world, { author, account }), t0 + world.clock, "main");
  };
  const account = { forge: "github", host: "github.com", login: "alice", id: 7 } as const;

  it("refuses whoever is not signed in", () => {
    expect(judged(null)).toMatchObject({
      kind: "refused",
      refused: [{ objections: [{ code: "account", expected: null, found: null }] }],
    });
  });

  it("refuses an account of another number, whatever its name", () => {
    expect(judged({ ...account, id: 8 })).toMatchObject({
      kind: "refused",
      refused: [
        { objections: [{ code: "account", expected: "alice", found: "alice on github.com" }] },
      ],
    });
  });

  it("is for the command that asks the forge, where nobody asked it", () => {
    expect(judged("unasked").kind).toBe("allowed");
  });

  it("is one of those that say so: others take whoever signs", () => {
    expect(ask(new World(), { account: null }).kind).toBe("allowed");
  });

  it("takes the account of the policy", () => {
    expect(judged(account).kind).toBe("allowed");
  });
});

describe("an emergency whose review is overdue", () => {
  function asked(
    seconds: number,
    policy = (text: string): string => text,
  ): { readonly seq: number; readonly answer: unknown } {
    const world = new World({ policy });
    const emergency = {
      duration: 600,
      emergency: true,
      target: { type: "stage", name: "prod-gate" },
    };
    const { seq } = world.created("alice", { ...emergency, scope: gateScope }, { at: 0 });
    world.clock = seconds;
    return { seq, answer: ask(world, gate) };
  }

  it("raises by one what the next override under its rule needs", () => {
    const { seq, answer } = asked(day);

    expect(answer).toMatchObject({ kind: "pending", approvals: { count: 3 }, raisedBy: [seq] });
  });

  it("raises nothing where nobody could give one approval more", () => {
    const { answer } = asked(day, (text) => text.replace("count: 2", "count: 3"));

    expect(answer).toMatchObject({ kind: "pending", approvals: { count: 3 }, raisedBy: [] });
  });

  it("raises nothing before", () => {
    const { answer } = asked(day - 1);

    expect(answer).toMatchObject({ kind: "pending", approvals: { count: 2 }, raisedBy: [] });
  });
});

describe("a request is refused", () => {
  it("with all its reasons, not only the first", () => {
    const worst = { duration: day, tickets: [], reason: { code: "other", text: "x" } } as const;

    expect(refusals(new World(), worst, "erin")).toEqual({
      main: ["who", "too-long", "reason-too-short", "reason-code", "ticket-missing"],
    });
  });

  it("when one of its places is, and that place is named", () => {
    const scope = { branches: ["main", "dev"], environment: "production" };

    expect(refusals(new World(), { stage: "prod-gate", scope })).toEqual({ dev: ["no-rule"] });
  });

  it("for each of its places by itself", () => {
    const scope = { branches: ["dev", "test"], tags: ["v1"], environment: "production" };

    expect(refusals(new World(), { stage: "prod-gate", scope })).toEqual({
      dev: ["no-rule"],
      test: ["no-rule"],
      v1: ["no-rule"],
    });
  });

  it("for a stage that the policy does not know", () => {
    expect(refusals(new World(), { stage: "lint2" })).toEqual({ main: ["no-rule"] });
  });

  it("for an environment that the rules do not fit, and a stage that must never be", () => {
    expect(refusals(new World(), { stage: "license" })).toEqual({ main: ["never"] });
  });

  it("for all branches where the default branch is not known and the rules name branches", () => {
    const scope = { branches: "*", environment: "production" } as const;

    expect(refusals(new World(), { stage: "prod-gate", scope }, "alice", null)).toEqual({
      "all branches and tags": ["no-rule"],
    });
  });

  it("when the key that would sign was revoked", () => {
    const world = new World();
    world.keyRevoked("alice", "alice");

    expect(refusals(world)).toEqual({ main: ["key-revoked"] });
    expect(ask(world, { kid: keyOf("alice:second").kid }).kind).toBe("allowed");
  });

  it("of a head only when both its push and its pull request are", () => {
    const scope = { heads: ["fix"], environment: "production" };

    expect(refusals(new World(), { ...gate, scope }, "alice", "trunk")).toEqual({
      fix: ["no-rule"],
    });
    expect(ask(new World(), { ...gate, scope }, "alice", "main").kind).toBe("pending");
  });

  it("of a head for which only the push fits a rule, by that rule", () => {
    const scope = { heads: ["release/9"], environment: "production" };

    expect(ask(new World(), { ...gate, scope }, "alice", "trunk").kind).toBe("pending");
  });

  it("of a ci key, for it opens nothing", () => {
    expect(refusals(new World(), {}, "ci")).toEqual({ main: ["who"] });
  });
});

describe("a request is", () => {
  it("allowed when every place allows it", () => {
    expect(ask(new World(), { scope: { branches: ["main", "dev"], tags: ["v1"] } })).toMatchObject({
      kind: "allowed",
      rule: { id: "quality" },
    });
  });

  it("pending when approvals are needed", () => {
    expect(ask(new World(), gate)).toMatchObject({
      kind: "pending",
      approvals: { count: 2, from: ["release-manager"] },
    });
  });

  it("allowed without approvals as an emergency, and as a hold", () => {
    expect(ask(new World(), { ...gate, emergency: true, duration: 1800 }).kind).toBe("allowed");
    const deploy = { stage: "deploy-prod", scope: gateScope, action: "hold" } as const;
    expect(ask(new World(), deploy).kind).toBe("allowed");
  });

  it("pending by the strictest demand for approvals among its places", () => {
    const more = `  - { id: strict, match: { kind: quality, branches: [release] }, actions: [skip], who: [oncall], longest: 4h, approvals: { count: 2, from: [release-manager] } }
  - { id: mild, match: { kind: quality, branches: [dev] }, actions: [skip], who: [oncall], longest: 4h, approvals: { count: 1, from: [release-manager] } }
`;
    const world = new World({ policy: (text) => text.replace("rules:\n", `rules:\n${more}`) });
    const needed = (branches: readonly string[]): unknown => {
      const answer = ask(world, { scope: { branches } });
      return answer.kind === "pending" ? [answer.rule.id, answer.approvals.count] : answer.kind;
    };

    expect(needed(["main"])).toBe("allowed");
    expect(needed(["main", "dev"])).toEqual(["mild", 1]);
    expect(needed(["dev", "release", "main"])).toEqual(["strict", 2]);
  });
});

describe("a limit on how many overrides are open at the same time", () => {
  const limited = (limits: string): World =>
    new World({ policy: (text) => `${text}limits: { ${limits} }\n` });
  const ofStage = "per_stage: { open: 2 }";
  const ofPerson = "per_person: { open: 2 }";
  const unitTests = { target: { type: "stage", name: "unit-tests" } };

  it("refuses one more of the stage, whoever asks, and says which are open", () => {
    const world = limited(ofStage);
    const first = world.created("alice");
    expect(ask(world, {}, "dora").kind).toBe("allowed");
    const second = world.created("dora", { scope: { branches: ["release/1"] } });

    expect(ask(world)).toMatchObject({
      refused: [
        {
          objections: [
            { code: "too-many-open", per: "stage", most: 2, open: [first.seq, second.seq] },
          ],
        },
      ],
    });
    expect(ask(world, { stage: "unit-tests" }).kind).toBe("allowed");
  });

  it("refuses one more of the person, whatever the stage, and nobody else's", () => {
    const world = limited(ofPerson);
    const first = world.created("alice");
    world.created("dora");
    const second = world.created("alice", unitTests);

    expect(ask(world)).toMatchObject({
      refused: [
        {
          objections: [
            { code: "too-many-open", per: "person", most: 2, open: [first.seq, second.seq] },
          ],
        },
      ],
    });
    expect(ask(world, {}, "dora").kind).toBe("allowed");
  });

  it("binds an emergency too, and no hold", () => {
    const world = limited("per_stage: { open: 1 }");
    const target = { type: "stage", name: "deploy-prod" };
    world.created("alice", { target, scope: gateScope });
    const deploy = { stage: "deploy-prod", scope: gateScope };

    expect(refusals(world, { ...deploy, action: "hold" })).toEqual({});
    expect(refusals(world, { ...deploy, action: "force" })).toEqual({ main: ["too-many-open"] });
    world.created("alice", { target: { type: "stage", name: "prod-gate" }, scope: gateScope });
    expect(refusals(world, { ...gate, emergency: true, duration: 60 })).toEqual({
      main: ["too-many-open"],
    });
  });

  it("counts no hold", () => {
    const world = limited("per_stage: { open: 1 }");
    const target = { type: "stage", name: "deploy-prod" };
    world.created("alice", { action: "hold", target, scope: gateScope });

    expect(ask(world, { stage: "deploy-prod", scope: gateScope }).kind).toBe("pending");
  });

  it("counts what waits for approvals and what is for later", () => {
    const world = limited("per_person: { open: 1 }");
    world.created("alice", { target: { type: "stage", name: "prod-gate" }, scope: gateScope });
    expect(refusals(world)).toEqual({ main: ["too-many-open"] });

    const other = limited("per_person: { open: 1 }");
    other.created("alice", { nbf: t0 + day });
    expect(refusals(other)).toEqual({ main: ["too-many-open"] });
  });

  it.each([
    ["that expired", (world: World) => void (world.clock = hour + 2)],
    ["that was revoked", (world: World, one: Appended) => void world.revoked("alice", one)],
    ["that was used up", (world: World, one: Appended) => void world.used("ci", one)],
    ["by a key that was revoked", (world: World) => void world.keyRevoked("sven", "alice")],
  ])("counts none %s", (_what, end) => {
    const world = limited("per_stage: { open: 1 }");
    const one = world.created("alice", { once: true });
    expect(refusals(world, {}, "dora")).toEqual({ main: ["too-many-open"] });
    end(world, one);

    expect(refusals(world, {}, "dora")).toEqual({});
  });

  it("counts an override and its extension as one", () => {
    const world = limited(ofStage);
    const first = world.created("alice");
    world.created("alice", { supersedes: first.id, nbf: t0 + hour });

    expect(ask(world).kind).toBe("allowed");
  });

  it("lets what is open be extended", () => {
    const world = limited("per_stage: { open: 1 }, per_person: { open: 1 }");
    const { id } = world.created("alice");

    expect(refusals(world)).toEqual({ main: ["too-many-open", "too-many-open"] });
    expect(ask(world, { supersedes: id }).kind).toBe("allowed");
  });

  it("counts both where one only claims to extend the other", () => {
    const world = limited(ofStage);
    const first = world.created("alice");
    world.created("alice", { supersedes: first.id, scope: { branches: "*" } });

    expect(refusals(world)).toEqual({ main: ["too-many-open"] });
  });
});

describe("an extension", () => {
  const limited = (limits: string): World =>
    new World({ policy: (text) => `${text}limits: { extensions: { ${limits} } }\n` });

  it("is refused of what is not in the log", () => {
    const world = new World();

    expect(ask(world, { supersedes: "ovr_000000000000000z" })).toMatchObject({
      refused: [{ objections: [{ code: "not-extendable", why: "unknown" }] }],
    });
  });

  it.each([
    ["another stage", { stage: "unit-tests" }],
    ["another action", { action: "force" }],
    ["another branch", { scope: { branches: ["dev"] } }],
    ["every branch", { scope: { branches: "*" } }],
    ["forks too", { scope: { branches: ["main"], forks: true } }],
    ["heads instead", { scope: { heads: ["main"] } }],
    ["tags instead", { scope: { tags: ["main"] } }],
    ["one commit only", { scope: { branches: ["main"], sha: "a".repeat(40) } }],
    ["one pull request only", { scope: { branches: ["main"], pr: 1 } }],
    ["an environment", { scope: { branches: ["main"], environment: "production" } }],
  ] satisfies [string, Partial<Request>][])("is refused for %s", (_what, own) => {
    const world = new World();
    const { id } = world.created("alice");

    expect(ask(world, { supersedes: id, ...own })).toMatchObject({
      refused: [{ objections: [{ code: "not-extendable", why: "other" }] }],
    });
  });

  it("may name the same branches in another order", () => {
    const world = new World();
    const { id } = world.created("alice", { scope: { branches: ["main", "dev"], forks: false } });

    expect(ask(world, { supersedes: id, scope: { branches: ["dev", "main"] } }).kind).toBe(
      "allowed",
    );
  });

  it.each([
    ["revoked", (world: World, one: Appended) => void world.revoked("dora", one)],
    ["denied", (world: World, one: Appended) => void world.denied("bob", one)],
    [
      "ended by what cannot be verified",
      (world: World, one: Appended) =>
        void world.revoked("bob", one, { signature: (genuine) => genuine.toReversed() }),
    ],
  ])("is refused of what was %s meanwhile", (_what, end) => {
    const world = new World();
    const target = { type: "stage", name: "prod-gate" };
    const one = world.created("dora", { target, scope: gateScope });
    const asked = { ...gate, supersedes: one.id };
    expect(ask(world, asked).kind).toBe("pending");
    end(world, one);

    expect(ask(world, asked)).toMatchObject({
      refused: [{ objections: [{ code: "not-extendable", why: "ended" }] }],
    });
  });

  it("goes on from what somebody without the right tried to end", () => {
    const world = new World();
    const one = world.created("alice");
    world.revoked("erin", one);

    expect(ask(world, { supersedes: one.id }).kind).toBe("allowed");
  });

  it("needs the same approvals as a fresh one", () => {
    const world = new World();
    const members = { target: { type: "stage", name: "prod-gate" }, scope: gateScope };
    const one = world.created("alice", members);
    world.approved("bob", one);
    world.approved("carol", one);

    expect(ask(world, { ...gate, supersedes: one.id })).toMatchObject({
      kind: "pending",
      approvals: { count: 2 },
    });
  });

  it("is refused once there are as many as the policy allows, whichever of them it extends", () => {
    const world = limited("count: 2");
    const first = world.created("alice");
    const second = world.created("alice", { supersedes: first.id, nbf: t0 + hour });
    expect(ask(world, { supersedes: second.id }).kind).toBe("allowed");
    world.created("dora", { supersedes: first.id, nbf: t0 + hour });

    for (const { id } of [first, second]) {
      expect(ask(world, { supersedes: id })).toMatchObject({
        refused: [{ objections: [{ code: "too-many-extensions", most: 2, made: 2 }] }],
      });
    }
    const other = world.created("alice", { scope: { branches: ["dev"] } });
    expect(ask(world, { supersedes: other.id, scope: { branches: ["dev"] } }).kind).toBe("allowed");
  });

  it("is refused at once where the policy allows none", () => {
    const world = limited("count: 0");
    const { id } = world.created("alice");

    expect(ask(world, { supersedes: id })).toMatchObject({
      refused: [{ objections: [{ code: "too-many-extensions", most: 0, made: 0 }] }],
    });
    expect(ask(world).kind).toBe("allowed");
  });

  it("is not counted where it was denied before it began, or only claims to be one", () => {
    const world = limited("count: 1");
    const target = { type: "stage", name: "prod-gate" };
    const one = world.created("alice", { target, scope: gateScope });
    world.denied("bob", world.created("alice", { target, scope: gateScope, supersedes: one.id }), {
      at: 0,
    });
    const other = { branches: ["release/1"], environment: "production" };
    world.created("alice", { target, scope: other, supersedes: one.id });

    expect(ask(world, { ...gate, supersedes: one.id }).kind).toBe("pending");
  });

  it("is refused where it would last too long with those before it", () => {
    const world = limited("total: 3h");
    const first = world.created("alice");
    const second = world.created("alice", { supersedes: first.id, nbf: t0 + hour });

    expect(ask(world, { supersedes: second.id, duration: hour }).kind).toBe("allowed");
    expect(ask(world, { supersedes: second.id, duration: hour + 1 })).toMatchObject({
      refused: [
        { objections: [{ code: "extended-too-long", longest: 3 * hour, taken: 2 * hour }] },
      ],
    });
  });

  it("of a hold is limited by nothing but its rule", () => {
    const world = limited("count: 0, total: 1s");
    const target = { type: "stage", name: "deploy-prod" };
    const { id } = world.created("alice", { action: "hold", target, scope: gateScope });
    const asked = { stage: "deploy-prod", scope: gateScope, action: "hold" } as const;

    expect(ask(world, { ...asked, supersedes: id }).kind).toBe("allowed");
  });

  it("makes a writer look back as far as a line of them can reach", () => {
    expect(extensionHorizon(new World().policy)).toBe(0);
    expect(extensionHorizon(limited("count: 1").policy)).toBe(2 * 4 * hour + 2 * 7 * day);
    expect(extensionHorizon(limited("count: 1, total: 5h").policy)).toBe(5 * hour + 2 * 7 * day);
    expect(extensionHorizon(limited("total: 5h").policy)).toBe(5 * hour + 5 * 7 * day);
  });
});

describe("a stage whose effect cannot be undone", () => {
  const irreversible = (): World =>
    new World({ policy: (text) => text.replace("kind: gate,", "kind: gate, irreversible: true,") });

  it("has no emergency, and is as open to approvals as any other", () => {
    const world = irreversible();
    const line = world.policy.stages.get("prod-gate")?.line;

    expect(ask(world, { ...gate, emergency: true, duration: 60 })).toMatchObject({
      refused: [{ objections: [{ code: "irreversible", line }] }],
    });
    expect(ask(world, gate).kind).toBe("pending");
  });

  it("may be held at once, as any other", () => {
    const policy = (text: string): string =>
      text.replace("kind: announced }", "kind: announced, irreversible: true }");
    const world = new World({ policy });
    const hold = { stage: "release", action: "hold", tickets: [], emergency: true } as const;

    expect(refusals(world, hold)).toEqual({ main: ["no-emergency"] });
  });

  it("keeps an emergency from being in force, though it was made before", () => {
    const world = new World();
    const target = { type: "stage", name: "prod-gate" };
    const one = world.created("alice", {
      target,
      scope: gateScope,
      emergency: true,
      duration: 600,
    });
    expect(world.objections(one, { environment: "production" })).toEqual([]);
    world.setPolicy((text) => text.replace("kind: gate,", "kind: gate, irreversible: true,"));

    expect(world.objections(one, { environment: "production" })).toEqual(["irreversible"]);
  });
});

describe("the cumulative limit of a stage", () => {
  const limited = (own = "4h"): World =>
    new World({
      policy: (text) => `${text}limits: { per_stage: { total: ${own}, within: 7d } }\n`,
    });

  it("refuses what would exceed it, and says how much is taken", () => {
    const world = limited();
    world.created("alice", { duration: 3 * hour });

    expect(ask(world, { duration: hour + 1 })).toMatchObject({
      refused: [
        { objections: [{ code: "limit", total: 4 * hour, within: 7 * day, used: 3 * hour }] },
      ],
    });
    expect(ask(world, { duration: hour }).kind).toBe("allowed");
  });

  it("cannot be dodged by creating again and again", () => {
    const world = limited();
    for (let i = 0; i < 4; i += 1) world.created("alice");

    expect(refusals(world, { duration: 60 })).toEqual({ main: ["limit"] });
  });

  it("leaves room for a hold, which takes nothing away", () => {
    const world = limited("1h");
    world.created("alice", { target: { type: "stage", name: "release" } });
    const request = { stage: "release", tickets: [] };

    expect(refusals(world, { ...request, duration: 60 })).toEqual({ main: ["limit"] });
    expect(ask(world, { ...request, action: "hold", duration: 60 }).kind).toBe("allowed");
  });

  it("counts each stage for itself", () => {
    const world = limited();
    world.created("alice", { duration: 4 * hour });

    expect(ask(world, { stage: "unit-tests" }).kind).toBe("allowed");
  });

  it("counts what was revoked until then, and what expired in full", () => {
    const world = limited();
    const override = world.created("alice", { duration: 4 * hour }, { at: 0 });
    world.revoked("alice", override, { at: hour });

    expect(refusals(world, { duration: 3 * hour + 1 })).toEqual({ main: ["limit"] });
    expect(ask(world, { duration: 3 * hour }).kind).toBe("allowed");
    world.clock = day;
    expect(refusals(world, { duration: 3 * hour + 1 })).toEqual({ main: ["limit"] });
  });

  it("forgets what lies further back than the window", () => {
    const world = limited();
    world.created("alice", { duration: 4 * hour }, { at: 0 });
    world.clock = 7 * day + 2 * hour;

    expect(refusals(world, { duration: 2 * hour + 1 })).toEqual({ main: ["limit"] });
    expect(ask(world, { duration: 2 * hour }).kind).toBe("allowed");
  });

  it("counts what is scheduled", () => {
    const world = limited();
    world.created("alice", { duration: 4 * hour, nbf: t0 + 5 * day });

    expect(refusals(world, { duration: 60 })).toEqual({ main: ["limit"] });
  });

  it("counts what still waits for approvals, for all of it may come into force", () => {
    const world = limited("1h");
    const members = { target: { type: "stage", name: "prod-gate" }, scope: gateScope };
    world.created("alice", members, { at: 0 });

    expect(refusals(world, { ...gate, duration: 60 })).toEqual({ main: ["limit"] });
    world.clock = 2 * hour;
    expect(ask(world, { ...gate, duration: 60 }).kind).toBe("pending");
  });

  it("counts nothing that was denied before it began", () => {
    const world = limited("1h");
    const members = { target: { type: "stage", name: "prod-gate" }, scope: gateScope };
    const override = world.created("alice", members, { at: 0 });
    world.denied("bob", override, { at: 0 });

    expect(ask(world, gate).kind).toBe("pending");
  });

  it.each([
    ["someone whom the rule does not name", "erin", {}],
    ["no emergency where there is none", "alice", { emergency: true }],
    ["an action that the rule does not list", "alice", { action: "hold" }],
    ["what its author did not see", "alice", { saw: { seq: 1, hash: "h".repeat(43) } }],
  ] satisfies [string, string, Members][])(
    "counts nothing that was never in force: %s",
    (_what, who, own) => {
      const world = limited();
      world.created(who, { duration: 4 * hour, ...own });

      expect(ask(world).kind).toBe("allowed");
    },
  );

  it("counts an override of any place, though its first place is one that no rule fits", () => {
    const world = limited("1h");
    const target = { type: "stage", name: "prod-gate" };
    const emergency = { target, emergency: true, duration: 1800 };
    const seconds = (): number =>
      overriddenSeconds(world.view(), {
        stage: "prod-gate",
        now: t0,
        within: day,
        defaultBranch: "main",
      });

    world.created("alice", {
      ...emergency,
      scope: { branches: ["dev", "main"], environment: "production" },
    });
    expect(seconds()).toBe(1800);
    world.created("alice", { ...emergency, scope: { heads: ["fix"], environment: "production" } });
    expect(seconds()).toBe(3600);
    world.created("alice", { ...emergency, scope: { branches: "*", environment: "production" } });
    expect(seconds()).toBe(5400);
  });

  it("counts no holds, and binds none", () => {
    const world = limited("1h");
    const hold = { stage: "deploy-prod", scope: gateScope, action: "hold" } as const;
    const target = { type: "stage", name: "deploy-prod" };
    world.created("alice", { action: "hold", target, scope: gateScope });

    expect(ask(world, hold).kind).toBe("allowed");
    expect(ask(world, { ...hold, action: "skip" }).kind).toBe("pending");
  });
});
