/**
 * The approvals that a rule asks for, in words.
 */
import type { Alternative, Approvals } from "../core/policy.ts";

type Asked = Pick<Approvals, "count" | "from" | "when" | "or">;

/** `2 approvals from release-manager or security`; alternatives are parted by `, or`. */
export function approvalWords({ or = [], ...first }: Asked): string {
  return [first, ...or].map(alternativeWords).join(", or ");
}

function alternativeWords({ count, from, when }: Alternative): string {
  const needed = `${count} approval${count === 1 ? "" : "s"} from ${from.join(" or ") || "nobody"}`;
  if (when === undefined) return needed;
  const { codes, ticket } = when;
  const conditions = [
    ...(codes === null ? [] : [`code ${codes.join(" or ")}`]),
    ...(ticket ? ["a ticket"] : []),
  ];
  return `${needed} with ${conditions.join(" and ")}`;
}
