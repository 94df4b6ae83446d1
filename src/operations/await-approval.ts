/**
 * Waiting until overrides are approved or not: reads the log again and again, with pauses that grow
 * and that chance spreads, so that many who wait do not ask all at once.
 */
import { asOptoutError } from "../core/errors.ts";
import type { UnixSeconds } from "../core/policy.ts";
import { standings, type Standing } from "../core/state.ts";
import type { View } from "../core/view.ts";

export interface Waiting {
  /** Positions of the overrides that are waited for. */
  readonly seqs: readonly number[];
  readonly defaultBranch: string | null;
  /** Milliseconds after which to give up; Infinity: when the last of them waits no longer. */
  readonly maxMilliseconds: number;
  read(): Promise<View>;
  now(): UnixSeconds;
  /** Milliseconds since the start of waiting. */
  elapsed(): number;
  sleep(milliseconds: number): Promise<void>;
  /** From 0 to 1. */
  random(): number;
}

export interface Awaited {
  /** `decided`: none of them waits any more. */
  readonly kind: "decided" | "timeout";
  readonly standings: readonly Standing[];
  readonly view: View;
}

const [shortest, longest] = [1000, 15_000];

/**
 * Reads until none of the overrides is pending, or until time runs out. That the log cannot be
 * reached for a while is waited out.
 * @throws what makes the log unfit to be trusted
 */
export async function awaitApproval(view: View, waiting: Waiting): Promise<Awaited> {
  let seen = view;
  for (let tries = 0; ; tries += 1) {
    const found = standings(seen, waiting.now(), waiting.defaultBranch).filter(({ judged }) =>
      waiting.seqs.includes(judged.seq),
    );
    if (found.every(({ state }) => state !== "pending")) {
      return { kind: "decided", standings: found, view: seen };
    }
    const left = waiting.maxMilliseconds - waiting.elapsed();
    if (left <= 0) return { kind: "timeout", standings: found, view: seen };
    const most = Math.min(longest, shortest * 1.5 ** tries);
    // at least half, or chance would ask all the time
    await waiting.sleep(Math.min(left, most * (0.5 + waiting.random() / 2)));
    seen = (await readAgain(waiting)) ?? seen;
  }
}

async function readAgain(waiting: Waiting): Promise<View | null> {
  try {
    return await waiting.read();
  } catch (thrown) {
    const error = asOptoutError(thrown);
    if (error.code === "unreachable") return null;
    throw error;
  }
}
