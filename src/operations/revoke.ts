/**
 * Revoking an override: at once, by its author, by an eligible approver or by whom the rule names.
 */
import { mayRevoke, type Judged } from "../core/judge.ts";
import type { ObjectionCode } from "../core/objection.ts";
import { approverRoles } from "../core/rule.ts";
import type { Standing } from "../core/state.ts";
import type { Statement } from "../core/statement.ts";
import type { View } from "../core/view.ts";
import { OptoutError } from "../core/errors.ts";
import { recordPolicy, write, type Writer, type Written } from "./write.ts";

export interface Ending {
  readonly note: string | null;
  /** The line for people about the statement. */
  readonly title: (statement: Statement) => string;
}

/**
 * What has ended for good. Not what is used up, for its run may still use it, nor what only doubt
 * ends, for a change of the policy may end the doubt.
 */
const over: ReadonlySet<ObjectionCode> = new Set<ObjectionCode>([
  "revoked",
  "denied",
  "expired",
  "approvals-too-late",
]);

/** Whether the override has ended for good. */
export function isOver({ objections }: Judged): boolean {
  return objections.some(({ code }) => over.has(code));
}

/**
 * Revokes the override.
 * @throws `refused` when the policy does not let this principal end it
 */
export async function revoke(
  writer: Writer,
  view: View,
  { judged }: Standing,
  { note, title }: Ending,
): Promise<Written | "already-over"> {
  if (isOver(judged)) return "already-over";
  const { author, rule, statement } = judged;
  if (!mayRevoke(writer.principal, author, rule)) {
    const roles = [...new Set([...(rule?.mayRevoke ?? []), ...approverRoles(rule)])];
    const others = roles.length === 0 ? "" : `, or anyone who is ${roles.join(" or ")}`;
    throw new OptoutError(
      "refused",
      `${writer.principal.id} may not revoke #${judged.seq}: ${author.id} may${others}`,
      { hint: `optout show ${judged.seq}` },
    );
  }
  const written = await write(writer, await recordPolicy(writer, view), {
    own: () => ({
      kind: "override.revoked",
      override: statement.id,
      ...(note === null ? {} : { note }),
    }),
    title,
    stillAllowed: () => true,
  });
  if (written.kind === "withdrawn") return "already-over";
  return written;
}
