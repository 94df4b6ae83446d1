/**
 * What any statement needs that permits: its author saw what is in view, and its key was not revoked.
 */
import type { Objection } from "./objection.ts";
import { hasRole, type Policy } from "./policy.ts";
import type { Genuine, Reading, Verdict } from "./reading.ts";
import { verdictThen } from "./then.ts";
import type { View } from "./view.ts";

/** A permitting statement counts only if what it saw is in view, before it, and its key stands. */
export function objectionsToPermitting(
  view: View,
  reading: Reading,
  { statement, key }: Genuine,
): readonly Objection[] {
  const found: Objection[] = [];
  const saw = "saw" in statement ? statement.saw : null;
  if (saw === null || saw.seq >= reading.seq || view.hashAt(saw.seq) !== saw.hash) {
    found.push({ code: "not-seen", seq: saw?.seq ?? 0 });
  }
  if (isKeyRevoked(view, key.kid)) found.push({ code: "key-revoked", kid: key.kid });
  return found;
}

/** Whether someone entitled to revoke the key has done so, anywhere in view. */
export function isKeyRevoked(view: View, kid: string): boolean {
  return revocationOfKey(view, kid) !== undefined;
}

/** The first statement in view by which someone revoked the key who is entitled, or was then. */
export function revocationOfKey(view: View, kid: string): Reading | undefined {
  return view.where("kind", "key.revoked").find((reading) => {
    if (reading.claim?.kid !== kid) return false;
    if (revokes(view.policy, reading.verdict(), kid)) return true;
    const then = verdictThen(view, reading);
    return then !== null && revokes(then.policy, then.verdict, kid);
  });
}

function revokes({ keys, mayRevoke }: Policy, verdict: Verdict, kid: string): boolean {
  if (verdict.kind !== "genuine" || verdict.principal.kind !== "person") return false;
  const { principal } = verdict;
  return keys.get(kid)?.owner.id === principal.id || hasRole(principal, mayRevoke);
}
