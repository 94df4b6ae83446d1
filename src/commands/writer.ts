/**
 * The writer that a command acts as: the first key at hand that the policy knows.
 */
import { randomBytes } from "node:crypto";
import type { Patience } from "../log/place.ts";
import type { Writer } from "../operations/write.ts";
import type { Io } from "../output/io.ts";
import { authorOf } from "./author.ts";
import type { Openers, OpenLog } from "./openers.ts";
import { limitSeconds, readLog } from "./read-log.ts";

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
    /** How far to look back; as far as the policy's limits and reviews look where it is absent. */
    readonly atLeastSeconds?: number;
  } = {},
): Promise<Writer> {
  const { principal, signer } = authorOf(log, await open.keys(more.keyName));
  return {
    store: log.store,
    policy: log.policy,
    policyCommit: log.policyCommit,
    principal,
    signer,
    read: () =>
      readLog(log, io, { atLeastSeconds: more.atLeastSeconds ?? limitSeconds(log.policy) }),
    now: () => io.now(),
    random: (count) => randomBytes(count),
    patience: () => patience(more.limits ?? writerPatience),
  };
}
