/**
 * What stands above an override where it applies, so that who recorded it hears what is true now.
 */
import { decide } from "../core/decide.ts";
import type { Judged } from "../core/judge.ts";
import type { Freeze, UnixSeconds } from "../core/policy.ts";
import { placesOf } from "../core/scope.ts";
import type { View } from "../core/view.ts";

/** Another override that wins, or a freeze that lasts. */
export type Above =
  | { readonly kind: "override"; readonly winner: Judged }
  | { readonly kind: "freeze"; readonly freeze: Freeze };

/** Null where the override itself decides, or is not in force, in every place that it names. */
export function aboveOf(
  view: View,
  { seq, statement }: Judged,
  { now, defaultBranch }: { readonly now: UnixSeconds; readonly defaultBranch: string | null },
): Above | null {
  const { action, scope, target } = statement;
  for (const subject of placesOf(target.name, scope, defaultBranch).flatMap(
    (one) => one.subjects,
  )) {
    const decision = decide({ view, subject, now });
    if (decision.kind !== "decided") continue;
    const { inForce, rejected, freeze, outcome } = decision;
    const [winner] = inForce;
    const isOutranked = inForce.some((one) => one.seq === seq) && outcome !== action;
    if (isOutranked && winner !== undefined) return { kind: "override", winner };
    const isFrozen = rejected.some(
      (one) => one.seq === seq && one.objections[0]?.code === "frozen",
    );
    if (isFrozen && freeze !== null) return { kind: "freeze", freeze };
  }
  return null;
}
