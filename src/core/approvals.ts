/**
 * Approvals of an override: whose count, since when they are complete, and what is missing. A rule may
 * name alternatives; the first that is met suffices.
 */
import type { Clock } from "./clock.ts";
import type { Objection } from "./objection.ts";
import { objectionsToPermitting } from "./permitting.ts";
import {
  hasRole,
  type Approvals,
  type Policy,
  type Principal,
  type UnixSeconds,
} from "./policy.ts";
import type { Genuine, Reading, Verdict } from "./reading.ts";
import { alternativesOf, approverRoles } from "./rule.ts";
import { rulesAbout } from "./scope.ts";
import type { OverrideCreated } from "./statement.ts";
import { verdictThen } from "./then.ts";
import { counted, type View } from "./view.ts";

export interface Approval {
  readonly seq: number;
  readonly by: string;
  readonly at: UnixSeconds;
}

/** The override that is approved, or not. */
interface Asked {
  readonly reading: Reading;
  readonly genuine: Genuine;
  readonly statement: OverrideCreated;
}

export interface Waits {
  /** Those of the alternative that is met; where none is, all that count for one of them. */
  readonly approvals: readonly Approval[];
  /** When the last approval needed was given; null where none is needed or some are missing. */
  readonly complete: UnixSeconds | null;
  /** The same with approvals by keys that were revoked, or people who lost their role, since. */
  readonly completeAtFirst: UnixSeconds | null;
  readonly pendingEnd: UnixSeconds;
  /** What each alternative asks for, and how much of it there is. */
  readonly terms: readonly Term[];
}

interface Term {
  readonly needed: number;
  readonly have: number;
  readonly from: readonly string[];
}

/** Until when an override waits for the approvals that it needs; exclusive. */
export function pendingEndOf(statement: OverrideCreated, needed: Approvals): UnixSeconds {
  return Math.min(statement.iat + needed.pendingSeconds, statement.pending_until ?? Infinity);
}

/** @param needed as the rule asks of this override; null for nothing */
export function approvalsOf(view: View, asked: Asked, needed: Approvals | null): Waits {
  const { statement } = asked;
  if (needed === null) {
    const none = { approvals: [], terms: [], complete: null, completeAtFirst: null };
    return { ...none, pendingEnd: statement.iat };
  }
  const pendingEnd = pendingEndOf(statement, needed);
  const given = view
    .where("override", statement.id)
    .flatMap((reading) => givenApproval(view, asked, reading) ?? [])
    .filter(({ at }) => at < pendingEnd);
  const judged = alternativesOf(needed).map(({ count, from }) => judgeTerm(given, count, from));
  const met = judged.filter(({ complete }) => complete !== null);
  const [first] = met.toSorted((a, b) => (a.complete ?? 0) - (b.complete ?? 0));
  const counting =
    first === undefined ? judged.flatMap(({ approvals }) => approvals) : first.approvals;
  return {
    approvals: onePerPerson(counting)
      .toSorted((a, b) => a.seq - b.seq)
      .map(({ seq, by, at }) => ({ seq, by, at })),
    complete: first?.complete ?? null,
    completeAtFirst: earliest(judged.map(({ completeAtFirst }) => completeAtFirst)),
    pendingEnd,
    terms: judged.map(({ needed: count, approvals, from }) => ({
      needed: count,
      have: approvals.length,
      from,
    })),
  };
}

interface GivenApproval extends Approval {
  readonly principal: Principal;
  /** Whether it counts if its author has the role: genuine now, by a key that stands. */
  readonly stands: boolean;
  /** Whether its author might approve by the policy that it names, and may not any more. */
  readonly lostEntitlement: () => boolean;
}

