/**
 * Reading a view of the log that reaches back far enough to decide by.
 *
 * Far enough: until a person's statement, and what she saw, is older than anything that could still
 * be in force, and until what permitting statements saw is in view.
 */
import { OptoutError } from "../core/errors.ts";
import { findContradiction, type Contradiction } from "../core/contradiction.ts";
import type { Policy, Principal, UnixSeconds } from "../core/policy.ts";
import { positionHash } from "../core/position.ts";
import type { Reading } from "../core/reading.ts";
import { isKeyRevoked } from "../core/permitting.ts";
import { beginsAsNamed, counted, extendView, headOf, viewOf, type View } from "../core/view.ts";
import { maxLeadSeconds } from "../core/statement.ts";
import type { Store, Tail } from "../stores/store.ts";
import type { Head, HeadMemory, SeenHead } from "./head.ts";

/** Positions and bytes beyond which a view is refused. */
const maxPositions = 8192;
const maxBytes: number = 16 * 1024 * 1024;

export interface ReadRequest {
  readonly store: Store;
  readonly policy: Policy;
  readonly now: UnixSeconds;
  readonly memory: HeadMemory;
  /** The tail, where it was read already. */
  readonly tail?: Tail | null;
  /** How far to look back at least, where more is asked than what can be in force. */
  readonly atLeastSeconds?: number;
  /** How far to look back where that costs little: for what is good to know, and no more. */
  readonly gladlySeconds?: number;
}

/** Positions and bytes beyond which nothing is read gladly. */
const maxGladly = 1024;
const maxGladlyBytes: number = 2 * 1024 * 1024;

/**
 * Reads the last positions, as many as are needed.
 * @throws `log-missing`, `wrong-log`, `log-rewound`, `limit`, and what the store throws
 */
export async function readView(request: ReadRequest): Promise<View> {
  const { store, policy, now, memory } = request;
  const logId = logIdOf(policy);
  const remembered = memory.recall(logId);
  const tail = await tailSince(request, remembered);
  if (tail.size === 0) throw logMissing(store);
  if (remembered !== null && remembered.seq >= tail.size) {
    throw rewound(store, `it ends at #${tail.size - 1}, this machine has seen #${remembered.seq}`);
  }
  const horizon = now - Math.max(horizonSeconds(policy), request.atLeastSeconds ?? 0);
  const needed = await reachBackTo(store, viewOf(policy, tail.first, tail.bytes), horizon);
  const view = await reachBackGladly(store, needed, now - (request.gladlySeconds ?? 0));
  if (remembered !== null) await assertHolds(store, view, remembered);
  rememberHead(memory, logId, view);
  return view;
}

/** A tail that was read before another process of this machine saw more is read once more. */
async function tailSince(
  { store, tail = null }: ReadRequest,
  seen: SeenHead | null,
): Promise<Tail> {
  const isFresh = tail !== null && (seen === null || seen.seq < tail.size);
  return isFresh ? tail : store.tail(store.readsAtOnce);
}

/** That the policy names a log which is not there: nothing that `init` may begin anew by itself. */
export function logMissing({ name }: Pick<Store, "name">): OptoutError {
  return new OptoutError("log-missing", `${name} is missing or empty`, {
    hint: "ask who removed it; only for a new repository take log.id out of the policy, then: optout init",
  });
}

async function reachBackTo(store: Store, start: View, horizon: UnixSeconds): Promise<View> {
  let view = start;
  for (;;) {
    assertBegins(view);
    const wanted = firstNeeded(view, horizon);
    if (wanted >= view.first) return view;
    view = await reachBack(store, view, wanted);
  }
}

async function reachBackGladly(store: Store, needed: View, horizon: UnixSeconds): Promise<View> {
  let view = needed;
  const oldest = view.size - maxGladly;
  while (
    view.first > Math.max(0, oldest) &&
    sizeOf(view) < maxGladlyBytes &&
    !reachesBackTo(view, horizon)
  ) {
    view = await reachBack(store, view, Math.max(0, oldest, estimate(view, horizon)));
    assertBegins(view);
  }
  return view;
}

