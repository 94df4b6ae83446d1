/**
 * The heads that this machine has seen. A log that is shorter than, or differs from, what was seen
 * before has been tampered with.
 */

export interface Head {
  readonly seq: number;
  /** SHA-256 of the position's bytes. */
  readonly hash: string;
}

/**
 * A head as it was seen. It stands for all before it as far as each position names the one before; a
 * void position may not, so where the chain was broken is a part of what was seen.
 */
export interface SeenHead extends Head {
  /** The position from which on `breaks` tells all; that of the head itself when absent. */
  readonly from?: number;
  /** Void positions, each with the hash of the one before it. */
  readonly breaks?: readonly Head[];
}

/** Remembers one head for each log, by the log's id. */
export interface HeadMemory {
  recall(logId: string): SeenHead | null;
  /** Best effort: a place that cannot be written to remembers nothing. */
  remember(logId: string, head: SeenHead): void;
}
