/**
 * A small honest world: people with real keys, a policy, a clock that stands still, and a log that
 * they write. `world.created("alice")` is a real position, signed with node:crypto; what is to be
 * false is made false on purpose, by `How`.
 *
 * Times are seconds since `t0`. A statement is made at `world.clock`, which each append moves on by
 * one second, unless `at` says otherwise.
 */
import { createHash } from "node:crypto";
import { clockOf } from "../../src/core/clock.ts";
import { decide, type Decision } from "../../src/core/decide.ts";
import { makeId } from "../../src/core/ids.ts";
import { createdIn, judge, type Judged } from "../../src/core/judge.ts";
import type { ObjectionCode } from "../../src/core/objection.ts";
import { parsePolicy } from "../../src/core/policy-parse.ts";
import type { Policy } from "../../src/core/policy.ts";
import { encodePosition, noPrevious, positionHash } from "../../src/core/position.ts";
import type { Subject } from "../../src/core/scope.ts";
import type { Saw, UseContext } from "../../src/core/statement.ts";
import { viewOf, type View } from "../../src/core/view.ts";
import { testKey } from "./keys.ts";

/** 2030-01-01T00:00:00Z. */
export const t0 = 1_893_456_000;
export const hour = 3600;
export const day: number = 24 * hour;

/** Where the file of the policy came from, unless a test says otherwise. */
export const commit: string = "c".repeat(40);

/** Who signs: a person, or one of her keys, `alice` or `alice:second`. */
const people: Readonly<Record<string, string>> = {
  alice: "{ roles: [oncall], keys: [KEY(alice), KEY(alice:second)] }",
  bob: "{ roles: [release-manager], keys: [KEY(bob), KEY(bob:second)] }",
  carol: "{ roles: [release-manager], keys: [KEY(carol)] }",
  dora: "{ roles: [oncall, release-manager], keys: [KEY(dora:p256)] }",
  erin: "{ roles: [developer], keys: [KEY(erin)] }",
  sven: "{ roles: [security], keys: [KEY(sven)] }",
  uma: "{ roles: [lifter], keys: [KEY(uma)] }",
  ci: "{ kind: ci, roles: [oncall, release-manager, security, lifter], keys: [KEY(ci), KEY(ci:second)] }",
};

const rest = `stages:
  lint:        { kind: quality }
  unit-tests:  { kind: quality }
  license:     { kind: quality, never: [skip, allow-failure] }
  prod-gate:   { kind: gate, environment: production }
  deploy-prod: { kind: deploy, environment: production }
  scan:        { kind: recorded }
  release:     { kind: announced }
rules:
  - id: quality
    match:   { kind: quality }
    actions: [skip, allow-failure, force]
    who:     [oncall]
    longest: 4h
    reason:  { min: 10, codes: [broken-gate, flaky], ticket: "^(INC|OPS)-[0-9]+$" }
    may_revoke: [lifter]
  - id: gates
    match:   { kind: gate, branches: [main, "release/*"] }
    actions: [skip]
    who:     [oncall]
    longest: 1h
    approvals: { count: 2, from: [release-manager], pending: 2h }
    emergency: { who: [oncall], longest: 30m, review_within: 24h }
    may_revoke: [lifter]
  - id: deploys
    match:   { kind: deploy }
    actions: [skip, allow-failure, force, hold]
    who:     [oncall]
    longest: 1h
    approvals: { count: 1, from: [release-manager], pending: 1h }
    may_revoke: [lifter]
  - { id: recorded, match: { kind: recorded }, actions: [skip], who: [oncall], longest: 1h, record_use: required }
  - { id: announced, match: { kind: announced }, actions: [skip, hold], who: [oncall], longest: 1h, announce: required }
may_revoke: [security]
notify:
  - { to: slack }
  - { to: webhook }
`;

/** The text of the policy of a log, as YAML. */
function policyText(logId: string): string {
  const principals = Object.entries(people)
    .map(([id, entry]) => `  ${id}: ${entry}\n`)
    .join("");
  const text = `version: 1\nlog: { store: git, branch: optout-log, id: ${logId} }\nprincipals:\n${principals}${rest}`;
  return withKeys(text);
}

/** Writes the line of each key where the text says `KEY(name)`. */
function withKeys(text: string): string {
  return text.replace(/KEY\(([^)]+)\)/g, (_all, name: string) => `"${keyOf(name).ssh}"`);
}

/** `dora` has one key, of P-256; everybody else's has her name. */
export function keyOf(who: string): ReturnType<typeof testKey> {
  return testKey(who === "dora" ? "dora:p256" : who);
}

const sha256 = (data: string | Uint8Array): string =>
  createHash("sha256").update(data).digest("base64url");
const base64url = (text: string): string => Buffer.from(text, "utf8").toString("base64url");

/** Members of a statement; those that all kinds have are made where they are not given. */
export type Members = Readonly<Record<string, unknown>>;

