/**
 * Could this person skip that stage now, alone? Asks `mayIssue` with a request that says everything
 * the rule wants to hear, so that what is left is what stands in the way.
 */
import { mayIssue, type Request } from "../core/authorize.ts";
import type { Objection } from "../core/objection.ts";
import type { Principal, Rule, Stage, UnixSeconds } from "../core/policy.ts";
import { placesOf, ruleFor } from "../core/scope.ts";
import type { Scope } from "../core/statement.ts";
import type { View } from "../core/view.ts";
import { freezeAbove } from "./ask-policy.ts";

/** Who asks, when, and for which receiving branch. */
export interface ReadyQuestion {
  readonly author: Principal;
  readonly kid: string;
  readonly now: UnixSeconds;
  readonly branch: string;
}

export type Readiness =
  | {
      readonly kind: "ready";
      /** Whether only `--emergency` makes it so. */
      readonly emergency: boolean;
      readonly longestSeconds: number;
      /** Pattern of the ticket that must be given; null for none. */
      readonly ticket: string | null;
    }
  | { readonly kind: "not-ready"; readonly because: readonly Objection[] };

/** Whether a skip would be in force at once: as it is, or by the rule's emergency. */
export function readyToSkip(view: View, stage: Stage, question: ReadyQuestion): Readiness {
  const environment = stage.environment === null ? {} : { environment: stage.environment };
  const scope: Scope = { branches: [question.branch], ...environment };
  const [subject] = placesOf(stage.id, scope, question.branch).flatMap((place) => place.subjects);
  const rule = subject === undefined ? null : ruleFor(view.policy, subject);
  const because = obstacles(view, { stage, scope, rule, emergency: false }, question);
  if (rule === null || because.length === 0) return answer(rule, because, false);
  if (rule.emergency === null) return answer(rule, because, false);
  const inEmergency = obstacles(view, { stage, scope, rule, emergency: true }, question);
  return inEmergency.length === 0 ? answer(rule, [], true) : answer(rule, because, false);
}

function answer(rule: Rule | null, because: readonly Objection[], emergency: boolean): Readiness {
  if (rule === null || because.length > 0) return { kind: "not-ready", because };
  const longestSeconds = emergency
    ? (rule.emergency?.longestSeconds ?? rule.longestSeconds)
    : rule.longestSeconds;
  return { kind: "ready", emergency, longestSeconds, ticket: rule.reason.ticket?.source ?? null };
}

interface Trial {
  readonly stage: Stage;
  readonly scope: Scope;
  readonly rule: Rule | null;
  readonly emergency: boolean;
}

/** What would keep it from being in force; a ticket is for the person to give. */
function obstacles(view: View, trial: Trial, question: ReadyQuestion): readonly Objection[] {
  const { stage, scope, rule, emergency } = trial;
  const { author, kid, now, branch } = question;
  const asked = { action: "skip", stage: stage.id, scope, tickets: [], emergency } as const;
  const decided = mayIssue(
    view,
    { ...asked, ...fitting(rule, emergency), author, kid, account: "unasked" },
    now,
    branch,
  );
  const refused =
    decided.kind === "refused" ? decided.refused.flatMap(({ objections }) => objections) : [];
  return [
    ...refused.filter(({ code }) => code !== "ticket-missing"),
    ...waits(rule, emergency),
    ...frozen(view, trial, question),
  ];
}

/** It could be recorded, and would have no effect. */
function frozen(
  view: View,
  { stage, scope }: Trial,
  { now, branch }: ReadyQuestion,
): readonly Objection[] {
  const asked = { action: "skip", stage: stage.id, scope } as const;
  const freeze = freezeAbove(view.policy, asked, now, branch);
  return freeze === null ? [] : [{ code: "frozen", freeze: freeze.id, line: freeze.line }];
}

/** A length and a reason that the rule accepts; without a rule any will do, for none is accepted. */
function fitting(rule: Rule | null, emergency: boolean): Pick<Request, "duration" | "reason"> {
  if (rule === null) return { duration: 3600, reason: { code: "other", text: "x" } };
  const { reason, defaultSeconds, longestSeconds } = rule;
  const longest = emergency ? (rule.emergency?.longestSeconds ?? longestSeconds) : longestSeconds;
  const text = "x".repeat(Math.max(1, reason.min));
  const code = reason.codes?.[0] ?? "other";
  return { duration: Math.min(defaultSeconds ?? longest, longest), reason: { code, text } };
}

/** What is recorded and still not in force. */
function waits(rule: Rule | null, emergency: boolean): readonly Objection[] {
  const { approvals = null, announce = false } = rule ?? {};
  const needed: readonly Objection[] =
    approvals === null || emergency
      ? []
      : [{ code: "approvals", needed: approvals.count, have: 0, from: approvals.from }];
  return announce ? [...needed, { code: "not-announced" }] : needed;
}
