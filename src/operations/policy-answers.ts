/**
 * What a policy answers in one world, and which of two answers permits more. A hold restricts, so for
 * it everything is the other way round.
 */
import type { Objection } from "../core/objection.ts";
import {
  hasRole,
  type Action,
  type Approvals,
  type Policy,
  type Principal,
  type Rule,
} from "../core/policy.ts";
import { alternativesOf } from "../core/rule.ts";
import { askPolicy } from "./ask-policy.ts";
import type { Circumstance, WorldPlace } from "./policy-worlds.ts";

/** Who asks for what where; the circumstances vary. */
export interface Cell {
  readonly action: Action;
  readonly emergency: boolean;
  readonly place: WorldPlace;
  readonly defaultBranch: string;
}

export type WorldAnswer =
  | { readonly kind: "refused"; readonly objections: readonly Objection[] }
  | {
      readonly kind: "permitted";
      /** What it must wait for; null where nothing. */
      readonly approvals: Approvals | null;
      /** The people who could give them, for each alternative. */
      readonly alternatives: readonly Givers[];
      readonly rule: Rule;
      /** At which an announcement counts, where the rule demands one. */
      readonly channels: readonly string[] | null;
    };

interface Givers {
  readonly count: number;
  readonly people: ReadonlySet<string>;
}

/** The same policy for somebody who has a ticket that fits: patterns are compared as they are written. */
export function withFittingTickets(policy: Policy): Policy {
  const rules = policy.rules.map((rule) => {
    const { ticket } = rule.reason;
    if (ticket === null) return rule;
    const fitting = { source: ticket.source, matches: () => true };
    return { ...rule, reason: { ...rule.reason, ticket: fitting } };
  });
  return { ...policy, rules };
}

/** What the policy says to the person, who may be none of its own. */
export function answerIn(
  policy: Policy,
  who: Principal | null,
  { action, emergency, place, defaultBranch }: Cell,
  circumstance: Circumstance,
): WorldAnswer {
  if (who === null) return { kind: "refused", objections: [] };
  const { scope, subject } = place;
  const answer = askPolicy(
    policy,
    { ...circumstance, who, action, emergency, scope, stage: subject.stage, when: null },
    defaultBranch,
  );
  if (answer.kind === "refused" || answer.kind === "frozen") {
    const refused = answer.kind === "refused" ? answer.refused : [];
    return { kind: "refused", objections: refused.flatMap(({ objections }) => objections) };
  }
  const approvals = answer.kind === "pending" ? answer.approvals : null;
  return {
    kind: "permitted",
    approvals,
    alternatives: alternativesOf(approvals).map(({ count, from }) => ({
      count,
      people: new Set(othersWith(policy, who, from)),
    })),
    rule: answer.rule,
    channels: answer.rule.announce ? policy.notify.map(({ name }) => name) : null,
  };
}

/** Whether what one answer permits is not all permitted by the other: more may happen by it. */
export function permitsMore(one: WorldAnswer, other: WorldAnswer, cell: Cell): boolean {
  const [more, less] = cell.action === "hold" ? [other, one] : [one, other];
  if (more.kind === "refused") return false;
  if (less.kind === "refused" || !isSameTicket(more.rule, less.rule)) return true;
  // a hold is in force as it is
  if (cell.action === "hold") return false;
  return (
    !suffices(more, less) ||
    isDroppedFrom(more.rule.recordUse, less.rule.recordUse) ||
    hasMoreChannels(more.channels, less.channels) ||
    (cell.emergency && hasLaterReview(more.rule, less.rule))
  );
}

type Permitted = Extract<WorldAnswer, { kind: "permitted" }>;

/** Whether whatever completes the approvals of one completes those of the other, no later. */
function suffices(more: Permitted, less: Permitted): boolean {
  if (less.approvals === null) return true;
  if (more.approvals === null || more.approvals.pendingSeconds > less.approvals.pendingSeconds) {
    return false;
  }
  return more.alternatives.every(
    (given) =>
      given.people.size < given.count ||
      less.alternatives.some((wanted) => atLeastOf(given, wanted) >= wanted.count),
  );
}

/** How many of the wanted people are among any who were enough. */
function atLeastOf(given: Givers, wanted: Givers): number {
  const strangers = [...given.people].filter((id) => !wanted.people.has(id)).length;
  return given.count - strangers;
}

const isDroppedFrom = (more: boolean, less: boolean): boolean => less && !more;

function hasMoreChannels(more: readonly string[] | null, less: readonly string[] | null): boolean {
  if (less === null) return false;
  return more === null || more.some((name) => !less.includes(name));
}

/** A pattern cannot be held against another one; with none, tickets need not fit any. */
function isSameTicket(more: Rule, less: Rule): boolean {
  const [given, wanted] = [more.reason.ticket?.source, less.reason.ticket?.source];
  return wanted === undefined || given === wanted;
}

function hasLaterReview(more: Rule, less: Rule): boolean {
  const [given = null, wanted = null] = [more, less].map(
    (rule) => rule.emergency?.reviewWithinSeconds ?? null,
  );
  return wanted !== null && (given === null || given > wanted);
}

function othersWith(policy: Policy, who: Principal, roles: readonly string[]): readonly string[] {
  return [...policy.principals.values()]
    .filter(({ id, kind, keys }) => kind === "person" && keys.length > 0 && id !== who.id)
    .filter((person) => hasRole(person, roles))
    .map(({ id }) => id);
}