/** Where and when a statement is made, and what is false about it. */
export interface How {
  /** Seconds since t0 at which it is signed. */
  readonly at?: number;
  /** What its author saw; the head, where it is not given. */
  readonly saw?: Saw;
  /** Writes the payload's text from its members. */
  readonly payload?: (members: Members) => string;
  /** The text of the protected header. */
  readonly header?: string;
  /** Spoils the signature. */
  readonly signature?: (genuine: Uint8Array) => Uint8Array;
  /** Spoils the compact JWS. */
  readonly jws?: (genuine: string) => string;
  /** The members of the position, where they are not the right ones. */
  readonly position?: { readonly seq?: number; readonly prev?: string };
  /** Spoils the bytes. */
  readonly bytes?: (genuine: Uint8Array) => Uint8Array;
}

/** What was appended. */
export interface Appended {
  readonly seq: number;
  readonly id: string;
  readonly jws: string;
  /** Of the statement. */
  readonly digest: string;
  /** Of the position. */
  readonly hash: string;
}

/** A job on main, of run 812; the members given replace its own. */
export function subjectOf(own: Partial<Subject> = {}): Subject {
  return {
    stage: "lint",
    branch: "main",
    head: "main",
    tag: null,
    sha: "a".repeat(40),
    pr: null,
    environment: null,
    fork: false,
    forge: "github",
    run: "812",
    ...own,
  };
}

/** A job that deploys, of the stages that have the environment. */
export const production: Partial<Subject> = { environment: "production" };

/** Positions that are in view, both ends included. */
interface Window {
  readonly first?: number;
  readonly upto?: number;
}

export interface WorldOptions {
  /** Changes the text of the policy before anything is signed under it. */
  readonly policy?: (text: string) => string;
  /** Without a first `policy.recorded`. */
  readonly bare?: boolean;
  /** Seconds since t0 at which the first statement after these is made; 0 where it is not given. */
  readonly start?: number;
}

export class World {
  readonly logId: string;
  readonly positions: Uint8Array[] = [];
  /** The policy that statements name and views are read under. */
  policy: Policy;
  /** The commit that statements say it came from. */
  policyCommit: string = commit;
  /** Seconds since t0. */
  clock: number;
  #ids = 0;

  constructor({ policy = (text) => text, bare = false, start = 0 }: WorldOptions = {}) {
    this.clock = start - 100;
    const repository = { host: "local", id: "sample", name: "shop" };
    const members = { v: 1, kind: "log.created", id: this.newId("stm"), by: "alice" };
    const jws = this.sign("alice", { ...members, iat: t0 + this.clock, repository });
    this.logId = sha256(jws);
    this.policy = this.parse(policy(policyText(this.logId)));
    this.#place(jws, {});
    this.clock += 1;
    if (!bare) this.recorded("alice");
    this.clock = start;
  }

  parse(text: string): Policy {
    return parsePolicy(Buffer.from(withKeys(text), "utf8"), "policy.yaml");
  }

  /** From here on the policy reads like this. */
  setPolicy(change: (text: string) => string, at: string = this.policyCommit): Policy {
    this.policy = this.parse(change(this.policy.text));
    this.policyCommit = at;
    return this.policy;
  }

  newId(prefix: "ovr" | "stm"): string {
    this.#ids += 1;
    const bytes = new Uint8Array(10);
    new DataView(bytes.buffer).setUint32(6, this.#ids);
    return makeId(prefix, bytes);
  }

  get head(): Saw {
    const seq = this.positions.length - 1;
    return { seq, hash: this.hashAt(seq) };
  }

  hashAt(seq: number): string {
    const bytes = this.positions[seq];
    if (bytes === undefined) throw new Error(`the world has no position ${seq}`);
    return positionHash(bytes);
  }

  /** A compact JWS of the members by this key. */
  sign(who: string, members: Members, how: How = {}): string {
    const key = keyOf(who);
    const header =
      how.header ?? JSON.stringify({ alg: key.alg, kid: key.kid, typ: "optout-statement+jws" });
    const payload = how.payload?.(members) ?? JSON.stringify(members);
    const input = `${base64url(header)}.${base64url(payload)}`;
    const genuine = key.sign(Buffer.from(input, "latin1"));
    const signature = how.signature?.(genuine) ?? genuine;
    return `${input}.${Buffer.from(signature).toString("base64url")}`;
  }

  /** The statement that `append` would place. */
  statement(who: string, own: Members, how: How = {}): Members & { readonly id: string } {
    const prefix = own["kind"] === "override.created" ? "ovr" : "stm";
    const { kind, ...others } = own;
    const id = typeof own["id"] === "string" ? own["id"] : this.newId(prefix);
    return {
      v: 1,
      kind,
      id,
      log: this.logId,
      by: who.split(":")[0],
      iat: t0 + (how.at ?? this.clock),
      policy: this.policy.digest,
      policy_at: this.policyCommit,
      saw: how.saw ?? this.head,
      ...others,
    };
  }

  /** Appends a statement by `who` with these members. */
  append(who: string, own: Members, how: How = {}): Appended {
    const members = this.statement(who, own, how);
    const jws = this.sign(who, members, how);
    return { ...this.place(how.jws?.(jws) ?? jws, how), id: members.id };
  }

  /** Places a compact JWS at the next position. */
  place(jws: string, how: How = {}): Omit<Appended, "id"> {
    const seq = this.#place(jws, how);
    this.clock = (how.at ?? this.clock) + 1;
    return { seq, jws, digest: sha256(jws), hash: this.hashAt(seq) };
  }

  /** Pushes any bytes in line. */
  raw(bytes: Uint8Array | string): number {
    return this.positions.push(Buffer.from(bytes)) - 1;
  }

  #place(jws: string, { position, bytes }: How): number {
    const seq = this.positions.length;
    const prev = seq === 0 ? noPrevious : this.hashAt(seq - 1);
    const encoded = encodePosition({ seq, prev, statement: jws, ...position });
    return this.raw(bytes?.(encoded) ?? encoded);
  }