function judgeTerm(
  given: readonly GivenApproval[],
  needed: number,
  from: readonly string[],
): {
  readonly needed: number;
  readonly from: readonly string[];
  readonly approvals: readonly GivenApproval[];
  readonly complete: UnixSeconds | null;
  readonly completeAtFirst: UnixSeconds | null;
} {
  const isEntitled = ({ principal }: GivenApproval): boolean => hasRole(principal, from);
  const approvals = onePerPerson(given.filter((one) => one.stands && isEntitled(one)));
  const atFirst = given.filter((one) => isEntitled(one) || one.lostEntitlement());
  return {
    needed,
    from,
    approvals,
    complete: completion(approvals, needed),
    completeAtFirst: completion(onePerPerson(atFirst), needed),
  };
}

const onePerPerson = <T extends Approval>(given: readonly T[]): readonly T[] =>
  given.filter(({ by }, index) => given.findIndex((other) => other.by === by) === index);

/** When the last of the first `count` was given; null where there are fewer. */
function completion(approvals: readonly Approval[], count: number): UnixSeconds | null {
  const counting = approvals.slice(0, count);
  return counting.length < count ? null : Math.max(...counting.map(({ at }) => at));
}

function earliest(times: readonly (UnixSeconds | null)[]): UnixSeconds | null {
  const known = times.filter((time) => time !== null);
  return known.length === 0 ? null : Math.min(...known);
}

/** An approval of exactly this override by a person other than its author, now or then. */
function givenApproval(view: View, asked: Asked, reading: Reading): GivenApproval | null {
  if (reading.claim?.kind !== "override.approved" || reading.seq < asked.reading.seq) return null;
  const now = approvalIn(counted(view, reading), asked);
  const approval = now ?? approvalThen(view, asked, reading);
  if (approval === null) return null;
  const { statement, principal } = approval;
  const problems = objectionsToPermitting(view, reading, approval);
  if (problems.some(({ code }) => code !== "key-revoked")) return null;
  return {
    seq: reading.seq,
    by: statement.by,
    at: statement.iat,
    principal,
    stands: now !== null && problems.length === 0,
    lostEntitlement: () =>
      (now === null || !mayApproveStage(view.policy, principal, asked)) &&
      approvalThen(view, asked, reading) !== null,
  };
}

/** The verdict where it is such an approval, whatever the role of who gave it. */
function approvalIn(verdict: Verdict | null, { genuine }: Asked): Genuine | null {
  if (verdict?.kind !== "genuine" || verdict.statement.kind !== "override.approved") return null;
  const { principal, statement } = verdict;
  if (statement.digest !== genuine.digest) return null;
  return principal.kind === "person" && principal.id !== genuine.principal.id ? verdict : null;
}

/** The same by the policy that it names, under which whoever gave it approves for the stage. */
function approvalThen(view: View, asked: Asked, reading: Reading): Genuine | null {
  const then = reading.fault === null ? verdictThen(view, reading) : null;
  const approval = approvalIn(then?.verdict ?? null, asked);
  if (then === null || approval === null) return null;
  return mayApproveStage(then.policy, approval.principal, asked) ? approval : null;
}

/** Whether a rule about the stage has the principal approve anything. */
function mayApproveStage(policy: Policy, principal: Principal, { statement }: Asked): boolean {
  const stage = policy.stages.get(statement.target.name);
  const rules = stage === undefined ? [] : rulesAbout(policy, stage);
  return rules.some((rule) => hasRole(principal, approverRoles(rule)));
}

/** Whether the principal's approval of the author's override counts. Roles of now. */
export function mayApprove(
  principal: Principal,
  author: Principal,
  from: readonly string[],
): boolean {
  return principal.kind === "person" && principal.id !== author.id && hasRole(principal, from);
}

/** What is missing still; nothing where an alternative is met, or none was needed. */
export function waitsFor(waits: Waits, clock: Clock): readonly Objection[] {
  const [first, ...others] = waits.terms;
  if (first === undefined || waits.complete !== null) return [];
  const { needed, have, from } = first;
  if (clock.now >= waits.pendingEnd) return [{ code: "approvals-too-late", needed, have }];
  const or = others.length === 0 ? {} : { or: others };
  return [{ code: "approvals", needed, have, from, ...or }];
}
