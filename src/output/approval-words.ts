/**
 * The approvals that a rule asks for, in words.
 */
import type { Rule } from "../core/policy.ts";

type Approvals = NonNullable<Rule["approvals"]>;

/** `2 approvals from release-manager or security`. */
export function approvalWords({ count, from }: Pick<Approvals, "count" | "from">): string {
  return `${count} approval${count === 1 ? "" : "s"} from ${from.join(" or ")}`;
}
