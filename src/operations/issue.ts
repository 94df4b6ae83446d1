/**
 * Issuing overrides: may I, sign, place. One override for each stage, each with its own signature.
 */
import { mayIssue, type Authorization, type Request } from "../core/authorize.ts";
import { OptoutError } from "../core/errors.ts";
import type { UnixSeconds } from "../core/policy.ts";
import { standings, type Standing } from "../core/state.ts";
import type { Statement } from "../core/statement.ts";
import type { View } from "../core/view.ts";
import {
  assertSound,
  complete,
  recordPolicy,
  write,
  type Act,
  type OwnMembers,
  type Writer,
} from "./write.ts";

/** What a person asks for; what the policy adds is decided here. */
export interface IssueRequest extends Omit<Request, "author" | "kid" | "account"> {
  readonly once: boolean;
  readonly notBefore: UnixSeconds | null;
  readonly until: UnixSeconds | null;
  /** Whether it is to be confirmed by the stage's name. */
  readonly irreversible?: boolean;
}

type Allowed = Exclude<Authorization, { kind: "refused" }>;

export interface Issued {
  readonly kind: "issued";
  readonly authorization: Allowed;
  readonly standing: Standing;
  /** The log with it. */
  readonly view: View;
}

export interface Refused {
  readonly kind: "refused";
  readonly request: IssueRequest;
  readonly refused: Extract<Authorization, { kind: "refused" }>["refused"];
}

/** Who issues, and what a head's pull requests go into. */
export interface Issuer {
  readonly writer: Writer;
  readonly defaultBranch: string | null;
  readonly account: Request["account"];
  /** The line for people about a statement. */
  readonly title: (statement: Statement) => string;
}

/** Who asks, by which key, and what the time is; no key is opened for asking. */
export interface Asker {
  readonly writer: Pick<Writer, "principal" | "now"> & {
    readonly signer: { readonly key: { readonly kid: string } };
  };
  readonly defaultBranch: string | null;
  readonly account: Request["account"];
}

/** What the policy says to the request now. */
export function authorize(
  { writer, defaultBranch, account }: Asker,
  view: View,
  request: IssueRequest,
): Authorization {
  const { principal, signer } = writer;
  const full: Request = { ...request, author: principal, kid: signer.key.kid, account };
  return mayIssue(view, full, writer.now(), defaultBranch);
}

/** The statement that would be signed, without writing anything. */
export function preview(
  writer: Writer,
  view: View,
  request: IssueRequest,
  authorization: Allowed,
): Statement {
  const statement = complete(writer, view, membersOf(request, authorization));
  assertSound(statement);
  return statement;
}

/** Issues one override, or says why the policy refuses it; then nothing was written. */
export async function issue(
  issuer: Issuer,
  view: View,
  request: IssueRequest,
): Promise<Issued | Refused> {
  const { writer, defaultBranch, title } = issuer;
  const first = authorize(issuer, view, request);
  if (first.kind === "refused") return { ...first, request };
  // before the policy's record, which would stand there for nothing
  preview(writer, view, request, first);
  const base = await recordPolicy(writer, view);
  // others may have written before the policy's record
  const authorization = authorize(issuer, base, request);
  if (authorization.kind === "refused") return { ...authorization, request };
  const written = await write(writer, base, {
    own: membersOf(request, authorization),
    title,
    stillAllowed: (seen) => authorize(issuer, seen, request).kind !== "refused",
  });
  if (written.kind === "withdrawn") {
    const now = authorize(issuer, written.view, request);
    return { kind: "refused", request, refused: now.kind === "refused" ? now.refused : [] };
  }
  const after = await writer.read();
  const standing = standings(after, writer.now(), defaultBranch).find(
    ({ judged }) => judged.seq === written.seq,
  );
  if (standing === undefined) throw rewrittenMeanwhile(written.seq);
  return { kind: "issued", authorization, standing, view: after };
}

function rewrittenMeanwhile(seq: number): OptoutError {
  return new OptoutError("log-rewound", `#${seq} was recorded and does not count`, {
    hint: "optout verify",
  });
}

function membersOf(request: IssueRequest, authorization: Allowed): Act["own"] {
  const { action, stage, scope, reason, tickets, duration, until, once, emergency } = request;
  return (iat: UnixSeconds): OwnMembers => ({
    kind: "override.created",
    action,
    target: { type: "stage", name: stage },
    scope,
    reason,
    tickets,
    // what it goes on from may have ended meanwhile
    nbf: Math.max(request.notBefore ?? iat, iat),
    duration,
    ...(until === null ? {} : { until }),
    ...(authorization.kind === "pending"
      ? { pending_until: iat + authorization.approvals.pendingSeconds }
      : {}),
    ...(authorization.kind === "pending" && authorization.raisedBy.length > 0
      ? { extra_approvals: 1 }
      : {}),
    ...(once ? { once } : {}),
    ...(emergency ? { emergency } : {}),
    ...(request.supersedes === undefined ? {} : { supersedes: request.supersedes }),
  });
}
