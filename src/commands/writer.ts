/**
 * The writer that a command acts as: the first key at hand that the policy knows.
 */
import { randomBytes } from "node:crypto";
import { OptoutError } from "../core/errors.ts";
import type { Principal } from "../core/policy.ts";
import { readView } from "../log/read.ts";
import type { Patience } from "../log/place.ts";
import type { Writer } from "../operations/write.ts";
import type { Io } from "../output/io.ts";
import type { FoundKey, Openers, OpenLog } from "./openers.ts";

/** When to stop trying to be quicker than others. */
export type Limits = Pick<Patience, "maxMilliseconds" | "maxTries">;

/** A person gives up after a minute of being overtaken. */
const writerPatience: Limits = { maxMilliseconds: 60_000, maxTries: Infinity };

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

/** The principal and the key that act. */
export interface Author {
  readonly principal: Principal;
  readonly found: FoundKey;
}

/**
 * The first key that the policy knows.
 * @throws `no-key` when there is none at all, `key-unknown` when the policy knows none of them
 */
export function authorOf({ policy, policySource }: OpenLog, keys: readonly FoundKey[]): Author {
  for (const found of keys) {
    const owner = policy.keys.get(found.key.kid)?.owner;
    if (owner !== undefined) return { principal: owner, found };
  }
  const [first] = keys;
  if (first === undefined) {
    throw new OptoutError("no-key", "there is no key to sign with", {
      hint: "optout keys create   (then add its line to the policy)",
    });
  }
  throw new OptoutError(
    "key-unknown",
    `${first.source} (${first.key.fingerprint}) belongs to nobody in ${policySource}`,
    { hint: `add this line to your keys in .optout/policy.yaml and merge it:\n${first.key.ssh}` },
  );
}

/** Opens a writer of the log for the key that the policy knows. */
export async function openWriter(
  open: Openers,
  log: OpenLog,
  io: Pick<Io, "now">,
  more: { readonly keyName?: string | undefined; readonly limits?: Limits } = {},
): Promise<Writer> {
  const { principal, found } = authorOf(log, await open.keys(more.keyName));
  return {
    store: log.store,
    policy: log.policy,
    policyCommit: log.policyCommit,
    principal,
    signer: found.open(),
    read: () => readLog(log, io),
    now: () => io.now(),
    random: (count) => randomBytes(count),
    patience: () => patience(more.limits ?? writerPatience),
  };
}

/** Reads the log afresh, as far back as decisions need. */
async function readLog(
  { store, policy, memory }: OpenLog,
  io: Pick<Io, "now">,
): ReturnType<typeof readView> {
  const atLeast = policy.limits.perStage?.withinSeconds ?? 0;
  return readView({ store, policy, memory, now: io.now(), atLeast });
}

/** The first view: what was read ahead, and more where that does not reach. */
export async function firstView(log: OpenLog, io: Pick<Io, "now">): ReturnType<typeof readView> {
  const { store, policy, memory, tail } = log;
  return readView({ store, policy, memory, tail, now: io.now() });
}
