/**
 * The judgement of one override for one subject: from when until when, and every reason why it is
 * not in force. Authority is judged by the policy of now.
 */
import { approvalsOf, mayApprove, waitsFor, type Approval } from "./approvals.ts";
import type { Clock } from "./clock.ts";
import type { Objection } from "./objection.ts";
import { objectionsToPermitting } from "./permitting.ts";
import { hasRole, type Principal, type Rule, type UnixSeconds } from "./policy.ts";
import type { Genuine, Reading } from "./reading.ts";
import { approverRoles, opinion, type Proposal } from "./rule.ts";
import { isFor, placesOf, ruleFor, type Subject } from "./scope.ts";
import { verdictThen } from "./then.ts";
import type { OverrideCreated, UseContext } from "./statement.ts";
import { counted, type View } from "./view.ts";

/** A genuine override at its place in the log. */
export interface Created {
  readonly reading: Reading;
  readonly genuine: Genuine;
  readonly statement: OverrideCreated;
}

export interface Judged {
  readonly seq: number;
  /** SHA-256 of the position's bytes. */
  readonly hash: string;
  readonly digest: string;
  readonly statement: OverrideCreated;
  readonly author: Principal;
  readonly rule: Rule | null;
  /** Those that count, in log order, one for each person. */
  readonly approvals: readonly Approval[];
  readonly start: UnixSeconds;
  /** Exclusive. */
  readonly end: UnixSeconds;
  /** Whether it takes effect only with a recorded use. */
  readonly needsUse: boolean;
  /** None: in force. */
  readonly objections: readonly Objection[];
}

/** The genuine overrides in view, of one stage or of all, in log order. */
export function createdIn(view: View, stage?: string): readonly Created[] {
  const candidates =
    stage === undefined ? view.where("kind", "override.created") : view.where("stage", stage);
  return candidates.flatMap((reading) => createdAt(view, reading) ?? []);
}

/** The genuine override at the reading, or null. */
export function createdAt(view: View, reading: Reading): Created | null {
  if (reading.claim?.kind !== "override.created") return null;
  const genuine = counted(view, reading);
  return genuine?.statement.kind === "override.created"
    ? { reading, genuine, statement: genuine.statement }
    : null;
}

/** Seconds by which a start may lie ahead of this machine's clock. */
const startTolerance = 60;

/** Judges one genuine override for the subject. */
export function judge(view: View, created: Created, subject: Subject, clock: Clock): Judged {
  const { statement, genuine, reading } = created;
  const said = opinion(view.policy, subject, proposalOf(created));
  const waits = approvalsOf(view, created, said.approvals);
  const start = Math.max(statement.nbf, waits.complete ?? statement.nbf);
  // a key that is revoked later takes its approval away, but does not begin the time anew
  const begun = Math.max(statement.nbf, waits.completeAtFirst ?? statement.nbf);
  const end = Math.min(begun + statement.duration, statement.until ?? Infinity);
  const isHold = statement.action === "hold";
  // what still waits for approvals has no end of its own yet
  const hasBegun = said.approvals === null || waits.complete !== null;
  const scope: Objection[] = isFor(statement, subject) ? [] : [{ code: "out-of-scope" }];
  const objections = [
    ...scope,
    ...said.objections,
    ...(isHold
      ? [...liftsOfHold(view, created, said.rule, clock), ...timeOfHold(start, end, clock)]
      : [
          ...permission(view, created, clock),
          ...restrictions(view, created, said.rule, subject),
          ...waitsFor(waits, clock),
          ...announcement(view, created, said.rule),
          ...useBy(view, created, subject),
          ...timeOfPermit(start, hasBegun ? end : (statement.until ?? Infinity), clock),
        ]),
  ];
  return {
    seq: reading.seq,
    hash: reading.hash,
    digest: genuine.digest,
    statement,
    author: genuine.principal,
    rule: said.rule,
    approvals: waits.approvals,
    start,
    end,
    needsUse: !isHold && (statement.once === true || said.rule?.recordUse === true),
    objections,
  };
}

/** The judgements of one override in all places that its own scope names. */
export function judgeIn(
  view: View,
  created: Created,
  clock: Clock,
  defaultBranch: string | null,
): readonly Judged[] {
  const { target, scope } = created.statement;
  return placesOf(target.name, scope, defaultBranch)
    .flatMap((place) => place.subjects)
    .map((subject) => judge(view, created, subject, clock));
}

/** What the override asks of the policy. */
export function proposalOf({ statement, genuine }: Created): Proposal {
  const { action, duration, reason, tickets, emergency = false } = statement;
  const extraApprovals = statement.extra_approvals ?? 0;
  return {
    action,
    author: genuine.principal,
    duration,
    reason,
    tickets,
    emergency,
    extraApprovals,
  };
}

function permission(view: View, created: Created, clock: Clock): readonly Objection[] {
  const found = objectionsToPermitting(view, created.reading, created.genuine);
  return clock.inDoubt ? [...found, { code: "clock" }] : found;
}

// --- announcement

function announcement(view: View, created: Created, rule: Rule | null): readonly Objection[] {
  if (rule?.announce !== true) return [];
  const delivered = view.where("about", created.statement.id).some((reading) => {
    const notice = counted(view, reading);
    return (
      notice?.statement.kind === "notice.sent" &&
      notice.statement.status === "delivered" &&
      isChannel(view, notice.statement.channel) &&
      (notice.principal.kind === "ci" || notice.principal.id === created.genuine.principal.id) &&
      objectionsToPermitting(view, reading, notice).length === 0
    );
  });
  return delivered ? [] : [{ code: "not-announced" }];
}

