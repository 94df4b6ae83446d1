/**
 * Whom the forge takes the author for, asked only where a rule that judges the request wants to know.
 */
import type { Request } from "../core/authorize.ts";
import type { Policy } from "../core/policy.ts";
import { rulesFor } from "../core/scope.ts";
import type { Scope } from "../core/statement.ts";
import type { Openers } from "./openers.ts";

interface Judging {
  readonly policy: Policy;
  readonly defaultBranch: string | null;
}

/** @throws what the forge's answer throws; being signed in nowhere is null */
export async function accountFor(
  open: Pick<Openers, "account">,
  requests: readonly { readonly stage: string; readonly scope: Scope }[],
  { policy, defaultBranch }: Judging,
): Promise<Request["account"]> {
  const isAsked = requests.some((request) =>
    rulesFor(policy, request, defaultBranch).some((rule) => rule.forgeAccount),
  );
  return isAsked ? open.account() : "unasked";
}
