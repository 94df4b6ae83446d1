/**
 * Asking a policy alone: what it says to a request while nothing stands in the log. The one decision
 * function is asked, as writers ask it before they sign; so tests and comparisons of policies cannot
 * say anything else than the policy itself will.
 */
import { mayIssue, type Request } from "../core/authorize.ts";
import { certain } from "../core/clock.ts";
import { freezeFor } from "../core/freeze.ts";
import type { PolicyAnswer } from "../core/policy-case.ts";
import type { Freeze, Policy, Principal, UnixSeconds } from "../core/policy.ts";
import { placesOf, rulesFor } from "../core/scope.ts";
import type { Scope } from "../core/statement.ts";
import { viewOf } from "../core/view.ts";

/** Who asks for what, and when. */
export interface PolicyQuestion extends Omit<Request, "author" | "kid" | "account"> {
  readonly who: Principal;
  /** Null: at a time without freezes. */
  readonly when: UnixSeconds | null;
  /** Whether they are signed in to the forge as whom the policy says; taken for granted if absent. */
  readonly signedIn?: boolean;
}

/** Asks the policy; a pure function of its arguments. */
export function askPolicy(
  policy: Policy,
  question: PolicyQuestion,
  defaultBranch: string | null,
): PolicyAnswer {
  const { who, when, signedIn = true, ...request } = question;
  const kid = who.keys[0]?.kid ?? "";
  const account = signedIn ? "unasked" : null;
  const full: Request = { ...request, author: who, kid, account };
  const answer = mayIssue(viewOf(policy, 0, []), full, when ?? 0, defaultBranch);
  if (answer.kind === "refused" || when === null) return answer;
  const freeze = freezeAbove(policy, full, when, defaultBranch);
  return freeze === null ? answer : { kind: "frozen", freeze, otherwise: answer };
}

/** The freeze above what is asked for, if any. A force beats a freeze, and a hold is above it. */
export function freezeAbove(
  policy: Policy,
  { action, stage, scope }: Pick<Request, "action" | "stage" | "scope">,
  when: UnixSeconds,
  defaultBranch: string | null,
): Freeze | null {
  if (action === "force" || action === "hold") return null;
  const clock = certain(when);
  const found = placesOf(stage, scope, defaultBranch)
    .flatMap(({ subjects }) => subjects)
    .map((subject) => freezeFor(policy, subject, clock));
  return found.find((freeze) => freeze !== null) ?? null;
}

/** Seconds that are meant where nobody says how long: the shortest default of the rules; else 2 h. */
export function usualSeconds(
  policy: Policy,
  asked: { readonly stage: string; readonly scope: Scope; readonly emergency: boolean },
  defaultBranch: string | null,
): number {
  const lengths = rulesFor(policy, asked, defaultBranch).map((rule) => {
    const longest = asked.emergency
      ? (rule.emergency?.longestSeconds ?? rule.longestSeconds)
      : rule.longestSeconds;
    return Math.min(rule.defaultSeconds ?? longest, longest);
  });
  return lengths.length > 0 ? Math.min(...lengths) : 7200;
}
