/**
 * How many positions a log has, when only its end is known: a shallow history does not tell.
 *
 * Exact where the line reaches its first commit, or a commit whose number is remembered. Otherwise
 * the entries vote: each that carries a readable `seq` says how long the log is. More than half of
 * the votes decide, so what one writer pushes, garbage or a lie, does not move the others.
 */
import { join } from "node:path";

import type { Clone } from "../system/clone.ts";
import { ensurePrivateDirectory, readTextIfThere, writeFileAtomic } from "../system/files.ts";
import type { LogCommit } from "./git-commit.ts";

/** A commit whose position is known for certain. */
export interface KnownNumber {
  readonly seq: number;
  readonly commit: string;
}

export interface Numbering {
  /** Positions in the whole log. */
  readonly size: number;
  readonly isExact: boolean;
}

/**
 * The size of the log whose last commits these are, newest first; null when nothing tells.
 * @param isComplete whether the last of them is the log's first commit
 */
export function numberLine(
  commits: readonly LogCommit[],
  isComplete: boolean,
  known: KnownNumber | null,
): Numbering | null {
  if (isComplete) return { size: commits.length, isExact: true };
  const index = known === null ? -1 : commits.findIndex(({ id }) => id === known.commit);
  if (known !== null && index >= 0) return { size: known.seq + index + 1, isExact: true };
  const size = votedSize(commits, 0);
  return size === null ? null : { size, isExact: false };
}

/**
 * The size of the log that more than half of the readable entries claim; null when there is none.
 * @param from index of the newest commit that has a vote
 */
export function votedSize(commits: readonly LogCommit[], from: number): number | null {
  const counts = new Map<number, number>();
  let votes = 0;
  for (const [index, { bytes }] of commits.entries()) {
    const seq = index < from ? null : claimedSeq(bytes);
    const size = seq === null ? 0 : seq + index + 1;
    // There is at least one more position, for the line does not reach its beginning.
    if (size <= commits.length || !Number.isSafeInteger(size)) continue;
    counts.set(size, (counts.get(size) ?? 0) + 1);
    votes += 1;
  }
  const winner = [...counts].find(([, count]) => count * 2 > votes);
  return winner === undefined ? null : winner[0];
}

/** The `seq` of an entry (docs/format.md, "Position"), when its form is the one of an entry. */
function claimedSeq(bytes: Uint8Array): number | null {
  const start = Buffer.from(bytes.subarray(0, 40)).toString("latin1");
  const digits = /^\{"v":1,"seq":(0|[1-9]\d{0,15}),/.exec(start)?.[1];
  return digits === undefined ? null : Number(digits);
}

function fileOf(clone: Clone): string {
  return join(clone.commonDir, "optout", "positions.json");
}

/** The number remembered for a branch; null when there is none that can be read. */
export function recallNumber(clone: Clone, branch: string): KnownNumber | null {
  try {
    return parseKnown(JSON.parse(readTextIfThere(fileOf(clone)) ?? "null"), branch);
  } catch {
    return null;
  }
}

/** Best effort: a clone that cannot be written to remembers nothing. */
export function rememberNumber(clone: Clone, branch: string, known: KnownNumber): void {
  try {
    ensurePrivateDirectory(join(clone.commonDir, "optout"));
    const text = JSON.stringify({ branch, seq: known.seq, commit: known.commit });
    writeFileAtomic(fileOf(clone), `${text}\n`, { durable: false });
  } catch {
    // The next run counts again.
  }
}

function parseKnown(value: unknown, branch: string): KnownNumber | null {
  if (typeof value !== "object" || value === null) return null;
  if (!("branch" in value && "seq" in value && "commit" in value)) return null;
  const { seq, commit } = value;
  if (value.branch !== branch || typeof commit !== "string") return null;
  return isPosition(seq) ? { seq, commit } : null;
}

function isPosition(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
