/**
 * Reading the log for a command: as far back as decisions need, and further where more is asked.
 */
import { isKeyRevoked } from "../core/permitting.ts";
import type { Policy } from "../core/policy.ts";
import { reviewHorizon } from "../core/reviews.ts";
import type { View } from "../core/view.ts";
import { assertConsistent, readView, type ReadRequest } from "../log/read.ts";
import type { Io } from "../output/io.ts";
import type { OpenLog } from "./openers.ts";

/** How far to look back, where more is asked than what can be in force. */
export type LookBack = Pick<ReadRequest, "atLeastSeconds" | "gladlySeconds">;

/** The log as it is now, read afresh. */
export async function readLog(
  { store, policy, memory }: OpenLog,
  io: Pick<Io, "now">,
  lookBack: LookBack = {},
): Promise<View> {
  return readView({ store, policy, memory, now: io.now(), ...lookBack });
}

/** The first view: what was read ahead, and more where that does not reach. */
export async function firstView(
  log: OpenLog,
  io: Pick<Io, "now">,
  lookBack: LookBack = {},
): Promise<View> {
  const { store, policy, memory, tail } = log;
  return readView({ store, policy, memory, tail, now: io.now(), ...lookBack });
}

/** The first view, unless the log contradicts itself. */
export async function trustedView(
  log: OpenLog,
  io: Pick<Io, "now">,
  lookBack: LookBack = {},
): Promise<View> {
  const view = await firstView(log, io, lookBack);
  assertConsistent(log.store, view);
  return view;
}

/** How far back the policy's limits and reviews look; who asks for more time must read as far. */
export function limitSeconds(policy: Policy): number {
  return Math.max(policy.limits.perStage?.withinSeconds ?? 0, reviewHorizon(policy));
}

/** Keys that were revoked and that the policy still lists: everyone must see them. */
export function revokedKeys(
  view: View,
): readonly { readonly kid: string; readonly owner: string }[] {
  return [...view.policy.keys].flatMap(([kid, { owner }]) =>
    isKeyRevoked(view, kid) ? [{ kid, owner: owner.id }] : [],
  );
}
