/**
 * Random worlds: a policy and a log of correctly signed statements of every kind, by people who may
 * make them and people who may not, about several stages, scopes and moments. As data, so that a
 * failing one shrinks, and so that it can be played again with a statement more or less.
 */
import { createHash } from "node:crypto";
import fc from "fast-check";
import { decide } from "../../src/core/decide.ts";
import { makeId } from "../../src/core/ids.ts";
import type { Subject } from "../../src/core/scope.ts";
import type { Saw } from "../../src/core/statement.ts";
import type { View } from "../../src/core/view.ts";
import {
  hour,
  keyOf,
  subjectOf,
  t0,
  useContext,
  type Appended,
  type How,
  type Members,
  type World,
} from "./world.ts";

interface Said {
  /** A name in the world, or `mallory`, whose key the policy does not hold. */
  readonly who: string;
  /** Seconds since the statement before. */
  readonly after: number;
  /** How many positions before the head stands what its author saw. */
  readonly behind: number;
}

export interface Creation extends Said {
  readonly kind: "created";
  readonly stage: string;
  readonly action: "skip" | "allow-failure" | "force" | "hold";
  readonly scope: Members;
  /** Seconds from its signing to its start, and from there to its end. */
  readonly wait: number;
  readonly duration: number;
  /** Ends halfway. */
  readonly cut: boolean;
  readonly once: boolean;
  readonly emergency: boolean;
  readonly tickets: readonly string[];
}

export interface Reaction extends Said {
  readonly kind: "approved" | "denied" | "revoked" | "used" | "reviewed" | "noticed";
  /** Which of the overrides created before it is meant, counted back from the last. */
  readonly about: number;
  /** The run of a use. */
  readonly run: string;
}

export interface KeyRevocation extends Said {
  readonly kind: "key-revoked";
  readonly whose: string;
}

export interface PolicyRecord extends Said {
  readonly kind: "recorded";
}

export type Act = Creation | Reaction | KeyRevocation | PolicyRecord;

// --- what can be said

const known = ["alice", "bob", "carol", "dora", "erin", "sven", "uma", "ci"];
const people: readonly string[] = [...known, "alice:second", "bob:second", "mallory"];
export const stages: readonly string[] = [
  "lint",
  "unit-tests",
  "license",
  "prod-gate",
  "deploy-prod",
  "scan",
  "release",
];

const scopes: readonly Members[] = [
  { branches: ["main"] },
  { branches: ["main", "release/1.4"] },
  { branches: "*" },
  { branches: ["main"], forks: true },
  { branches: ["main"], pr: 7 },
  { heads: ["feature/x"] },
  { tags: ["v1.4.0"] },
];

const inProduction = new Set(["prod-gate", "deploy-prod"]);

const often = <T>(value: T, other: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ arbitrary: fc.constant(value), weight: 5 }, { arbitrary: other, weight: 1 });

const said = {
  who: fc.constantFrom(...people),
  after: fc.oneof({ arbitrary: fc.nat(120), weight: 4 }, fc.nat(hour / 2)),
  behind: often(0, fc.nat(3)),
};

type Action = Creation["action"];

/** What is mostly asked for; the world's rules allow more of some stages, and less of `license`. */
const usual: Readonly<Record<string, readonly Action[]>> = {
  lint: ["skip", "allow-failure", "force"],
  "unit-tests": ["skip", "allow-failure", "force"],
  "deploy-prod": ["skip", "force", "hold"],
  release: ["skip", "hold"],
};

const stageAndAction: fc.Arbitrary<Pick<Creation, "stage" | "action">> = fc
  .constantFrom(...stages)
  .chain((stage) =>
    fc.record({
      stage: fc.constant(stage),
      action: fc.oneof(
        { arbitrary: fc.constantFrom<Action>(...(usual[stage] ?? ["skip"])), weight: 6 },
        fc.constantFrom<Action>("skip", "allow-failure", "force", "hold"),
      ),
    }),
  );

