/** The audit: each finding at its exact position, and none for a clean log. */
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { OptoutError } from "../../src/core/errors.ts";
import { decide } from "../../src/core/decide.ts";
import { viewOf } from "../../src/core/view.ts";
import { audit, type AuditReport, type AuditRequest } from "../../src/log/audit.ts";
import type { PolicyHistory } from "../../src/log/audit-policies.ts";
import { findingCodes, isViolation, type FindingCode } from "../../src/log/findings.ts";
import { memoryStore } from "../support/memory-store.ts";
import {
  commit,
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

let world: World;
/** Digests of the policy by the commit that holds them: the trusted ref's past. */
let past: Map<string, string>;

beforeEach(() => {
  world = new World();
  past = new Map([[commit, world.policy.digest]]);
});

const history: PolicyHistory = {
  defaultBranch: "main",
  holds: (at, digest) => Promise.resolve(past.get(at) === digest ? "yes" : "no"),
};

/** A reviewed change of the policy, from here on at its own commit of the trusted ref. */
function changePolicy(at: string, change: (text: string) => string): void {
  const name = at.repeat(40).slice(0, 40);
  past.set(name, world.setPolicy(change, name).digest);
}

function auditOf(own: Partial<AuditRequest> = {}): Promise<AuditReport> {
  const from = own.from ?? 0;
  return audit({
    positions: memoryStore(world.positions).scan(from),
    from,
    policy: world.policy,
    history,
    anchors: [],
    now: t0 + world.clock,
    ...own,
  });
}

/** What was found, as `CODE #seq`. */
async function findings(own: Partial<AuditRequest> = {}): Promise<string[]> {
  const report = await auditOf(own);
  return report.findings.map(({ code, seq }) => `${code} #${seq}`);
}

const tested = new Set<FindingCode>();

/** The one finding of the code, at the seq. */
function only(code: FindingCode, seq: number): string[] {
  tested.add(code);
  return [`${code} #${seq}`];
}

const gate: Members = {
  target: { type: "stage", name: "prod-gate" },
  scope: { branches: ["main"], environment: "production" },
};
const inGate: Members = { stage: "prod-gate", environment: "production" };
const hash = "h".repeat(42) + "A";
const leaves = (who: string) => (text: string) => text.replace(new RegExp(` {2}${who}: .*\\n`), "");

/** Positions to stand before and after what is found. */
const before = (): Appended => world.created("alice");
const after = (): Appended => world.created("dora");

describe("a clean log yields nothing:", () => {
  it("an empty week", async () => {
    const report = await auditOf();

    expect(report).toEqual({
      findings: [],
      positions: 2,
      head: { seq: 1, hash: world.head.hash },
      statements: { "log.created": 1, "policy.recorded": 1 },
    });
  });

  it("overrides of every kind with their approvals, uses, reviews, notices and ends", async () => {
    const plain = world.created("alice");
    world.used("ci", plain);
    world.used("ci:second", plain, { run: "813", ref: "refs/pull/12/merge" });
    world.revoked("uma", plain);
    const gated = world.created("dora", gate);
    world.approved("bob", gated);
    world.approved("carol", gated);
    world.used("ci", gated, inGate);
    world.denied("bob", gated);
    const once = world.created("alice:second", { once: true });
    world.used("ci", once, { job: "lint (20)" });
    world.used("ci", once, { job: "lint (22)", attempt: 2 });
    const emergency = world.created("alice", { ...gate, emergency: true, duration: 60 });
    world.append("bob", {
      kind: "override.reviewed",
      override: emergency.id,
      outcome: "ok",
      note: "fine",
    });
    const told = world.created("alice", { target: { type: "stage", name: "release" } });
    world.noticed("ci", told);
    world.used("ci", told, { stage: "release" });
    world.append("erin", { kind: "note.handover", text: "over to you" });

    expect(await findings()).toEqual([]);
  });

  it("an override of all branches, of heads and of tags, each used where it holds", async () => {
    const all = world.created("alice", { scope: { branches: "*" } });
    world.used("ci", all, { ref: "refs/heads/dev" });
    world.used("ci", all, { ref: "refs/tags/v1" });
    const head = world.created("alice", { scope: { heads: ["fix"] } });
    world.used("ci", head, { ref: "refs/heads/fix" });
    world.used("ci", head, { ref: "refs/pull/7/merge" });
    const tag = world.created("alice", { scope: { tags: ["v1"] } });
    world.used("ci", tag, { ref: "refs/tags/v1" });
    const pull = world.created("alice", { scope: { branches: ["main"], pr: 7 } });
    world.used("ci", pull, { ref: "refs/merge-requests/7/head" });
    const one = world.created("alice", { scope: { branches: ["main"], sha: "a".repeat(40) } });
    world.used("ci", one);

    expect(await findings()).toEqual([]);
  });

  it("a use of a pull request into the second of two branches, where the first still waits", async () => {
    const strict =
      "  - { id: dev, match: { kind: quality, branches: [dev] }, actions: [skip], who: [oncall], longest: 4h, approvals: { count: 1, from: [release-manager] } }\n";
    changePolicy("1", (text) => text.replace("rules:\n", `rules:\n${strict}`));
    world.recorded("alice");
    const override = world.created("alice", { scope: { branches: ["dev", "main"] } });
    world.used("ci", override, { ref: "refs/pull/3/merge" });

    expect(await findings()).toEqual([]);
  });

  it("a use in a merge queue, whose ref only names the branch", async () => {
    const override = world.created("alice", gate);
    world.approved("bob", override);
    world.approved("dora", override);
    const ref = `refs/heads/gh-readonly-queue/main/pr-12-${"a".repeat(40)}`;
    world.used("ci", override, { ...inGate, ref });

    expect(await findings()).toEqual([]);
  });

  it("the result of a long command, recorded after the override's end", async () => {
    const override = world.created("alice", { action: "allow-failure", duration: 60 });
    world.used("ci", override);
    world.used("ci", override, { result: 1 }, { at: hour });

    expect(await findings()).toEqual([]);
  });

  it("policies that change over time, with a person who left and one who came", async () => {
    const early = world.created("dora");
    changePolicy("1", (text) =>
      leaves("dora")(text).replace(
        "  erin: ",
        "  eve: { roles: [oncall], keys: [KEY(eve)] }\n  erin: ",
      ),
    );
    world.recorded("alice");
    world.created("eve");
    changePolicy("2", (text) => text.replace("longest: 4h", "longest: 8h"));
    world.recorded("eve");
    world.created("eve", { duration: 8 * hour });
    world.used("ci", early);

    expect(await findings()).toEqual([]);
  });

  it("a policy that was reverted and recorded again", async () => {
    const first = world.policy.text;
    changePolicy("1", (text) => text.replace("longest: 4h", "longest: 8h"));
    world.recorded("alice");
    world.created("alice", { duration: 8 * hour });
    changePolicy("2", () => first);
    world.recorded("alice");
    world.created("alice");

    expect(await findings()).toEqual([]);
  });

  it("one whose founder left", async () => {
    changePolicy("1", leaves("alice"));
    world.recorded("dora");
    world.created("dora");

    expect(await findings()).toEqual([]);
  });

  it("one that is longer than a batch, read from any position", async () => {
    const override = world.created("alice", { duration: 4 * hour });
    for (let i = 0; i < 1200; i += 1) world.used("ci", override, { run: `${i}` });

    expect(await findings()).toEqual([]);
    expect(await findings({ from: 700 })).toEqual([]);
  });

  it("one that agrees with the heads that were seen before", async () => {
    const { seq, hash: seen } = before();
    after();

    expect(
      await findings({
        anchors: [
          { seq, hash: seen },
          { seq: 0, hash: world.hashAt(0) },
        ],
      }),
    ).toEqual([]);
  });
});

describe("the log as a whole is reported", () => {
  it("when it is empty", async () => {
    world.positions.length = 0;

    expect(await findings()).toEqual(only("LOG_EMPTY", 0));
  });

  it("when it begins otherwise than the policy says", async () => {
    const members = { v: 1, kind: "log.created", id: "stm_0000000000000zzz", by: "alice", iat: t0 };
    const jws = world.sign("alice", {
      ...members,
      repository: { host: "local", id: "x", name: "x" },
    });
    world.positions.length = 0;
    world.place(jws);

    expect(await findings()).toEqual(only("LOG_ID", 0));
  });

  it("when its line of commits holds a merge; what stands before it is audited all the same", async () => {
    before();
    world.created("erin");
    const seq = world.positions.length;
    async function* positions(): AsyncGenerator<Uint8Array> {
      yield* memoryStore(world.positions).scan(0);
      throw new OptoutError("log-merge", "commit abc has two parents");
    }

    expect(await findings({ positions: positions() })).toEqual([
      `OVERRIDE_NOT_ALLOWED #${seq - 1}`,
      ...only("LOG_ORDER", seq),
    ]);
  });

  it("not when the store cannot read it: then the audit itself fails", async () => {
    async function* positions(): AsyncGenerator<Uint8Array> {
      yield* memoryStore(world.positions).scan(0);
      throw new OptoutError("unreachable", "the network is gone");
    }

    await expect(findings({ positions: positions() })).rejects.toMatchObject({
      code: "unreachable",
    });
  });

  it("when it is shorter than a head that was seen before", async () => {
    const { seq, hash: seen } = before();
    world.positions.pop();

    expect(await findings({ anchors: [{ seq, hash: seen }] })).toEqual(only("HEAD_MISSING", seq));
  });

  it("when it ends before the position to start from", async () => {
    const beyond = world.positions.length;

    expect(await findings({ from: beyond })).toEqual(only("HEAD_MISSING", beyond));
    expect(await findings({ from: beyond + 7 })).toEqual(only("HEAD_MISSING", beyond + 7));
    expect(await findings({ from: beyond - 1 })).not.toContain(`HEAD_MISSING #${beyond - 1}`);
  });

  it("when it differs from a head that was seen before", async () => {
    const { seq, hash: seen } = before();
    world.positions.pop();
    before();

    expect(await findings({ anchors: [{ seq, hash: seen }] })).toEqual(only("HEAD_MISMATCH", seq));
  });

  it("when two heads that were seen contradict each other", async () => {
    const { seq, hash: seen } = before();
    const anchors = [
      { seq, hash },
      { seq, hash: seen },
    ];

    expect(await findings({ anchors })).toEqual(only("HEAD_MISMATCH", seq));
    expect(await findings({ anchors: anchors.reverse() })).toEqual(only("HEAD_MISMATCH", seq));
  });

  it("when its tail was cut, by what a later author saw", async () => {
    before();
    const { jws } = after();
    world.positions.splice(2);
    const { seq } = world.place(jws);

    expect(await findings()).toEqual([`SAW_CONTRADICTED #${seq}`]);
  });
});

describe("a position", () => {
  it.each([
    [
      "POSITION_FORM",
      "is not of the form",
      { bytes: (bytes) => Buffer.concat([bytes, Buffer.from(" ")]) },
    ],
    ["POSITION_SEQ", "names another number", { position: { seq: 77 } }],
    ["POSITION_PREV", "does not chain", { position: { prev: hash } }],
    ["STATEMENT_FORM", "holds what is no canonical JWS", { jws: (jws) => `${jws}.x` }],
    ["STATEMENT_FORM", "holds a header that is not the one accepted", { header: '{"alg":"none"}' }],
    ["SIGNATURE", "holds a wrong signature", { signature: () => Buffer.alloc(64, 3) }],
    [
      "JSON",
      "holds JSON that is not strict",
      { payload: (members) => JSON.stringify(members, null, 1) },
    ],
  ] satisfies [FindingCode, string, How][])("(%s) %s", async (code, _what, how) => {
    before();
    const { seq } = world.created("alice", {}, how);
    after();

    expect(await findings()).toEqual(only(code, seq));
  });

  it.each([
    ["SCHEMA", "holds a member that its kind does not know", "alice", { more: 1 }],
    ["OWNER", "is said to be by somebody else", "alice", { by: "bob" }],
    ["OTHER_LOG", "belongs to another log", "alice", { log: hash }],
    ["UNKNOWN_KIND", "is of an unknown kind", "alice", { kind: "override.blessed" }],
    ["UNKNOWN_KIND", "is of an unknown kind, by a ci key", "ci", { kind: "override.blessed" }],
    ["UNKNOWN_KIND", "is of an unknown version", "alice", { v: 2 }],
    ["CI_KIND", "is what a ci key may not sign", "ci", {}],
    ["KEY_UNKNOWN", "is under an unknown key", "mallory", {}],
    [
      "STATEMENT_SIZE",
      "is over 16 KiB",
      "alice",
      {
        reason: { code: "flaky", text: "😀".repeat(2000) },
        scope: { branches: Array.from({ length: 16 }, () => "b".repeat(250)) },
      },
    ],
  ] satisfies [FindingCode, string, string, Members][])(
    "(%s) %s",
    async (code, _what, who, own) => {
      before();
      const { seq } = world.created(who, own);
      after();

      expect(await findings()).toEqual(only(code, seq));
    },
  );

  it("(ALGORITHM) is under an algorithm that is not the key's", async () => {
    const header = JSON.stringify({
      alg: "ES256",
      kid: world.policy.principals.get("alice")?.keys[0]?.kid,
      typ: "optout-statement+jws",
    });
    const { seq } = world.created("alice", {}, { header });

    expect(await findings()).toEqual(only("ALGORITHM", seq));
  });

  it("(SECOND_BEGINNING) begins the log again, with another statement or the very first", async () => {
    before();
    const { seq } = world.place(world.view().at(0)?.jws ?? "");
    expect(await findings()).toEqual(only("SECOND_BEGINNING", seq));

    const { v, kind, id, by, iat } = world.statement("alice", { kind: "log.created" });
    const repository = { host: "local", id: "x", name: "x" };
    const other = world.place(world.sign("alice", { v, kind, id, by, iat, repository }));
    after();
    expect(await findings()).toEqual([
      `SECOND_BEGINNING #${seq}`,
      `SECOND_BEGINNING #${other.seq}`,
    ]);
  });

  it("that is void is not judged by what it says, and takes no id away", async () => {
    const { jws, seq } = world.created("erin", {}, { position: { seq: 77 } });
    const again = world.place(jws);

    expect(await findings()).toEqual([
      `POSITION_SEQ #${seq}`,
      `OVERRIDE_NOT_ALLOWED #${again.seq}`,
    ]);
  });

  it("that was altered breaks the chain behind it", async () => {
    const { seq } = before();
    after();
    const bytes = world.positions[seq] ?? new Uint8Array();
    const at = bytes.byteLength - 20;
    bytes[at] = bytes[at] === 0x41 ? 0x42 : 0x41;

    const found = await findings();
    expect(found).toContain(`POSITION_PREV #${seq + 1}`);
    expect(found.some((one) => one.endsWith(`#${seq}`))).toBe(true);
  });

  it("that was removed, inserted or swapped is named", async () => {
    const { seq } = before();
    after();
    after();
    const { positions } = world;
    const auditAll = (changed: Uint8Array[]): Promise<string[]> =>
      findings({ positions: memoryStore(changed).scan(0) });
    const [a = new Uint8Array(), b = new Uint8Array()] = positions.slice(seq, seq + 2);

    expect(await auditAll(positions.toSpliced(seq, 1))).toContain(`POSITION_SEQ #${seq}`);
    expect(await auditAll(positions.toSpliced(seq, 0, a))).toContain(`POSITION_SEQ #${seq + 1}`);
    expect(await auditAll(positions.toSpliced(seq, 2, b, a))).toContain(`POSITION_SEQ #${seq}`);
  });
});

describe("what a person said is held against what she saw:", () => {
  it("an id that was used before", async () => {
    const { id } = before();
    const { seq } = world.created("alice", { id });

    expect(await findings()).toEqual(only("ID_REPEATED", seq));
  });

  it("the same statement again", async () => {
    const { jws } = before();
    const { seq } = world.place(jws);
    after();

    expect(await findings()).toEqual([`ID_REPEATED #${seq}`]);
  });

  it.each(["alice", "bob"])("a history that the log does not hold", async (who) => {
    before();
    const { seq } = world.keyRevoked(who, "mallory", { saw: { seq: 1, hash } });

    expect(await findings()).toEqual(only("SAW_CONTRADICTED", seq));
  });

  it("a position that comes after her own", async () => {
    const { seq } = world.created("alice", {}, { saw: { seq: 99, hash } });

    expect(await findings()).toEqual([`SAW_CONTRADICTED #${seq}`]);
  });

  it("a time before that of what she saw, by more than two minutes", async () => {
    world.created("alice", {}, { at: hour });
    world.created("alice", {}, { at: hour - 120 });
    const { seq } = world.created("alice", { nbf: t0 + hour - 241 }, { at: hour - 241 });

    expect(await findings()).toEqual(only("TIME_BEFORE_SEEN", seq));
  });
});

describe("a time far ahead of what comes after it", () => {
  const ahead = (of: string, at: number): Appended =>
    world.created(of, {}, { at, saw: { seq: 1, hash: world.hashAt(1) } });

  it("is reported where it stands, though another one like it follows", async () => {
    ahead("alice", 0);
    const first = ahead("dora", day);
    const second = ahead("alice", day + 1);
    for (const at of [2, 3, 4, 5]) ahead("dora", at);

    expect(await findings()).toEqual([
      `TIME_AHEAD #${first.seq}`,
      ...only("TIME_AHEAD", second.seq),
    ]);
  });

  it.each([
    ["by two minutes", [120, 0, 0, 0]],
    ["of one that lags behind", [hour, 0, hour, hour]],
    ["of ones that came long after", [hour, hour, hour, hour, 0, hour, hour, 0]],
    ["of the one at the end", [hour, 0]],
  ])("is not what lies ahead %s", async (_what, times) => {
    for (const at of times) ahead("alice", at);

    expect(await findings()).toEqual([]);
  });
});

describe("policies:", () => {
  it("a recorded text that is not the file at its commit does not count", async () => {
    const honest = world.policy;
    world.setPolicy((text) => text.replace("developer", "oncall"), "e".repeat(40));
    const recorded = world.recorded("erin");
    world.policy = honest;
    world.policyCommit = commit;
    after();

    expect(await findings()).toEqual(only("POLICY_NOT_ON_REF", recorded.seq));
  });

  it("nor does it open anything to whom it lets in", async () => {
    const honest = world.policy;
    world.setPolicy((text) =>
      text.replace(
        "principals:\n",
        "principals:\n  mallory: { roles: [oncall], keys: [KEY(mallory)] }\n",
      ),
    );
    const recorded = world.recorded("mallory");
    const { seq } = world.created("mallory");
    world.policy = honest;

    expect(await findings()).toEqual([
      `POLICY_NOT_ON_REF #${recorded.seq}`,
      `KEY_UNKNOWN #${recorded.seq}`,
      `KEY_UNKNOWN #${seq}`,
    ]);
  });

  it("where the ref's past cannot be looked at, a text does not count either, and that is said", async () => {
    const unknown: PolicyHistory = { ...history, holds: () => Promise.resolve("unknown") };
    before();
    changePolicy("1", (text) => text.replace("longest: 4h", "longest: 8h"));
    world.recorded("alice");
    world.created("alice", { duration: 8 * hour });

    expect(await findings({ history: unknown })).toEqual(only("POLICY_UNPROVEN", 1));

    world.setPolicy((text) =>
      text.replace(
        "principals:\n",
        "principals:\n  mallory: { roles: [oncall], keys: [KEY(mallory)] }\n",
      ),
    );
    const policy = world.parse(world.policy.text.replace(/ {2}mallory: .*\n/, ""));
    const recorded = world.recorded("mallory");
    const { seq } = world.created("mallory");
    expect(await findings({ history: unknown, policy })).toEqual([
      "POLICY_UNPROVEN #1",
      `POLICY_UNPROVEN #${recorded.seq}`,
      `KEY_UNKNOWN #${recorded.seq}`,
      `KEY_UNKNOWN #${seq}`,
    ]);
  });

  it("an author who goes by another than the last one recorded in what she saw", async () => {
    const old = world.policy;
    changePolicy("1", (text) => text.replace("longest: 4h", "longest: 2h"));
    world.recorded("alice");
    const now = world.policy;
    world.policy = old;
    const { seq } = world.created("dora", { duration: 4 * hour });
    world.policy = now;

    expect(await findings()).toEqual(only("POLICY_OUTDATED", seq));
  });

  it("one whose key was dropped, who signs as if she had not seen that", async () => {
    const old = world.policy;
    const seen = world.head;
    changePolicy("1", (text) => text.replace(/ {2}dora: .*\n/, ""));
    world.recorded("alice");
    const now = world.policy;
    world.policy = old;
    const { seq } = world.created("dora", {}, { saw: seen });
    world.policy = now;

    expect(await findings()).toEqual(only("POLICY_OUTDATED", seq));
  });

  it("not one who had not seen it yet", async () => {
    const old = world.policy;
    const seen = world.head;
    changePolicy("1", (text) => text.replace("longest: 4h", "longest: 2h"));
    world.recorded("alice");
    const now = world.policy;
    world.policy = old;
    world.created("dora", { duration: 4 * hour }, { saw: seen });
    world.policy = now;

    expect(await findings()).toEqual([]);
  });

  it("a statement is judged by the policy of then, not by that of now", async () => {
    world.created("dora", { duration: 4 * hour });
    changePolicy("1", (text) => text.replace("longest: 4h", "longest: 2h"));
    world.recorded("alice");
    const { seq } = world.created("alice", { duration: 4 * hour });

    expect(await findings()).toEqual([`OVERRIDE_NOT_ALLOWED #${seq}`]);
  });

  it("a key that signs after its owner left is unknown", async () => {
    world.created("dora");
    changePolicy("1", leaves("dora"));
    world.recorded("alice");
    const { seq } = world.created("dora");

    expect(await findings()).toEqual([`KEY_UNKNOWN #${seq}`]);
  });
});

describe("overrides:", () => {
  it.each([
    ["of a role that may not", "erin", {}],
    ["longer than allowed", "alice", { duration: 4 * hour + 1 }],
    ["of a stage that must never be", "alice", { target: { type: "stage", name: "license" } }],
    ["of an action that the rule does not list", "alice", { action: "hold" }],
    ["without a ticket", "alice", { tickets: [] }],
    ["of a place that no rule fits", "alice", { ...gate, scope: { branches: ["dev"] } }],
    ["an emergency by someone who may not", "bob", { ...gate, emergency: true, duration: 60 }],
  ] satisfies [string, string, Members][])("%s", async (_what, who, own) => {
    before();
    const { seq } = world.created(who, own);
    after();

    expect(await findings()).toEqual(only("OVERRIDE_NOT_ALLOWED", seq));
  });

  it("each place that the policy refuses is reported", async () => {
    const { seq } = world.created("alice", {
      ...gate,
      scope: { branches: ["main", "dev", "test"], environment: "production" },
    });

    expect(await findings()).toEqual([
      `OVERRIDE_NOT_ALLOWED #${seq}`,
      `OVERRIDE_NOT_ALLOWED #${seq}`,
    ]);
  });

  it.each([
    ["lint", {}, 4],
    ["prod-gate", gate, 4],
  ])("more than the limit of the stage: %s", async (_stage, own, hours) => {
    changePolicy("1", (text) => `${text}limits: { per_stage: { total: ${hours}h, within: 7d } }\n`);
    world.recorded("alice");
    for (let i = 0; i < hours; i += 1) world.created("alice", own);
    const { seq } = world.created("alice", own);

    expect(await findings()).toEqual(only("LIMIT_EXCEEDED", seq));
  });

  it("more than the limit, by what began before the window and ended in it", async () => {
    changePolicy("1", (text) => `${text}limits: { per_stage: { total: 4h, within: 1d } }\n`);
    world.recorded("alice");
    world.created("alice", { duration: 4 * hour }, { at: 0 });
    world.created("alice", { duration: hour }, { at: day + 2 * hour });
    const { seq } = world.created("alice", { duration: 3 * hour }, { at: day + 2 * hour });

    expect(await findings()).toEqual([`LIMIT_EXCEEDED #${seq}`]);
  });

  it("not more than the limit, where the window has passed, each stage for itself", async () => {
    changePolicy("1", (text) => `${text}limits: { per_stage: { total: 4h, within: 1d } }\n`);
    world.recorded("alice");
    world.created("alice", { duration: 4 * hour }, { at: 0 });
    world.created("alice", { duration: 4 * hour, target: { type: "stage", name: "unit-tests" } });
    world.created("alice", { duration: 4 * hour }, { at: 2 * day });

    expect(await findings()).toEqual([]);
  });

  it("an approval by someone who may not approve", async () => {
    const override = world.created("alice", gate);
    const { seq } = world.approved("erin", override);
    world.approved("bob", override);

    expect(await findings()).toEqual(only("APPROVAL_NOT_ENTITLED", seq));
  });

  it("an approval by the author", async () => {
    const { seq } = world.approved("dora", world.created("dora", gate));

    expect(await findings()).toEqual([`APPROVAL_NOT_ENTITLED #${seq}`]);
  });

  it("a revocation or a denial by someone who may not", async () => {
    const override = world.created("alice", gate);
    const revoked = world.revoked("erin", override);
    const denied = world.denied("uma", override);

    expect(await findings()).toEqual([
      ...only("END_NOT_ENTITLED", revoked.seq),
      `END_NOT_ENTITLED #${denied.seq}`,
    ]);
  });

  it("not by one whom the rule of any of its places names", async () => {
    const scope = { branches: ["dev", "main"], environment: "production" };
    const override = world.created("alice", { ...gate, scope });
    world.revoked("uma", override);
    world.denied("bob", override);

    expect(await findings()).toEqual([`OVERRIDE_NOT_ALLOWED #${override.seq}`]);
  });
});

describe("more at the same time than the policy allows:", () => {
  const limit = (limits: string): void => {
    changePolicy("1", (text) => `${text}limits: { ${limits} }\n`);
    world.recorded("alice");
  };
  const unitTests = { target: { type: "stage", name: "unit-tests" } };

  it("of a stage, by whomever, holds aside", async () => {
    limit("per_stage: { open: 2 }");
    const deploy = { target: { type: "stage", name: "deploy-prod" }, scope: gate["scope"] };
    for (let i = 0; i < 3; i += 1) world.created("alice", { ...deploy, action: "hold" });
    world.created("alice");
    world.created("dora");
    world.created("alice", unitTests);
    const { seq } = world.created("alice");

    const report = await auditOf();

    expect(report.findings).toEqual([
      { code: "OPEN_EXCEEDED", seq, detail: "lint: 3 at the same time of 2" },
    ]);
    tested.add("OPEN_EXCEEDED");
  });

  it("of a person, of whatever stage", async () => {
    limit("per_person: { open: 1 }");
    world.created("alice");
    world.created("dora");
    const { seq } = world.created("alice", unitTests);

    const report = await auditOf();

    expect(report.findings).toEqual([
      { code: "OPEN_EXCEEDED", seq, detail: "by alice: 2 at the same time of 1" },
    ]);
  });

  it("not what ended before, by its time, a revocation, a use, or for good by a denial", async () => {
    limit("per_stage: { open: 1 }");
    world.created("alice", { duration: 600 });
    world.clock += 600;
    const second = world.created("alice");
    world.revoked("alice", second);
    const third = world.created("alice", { once: true });
    world.used("ci", third);
    const fourth = world.created("alice", gate);
    world.denied("bob", fourth);
    world.created("alice", gate);
    world.created("alice");

    expect(await findings()).toEqual([]);
  });

  it("not what ends within the time that clocks may differ by, or a writer may try again for", async () => {
    limit("per_stage: { open: 1 }");
    world.created("alice", { duration: 600 });
    world.clock += 500;
    world.created("alice");
    world.clock -= 100;
    const { seq } = world.created("dora");

    expect(await findings()).toEqual([`OPEN_EXCEEDED #${seq}`]);
  });

  it("not an override and its extension, and not one that was never allowed", async () => {
    limit("per_stage: { open: 1 }");
    const { id } = world.created("alice");
    world.created("alice", { supersedes: id, nbf: t0 + world.clock + hour - 1 });
    const never = world.created("erin");

    expect(await findings()).toEqual([`OVERRIDE_NOT_ALLOWED #${never.seq}`]);
  });

  it("each of a flood, in a time that does not grow with its square", async () => {
    limit("per_stage: { open: 1 }");
    const first = world.created("alice");
    for (let i = 0; i < 150; i += 1) world.created("alice");

    const found = await findings();

    expect(found).toHaveLength(150);
    expect(found[0]).toBe(`OPEN_EXCEEDED #${first.seq + 1}`);
  });
});

describe("extensions:", () => {
  const limit = (limits: string): void => {
    changePolicy("1", (text) => `${text}limits: { extensions: { ${limits} } }\n`);
    world.recorded("alice");
  };
  /** Goes on for an hour from where one of an hour, made just before, ends. */
  const extended = (of: Appended, own: Members = {}): Appended =>
    world.created("alice", { supersedes: of.id, nbf: t0 + world.clock + hour - 1, ...own });

  it("one that goes on from where another of the same stage, action and scope ends is clean", async () => {
    const first = before();
    extended(extended(first));

    expect(await findings()).toEqual([]);
  });

  it("of what is not in the log", async () => {
    const { seq } = world.created("alice", { supersedes: "ovr_000000000000000z" });

    expect(await findings()).toEqual(only("EXTENSION_INVALID", seq));
  });

  it("of what comes later in the log", async () => {
    const later = world.newId("ovr");
    const { seq } = world.created("alice", { supersedes: later });
    world.created("alice", { id: later });

    expect(await findings()).toEqual([`EXTENSION_INVALID #${seq}`]);
  });

  it.each([
    ["another stage", { target: { type: "stage", name: "unit-tests" } }],
    ["another action", { action: "force" }],
    ["a wider scope", { scope: { branches: "*" } }],
  ])("of %s", async (_what, own) => {
    const { seq } = extended(before(), own);

    const report = await auditOf();

    expect(report.findings).toMatchObject(
      [{ code: "EXTENSION_INVALID", seq, detail: /is of another stage, action or scope$/ }].map(
        (one) => ({ ...one, detail: expect.stringMatching(one.detail) as unknown }),
      ),
    );
  });

  it("of what somebody had revoked or denied", async () => {
    const first = before();
    world.revoked("uma", first);
    const { seq } = extended(first);
    const asked = world.created("alice", gate);
    world.denied("bob", asked);
    const second = world.created("alice", { ...gate, supersedes: asked.id });

    expect(await findings()).toEqual([
      `EXTENSION_INVALID #${seq}`,
      `EXTENSION_INVALID #${second.seq}`,
    ]);
  });

  it("not of what is revoked afterwards", async () => {
    const first = before();
    extended(first);
    world.revoked("uma", first);

    expect(await findings()).toEqual([]);
  });

  it("more than the policy allows, all from the first or one from the other", async () => {
    limit("count: 1");
    const first = before();
    extended(first);
    const again = extended(first);
    const second = world.created("alice", { scope: { branches: ["dev"] } });
    const further = extended(extended(second, { scope: { branches: ["dev"] } }), {
      scope: { branches: ["dev"] },
    });

    expect(await findings()).toEqual([
      ...only("EXTENSIONS_EXCEEDED", again.seq),
      `EXTENSIONS_EXCEEDED #${further.seq}`,
    ]);
  });

  it("to a longer time in all than the policy allows", async () => {
    limit("total: 2h");
    const { seq } = extended(extended(before()));

    const report = await auditOf();

    expect(report.findings.map(({ code, seq: at, detail }) => [code, at, detail])).toEqual([
      ["EXTENSIONS_EXCEEDED", seq, expect.stringContaining("extended-too-long")],
    ]);
  });

  it("of holds are limited by nothing", async () => {
    limit("count: 0");
    const hold = {
      action: "hold",
      target: { type: "stage", name: "deploy-prod" },
      scope: gate["scope"],
    };
    extended(world.created("alice", hold), hold);

    expect(await findings()).toEqual([]);
  });

  it("of what stands before the positions that are read are not judged", async () => {
    const first = before();
    const { seq } = extended(first);

    expect(await findings({ from: seq })).toEqual([]);
  });
});

describe("what is said of an override that the log does not hold", () => {
  const nowhere: Appended = { id: "ovr_000000000000000z", seq: 0, jws: "", digest: hash, hash };
  const review = { kind: "override.reviewed", override: nowhere.id, outcome: "ok", note: "fine" };

  it.each([
    ["an approval", () => world.approved("bob", nowhere)],
    ["a denial", () => world.denied("bob", nowhere)],
    ["a revocation", () => world.revoked("uma", nowhere)],
    ["a review", () => world.append("bob", review)],
  ])("is reported: %s", async (_what, say) => {
    before();
    const { seq } = say();

    expect(await findings()).toEqual(only("OVERRIDE_UNKNOWN", seq));
    expect(await findings({ from: 1 })).toEqual([]);
  });

  it("not when it stands before it in the log; then it is judged by it", async () => {
    const { id } = world.statement("alice", { kind: "override.created" });
    world.revoked("uma", { id });
    const vain = world.revoked("erin", { id });
    const override = world.created("alice", { id });
    const { seq } = world.used("ci", override);

    expect(await findings()).toEqual([`END_NOT_ENTITLED #${vain.seq}`, `USE_NOT_IN_FORCE #${seq}`]);
  });

  it("not when the override ended long ago", async () => {
    const override = before();
    for (let i = 0; i < 1100; i += 1) world.created("alice", { duration: 1 }, { at: 10 * day });
    world.revoked("uma", override);

    expect(await findings()).toEqual([]);
  });
});

describe("reviews of emergencies:", () => {
  const emergency: Members = { ...gate, emergency: true, duration: 60 };
  const reviewed = (who: string, { id }: Appended, at?: number): Appended =>
    world.append(
      who,
      { kind: "override.reviewed", override: id, outcome: "follow-up", note: "seen" },
      at === undefined ? {} : { at },
    );

  it("one that nobody gave within the rule's time", async () => {
    const { seq } = world.created("alice", emergency, { at: 0 });

    expect(await findings({ now: t0 + day - 1 })).toEqual([]);
    expect(await findings({ now: t0 + day })).toEqual(only("REVIEW_OVERDUE", seq));
  });

  it("one by the author does not count, of an emergency or of any other override", async () => {
    const override = world.created("dora", emergency, { at: 0 });
    const vain = reviewed("dora", override);
    const plain = reviewed("alice", before());

    expect(await findings({ now: t0 + day })).toEqual([
      `REVIEW_OVERDUE #${override.seq}`,
      ...only("REVIEW_BY_AUTHOR", vain.seq),
      `REVIEW_BY_AUTHOR #${plain.seq}`,
    ]);
  });

  it("one that came late is not missing, and one of what the policy refused is not due", async () => {
    reviewed("bob", world.created("alice", emergency, { at: 0 }), 3 * day);
    const refused = world.created("bob", emergency);

    expect(await findings({ now: t0 + 9 * day })).toEqual([`OVERRIDE_NOT_ALLOWED #${refused.seq}`]);
  });

  it("while one is overdue, the next override by the rule demands one approval more of itself", async () => {
    const first = world.created("alice", emergency, { at: 0 });
    world.created("alice", gate, { at: day - 1 });
    world.created("alice", { ...gate, extra_approvals: 1 }, { at: day });
    world.created("alice", emergency, { at: day + 1 });
    const bare = world.created("alice", gate, { at: day + 2 });
    // there are three release managers, and she is one of them: nobody could give a third approval
    world.created("dora", gate, { at: day + 3 });
    reviewed("bob", first, day + 4);
    world.created("alice", gate, { at: day + 5 });

    expect(await findings({ now: t0 + day + 6 })).toEqual(only("APPROVALS_NOT_RAISED", bare.seq));
  });

  it("one is due though the emergency ended long ago", async () => {
    const { seq } = world.created("alice", emergency, { at: 0 });
    for (let i = 0; i < 1100; i += 1) world.created("alice", { duration: 1 }, { at: 10 * day });

    expect(await findings()).toEqual([`REVIEW_OVERDUE #${seq}`]);
  });
});

describe("uses:", () => {
  it.each([
    ["after its end", {}, {}, hour + 1],
    ["on another branch", {}, { ref: "refs/heads/dev" }, 10],
    ["on a tag of the branch's name", {}, { ref: "refs/tags/main" }, 10],
    ["in an environment", {}, { environment: "production" }, 10],
    ["of another commit", { scope: { branches: ["main"], sha: "b".repeat(40) } }, {}, 10],
    [
      "of another pull request",
      { scope: { branches: ["main"], pr: 7 } },
      { ref: "refs/pull/8/merge" },
      10,
    ],
    [
      "of a pull request, where it names tags only",
      { scope: { tags: ["v1"] } },
      { ref: "refs/pull/8/merge" },
      10,
    ],
    ["by another stage", {}, { stage: "unit-tests" }, 10],
    ["before its start", { nbf: t0 + day }, {}, 10],
  ] satisfies [string, Members, Members, number][])("%s", async (_what, own, context, at) => {
    const override = world.created("alice", own, { at: 0 });
    const { seq } = world.used("ci", override, context, { at });

    expect(await findings()).toEqual(only("USE_NOT_IN_FORCE", seq));
  });

  it.each([
    ["a run that had not used it", { run: "900" }],
    ["a run of the same number on another forge", { forge: "gitlab" }],
  ])("after its end, though it tells a result, by %s", async (_what, context) => {
    const override = world.created("alice", { duration: 60 });
    world.used("ci", override);
    const { seq } = world.used("ci", override, { ...context, result: 1 }, { at: hour });

    expect(await findings()).toEqual([`USE_NOT_IN_FORCE #${seq}`]);
  });

  it("of another text than the one that stands in the log", async () => {
    const override = before();
    const { seq } = world.used("ci", { ...override, digest: hash });

    expect(await findings()).toEqual([`USE_NOT_IN_FORCE #${seq}`]);
  });

  it("after it was revoked, denied, or not approved at all", async () => {
    const [one, two, three] = [
      before(),
      world.created("alice", { ...gate, emergency: true, duration: 600 }),
      world.created("alice", gate),
    ];
    world.revoked("alice", one);
    world.denied("bob", two);
    const seqs = [
      world.used("ci", one),
      world.used("ci", two, inGate),
      world.used("ci", three, inGate),
    ];

    expect(await findings()).toEqual(seqs.map(({ seq }) => `USE_NOT_IN_FORCE #${seq}`));
  });

  it("of one whose key was revoked before", async () => {
    const override = before();
    world.keyRevoked("alice", "alice");
    const { seq } = world.used("ci", override);
    changePolicy("1", (text) => text.replace(/keys: \["ssh-ed25519 [^"]+ alice", /, "keys: ["));
    world.recorded("dora");

    expect(await findings()).toEqual([`USE_NOT_IN_FORCE #${seq}`]);
  });

  it("of one use, by a second run", async () => {
    const override = world.created("alice", { once: true });
    world.used("ci", override);
    const { seq } = world.used("ci", override, { run: "813" });

    expect(await findings()).toEqual(only("USE_REPEATED", seq));
  });

  it("of an override that the log does not hold", async () => {
    const { seq } = world.used("ci", { ...before(), id: "ovr_000000000000000z" });

    expect(await findings()).toEqual(only("USE_OF_UNKNOWN", seq));
  });

  it("of an override that ended long before", async () => {
    const override = before();
    for (let i = 0; i < 1100; i += 1) world.created("alice", { duration: 1 }, { at: 10 * day });
    const { seq } = world.used("ci", override);

    expect(await findings()).toEqual([`USE_NOT_IN_FORCE #${seq}`]);
  });
});

describe("keys:", () => {
  it("a revoked key that is still in the policy, at its revocation by someone entitled", async () => {
    const vain = world.keyRevoked("erin", "bob");
    const { seq } = world.keyRevoked("sven", "bob");
    world.keyRevoked("bob", "bob");

    expect(await findings()).toEqual([
      `KEY_REVOCATION_NOT_ENTITLED #${vain.seq}`,
      ...only("KEY_REVOKED", seq),
    ]);
  });

  it("not when the policy has dropped it", async () => {
    world.keyRevoked("bob", "bob");
    changePolicy("1", (text) => text.replace(/keys: \["ssh-ed25519 [^"]+ bob", /, "keys: ["));
    world.recorded("alice");

    expect(await findings()).toEqual([]);
  });

  it("a revocation by someone who may not, under the policy of then", async () => {
    const { seq } = world.keyRevoked("erin", "bob");
    changePolicy("1", (text) => text.replace("may_revoke: [security]", "may_revoke: [developer]"));
    world.recorded("alice");

    expect(await findings()).toEqual([
      ...only("KEY_REVOCATION_NOT_ENTITLED", seq),
      `KEY_REVOKED #${seq}`,
    ]);
  });

  it("not a revocation of a key that the policy does not know", async () => {
    world.keyRevoked("erin", "mallory");

    expect(await findings()).toEqual([]);
  });
});

describe("the table of findings", () => {
  it("is tested in full above", () => {
    const byAudit = Object.keys(findingCodes).filter((code) => !code.startsWith("STORE_"));
    expect([...tested].sort()).toEqual(byAudit.sort());
  });

  it("knows what makes a log not intact, and what was tried in vain", () => {
    const finding = (code: FindingCode): boolean => isViolation({ code, seq: 0, detail: "" });

    expect(finding("SIGNATURE")).toBe(true);
    expect(finding("APPROVAL_NOT_ENTITLED")).toBe(false);
  });
});

describe("a random change of any byte of any position", () => {
  it("is reported, or changes no decision", async () => {
    const override = before();
    const gated = world.created("alice", gate);
    world.approved("bob", gated);
    world.approved("carol", gated);
    world.used("ci", override);
    const { head, positions } = world;
    const decisions = (all: readonly Uint8Array[]): string =>
      JSON.stringify(
        [{}, { stage: "prod-gate", ...production }].map((own) => {
          const view = viewOf(world.policy, 0, all);
          const decision = decide({ view, subject: subjectOf(own), now: t0 + 60 });
          return decision.kind === "decided"
            ? decision.inForce.map(({ digest }) => digest)
            : decision.code;
        }),
      );
    const genuine = decisions(positions);
    const mutation = fc.record({
      seq: fc.nat(positions.length - 1),
      place: fc.nat(10_000),
      byte: fc.nat(255),
    });

    await fc.assert(
      fc.asyncProperty(mutation, async ({ seq, place, byte }) => {
        const changed = positions.map((bytes) => new Uint8Array(bytes));
        const bytes = changed[seq] ?? new Uint8Array(1);
        const at = place % bytes.byteLength;
        fc.pre(bytes[at] !== byte);
        bytes[at] = byte;
        const store = memoryStore(changed);
        const found = await findings({ positions: store.scan(0), anchors: [head] });
        const bare = await findings({ positions: store.scan(0) });
        expect(bare.length > 0 || decisions(changed) === genuine).toBe(true);
        // with an anchor of the head every change is found; without one, of the head itself not
        expect(found).not.toEqual([]);
      }),
      { numRuns: 150 },
    );
  });
});