function isChannel({ policy }: View, named: string): boolean {
  return policy.notify.some(({ name }) => name === named);
}

// --- what restricts

/**
 * Whatever reads as a revocation or denial counts against an override, though its position is void,
 * its key unknown or its signature bad; only one validly signed by a known principal who is not
 * entitled, and was not then, has no effect. (A denier who left the policy, or lost a role, must not
 * un-deny.)
 */
function restrictions(
  view: View,
  created: Created,
  rule: Rule | null,
  subject: Subject,
): readonly Objection[] {
  const author = created.genuine.principal;
  return view.where("override", created.statement.id).flatMap((reading): readonly Objection[] => {
    const kind = reading.claim?.kind;
    if (kind !== "override.revoked" && kind !== "override.denied") return [];
    const signer = signerOf(reading.verdict());
    if (signer === null) return [{ code: "doubt", seq: reading.seq }];
    if (!mayEnd[kind](signer, author, rule)) {
      const then = verdictThen(view, reading);
      if (then === null) return [{ code: "doubt", seq: reading.seq }];
      const signerThen = signerOf(then.verdict);
      const mayThen =
        signerThen !== null && mayEnd[kind](signerThen, author, ruleFor(then.policy, subject));
      if (!mayThen) return [];
    }
    return [{ code: endings[kind], seq: reading.seq, by: signer.id }];
  });
}

const endings = { "override.revoked": "revoked", "override.denied": "denied" } as const;

function signerOf(verdict: ReturnType<Reading["verdict"]>): Principal | null {
  if (verdict.kind === "beginning") return null;
  return verdict.kind === "refused" ? verdict.signer : verdict.principal;
}

/** Whether the principal may revoke the author's override under the rule. */
export function mayRevoke(principal: Principal, author: Principal, rule: Rule | null): boolean {
  if (principal.kind !== "person") return false;
  if (principal.id === author.id) return true;
  return rule !== null && hasRole(principal, [...rule.mayRevoke, ...approverRoles(rule)]);
}

/** Whether the principal may deny it: whoever may approve, though it be an emergency or a hold. */
export function mayDeny(principal: Principal, author: Principal, rule: Rule | null): boolean {
  return mayApprove(principal, author, approverRoles(rule));
}

const mayEnd = { "override.revoked": mayRevoke, "override.denied": mayDeny } as const;

/** The end of a hold permits, so it is judged as strictly as any permission, and never by doubt. */
function liftsOfHold(
  view: View,
  created: Created,
  rule: Rule | null,
  clock: Clock,
): readonly Objection[] {
  if (clock.inDoubt) return [];
  return view.where("override", created.statement.id).flatMap((reading): readonly Objection[] => {
    const lift = counted(view, reading);
    if (lift === null) return [];
    const { statement, principal } = lift;
    const isLift =
      statement.kind === "override.revoked" ||
      (statement.kind === "override.denied" && statement.digest === created.genuine.digest);
    if (!isLift || !mayEnd[statement.kind](principal, created.genuine.principal, rule)) return [];
    if (objectionsToPermitting(view, reading, lift).length > 0) return [];
    return [{ code: endings[statement.kind], seq: reading.seq, by: principal.id }];
  });
}

/**
 * Of a single-use override the first use in log order has it, with all attempts and matrix legs of
 * its run. A use that cannot be verified spends it for everyone.
 */
function useBy(view: View, created: Created, subject: Subject): readonly Objection[] {
  if (created.statement.once !== true) return [];
  const first = view.where("override", created.statement.id).find(readsAsUse);
  if (first === undefined) return [];
  const verdict = first.verdict();
  if (verdict.kind !== "genuine" || verdict.statement.kind !== "override.used") {
    return [{ code: "doubt", seq: first.seq }];
  }
  const { context, digest } = verdict.statement;
  const mine =
    isBy(subject, context) && digest === created.genuine.digest && counted(view, first) !== null;
  return mine ? [] : [{ code: "used-up", seq: first.seq, run: context.run }];
}

/** Anything that may be a use; what a person validly signed is none. */
function readsAsUse(reading: Reading): boolean {
  if (reading.claim?.kind !== "override.used") return false;
  const signer = signerOf(reading.verdict());
  return signer === null || signer.kind === "ci";
}

/** Whether the use is the subject's: one key for all attempts and matrix legs of a run. */
export function isBy(subject: Subject, { run, forge, stage }: UseContext): boolean {
  return run === subject.run && forge === subject.forge && stage === subject.stage;
}

// --- time

function timeOfPermit(start: UnixSeconds, end: UnixSeconds, { now }: Clock): readonly Objection[] {
  if (now < start - startTolerance) return [{ code: "not-started", start }];
  return now >= end ? [{ code: "expired", end }] : [];
}

/** Doubt about the clock never lifts a hold: it stands at any time that it may be. */
function timeOfHold(start: UnixSeconds, end: UnixSeconds, clock: Clock): readonly Objection[] {
  if (clock.latest < start - startTolerance) return [{ code: "not-started", start }];
  return clock.earliest >= end ? [{ code: "expired", end }] : [];
}