export const creations: fc.Arbitrary<Creation> = fc
  .record({
    kind: fc.constant("created" as const),
    ...said,
    who: fc.oneof({ arbitrary: fc.constantFrom("alice", "dora"), weight: 4 }, said.who),
    asked: stageAndAction,
    scope: fc.constantFrom(...scopes),
    wait: often(0, fc.nat(hour)),
    duration: often(hour / 2, fc.integer({ min: 1, max: 2 * hour })),
    cut: often(false, fc.constant(true)),
    once: often(false, fc.constant(true)),
    emergency: often(false, fc.constant(true)),
    tickets: often<readonly string[]>(["INC-4312"], fc.constantFrom([], ["INC-1", "nothing"])),
  })
  .map(({ asked, ...act }) => {
    const environment = inProduction.has(asked.stage) ? { environment: "production" } : {};
    return { ...act, ...asked, scope: { ...act.scope, ...environment } };
  });

/** Every kind of reaction once for each time that it stands here. */
const reactionKinds = ["approved", "denied", "revoked", "used", "reviewed", "noticed"] as const;

export const reactions: fc.Arbitrary<Reaction> = fc.record({
  kind: fc.constantFrom("approved", "approved", ...reactionKinds),
  ...said,
  about: fc.oneof({ arbitrary: fc.nat(1), weight: 3 }, fc.nat(20)),
  run: fc.constantFrom("812", "813"),
});

export const keyRevocations: fc.Arbitrary<KeyRevocation> = fc.record({
  kind: fc.constant("key-revoked" as const),
  ...said,
  whose: fc.constantFrom(...people),
});

const policyRecords: fc.Arbitrary<PolicyRecord> = fc.record({
  kind: fc.constant("recorded" as const),
  ...said,
});

export const anyAct: fc.Arbitrary<Act> = fc.oneof(
  { arbitrary: creations, weight: 6 },
  { arbitrary: reactions, weight: 8 },
  { arbitrary: keyRevocations, weight: 1 },
  { arbitrary: policyRecords, weight: 1 },
);

/** What is said in a world, in order. */
export const randomActs: fc.Arbitrary<readonly Act[]> = fc.array(anyAct, {
  minLength: 3,
  maxLength: 24,
  size: "max",
});

/** When it is asked, in seconds after the last statement. */
export const moments: fc.Arbitrary<number> = fc.oneof(
  { arbitrary: fc.nat(300), weight: 3 },
  fc.nat(3 * hour),
);

// --- saying it

/** What is done with an act when it is played. */
export interface Entry {
  readonly act: Act;
  /** Is no override that others are about, takes no time, and moves the ids of nothing else. */
  readonly aside?: boolean;
  /** Is signed, so that others can be about it, but never placed. */
  readonly absent?: boolean;
  /** What is false about it. */
  readonly how?: How;
}

/** An override that was signed in a world. */
export interface Override extends Pick<Appended, "id" | "digest"> {
  readonly act: Creation;
}

export interface Played {
  readonly world: World;
  readonly overrides: readonly Override[];
  /** The position of each entry; null of an absent one. */
  readonly seqs: readonly (number | null)[];
}

/** Says everything in the world, from its clock's time on. */
export function play(world: World, entries: readonly Entry[]): Played {
  const overrides: Override[] = [];
  const seqs: (number | null)[] = [];
  const count = { main: 0, aside: 0 };
  let at = world.clock;
  for (const { act, aside = false, absent = false, how: own = {} } of entries) {
    const number = aside ? (count.aside += 1) : (count.main += 1);
    at += aside ? 0 : act.after;
    const how = { at, saw: sawOf(world, act), ...own };
    const prefix = act.kind === "created" ? "ovr" : "stm";
    const id = makeId(prefix, idBytes(aside ? 2 : 1, number));
    const members = membersOf(world, act, overrides, t0 + at);
    const jws = world.sign(act.who, world.statement(act.who, { ...members, id }, how), how);
    seqs.push(absent ? null : world.place(jws, how).seq);
    const digest = createHash("sha256").update(jws).digest("base64url");
    if (act.kind === "created" && !aside) overrides.push({ act, id, digest });
  }
  world.clock = at;
  return { world, overrides, seqs };
}

