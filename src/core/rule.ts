/**
 * What the policy's rule says of an override: the conditions that depend on nothing but the policy
 * and the statement. Writers and checkers share them, whatever the writer claimed.
 */
import type { Objection, RuleOpinion } from "./objection.ts";
import {
  hasRole,
  type Action,
  type Alternative,
  type Approvals,
  type Policy,
  type Principal,
  type ReasonCode,
  type Rule,
  type Stage,
} from "./policy.ts";
import { ruleFor, type Subject } from "./scope.ts";

/** What is asked for, by whom. */
export interface Proposal {
  readonly action: Action;
  readonly author: Principal;
  /** Seconds. */
  readonly duration: number;
  readonly reason: { readonly code: ReasonCode; readonly text: string };
  readonly tickets: readonly string[];
  readonly emergency: boolean;
  /** How many approvals more than the rule asks for the statement demands of itself. */
  readonly extraApprovals?: number;
}

/** Every objection of the policy to the proposal for this subject, not only the first. */
export function opinion(policy: Policy, subject: Subject, proposal: Proposal): RuleOpinion {
  const stage = policy.stages.get(subject.stage);
  const never: readonly Objection[] = stage?.never.includes(proposal.action)
    ? [{ code: "never", action: proposal.action, line: stage.line }]
    : [];
  const rule = ruleFor(policy, subject);
  if (rule === null) {
    return { rule, objections: [...never, { code: "no-rule" }], approvals: null };
  }
  const objections = [
    ...never,
    ...objectionsToEmergency(stage, proposal),
    ...objectionsToAction(rule, proposal),
    ...objectionsToWhoAndLength(rule, proposal),
    ...objectionsToReason(rule, proposal),
    ...objectionsToTickets(rule, proposal),
  ];
  const approvals = raised(approvalsNeeded(rule, proposal), proposal.extraApprovals ?? 0);
  return { rule, objections, approvals };
}

/** The roles that may approve, and so deny, what the rule judges. */
export function approverRoles(rule: Pick<Rule, "approvals"> | null): readonly string[] {
  return [...new Set(alternativesOf(rule?.approvals ?? null).flatMap(({ from }) => from))];
}

/** All that would suffice, as the policy lists them; none where no approval is needed. */
export function alternativesOf(approvals: Approvals | null): readonly Alternative[] {
  return approvals === null ? [] : [approvals, ...(approvals.or ?? [])];
}

/**
 * The alternatives that are open to the proposal. A hold restricts, so it needs nobody's approval; an
 * emergency is in force before it.
 */
function approvalsNeeded(rule: Rule, proposal: Proposal): Rule["approvals"] {
  const { action, emergency } = proposal;
  if (action === "hold" || emergency || rule.approvals === null) return null;
  const open = alternativesOf(rule.approvals).filter(({ when }) => suits(when, proposal));
  const [first, ...others] = open.map(({ count, from, when }) => ({
    count,
    from,
    ...(when === undefined ? {} : { when }),
  }));
  const { pendingSeconds } = rule.approvals;
  // the policy has one without a condition; were there none, nobody could approve
  if (first === undefined) return { count: 1, from: [], pendingSeconds };
  return { ...first, pendingSeconds, ...(others.length === 0 ? {} : { or: others }) };
}

function suits(when: Alternative["when"], { reason, tickets }: Proposal): boolean {
  if (when === undefined) return true;
  return (when.codes?.includes(reason.code) ?? true) && (!when.ticket || tickets.length > 0);
}

/** Whatever the rule says: what cannot be undone waits for its approvals. A hold undoes nothing. */
function objectionsToEmergency(
  stage: Stage | undefined,
  { action, emergency }: Proposal,
): readonly Objection[] {
  if (stage?.irreversible !== true || !emergency || action === "hold") return [];
  return [{ code: "irreversible", line: stage.line }];
}

function objectionsToAction(rule: Rule, { action }: Proposal): readonly Objection[] {
  return rule.actions.includes(action) ? [] : [{ code: "action", allowed: rule.actions }];
}

function objectionsToWhoAndLength(rule: Rule, proposal: Proposal): readonly Objection[] {
  const { emergency, author, duration } = proposal;
  const terms = emergency ? rule.emergency : { who: rule.who, longestSeconds: rule.longestSeconds };
  if (terms === null) return [{ code: "no-emergency" }];
  const found: Objection[] = [];
  // a ci key opens nothing, whatever its roles
  if (author.kind !== "person" || !hasRole(author, terms.who)) {
    found.push({ code: "who", roles: terms.who });
  }
  if (duration > terms.longestSeconds) {
    found.push({ code: "too-long", longest: terms.longestSeconds, asked: duration });
  }
  return found;
}

function objectionsToReason({ reason }: Rule, proposal: Proposal): readonly Objection[] {
  const found: Objection[] = [];
  if ([...proposal.reason.text].length < reason.min) {
    found.push({ code: "reason-too-short", min: reason.min });
  }
  if (reason.codes !== null && !reason.codes.includes(proposal.reason.code)) {
    found.push({ code: "reason-code", allowed: reason.codes });
  }
  return found;
}

function objectionsToTickets({ reason }: Rule, { tickets }: Proposal): readonly Objection[] {
  const pattern = reason.ticket;
  if (pattern === null) return [];
  if (tickets.length === 0) return [{ code: "ticket-missing", pattern: pattern.source }];
  return tickets
    .filter((ticket) => !pattern.matches(ticket))
    .map((ticket) => ({ code: "ticket-mismatch", pattern: pattern.source, ticket }));
}

/** The same demand with so many approvals more, of every alternative. */
export function raised(approvals: Rule["approvals"], extra: number): Rule["approvals"] {
  if (approvals === null || extra === 0) return approvals;
  const { or, ...first } = approvals;
  const others = or?.map((one) => ({ ...one, count: one.count + extra }));
  return {
    ...first,
    count: first.count + extra,
    ...(others === undefined ? {} : { or: others }),
  };
}
