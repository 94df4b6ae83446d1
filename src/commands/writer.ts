/**
 * The writer that a command acts as: the first key at hand that the policy knows.
 */
import { randomBytes } from "node:crypto";
import type { Policy } from "../core/policy.ts";
import { reviewHorizon } from "../core/reviews.ts";
import { readView } from "../log/read.ts";
import type { Patience } from "../log/place.ts";
import type { Writer } from "../operations/write.ts";
import type { Io } from "../output/io.ts";
import { authorOf } from "./author.ts";
import type { Openers, OpenLog } from "./openers.ts";

/** When to stop trying to be quicker than others. */
export type Limits = Pick<Patience, "maxMilliseconds" | "maxTries">;

/** Until the time is over that the command was given (`--timeout`). */
const writerPatience: Limits = { maxMilliseconds: Infinity, maxTries: Infinity };

/** How to wait, with the machine's clock and chance. */
export function patience(limits: Limits): Patience {
  const started = performance.now();
  return {
    ...limits,
    elapsed: () => performance.now() - started,
    sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
    random: Math.random,
  };
}

/** Opens a writer of the log for the key that the policy knows. */
export async function openWriter(
  open: Openers,
  log: OpenLog,
  io: Pick<Io, "now">,
  more: {
    readonly keyName?: string | undefined;
    readonly limits?: Limits;
    /** Seconds; as far as the policy's limits and reviews look where it is absent. */
    readonly lookBack?: number;
  } = {},
): Promise<Writer> {
  const { principal, signer } = authorOf(log, await open.keys(more.keyName));
  return {
    store: log.store,
    policy: log.policy,
    policyCommit: log.policyCommit,
    principal,
    signer,
    read: () => readLog(log, io, more.lookBack ?? limitSeconds(log.policy)),
    now: () => io.now(),
    random: (count) => randomBytes(count),
    patience: () => patience(more.limits ?? writerPatience),
  };
}

/** Reads the log afresh, as far back as decisions need. */
async function readLog(
  { store, policy, memory }: OpenLog,
  io: Pick<Io, "now">,
  atLeast: number,
): ReturnType<typeof readView> {
  return readView({ store, policy, memory, now: io.now(), atLeast });
}

/** The first view: what was read ahead, and more where that does not reach. */
export async function firstView(
  log: OpenLog,
  io: Pick<Io, "now">,
  atLeast: number = 0,
  gladly: number = 0,
): ReturnType<typeof readView> {
  const { store, policy, memory, tail } = log;
  return readView({ store, policy, memory, tail, now: io.now(), atLeast, gladly });
}

/** How far back the policy's limits and reviews look; who asks for more time must read as far. */
export function limitSeconds(policy: Policy): number {
  return Math.max(policy.limits.perStage?.withinSeconds ?? 0, reviewHorizon(policy));
}
