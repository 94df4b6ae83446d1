/** Issuing overrides: refused before anything is written, recorded with what the policy adds. */
import { beforeEach, describe, expect, it } from "vitest";
import {
  authorize,
  issue,
  preview,
  type IssueRequest,
  type Issuer,
} from "../../src/operations/issue.ts";
import { memoryStore, offline, type MemoryStore } from "../support/memory-store.ts";
import { hour, t0, World, type Appended, type Members } from "../support/world.ts";
import { writerFor } from "../support/writer.ts";

let world: World;
let store: MemoryStore;

beforeEach(() => {
  world = new World();
  store = memoryStore(world.positions);
});

const usual: IssueRequest = {
  action: "skip",
  stage: "lint",
  scope: { branches: ["main"] },
  duration: hour,
  reason: { code: "broken-gate", text: "linter image answers 500" },
  tickets: ["INC-1"],
  emergency: false,
  once: false,
  notBefore: null,
  until: null,
};
const gate: Partial<IssueRequest> = {
  stage: "prod-gate",
  scope: { branches: ["main"], environment: "production" },
};

const ask = (own: Partial<IssueRequest> = {}, who = "alice"): ReturnType<typeof issue> =>
  issue(issuerFor(who), world.view(), { ...usual, ...own });

const issuerFor = (who: string): Issuer => ({
  writer: writerFor(world, store, who),
  defaultBranch: "main",
  account: "unasked",
  title: () => "a title",
});

/** Somebody writes just before the append. */
function meanwhile(write: () => Appended): void {
  let done = false;
  store.mishaps.beforeAppend = () => {
    if (done) return;
    done = true;
    write();
  };
}

const statementAt = (seq: number): Members => {
  const verdict = world.view().at(seq)?.verdict();
  return verdict?.kind === "genuine" ? { ...verdict.statement } : {};
};

describe("nothing is written when", () => {
  it("the policy refuses the request; every reason is told", async () => {
    const outcome = await ask({ duration: 5 * hour, tickets: [] }, "erin");

    expect(outcome).toMatchObject({
      kind: "refused",
      request: { stage: "lint" },
      refused: [
        {
          place: "main",
          objections: [{ code: "who" }, { code: "too-long" }, { code: "ticket-missing" }],
        },
      ],
    });
    expect(store.calls).toEqual([]);
  });

  it("the policy refuses it, not even the policy itself", async () => {
    world.setPolicy((text) => `${text}# new\n`);

    await ask({}, "erin");

    expect(world.positions).toHaveLength(2);
  });

  it("the log contradicts itself", async () => {
    world.append("erin", { kind: "override.blessed" });

    await expect(ask()).rejects.toMatchObject({ code: "unknown-version" });
    expect(world.positions).toHaveLength(3);
  });

  it("the store cannot be written to", async () => {
    store.mishaps.fails = (method) => (method === "append" ? offline() : null);

    await expect(ask()).rejects.toMatchObject({ code: "unreachable" });
  });

  it("what others wrote meanwhile no longer allows it", async () => {
    meanwhile(() => world.keyRevoked("sven", "alice"));

    expect(await ask()).toMatchObject({
      kind: "refused",
      refused: [{ objections: [{ code: "key-revoked" }] }],
    });
    expect(world.positions).toHaveLength(3);
  });

  it("what others wrote while the policy was recorded no longer allows it", async () => {
    world.setPolicy((text) => `${text}# new\n`);
    meanwhile(() => world.keyRevoked("sven", "alice"));

    expect(await ask()).toMatchObject({ kind: "refused" });
    expect(statementAt(world.positions.length - 1)).toMatchObject({ kind: "policy.recorded" });
  });

  it("others took what was left of the stage's limit", async () => {
    world.setPolicy((text) => `${text}limits: { per_stage: { total: 2h, within: 1d } }\n`);
    world.recorded("alice");
    meanwhile(() => world.created("dora", { duration: 2 * hour }));

    expect(await ask()).toMatchObject({ refused: [{ objections: [{ code: "limit" }] }] });
  });
});

describe("an override is issued", () => {
  it("with the members that were asked for, and no others", async () => {
    const outcome = await ask();

    expect(outcome).toMatchObject({ kind: "issued", standing: { state: "in-force" } });
    const common = ["id", "log", "policy", "policy_at", "saw"];
    const own = Object.entries(statementAt(2)).filter(([name]) => !common.includes(name));
    expect(Object.fromEntries(own)).toEqual({
      v: 1,
      kind: "override.created",
      by: "alice",
      iat: t0,
      action: "skip",
      target: { type: "stage", name: "lint" },
      scope: { branches: ["main"] },
      reason: usual.reason,
      tickets: ["INC-1"],
      nbf: t0,
      duration: hour,
    });
  });

  it("for later, until a time, for one use, as an emergency", async () => {
    await ask({
      ...gate,
      duration: 1800,
      notBefore: t0 + 60,
      until: t0 + 600,
      once: true,
      emergency: true,
    });

    expect(statementAt(2)).toMatchObject({
      nbf: t0 + 60,
      until: t0 + 600,
      once: true,
      emergency: true,
    });
  });

  it("and waits for approvals as long as the rule says", async () => {
    const outcome = await ask(gate);

    expect(outcome).toMatchObject({
      authorization: { kind: "pending", approvals: { count: 2 } },
      standing: { state: "pending" },
    });
    expect(statementAt(2)).toMatchObject({ pending_until: t0 + 2 * hour });
  });

  it("after the policy was recorded, where the log has not seen it", async () => {
    world.setPolicy((text) => `${text}# new\n`);

    const outcome = await ask();

    expect(outcome).toMatchObject({
      kind: "issued",
      standing: { judged: { seq: 3 } },
      view: { size: 4 },
    });
    expect([statementAt(2)["kind"], statementAt(3)["kind"]]).toEqual([
      "policy.recorded",
      "override.created",
    ]);
  });

  it("after what others wrote meanwhile", async () => {
    meanwhile(() => world.created("dora"));

    expect(await ask()).toMatchObject({ kind: "issued", standing: { judged: { seq: 3 } } });
  });
});

describe("before anything is written", () => {
  it("the answer of the policy can be asked for", () => {
    const issuer = issuerFor("alice");
    const allowed = authorize(issuer, world.view(), usual);
    const pending = authorize(issuer, world.view(), { ...usual, ...gate });

    expect([allowed.kind, pending.kind]).toEqual(["allowed", "pending"]);
  });

  it("the statement can be seen as it would be signed", () => {
    const issuer = issuerFor("alice");
    const authorization = authorize(issuer, world.view(), usual);
    if (authorization.kind === "refused") throw new Error("refused");

    expect(preview(issuer.writer, world.view(), usual, authorization)).toMatchObject({
      kind: "override.created",
      by: "alice",
    });
    expect(store.calls).toEqual([]);
  });
});