/** The override that a reaction is about; one that nobody ever made where there is none yet. */
export function aboutOf(
  { about }: Reaction,
  overrides: readonly Override[],
): Pick<Override, "id" | "digest"> & { readonly act?: Creation } {
  const nobodys = { id: makeId("ovr", idBytes(3, 0)), digest: "d".repeat(42) + "A" };
  return overrides[overrides.length - 1 - (about % Math.max(1, overrides.length))] ?? nobodys;
}

function idBytes(space: number, number: number): Uint8Array {
  const bytes = new Uint8Array(10);
  bytes[0] = space;
  new DataView(bytes.buffer).setUint32(6, number);
  return bytes;
}

function sawOf(world: World, { behind }: Act): Saw {
  const seq = Math.max(0, world.positions.length - 1 - behind);
  return { seq, hash: world.hashAt(seq) };
}

function membersOf(
  world: World,
  act: Act,
  overrides: readonly Override[],
  iat: number,
): Members & { readonly kind: string } {
  switch (act.kind) {
    case "created":
      return createdMembers(act, iat);
    case "key-revoked":
      return { kind: "key.revoked", kid: keyOf(act.whose).kid };
    case "recorded":
      return { kind: "policy.recorded", text: world.policy.text };
    case "noticed": {
      const { id } = aboutOf(act, overrides);
      const target_hash = "t".repeat(42) + "A";
      return { kind: "notice.sent", about: id, channel: "slack", target_hash, status: "delivered" };
    }
    case "approved":
    case "denied":
    case "revoked":
    case "used":
    case "reviewed": {
      const about = aboutOf(act, overrides);
      return { kind: `override.${act.kind}`, override: about.id, ...saidAbout(act, about) };
    }
  }
}

function createdMembers(act: Creation, iat: number): Members & { readonly kind: string } {
  const nbf = iat + act.wait;
  return {
    kind: "override.created",
    action: act.action,
    target: { type: "stage", name: act.stage },
    scope: act.scope,
    reason: { code: "broken-gate", text: "linter image answers 500" },
    tickets: act.tickets,
    nbf,
    duration: act.duration,
    ...(act.cut ? { until: nbf + Math.ceil(act.duration / 2) } : {}),
    ...(act.once ? { once: true } : {}),
    ...(act.emergency ? { emergency: true } : {}),
  };
}

function saidAbout({ kind, run }: Reaction, { digest, act }: ReturnType<typeof aboutOf>): Members {
  switch (kind) {
    case "approved":
      return { digest };
    case "denied":
      return { digest, note: "not now" };
    case "reviewed":
      return { outcome: "ok", note: "as agreed" };
    case "used": {
      const stage = act?.stage ?? "lint";
      const environment = inProduction.has(stage) ? { environment: "production" } : {};
      const context = { ...useContext, stage, run, ...environment };
      return { digest, context, decision: act?.action ?? "skip" };
    }
    case "revoked":
    case "noticed":
      return {};
  }
}

// --- asking about it

/** Jobs of every stage in every place that the scopes tell apart. */
export const subjects: readonly Subject[] = stages.flatMap((stage) => {
  const base = { stage, environment: inProduction.has(stage) ? "production" : null };
  const pull = { ...base, head: "feature/x", pr: 7 };
  return [
    subjectOf(base),
    subjectOf({ ...base, run: "813" }),
    subjectOf({ ...base, branch: "release/1.4", head: "release/1.4" }),
    subjectOf({ ...base, branch: null, head: null, tag: "v1.4.0" }),
    subjectOf(pull),
    subjectOf({ ...pull, head: null, fork: true }),
  ];
});

/** What a decision comes to for one subject. */
export interface Answer {
  readonly outcome: string;
  /** Ids of what is in force: holds, and what permits. */
  readonly holds: readonly string[];
  readonly permits: readonly string[];
}

/** The answers for all subjects. @param now Unix seconds */
export function answersIn(view: View, now: number): readonly Answer[] {
  return subjects.map((subject) => {
    const decision = decide({ view, subject, now });
    if (decision.kind === "integrity") return { outcome: decision.code, holds: [], permits: [] };
    const ids = (isHold: boolean): readonly string[] =>
      decision.inForce
        .filter(({ statement }) => (statement.action === "hold") === isHold)
        .map(({ statement }) => statement.id);
    return { outcome: decision.outcome, holds: ids(true), permits: ids(false) };
  });
}
