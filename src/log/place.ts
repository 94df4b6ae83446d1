/**
 * Placing a signed statement: the next free position, found again as often as somebody else was
 * quicker. The statement is signed once; only its unsigned wrapper is made anew.
 */
import { OptoutError } from "../core/errors.ts";
import { statementDigest } from "../core/jws.ts";
import { encodePosition, noPrevious, positionHash } from "../core/position.ts";
import type { View } from "../core/view.ts";
import type { Store } from "../stores/store.ts";

export interface PlaceRequest {
  readonly store: Store;
  /** Compact JWS, signed. */
  readonly jws: string;
  /** A line for people about the position, without its number. */
  readonly title: string;
  /** The view that the statement was decided on; null for the first position of a new log. */
  readonly view: View | null;
  /** Reads the log again. */
  readonly read: () => Promise<View>;
  /** Decides again on what the log says now: whether the act is still allowed. */
  readonly stillAllowed: (view: View) => boolean;
  readonly patience: Patience;
}

/** How long to go on when others are quicker. */
export interface Patience {
  /** Milliseconds since the start of waiting. */
  elapsed(): number;
  sleep(milliseconds: number): Promise<void>;
  /** From 0 to 1. */
  random(): number;
  readonly maxMilliseconds: number;
  readonly maxTries: number;
}

export interface Placed {
  readonly kind: "placed";
  readonly seq: number;
  readonly hash: string;
  readonly digest: string;
}

/** Somebody was quicker, and what the log says now no longer allows the act. Nothing is written. */
export interface Withdrawn {
  readonly kind: "withdrawn";
  readonly view: View;
}

/**
 * Milliseconds to wait at most before the next try: a window that doubles, counted in tries, so that
 * writers of a quick store do not wait as those of a slow one must.
 * @param took milliseconds of the last try
 */
export function longestWait(tries: number, took: number): number {
  return Math.min(2000, Math.min(Math.max(took, 5), 50) * 2 ** tries);
}

/**
 * Appends the statement, or finds that it already stands there.
 * @throws `conflict` when patience ends, and what the store throws
 */
export async function place(request: PlaceRequest): Promise<Placed | Withdrawn> {
  const { store, jws, patience } = request;
  let { view } = request;
  for (let tries = 1; ; tries += 1) {
    const begun = patience.elapsed();
    const seq = view?.size ?? 0;
    const prev = view?.readings.at(-1)?.hash ?? noPrevious;
    const bytes = encodePosition({ seq, prev, statement: jws });
    const outcome = await store.append(seq, bytes, `#${seq} ${request.title}`);
    if (outcome === "created") {
      await readBack(store, seq, bytes);
      return placedAt(seq, positionHash(bytes), jws);
    }
    // before reading, so that nobody gets in between what was read and the next try
    const mayTryAgain = await waitForTurn(patience, tries, patience.elapsed() - begun);
    view = await request.read();
    const mine = view.readings.find(({ jws: found, fault }) => found === jws && fault === null);
    if (mine !== undefined) return placedAt(mine.seq, mine.hash, jws);
    if (!request.stillAllowed(view)) return { kind: "withdrawn", view };
    if (!mayTryAgain) throw overtaken(store, tries);
  }
}

/** Waits a random time, the longer the more tries there were; false when patience has ended. */
async function waitForTurn(patience: Patience, tries: number, took: number): Promise<boolean> {
  if (tries >= patience.maxTries || patience.elapsed() >= patience.maxMilliseconds) return false;
  await patience.sleep(patience.random() * longestWait(tries, took));
  return true;
}

function overtaken(store: Store, tries: number): OptoutError {
  return new OptoutError("conflict", `others wrote to ${store.name} ${tries} times in between`, {
    hint: "run the same command again",
  });
}

const placedAt = (seq: number, hash: string, jws: string): Placed => ({
  kind: "placed",
  seq,
  hash,
  digest: statementDigest(jws),
});

async function readBack(store: Store, seq: number, bytes: Uint8Array): Promise<void> {
  const tail = await store.tail(16);
  const found =
    seq >= tail.first ? tail.bytes[seq - tail.first] : (await store.before(seq + 1, 1))[0];
  if (found !== undefined && Buffer.compare(found, bytes) === 0) return;
  throw new OptoutError("log-rewound", `#${seq} was accepted by ${store.name} and is not there`, {
    hint: "optout verify",
  });
}
