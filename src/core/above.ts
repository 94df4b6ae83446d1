/**
 * What decides where an override applies, though that override does not: what stands above it, and what
 * is left when it has ended. So that people hear what is true now.
 */
import { decide, type Decision } from "./decide.ts";
import type { Judged } from "./judge.ts";
import type { Action, Freeze, UnixSeconds } from "./policy.ts";
import { placesOf, type Subject } from "./scope.ts";
import type { View } from "./view.ts";

type Decided = Extract<Decision, { kind: "decided" }>;

/** Where that is so. */
export interface Where {
  readonly subject: Subject;
  /** Whether it is so in every place that the override names. */
  readonly isEverywhere: boolean;
}

/** Another override that wins, or a freeze that lasts. */
export type Above = Where &
  (
    | { readonly kind: "override"; readonly winner: Judged }
    | { readonly kind: "freeze"; readonly freeze: Freeze }
  );

/** Overrides that decide, all of one action, or a freeze that lasts. */
export type Left = Where &
  (
    | { readonly kind: "overrides"; readonly action: Action; readonly by: readonly Judged[] }
    | { readonly kind: "freeze"; readonly freeze: Freeze }
  );

interface At {
  readonly now: UnixSeconds;
  readonly defaultBranch: string | null;
}

/** Null where the override itself decides, or is not in force, in every place that it names. */
export function aboveOf(view: View, { seq, statement }: Judged, at: At): Above | null {
  const found = decisionsOn(view, statement, at).flatMap(({ subject, decision }): Found[] => {
    const { inForce, rejected, outcome, freeze } = decision;
    const isFrozen = rejected.some(
      (one) => one.seq === seq && one.objections[0]?.code === "frozen",
    );
    if (isFrozen && freeze !== null) return [{ subject, kind: "freeze", freeze }];
    const [winner] = inForce;
    if (winner === undefined || !inForce.some((one) => one.seq === seq)) return [];
    return outcome === statement.action
      ? [{ kind: "itself" }]
      : [{ subject, kind: "override", winner }];
  });
  const first = found.find((one) => one.kind !== "itself");
  if (first === undefined) return null;
  return { ...first, isEverywhere: found.every((one) => nameOf(one) === nameOf(first)) };
}

/** In one place where the override is in force, or would be but for a freeze. */
type Found =
  | { readonly kind: "itself" }
  | { readonly subject: Subject; readonly kind: "override"; readonly winner: Judged }
  | { readonly subject: Subject; readonly kind: "freeze"; readonly freeze: Freeze };

/** What decides about the stage of an override that has ended, each once, in the places that it names. */
export function leftOf(view: View, { statement }: Judged, at: At): readonly Left[] {
  const all = decisionsOn(view, statement, at);
  const found = all.flatMap(({ subject, decision }): readonly Left[] => {
    const { outcome, inForce, freeze } = decision;
    const where = { subject, isEverywhere: false };
    if (outcome === "enforced") return [];
    if (outcome !== "frozen") {
      const by = inForce.filter((one) => one.statement.action === outcome);
      return [{ ...where, kind: "overrides", action: outcome, by }];
    }
    return freeze === null ? [] : [{ ...where, kind: "freeze", freeze }];
  });
  const names = found.map(nameOf);
  return found
    .filter((one, index) => names.indexOf(nameOf(one)) === index)
    .map((one) => {
      const same = names.filter((name) => name === nameOf(one));
      return { ...one, isEverywhere: same.length === all.length };
    });
}

/** What is above in one place is the same in another by this. */
function nameOf(one: Found | Left): string {
  switch (one.kind) {
    case "itself":
      return one.kind;
    case "override":
      return `#${one.winner.seq}`;
    case "overrides":
      return one.by.map(({ seq }) => `#${seq}`).join();
    case "freeze":
      return `freeze ${one.freeze.id}`;
  }
}

function decisionsOn(
  view: View,
  { target, scope }: Judged["statement"],
  { now, defaultBranch }: At,
): readonly { readonly subject: Subject; readonly decision: Decided }[] {
  return placesOf(target.name, scope, defaultBranch)
    .flatMap(({ subjects }) => subjects)
    .flatMap((subject) => {
      const decision = decide({ view, subject, now });
      return decision.kind === "decided" ? [{ subject, decision }] : [];
    });
}