  // --- the kinds

  recorded(who: string, how: How = {}): Appended {
    return this.append(who, { kind: "policy.recorded", text: this.policy.text }, how);
  }

  /** An override; by default a skip of lint on main for an hour, as the rule allows it. */
  created(who: string, own: Members = {}, how: How = {}): Appended {
    const members = {
      kind: "override.created",
      action: "skip",
      target: { type: "stage", name: "lint" },
      scope: { branches: ["main"] },
      reason: { code: "broken-gate", text: "linter image answers 500" },
      tickets: ["INC-4312"],
      nbf: t0 + (how.at ?? this.clock),
      duration: hour,
    };
    return this.append(who, { ...members, ...own }, how);
  }

  approved(who: string, { id, digest }: Appended, how: How = {}, own: Members = {}): Appended {
    return this.append(who, { kind: "override.approved", override: id, digest, ...own }, how);
  }

  denied(who: string, { id, digest }: Appended, how: How = {}, own: Members = {}): Appended {
    const members = { kind: "override.denied", override: id, digest, note: "not now", ...own };
    return this.append(who, members, how);
  }

  revoked(who: string, { id }: Pick<Appended, "id">, how: How = {}): Appended {
    return this.append(who, { kind: "override.revoked", override: id }, how);
  }

  /** A use by run 812 of lint, unless `context` says otherwise; its `result` is the use's own. */
  used(who: string, of: Appended, context: Members = {}, how: How = {}): Appended {
    const { result, ...job } = context;
    const own = { kind: "override.used", override: of.id, digest: of.digest, decision: "skip" };
    return this.append(who, { ...own, context: { ...useContext, ...job }, result }, how);
  }

  noticed(who: string, { id }: Appended, own: Members = {}, how: How = {}): Appended {
    const members = {
      kind: "notice.sent",
      about: id,
      channel: "slack",
      target_hash: "t".repeat(43),
      status: "delivered",
    };
    return this.append(who, { ...members, ...own }, how);
  }

  keyRevoked(who: string, whose: string, how: How = {}): Appended {
    return this.append(who, { kind: "key.revoked", kid: keyOf(whose).kid }, how);
  }

  // --- what is asked

  /** The view from `first` to `upto`, under the policy of now. */
  view({ first = 0, upto = this.positions.length - 1 }: Window = {}): View {
    return viewOf(this.policy, first, this.positions.slice(first, upto + 1));
  }

  /** @param now seconds since t0; the clock's time where it is not given */
  decide(own: Partial<Subject> = {}, now: number = this.clock): Decision {
    return decide({ view: this.view(), subject: subjectOf(own), now: t0 + now });
  }

  /** The judgement of one override for a subject. */
  judge(
    { id }: Pick<Appended, "id">,
    own: Partial<Subject> = {},
    now: number = this.clock,
  ): Judged {
    const view = this.view();
    const created = createdIn(view).find(({ statement }) => statement.id === id);
    if (created === undefined) throw new Error(`${id} is not in the world's log`);
    const subject = subjectOf({ stage: created.statement.target.name, ...own });
    return judge(view, created, subject, clockOf(view, t0 + now, null));
  }

  /** The codes of what stands against an override; none when it is in force. */
  objections(of: Pick<Appended, "id">, own: Partial<Subject> = {}, now?: number): ObjectionCode[] {
    return this.judge(of, own, now).objections.map(({ code }) => code);
  }
}

/** The job that uses, as `subjectOf` describes it. */
export const useContext: Members & UseContext = {
  stage: "lint",
  ref: "refs/heads/main",
  sha: "a".repeat(40),
  run: "812",
  attempt: 1,
  job: "lint",
  forge: "github",
};

/** What a decision comes to: its outcome, or the code of what makes the whole log unfit. */
export function outcomeOf(decision: Decision): string {
  return decision.kind === "integrity" ? decision.code : decision.outcome;
}
