/**
 * The decision: what is in force for a subject. A pure function of the log, the policy and the
 * time, and the only one: check, run, status, history and verify all ask it.
 *
 * Every doubt counts against an override, and never against a hold.
 */
import { candidatesFor } from "./candidates.ts";
import { clockOf, type Clock } from "./clock.ts";
import { findContradiction, type Contradiction } from "./contradiction.ts";
import { freezeFor } from "./freeze.ts";
import { judge, type Judged } from "./judge.ts";
import type { Action, Freeze, Policy, UnixSeconds } from "./policy.ts";
import type { Subject } from "./scope.ts";
import type { View } from "./view.ts";

/** What is asked of a view. */
export interface Question {
  readonly view: View;
  readonly subject: Subject;
  readonly now: UnixSeconds;
  /** The store's own time, where it tells one (HTTP `Date`). */
  readonly storeTime?: UnixSeconds | null;
}

/** What becomes of a stage; `frozen`: a freeze of the policy stops it. */
export type Outcome = Action | "enforced" | "frozen";

export type Decision =
  | {
      readonly kind: "decided";
      /** The most protective of what is in force, or `enforced`. */
      readonly outcome: Outcome;
      /** The freeze that the stage is under, also where a force or a hold is above it. */
      readonly freeze: Freeze | null;
      /** In force for the subject; the one that decides comes first. */
      readonly inForce: readonly Judged[];
      /** Genuine overrides of the stage that do not apply, each with its objections. */
      readonly rejected: readonly Judged[];
      /** Older ones that were not looked at, because by their own words they are over. */
      readonly passedOver: number;
      readonly clock: Clock;
    }
  | (Contradiction & { readonly kind: "integrity" });

/** Most protective first. For a deploy running is the danger, for every other stage skipping is. */
const order: Readonly<Record<"deploy" | "other", readonly Action[]>> = {
  deploy: ["hold", "skip", "allow-failure", "force"],
  other: ["hold", "force", "allow-failure", "skip"],
};

/** Decides what is in force for the subject. Never throws. */
export function decide({ view, subject, now, storeTime = null }: Question): Decision {
  const broken = findContradiction(view);
  if (broken !== null) return { kind: "integrity", ...broken };
  const clock = clockOf(view, now, storeTime);
  const { created, passedOver } = candidatesFor(view, subject, clock);
  const judged = created.map((one) => judge(view, one, subject, clock));
  const inForce = byProtection(
    view.policy,
    subject.stage,
    judged.filter((one) => one.objections.length === 0),
  );
  const rejected = judged.filter((one) => one.objections.length > 0);
  const freeze = freezeFor(view.policy, subject, clock);
  return { kind: "decided", freeze, passedOver, clock, ...settle(inForce, rejected, freeze) };
}

/**
 * What overrides come to under a freeze: a hold stands above it, a force beats it, and nothing else
 * applies while it lasts.
 * @param inForce the most protective first
 */
export function settle(
  inForce: readonly Judged[],
  rejected: readonly Judged[],
  freeze: Freeze | null,
): Pick<Extract<Decision, { kind: "decided" }>, "outcome" | "inForce" | "rejected"> {
  const [first] = inForce;
  const beatsFreeze = inForce.some(({ statement: { action } }) => isAbove.has(action));
  if (freeze === null || beatsFreeze) {
    return { outcome: first?.statement.action ?? "enforced", inForce, rejected };
  }
  const { id, line } = freeze;
  const frozen = inForce.map((one) => ({
    ...one,
    objections: [{ code: "frozen" as const, freeze: id, line }],
  }));
  return { outcome: "frozen", inForce: [], rejected: [...rejected, ...frozen] };
}

const isAbove: ReadonlySet<Action> = new Set<Action>(["hold", "force"]);

function byProtection(policy: Policy, stage: string, judged: readonly Judged[]): readonly Judged[] {
  const rank = order[policy.stages.get(stage)?.kind === "deploy" ? "deploy" : "other"];
  const rankOf = (one: Judged): number => rank.indexOf(one.statement.action);
  return [...judged].sort((a, b) => rankOf(a) - rankOf(b) || a.seq - b.seq);
}

/** The name of `check`'s exit status when it is asked for `wanted`. */
export function checkExit(
  decision: Decision,
  wanted: Action,
): "ok" | "enforced" | "rejected" | "integrity" {
  if (decision.kind === "integrity") return "integrity";
  if (decision.outcome === wanted) return "ok";
  return decision.inForce.length + decision.rejected.length > 0 ? "rejected" : "enforced";
}
