/**
 * What an override brings with it: whose approval an emergency went without, and the review that it owes.
 */
import { alternativesOf, approverRoles } from "../core/rule.ts";
import { hasRole, type Policy, type UnixSeconds } from "../core/policy.ts";
import type { Judged } from "../core/judge.ts";
import { forTerminal } from "./escape.ts";
import { marked, type Paint } from "./paint.ts";
import { clockWords } from "./times.ts";

interface AftermathContext {
  readonly policy: Policy;
  readonly now: UnixSeconds;
  readonly zone: string;
  readonly paint: Paint;
}

/** Ids of those who could have approved it, beside the author. */
function skippedApprovers(policy: Policy, { rule, author }: Judged): readonly string[] {
  const from = approverRoles(rule);
  return [...policy.principals.values()]
    .filter((one) => one.kind === "person" && one.id !== author.id && hasRole(one, from))
    .map(({ id }) => id);
}

/** Every skipped approver by name, and the review; nothing for what is no emergency. */
export function emergencyLines(judged: Judged, context: AftermathContext): readonly string[] {
  const { statement, rule, seq } = judged;
  if (statement.emergency !== true || rule === null) return [];
  const { policy, now, zone, paint } = context;
  const skipped = skippedApprovers(policy, judged).map(forTerminal).join(", ");
  const approvers =
    alternativesOf(rule.approvals).length === 0
      ? "no approval was needed"
      : `without approval by ${skipped || "anyone: nobody could have given one"}`;
  const within = rule.emergency?.reviewWithinSeconds ?? null;
  return [
    `  ${paint("suspended", "EMERGENCY")}: ${approvers}`,
    ...(within === null
      ? []
      : [
          `  ${marked(paint, "waiting", `review by someone else due by ${clockWords(statement.nbf + within, now, zone)}: optout review ${seq} --outcome ok -m "…"`)}`,
        ]),
  ];
}

/** `, one more because the review of #398 is overdue`. */
export function raisedWords(raisedBy: readonly number[]): string {
  if (raisedBy.length === 0) return "";
  const numbers = raisedBy.map((seq) => `#${seq}`).join(", ");
  const verb = raisedBy.length === 1 ? "review of" : "reviews of";
  return ` (one more: the ${verb} ${numbers} ${raisedBy.length === 1 ? "is" : "are"} overdue)`;
}
