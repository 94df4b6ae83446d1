/**
 * May this principal do that? Asked by writers before they sign; checkers ask the policy again and
 * believe nothing of it.
 */
import { isAccountOf, nameOf, type Account } from "./account.ts";
import { clockOf } from "./clock.ts";
import { objectionsToExtension } from "./extension.ts";
import type { Objection } from "./objection.ts";
import { isKeyRevoked } from "./permitting.ts";
import type { Policy, Rule, UnixSeconds } from "./policy.ts";
import { canBeRaised, dueReviews, overdueUnder } from "./reviews.ts";
import { openIn } from "./open-overrides.ts";
import { opinion, raised, type Proposal } from "./rule.ts";
import { placesOf, type Place } from "./scope.ts";
import type { Scope } from "./statement.ts";
import { overriddenSeconds } from "./time-used.ts";
import type { View } from "./view.ts";

/** An override that somebody asks for. */
export interface Request extends Proposal {
  readonly stage: string;
  readonly scope: Scope;
  /** The id of the override that it extends. */
  readonly supersedes?: string;
  /** RFC 7638 thumbprint of the key that will sign. */
  readonly kid: string;
  /** Whom the forge takes the author for; null where not signed in. `unasked` is no objection. */
  readonly account: Account | null | "unasked";
}

/** One place that the policy refuses, with every reason. */
export interface RefusedPlace {
  readonly place: string;
  readonly rule: Rule | null;
  readonly objections: readonly Objection[];
}

export type Authorization =
  | { readonly kind: "allowed"; readonly rule: Rule }
  | {
      readonly kind: "pending";
      readonly rule: Rule;
      readonly approvals: NonNullable<Rule["approvals"]>;
      /** Positions of the emergencies whose overdue review asks for one approval more. */
      readonly raisedBy: readonly number[];
    }
  | { readonly kind: "refused"; readonly refused: readonly RefusedPlace[] };

/**
 * Judges the request in every place of its scope; all must allow it. The strictest demand for
 * approvals counts.
 * @param defaultBranch stands for `"*"` and for what a head is merged into
 */
export function mayIssue(
  view: View,
  request: Request,
  now: UnixSeconds,
  defaultBranch: string | null,
): Authorization {
  const { policy } = view;
  const opinions = placesOf(request.stage, request.scope, defaultBranch).map((place) =>
    bestOpinion(policy, place, request),
  );
  const general = [
    ...objectionsToKey(view, request),
    ...objectionsToClock(view, now),
    ...objectionsToTotal(view, request, now, defaultBranch),
    ...objectionsToOpen(view, request, now, defaultBranch),
    ...objectionsToGoingOn(view, request, now, defaultBranch),
  ];
  const refused = opinions
    .map((one) => ({
      ...one,
      objections: [...one.objections, ...objectionsToAccount(one.rule, request), ...general],
    }))
    .filter((one) => one.objections.length > 0);
  if (refused.length > 0) return { kind: "refused", refused };
  const strictest = opinions.reduce((a, b) => (countOf(b) > countOf(a) ? b : a));
  const { rule, approvals } = strictest;
  if (rule === null) return { kind: "refused", refused: [] };
  if (approvals === null) return { kind: "allowed", rule };
  const raisedBy = canBeRaised(policy, approvals, request.author)
    ? overdueUnder(dueReviews(view, defaultBranch), rule, now)
    : [];
  return {
    kind: "pending",
    rule,
    approvals: raised(approvals, raisedBy.length === 0 ? 0 : 1) ?? approvals,
    raisedBy: raisedBy.map(({ created }) => created.reading.seq),
  };
}

interface PlaceOpinion extends RefusedPlace {
  readonly approvals: Rule["approvals"];
}

/** A head passes where its push or its pull request does. */
function bestOpinion(policy: Policy, place: Place, request: Request): PlaceOpinion {
  const opinions = place.subjects.map((subject) => opinion(policy, subject, request));
  const best = opinions.reduce((a, b) => (b.objections.length < a.objections.length ? b : a));
  return { place: place.name, ...best };
}

const countOf = (one: PlaceOpinion): number => one.approvals?.count ?? 0;

function objectionsToKey(view: View, { kid }: Request): readonly Objection[] {
  return isKeyRevoked(view, kid) ? [{ code: "key-revoked", kid }] : [];
}

/** What is signed at a wrong time stays in the log for good, and has no effect. */
function objectionsToClock(view: View, now: UnixSeconds): readonly Objection[] {
  return clockOf(view, now, null).inDoubt ? [{ code: "clock" }] : [];
}

function objectionsToAccount(rule: Rule | null, request: Request): readonly Objection[] {
  const { account, author } = request;
  if (rule?.forgeAccount !== true || account === "unasked") return [];
  if (account !== null && isAccountOf(author, account)) return [];
  const forge = account?.forge ?? null;
  const expected = forge === null ? null : author[forge];
  return [{ code: "account", expected, found: account === null ? null : nameOf(account) }];
}

/** The policy's limit on the time that a stage may be overridden within a rolling window. */
function objectionsToTotal(
  view: View,
  request: Request,
  now: UnixSeconds,
  defaultBranch: string | null,
): readonly Objection[] {
  const limit = view.policy.limits.perStage;
  if (limit === null || request.action === "hold") return [];
  const { stage } = request;
  const used = overriddenSeconds(view, { stage, now, within: limit.withinSeconds, defaultBranch });
  return used + request.duration <= limit.totalSeconds
    ? []
    : [{ code: "limit", total: limit.totalSeconds, within: limit.withinSeconds, used }];
}

/** The policy's limits on how many overrides wait, are in force or will be at the same time. */
function objectionsToOpen(
  view: View,
  { stage, author, action, supersedes }: Request,
  now: UnixSeconds,
  defaultBranch: string | null,
): readonly Objection[] {
  if (action === "hold") return [];
  const { openPerStage, openPerPerson } = view.policy.limits;
  const limits = [
    { per: "stage", most: openPerStage, of: { stage } },
    { per: "person", most: openPerPerson, of: { author: author.id } },
  ] as const;
  return limits.flatMap(({ per, most, of }): readonly Objection[] => {
    if (most === null) return [];
    const open = openIn(view, of, now, defaultBranch)
      .filter(({ statement }) => statement.id !== supersedes)
      .map(({ reading }) => reading.seq);
    return open.length < most ? [] : [{ code: "too-many-open", per, most, open }];
  });
}

function objectionsToGoingOn(
  view: View,
  { supersedes, stage, action, scope, duration }: Request,
  now: UnixSeconds,
  defaultBranch: string | null,
): readonly Objection[] {
  if (supersedes === undefined) return [];
  const target = { type: "stage", name: stage } as const;
  const asked = { supersedes, target, action, scope, duration };
  return objectionsToExtension(view, asked, now, defaultBranch);
}
