/**
 * The heads that this machine has seen. A log that is shorter than, or differs from, what was seen
 * before has been tampered with.
 */

export interface Head {
  readonly seq: number;
  /** SHA-256 of the position's bytes. */
  readonly hash: string;
}

/** Remembers one head for each log, by the log's id. */
export interface HeadMemory {
  recall(logId: string): Head | null;
  /** Best effort: a place that cannot be written to remembers nothing. */
  remember(logId: string, head: Head): void;
}

/** For places without a disk to remember on. */
export const noMemory: HeadMemory = { recall: () => null, remember: () => undefined };
