/**
 * Approving and denying: a signature over the digest of the exact override, by someone whom the
 * policy of now entitles. An approval that would change nothing is not written.
 */
import { OptoutError } from "../core/errors.ts";
import { mayDeny, type Judged } from "../core/judge.ts";
import { awaitedIn, isAwaitedFrom, rolesOf, type Awaited } from "../core/requests.ts";
import { approverRoles } from "../core/rule.ts";
import { isOpen, type Standing } from "../core/state.ts";
import type { Statement } from "../core/statement.ts";
import type { View } from "../core/view.ts";
import { isOver } from "./revoke.ts";
import { recordPolicy, write, type Writer, type Written } from "./write.ts";

export interface ApprovalSetting {
  readonly note: string | null;
  /** The line for people about the statement. */
  readonly title: (statement: Statement) => string;
  /** What a head's pull requests go into. */
  readonly defaultBranch: string | null;
}

/** Why an approval would change nothing. */
export type NoEffect =
  /** It is revoked, denied, expired, used up, or never was in force. */
  | "over"
  /** It needs none, or has those that it needs. */
  | "not-needed"
  /** The same person has approved it. */
  | "given";

/**
 * Approves the override.
 * @throws `refused` when the approval of this principal would not count
 */
export async function approve(
  writer: Writer,
  view: View,
  standing: Standing,
  setting: ApprovalSetting,
): Promise<Written | NoEffect> {
  const { judged } = standing;
  const before = effectIn(view, writer, standing, setting);
  if (before !== null) return before;
  const { digest, statement } = judged;
  const { note, title } = setting;
  const base = await recordPolicy(writer, view);
  // others may have written before the policy's record
  if (awaitedAt(base, writer, judged, setting) === null) return "over";
  const written = await write(writer, base, {
    own: () => ({
      kind: "override.approved",
      override: statement.id,
      digest,
      ...(note === null ? {} : { note }),
    }),
    title,
    stillAllowed: (seen) => awaitedAt(seen, writer, judged, setting) !== null,
  });
  return written.kind === "withdrawn" ? "over" : written;
}

/** Why an approval would change nothing; null where it would count. @throws `refused` */
export function effectIn(
  view: View,
  { principal, now }: Pick<Writer, "principal" | "now">,
  { judged, state }: Standing,
  { defaultBranch }: Pick<ApprovalSetting, "defaultBranch">,
): NoEffect | null {
  const awaited = awaitedAt(view, { now }, judged, { defaultBranch });
  if (awaited === null) return isOpen(state) ? "not-needed" : "over";
  if (judged.approvals.some(({ by }) => by === principal.id)) return "given";
  if (isAwaitedFrom(awaited, principal)) return null;
  const from = rolesOf(awaited.missing).join(" or ");
  const why =
    principal.id === judged.author.id
      ? `made #${judged.seq}, and nobody approves her own`
      : `may not approve #${judged.seq}`;
  throw new OptoutError("refused", `${principal.id} ${why}: it needs someone who is ${from}`, {
    hint: `optout show ${judged.seq}`,
  });
}

function awaitedAt(
  view: View,
  { now }: Pick<Writer, "now">,
  { seq }: Judged,
  { defaultBranch }: Pick<ApprovalSetting, "defaultBranch">,
): Awaited | null {
  return awaitedIn(view, now(), defaultBranch).find(({ judged }) => judged.seq === seq) ?? null;
}

/**
 * Denies the override: it ends for good, also where it is in force already.
 * @throws `refused` when the policy does not let this principal deny it
 */
export async function deny(
  writer: Writer,
  view: View,
  { judged }: Standing,
  { note, title }: { readonly note: string; readonly title: ApprovalSetting["title"] },
): Promise<Written | "over"> {
  if (isOver(judged)) return "over";
  const { author, rule, statement, digest } = judged;
  if (!mayDeny(writer.principal, author, rule)) {
    const roles = approverRoles(rule);
    const who = roles.length === 0 ? "no one" : `someone else who is ${roles.join(" or ")}`;
    throw new OptoutError(
      "refused",
      `${writer.principal.id} may not deny #${judged.seq}: ${who} may`,
      { hint: `optout revoke ${judged.seq}   (its author may)` },
    );
  }
  const written = await write(writer, await recordPolicy(writer, view), {
    own: () => ({ kind: "override.denied", override: statement.id, digest, note }),
    title,
    stillAllowed: () => true,
  });
  return written.kind === "withdrawn" ? "over" : written;
}