/**
 * Holds the log against what was seen. The head stands for what is chained to it, however far back;
 * where the chain is broken now, it must have been broken then, in the same place.
 */
async function assertHolds(store: Store, view: View, seen: SeenHead): Promise<void> {
  const { seq, hash, from = seq, breaks = [] } = seen;
  const [bytes] = seq < view.first ? await store.before(seq + 1, 1) : [];
  const found = bytes === undefined ? view.hashAt(seq) : positionHash(bytes);
  if (found !== hash) throw rewound(store, `#${seq} is not what this machine has seen`);
  const known = new Set(breaks.map((one) => `${one.seq} ${one.hash}`));
  const other = breaksIn(view).find(
    (one) => one.seq > from && one.seq <= seq && !known.has(`${one.seq} ${one.hash}`),
  );
  if (other === undefined) return;
  throw rewound(store, `what stands before #${other.seq} is not what this machine has seen`);
}

/** Where a void position breaks the chain, each with the hash of the position before it. */
function breaksIn(view: View): readonly Head[] {
  return view.readings.flatMap(({ seq, fault }) => {
    const hash = fault === null ? undefined : view.hashAt(seq - 1);
    return hash === undefined ? [] : [{ seq, hash }];
  });
}

/** Broken places that are kept in mind: the last ones, for noise can make thousands. */
const maxBreaks = 256;

/** A log that contradicts itself is not kept in mind, or the true one would be refused after it. */
function rememberHead(memory: HeadMemory, logId: string, view: View): void {
  const head = headOf(view);
  if (head === null || findContradiction(view) !== null) return;
  const breaks = breaksIn(view);
  const kept = breaks.slice(-maxBreaks);
  const from = kept.length < breaks.length ? (kept[0]?.seq ?? head.seq) : view.first;
  memory.remember(logId, { ...head, from, breaks: kept });
}

/**
 * Nothing is decided or written on a log that contradicts itself.
 * @throws `contradiction`, `unknown-version`, `wrong-log`, `log-missing`
 */
export function assertConsistent({ name }: Pick<Store, "name">, view: View): void {
  const broken = findContradiction(view);
  if (broken !== null) throw distrust({ name }, broken);
}

/** A log that contradicts itself is no answer: the failure of whatever read it. */
export function distrust(
  { name }: Pick<Store, "name">,
  { code, seq, detail }: Contradiction,
): OptoutError {
  return new OptoutError(code, `${name} cannot be trusted at #${seq}: ${detail}`, {
    hint: code === "unknown-version" ? "upgrade optout" : "optout verify",
  });
}

/** The log's id that the policy names. */
export function logIdOf(policy: Policy): string {
  if (policy.log.id !== null) return policy.log.id;
  throw new OptoutError("policy-invalid", "the policy names no log: log.id is missing", {
    hint: "optout init",
  });
}

/** Seconds for which a statement can matter: the longest override, its wait and its lead. */
export function horizonSeconds(policy: Policy): number {
  const longest = policy.rules.map((rule) =>
    Math.max(rule.longestSeconds, rule.emergency?.longestSeconds ?? 0),
  );
  const pending = policy.rules.map((rule) => rule.approvals?.pendingSeconds ?? 0);
  return Math.max(0, ...longest) + Math.max(0, ...pending) + maxLeadSeconds;
}

function assertBegins(view: View): void {
  if (view.first > 0 || beginsAsNamed(view)) return;
  throw new OptoutError("wrong-log", "the log does not begin as the policy's log.id says", {
    hint: "optout verify",
  });
}

function rewound(store: Store, why: string): OptoutError {
  return new OptoutError("log-rewound", `${store.name} was rewritten: ${why}`, {
    hint: "optout verify   (and ask who pushed to the log's branch)",
  });
}

