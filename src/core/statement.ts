/**
 * Statements: what each kind holds, as data. The shapes are closed: an unknown member refuses.
 *
 * Adding a kind is one row in `kinds` and, where it counts, its meaning in `decide`.
 */
import * as v from "valibot";
import { actions, reasonCodes, type Action, type ReasonCode, type UnixSeconds } from "./policy.ts";

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
  | NoticeSent
  | KeyRevoked;

export type Kind = Statement["kind"];

/** Seconds: the most that `nbf` and `pending_until` may lie after `iat`. */
export const maxLeadSeconds: number = 7 * 86_400;

const pattern = (regex: RegExp): v.GenericSchema<string> => v.pipe(v.string(), v.regex(regex));
const integer = (least: number, most: number = Number.MAX_SAFE_INTEGER): v.GenericSchema<number> =>
  v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most));

const hash = pattern(/^[A-Za-z0-9_-]{43}$/);
const commit = pattern(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/);
const stageName = pattern(/^[a-z0-9][a-z0-9._/-]{0,63}$/);
const name = pattern(/^[a-z0-9][a-z0-9._-]{0,63}$/);
const time = integer(0);
const overrideId = pattern(/^ovr_[0-9a-hjkmnp-tv-z]{16}$/);
const statementId = pattern(/^stm_[0-9a-hjkmnp-tv-z]{16}$/);
const anyId = pattern(/^(?:ovr|stm)_[0-9a-hjkmnp-tv-z]{16}$/);
/** No control characters; a line is what names a thing, not what tells of it. */
// eslint-disable-next-line no-control-regex -- control characters are what it refuses
const line = pattern(/^[^\u0000-\u001F\u007F-\u009F\u2028-\u202E\u2066-\u2069]{1,255}$/u);
/** A name that git accepts for a branch or tag, so never a glob (git-check-ref-format). */
const refName = pattern(
  // eslint-disable-next-line no-control-regex -- control characters are what it refuses
  /^[^\u0000-\u0020\u007F-\u009F*?[\\~^:\u202A-\u202E\u2066-\u2069]{1,255}$/u,
);
const prose = v.pipe(
  v.string(),
  // eslint-disable-next-line no-control-regex -- control characters are what it refuses
  v.regex(/^[^\u0000-\u0009\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]+$/u),
  v.check((text) => [...text].length <= 2000),
);
const refNames = v.pipe(v.array(refName), v.minLength(1), v.maxLength(16));

const scope = v.pipe(
  v.strictObject({
    branches: v.exactOptional(v.union([v.literal("*"), refNames])),
    heads: v.exactOptional(refNames),
    tags: v.exactOptional(refNames),
    sha: v.exactOptional(commit),
    pr: v.exactOptional(integer(1)),
    environment: v.exactOptional(line),
    forks: v.exactOptional(v.boolean()),
  }),
  v.check((it) => it.branches !== undefined || it.heads !== undefined || it.tags !== undefined),
);

const common = { v: v.literal(1), by: name, iat: time };
const inLog = {
  ...common,
  log: hash,
  policy: hash,
  policy_at: commit,
  saw: v.strictObject({ seq: time, hash }),
};
const about = { ...inLog, id: statementId, override: overrideId };

/** Every kind of version 1 with its closed shape. Ways of growing: record-and-log.md. */
export const kinds: { readonly [K in Kind]: v.GenericSchema<Extract<Statement, { kind: K }>> } = {
  "log.created": v.strictObject({
    ...common,
    kind: v.literal("log.created"),
    id: statementId,
    repository: v.strictObject({ host: line, id: line, name: line }),
  }),
  "policy.recorded": v.strictObject({
    ...inLog,
    kind: v.literal("policy.recorded"),
    id: statementId,
    text: v.string(),
  }),
  "override.created": v.pipe(
    v.strictObject({
      ...inLog,
      kind: v.literal("override.created"),
      id: overrideId,
      action: v.picklist(actions),
      target: v.strictObject({ type: v.literal("stage"), name: stageName }),
      scope,
      reason: v.strictObject({ code: v.picklist(reasonCodes), text: prose }),
      tickets: v.pipe(v.array(pattern(/^[\x21-\x7E]{1,64}$/)), v.maxLength(16)),
      nbf: time,
      duration: integer(1, 366 * 86_400),
      until: v.exactOptional(time),
      pending_until: v.exactOptional(time),
      once: v.exactOptional(v.boolean()),
      emergency: v.exactOptional(v.boolean()),
      supersedes: v.exactOptional(overrideId),
    }),
    v.check((it) => it.nbf >= it.iat && it.nbf <= it.iat + maxLeadSeconds),
    v.check((it) => it.until === undefined || it.until > it.nbf),
    v.check(
      ({ pending_until: end, iat }) =>
        end === undefined || (end > iat && end <= iat + maxLeadSeconds),
    ),
  ),
  "override.approved": v.strictObject({
    ...about,
    kind: v.literal("override.approved"),
    digest: hash,
    note: v.exactOptional(prose),
  }),
  "override.denied": v.strictObject({
    ...about,
    kind: v.literal("override.denied"),
    digest: hash,
    note: prose,
  }),
  "override.revoked": v.strictObject({
    ...about,
    kind: v.literal("override.revoked"),
    note: v.exactOptional(prose),
  }),
  "override.used": v.strictObject({
    ...about,
    kind: v.literal("override.used"),
    digest: hash,
    context: v.strictObject({
      stage: stageName,
      ref: line,
      sha: commit,
      run: line,
      attempt: integer(1),
      job: line,
      forge: line,
      environment: v.exactOptional(line),
    }),
    decision: v.picklist(actions),
    result: v.exactOptional(integer(0, 255)),
  }),
  "override.reviewed": v.strictObject({
    ...about,
    kind: v.literal("override.reviewed"),
    outcome: v.picklist(["ok", "follow-up", "misuse"]),
    note: prose,
  }),
  "notice.sent": v.strictObject({
    ...inLog,
    kind: v.literal("notice.sent"),
    id: statementId,
    about: anyId,
    channel: line,
    target_hash: hash,
    status: v.picklist(["delivered", "failed"]),
  }),
  "key.revoked": v.strictObject({
    ...inLog,
    kind: v.literal("key.revoked"),
    id: statementId,
    kid: hash,
  }),
};

/** Kinds that a principal of kind `ci` may sign; it may sign nothing else, whatever its roles. */
export const ciKinds: ReadonlySet<string> = new Set<Kind>(["override.used", "notice.sent"]);

/** Whether this version knows the kind. */
export function isKind(kind: string): kind is Kind {
  return Object.hasOwn(kinds, kind);
}

/** The statement that a payload of a known kind says, or the path of the first member at fault. */
export function readStatement(
  kind: Kind,
  payload: unknown,
):
  | { readonly ok: true; readonly statement: Statement }
  | { readonly ok: false; readonly at: string } {
  const result = v.safeParse(kinds[kind], payload, { abortEarly: true });
  if (result.success) return { ok: true, statement: freeze(result.output) };
  const [issue] = result.issues;
  return { ok: false, at: v.getDotPath(issue) ?? kind };
}

function freeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) {
    for (const member of Object.values(value)) freeze(member);
    Object.freeze(value);
  }
  return value;
}
