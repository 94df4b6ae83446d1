/**
 * The shapes of statements, as data. They are closed: an unknown member refuses.
 *
 * Adding a kind is its type in `statement.ts`, one row in `kinds` and, where it counts, its meaning
 * in `decide`.
 */
import {
  anyText,
  checked,
  choice,
  either,
  flag,
  integer,
  list,
  literal,
  object,
  optional,
  text,
  type JsonShape,
} from "./json-shape.ts";
import { actions, reasonCodes } from "./policy.ts";
import {
  type Saw,
  type Scope,
  type LogCreated,
  type PolicyRecorded,
  type OverrideCreated,
  type OverrideApproved,
  type OverrideDenied,
  type OverrideRevoked,
  type UseContext,
  type OverrideUsed,
  type OverrideReviewed,
  type NoteAdded,
  type NoticeSent,
  type KeyRevoked,
  type Statement,
  type Kind,
  maxLeadSeconds,
} from "./statement.ts";

const hash = text(/^[A-Za-z0-9_-]{43}$/);
const commit = text(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/);
const stageName = text(/^[a-z0-9][a-z0-9._/-]{0,63}$/);
const name = text(/^[a-z0-9][a-z0-9._-]{0,63}$/);
const time = integer(0);
const overrideId = text(/^ovr_[0-9a-hjkmnp-tv-z]{16}$/);
const statementId = text(/^stm_[0-9a-hjkmnp-tv-z]{16}$/);
const anyId = text(/^(?:ovr|stm)_[0-9a-hjkmnp-tv-z]{16}$/);
/** No control characters; a line is what names a thing, not what tells of it. */
// eslint-disable-next-line no-control-regex -- control characters are what it refuses
const line = text(/^[^\u0000-\u001F\u007F-\u009F\u2028-\u202E\u2066-\u2069]{1,255}$/u);
/** A name that git accepts for a branch or tag, so never a glob (git-check-ref-format). */
const refName = text(
  // eslint-disable-next-line no-control-regex -- control characters are what it refuses
  /^[^\u0000-\u0020\u007F-\u009F*?[\\~^:\u202A-\u202E\u2066-\u2069]{1,255}$/u,
);
const prose = checked(
  // eslint-disable-next-line no-control-regex -- control characters are what it refuses
  text(/^[^\u0000-\u0009\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]+$/u),
  (it) => it.length <= 2000 || [...it].length <= 2000,
);
const refNames = list(refName, 1, 16);

const tickets = list(text(/^[\x21-\x7E]{1,64}$/), 0, 16);

const scope = checked(
  object<Scope>({
    branches: optional(either(literal("*"), refNames)),
    heads: optional(refNames),
    tags: optional(refNames),
    sha: optional(commit),
    pr: optional(integer(1)),
    environment: optional(line),
    forks: optional(flag),
  }),
  (it) => it.branches !== undefined || it.heads !== undefined || it.tags !== undefined,
);

const common = { v: literal(1), by: name, iat: time };
const inLog = {
  ...common,
  log: hash,
  policy: hash,
  policy_at: commit,
  saw: object<Saw>({ seq: time, hash }),
};
const about = { ...inLog, id: statementId, override: overrideId };

/** Every kind of version 1 with its closed shape. Ways of growing: docs/format.md. */
export const kinds: { readonly [K in Kind]: JsonShape<Extract<Statement, { kind: K }>> } = {
  "log.created": object<LogCreated>({
    ...common,
    kind: literal("log.created"),
    id: statementId,
    repository: object<LogCreated["repository"]>({ host: line, id: line, name: line }),
  }),
  "policy.recorded": object<PolicyRecorded>({
    ...inLog,
    kind: literal("policy.recorded"),
    id: statementId,
    text: anyText,
  }),
  "override.created": checked(
    object<OverrideCreated>({
      ...inLog,
      kind: literal("override.created"),
      id: overrideId,
      action: choice(actions),
      target: object<OverrideCreated["target"]>({ type: literal("stage"), name: stageName }),
      scope,
      reason: object<OverrideCreated["reason"]>({ code: choice(reasonCodes), text: prose }),
      tickets,
      nbf: time,
      duration: integer(1, 366 * 86_400),
      until: optional(time),
      pending_until: optional(time),
      once: optional(flag),
      emergency: optional(flag),
      extra_approvals: optional(integer(1, 16)),
      supersedes: optional(overrideId),
    }),
    isTimely,
  ),
  "override.approved": object<OverrideApproved>({
    ...about,
    kind: literal("override.approved"),
    digest: hash,
    note: optional(prose),
  }),
  "override.denied": object<OverrideDenied>({
    ...about,
    kind: literal("override.denied"),
    digest: hash,
    note: prose,
  }),
  "override.revoked": object<OverrideRevoked>({
    ...about,
    kind: literal("override.revoked"),
    note: optional(prose),
  }),
  "override.used": object<OverrideUsed>({
    ...about,
    kind: literal("override.used"),
    digest: hash,
    context: object<UseContext>({
      stage: stageName,
      ref: line,
      sha: commit,
      run: line,
      attempt: integer(1),
      job: line,
      forge: line,
      environment: optional(line),
    }),
    decision: choice(actions),
    result: optional(integer(0, 255)),
  }),
  "override.reviewed": object<OverrideReviewed>({
    ...about,
    kind: literal("override.reviewed"),
    outcome: choice(["ok", "follow-up", "misuse"]),
    note: prose,
  }),
  "note.added": object<NoteAdded>({
    ...about,
    kind: literal("note.added"),
    tickets,
    note: optional(prose),
  }),
  "notice.sent": object<NoticeSent>({
    ...inLog,
    kind: literal("notice.sent"),
    id: statementId,
    about: anyId,
    channel: line,
    target_hash: hash,
    status: choice(["delivered", "failed"]),
  }),
  "key.revoked": object<KeyRevoked>({
    ...inLog,
    kind: literal("key.revoked"),
    id: statementId,
    kid: hash,
  }),
};

function isTimely({ iat, nbf, until, pending_until: end }: OverrideCreated): boolean {
  if (nbf < iat || nbf > iat + maxLeadSeconds) return false;
  if (until !== undefined && until <= nbf) return false;
  return end === undefined || (end > iat && end <= iat + maxLeadSeconds);
}

/** Kinds that a principal of kind `ci` may sign; it may sign nothing else, whatever its roles. */
export const ciKinds: ReadonlySet<string> = new Set<Kind>(["override.used", "notice.sent"]);

/** Whether this version knows the kind. */
export function isKind(kind: string): kind is Kind {
  return Object.hasOwn(kinds, kind);
}

/**
 * The statement that a payload of a known kind says, or the path of the first member at fault. The
 * payload becomes the statement, frozen.
 */
export function readStatement(
  kind: Kind,
  payload: unknown,
):
  | { readonly ok: true; readonly statement: Statement }
  | { readonly ok: false; readonly at: string } {
  const shape: JsonShape<Statement> = kinds[kind];
  if (shape.fits(payload)) return { ok: true, statement: freeze(payload) };
  return { ok: false, at: shape.fault(payload) || kind };
}

function freeze<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  for (const member of Object.values(value)) {
    if (typeof member === "object") freeze(member);
  }
  return Object.freeze(value);
}
