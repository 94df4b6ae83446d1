/**
 * What a store is: immutable byte strings at positions 0, 1, 2, … and nothing else.
 *
 * A store knows nothing of what the bytes mean, nor of time. It promises that a position, once
 * created, never changes, and that of several writers at one position exactly one succeeds.
 *
 * Errors of every method: `unreachable` (network, host, disk), `timeout` (the deadline passed),
 * `log-merge` (git only: a commit with two parents). A log that does not exist yet is not an
 * error: its size is 0.
 */
import type { ErrorCode } from "../core/errors.ts";

export interface Tail {
  /** The position of `bytes[0]`; equal to `size` when there is none. */
  readonly first: number;
  readonly bytes: readonly Uint8Array[];
  /** How many positions there are. */
  readonly size: number;
}

/** What the store's own tools show, and its positions do not. */
export interface StoreFinding {
  /**
   * `stray`: an object that is none of the positions; `second-version`, `deleted`: a position was
   * written twice or deleted, and the store remembers; `unproven`: it does not tell.
   */
  readonly kind: "stray" | "second-version" | "deleted" | "unproven";
  readonly seq: number | null;
  /** A few words; may hold names that anybody chose. */
  readonly detail: string;
}

export interface StoreProbe {
  readonly readable: boolean;
  /** Whether `append` keeps its promise here, for this credential. */
  readonly appendable: boolean;
  readonly detail: string;
  readonly code?: ErrorCode;
  /** What may break the promise though it is kept now, each with what mends it. */
  readonly warnings?: readonly { readonly message: string; readonly mend: string }[];
}

export interface Store {
  /** For people: `git:optout-log`, `dir:/var/log/optout`. Never a credential. */
  readonly name: string;
  /** So many positions cost hardly more to read than one. */
  readonly readsAtOnce: number;
  /** The last `count` positions, gapless, ending at the head, and how many positions there are. */
  tail(count: number): Promise<Tail>;
  /** `count` positions before `seq` (fewer at the beginning), oldest first. */
  before(seq: number, count: number): Promise<readonly Uint8Array[]>;
  /**
   * Creates position `seq` if it is free. An unknown outcome (a lost answer) is resolved by reading
   * back before returning, so `created` and `taken` are facts.
   * @param title a line for people, kept where the store has a place for one; never read again
   * @throws `append-refused` when the host says no though the position is free
   */
  append(seq: number, bytes: Uint8Array, title: string): Promise<"created" | "taken">;
  /** Everything from `seq`, oldest first, for audits and history. */
  scan(from: number): AsyncIterable<Uint8Array>;
  /** Does this very store keep the promise of `append`, for this credential? Writes no position. */
  probe(): Promise<StoreProbe>;
  /** For audits: what happened to positions that cannot be seen in them. */
  examine(): Promise<readonly StoreFinding[]>;
  /** The store's own clock now, in seconds since 1970; null where it told no time yet. */
  time(): number | null;
}
