/**
 * Statements: what each kind holds. `statement-shape.ts` reads them.
 */
import type { Action, ReasonCode, UnixSeconds } from "./policy.ts";

/** A position that the author saw when signing. */
export interface Saw {
  readonly seq: number;
  readonly hash: string;
}

/** Where an override applies; see `covers` in scope.ts. */
export interface Scope {
  readonly branches?: readonly string[] | "*";
  readonly heads?: readonly string[];
  readonly tags?: readonly string[];
  readonly sha?: string;
  readonly pr?: number;
  readonly environment?: string;
  readonly forks?: boolean;
}

interface Common {
  readonly v: 1;
  readonly id: string;
  readonly by: string;
  readonly iat: UnixSeconds;
}

interface InLog extends Common {
  readonly log: string;
  readonly policy: string;
  readonly policy_at: string;
  readonly saw: Saw;
}

export interface LogCreated extends Common {
  readonly kind: "log.created";
  readonly repository: { readonly host: string; readonly id: string; readonly name: string };
}

export interface PolicyRecorded extends InLog {
  readonly kind: "policy.recorded";
  readonly text: string;
}

export interface OverrideCreated extends InLog {
  readonly kind: "override.created";
  readonly action: Action;
  readonly target: { readonly type: "stage"; readonly name: string };
  readonly scope: Scope;
  readonly reason: { readonly code: ReasonCode; readonly text: string };
  readonly tickets: readonly string[];
  readonly nbf: UnixSeconds;
  /** Seconds. */
  readonly duration: number;
  readonly until?: UnixSeconds;
  readonly pending_until?: UnixSeconds;
  readonly once?: boolean;
  readonly emergency?: boolean;
  /** So many approvals more than the rule asks for, while a review is overdue. */
  readonly extra_approvals?: number;
  readonly supersedes?: string;
}

export interface OverrideApproved extends InLog {
  readonly kind: "override.approved";
  readonly override: string;
  readonly digest: string;
  readonly note?: string;
}

export interface OverrideDenied extends InLog {
  readonly kind: "override.denied";
  readonly override: string;
  readonly digest: string;
  readonly note: string;
}

export interface OverrideRevoked extends InLog {
  readonly kind: "override.revoked";
  readonly override: string;
  readonly note?: string;
}

/** Which job used an override; `(forge, run, stage)` is one use. */
export interface UseContext {
  readonly stage: string;
  readonly ref: string;
  readonly sha: string;
  readonly run: string;
  readonly attempt: number;
  readonly job: string;
  readonly forge: string;
  readonly environment?: string;
}

export interface OverrideUsed extends InLog {
  readonly kind: "override.used";
  readonly override: string;
  readonly digest: string;
  readonly context: UseContext;
  readonly decision: Action;
  /** The command's exit status, where the job recorded it. */
  readonly result?: number;
}

export interface OverrideReviewed extends InLog {
  readonly kind: "override.reviewed";
  readonly override: string;
  readonly outcome: "ok" | "follow-up" | "misuse";
  readonly note: string;
}

/** What was learned later; it neither permits nor restricts. */
export interface NoteAdded extends InLog {
  readonly kind: "note.added";
  readonly override: string;
  readonly tickets: readonly string[];
  readonly note?: string;
}

export interface NoticeSent extends InLog {
  readonly kind: "notice.sent";
  readonly about: string;
  readonly channel: string;
  readonly target_hash: string;
  readonly status: "delivered" | "failed";
}

export interface KeyRevoked extends InLog {
  readonly kind: "key.revoked";
  readonly kid: string;
}

export type Statement =
  | LogCreated
  | PolicyRecorded
  | OverrideCreated
  | OverrideApproved
  | OverrideDenied
  | OverrideRevoked
  | OverrideUsed
  | OverrideReviewed
  | NoteAdded
  | NoticeSent
  | KeyRevoked;

export type Kind = Statement["kind"];

/** Seconds: the most that `nbf` and `pending_until` may lie after `iat`. */
export const maxLeadSeconds: number = 7 * 86_400;