/** The oldest position that the view must hold; the view's first when it holds enough. */
function firstNeeded(view: View, horizon: UnixSeconds): number {
  if (view.first === 0) return 0;
  const seen = view.readings.map((reading) => seenBefore(view, reading, horizon) ?? view.first);
  const exact = Math.min(view.first, ...seen);
  return reachesBackTo(view, horizon) ? exact : Math.min(exact, estimate(view, horizon));
}

/**
 * What a permitting statement saw before the view begins; null where there is nothing to look for.
 * What is too old to be in force need not be proven: placed again, it would drag the view far back.
 */
function seenBefore(view: View, reading: Reading, horizon: UnixSeconds): number | null {
  const { kind = null, iat = null, saw = null } = reading.claim ?? {};
  if (kind === null || !permitting.has(kind) || iat === null || iat < horizon) return null;
  if (saw === null || saw.seq >= view.first) return null;
  return counted(view, reading) === null ? null : saw.seq;
}

const permitting = new Set([
  "override.created",
  "override.approved",
  "override.revoked",
  "override.denied",
  "notice.sent",
]);

/**
 * Whether the view begins with what was signed before the horizon: so all that stands before it is
 * older still. It takes the word of two principals, one of them a person, and of none whose key is
 * revoked, for a thief may write any time. What she saw is in view, or it was placed again later; and
 * what stands behind something newer says nothing about what is before the view.
 */
function reachesBackTo(view: View, horizon: UnixSeconds): boolean {
  const needed = Math.min(2, view.policy.principals.size);
  const witnesses = new Map<string, Principal>();
  for (const reading of view.readings) {
    const word = wordOf(view, reading, horizon);
    if (word === "newer") return false;
    if (word === null) continue;
    witnesses.set(word.id, word);
    const hasPerson = [...witnesses.values()].some(({ kind }) => kind === "person");
    if (hasPerson && witnesses.size >= needed) return true;
  }
  return false;
}

/** Who signed before the horizon, if that counts; `newer` for what was signed after it. */
function wordOf(view: View, reading: Reading, horizon: UnixSeconds): Principal | "newer" | null {
  const { iat = null, saw = null } = reading.claim ?? {};
  if (iat === null) return null;
  if (iat < horizon && (saw === null || view.hashAt(saw.seq) !== saw.hash)) return null;
  const genuine = counted(view, reading);
  if (genuine === null) return null;
  if (iat >= horizon) return "newer";
  return isKeyRevoked(view, genuine.key.kid) ? null : genuine.principal;
}

/**
 * Twice as far, or as far as the log's pace so far makes likely, so that one more trip suffices; but
 * not farther than four times, for positions come in bursts.
 */
function estimate(view: View, horizon: UnixSeconds): number {
  const count = view.readings.length;
  const oldest =
    view.readings.find((reading) => typeof reading.claim?.iat === "number")?.claim?.iat ?? 0;
  const newest = view.readings.at(-1)?.claim?.iat ?? 0;
  const span = newest - oldest;
  const likely = span > 0 ? Math.ceil((1.25 * count * (newest - horizon)) / span) : 0;
  const target = Math.min(Math.max(2 * count, Math.min(likely, 4 * count)), maxPositions);
  return Math.max(0, view.size - Math.max(target, count + 1));
}

const sizeOf = ({ readings }: View): number =>
  readings.reduce((sum, { bytes }) => sum + bytes.byteLength, 0);

async function reachBack(store: Store, view: View, wanted: number): Promise<View> {
  const count = view.first - wanted;
  if (view.size - wanted > maxPositions || sizeOf(view) > maxBytes) {
    throw new OptoutError(
      "limit",
      `${store.name} holds more than ${maxPositions} positions that may still matter`,
      { hint: "optout history -L 50   (see who floods the log)" },
    );
  }
  return extendView(view, await store.before(view.first, count));
}
