/**
 * What any statement needs that permits: its author saw what is in view, and its key was not revoked.
 */
import type { Objection } from "./objection.ts";
import { hasRole } from "./policy.ts";
import type { Genuine, Reading } from "./reading.ts";
import type { View } from "./view.ts";

/** A permitting statement counts only if what it saw is in view, before it, and its key stands. */
export function standing(
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

/** The first statement in view by which someone entitled revoked the key. */
export function revocationOfKey(view: View, kid: string): Reading | undefined {
  return view.where("kind", "key.revoked").find((reading) => {
    if (reading.claim?.kid !== kid) return false;
    const verdict = reading.verdict();
    if (verdict.kind !== "genuine" || verdict.principal.kind !== "person") return false;
    const owner = view.policy.keys.get(kid)?.owner;
    return owner?.id === verdict.principal.id || hasRole(verdict.principal, view.policy.mayRevoke);
  });
}
