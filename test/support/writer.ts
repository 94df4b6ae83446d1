/** A writer of a world's log: her key, a store, a clock that stands still, and no waiting. */
import { readView } from "../../src/log/read.ts";
import type { Writer } from "../../src/operations/write.ts";
import { headMemory } from "./memory.ts";
import type { MemoryStore } from "./memory-store.ts";
import { keyOf, t0, type World } from "./world.ts";

/** @param store of the world's positions */
export function writerFor(
  world: World,
  store: MemoryStore,
  who: string,
  own: Partial<Writer> = {},
): Writer {
  const key = keyOf(who);
  const owned = world.policy.keys.get(key.kid);
  if (owned === undefined) throw new Error(`${who} has no key in the world's policy`);
  const memory = headMemory();
  let random = 0;
  return {
    store,
    policy: world.policy,
    policyCommit: world.policyCommit,
    principal: owned.owner,
    signer: {
      key: owned.key,
      source: `test key ${who}`,
      sign: (input) => Promise.resolve(key.sign(input)),
    },
    read: () => readView({ store, policy: world.policy, memory, now: t0 + world.clock }),
    now: () => t0 + world.clock,
    random: (count) => {
      random += 1;
      const bytes = new Uint8Array(count).fill(0xee);
      bytes[0] = random;
      bytes[1] = store.positions.length;
      return bytes;
    },
    patience: () => ({
      elapsed: () => 0,
      sleep: () => Promise.resolve(),
      random: () => 0,
      maxMilliseconds: 60_000,
      maxTries: 20,
    }),
    ...own,
  };
}
