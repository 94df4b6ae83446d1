/**
 * What `optout policy explain --json` prints.
 */
import type { Action, ExtensionLimit, Limits, Policy, Rule, Stage } from "../core/policy.ts";
import { peopleOf, revokersOf, type Explained } from "./explain-words.ts";
import { scopeJson, type ScopeJson } from "./override-json.ts";

interface People {
  readonly roles: readonly string[];
  readonly people: readonly string[];
}

interface ApprovalsJson {
  readonly count: number;
  readonly pendingSeconds: number;
  readonly from: People;
  readonly or?: readonly { readonly count: number; readonly from: People }[];
}

interface RuleJson {
  readonly id: string;
  readonly line: number;
  readonly actions: readonly Action[];
  readonly who: People;
  readonly longestSeconds: number;
  readonly defaultSeconds: number | null;
  readonly reason: {
    readonly min: number;
    readonly codes: readonly string[] | null;
    readonly ticket: string | null;
  };
  readonly approvals: ApprovalsJson | null;
  readonly emergency: {
    readonly longestSeconds: number;
    readonly reviewWithinSeconds: number | null;
    readonly who: People;
  } | null;
  readonly mayRevoke: People;
  readonly recordUse: boolean;
  readonly announce: boolean;
  readonly forgeAccount: boolean;
}

export interface ExplainJson {
  readonly kind: "optout/policy-explain";
  readonly v: 1;
  readonly stage: Pick<
    Stage,
    | "id"
    | "line"
    | "kind"
    | "environment"
    | "never"
    | "whenUnreachable"
    | "irreversible"
    | "rollback"
  >;
  readonly scope: ScopeJson;
  readonly limit: Limits["perStage"];
  /** At the same time; null: any number. */
  readonly open: { readonly perStage: number | null; readonly perPerson: number | null };
  readonly extensions: ExtensionLimit | null;
  readonly policy: { readonly source: string; readonly digest: string };
  readonly places: readonly {
    readonly place: string;
    readonly branch: string | null;
    readonly head: string | null;
    readonly tag: string | null;
    readonly rule: RuleJson | null;
  }[];
}

export function explainJson({
  policy,
  policySource,
  stage,
  scope,
  places,
}: Explained): ExplainJson {
  const { id, line, kind, environment, never, whenUnreachable, irreversible, rollback } = stage;
  const { limits } = policy;
  return {
    kind: "optout/policy-explain",
    v: 1,
    stage: { id, line, kind, environment, never, whenUnreachable, irreversible, rollback },
    scope: scopeJson(scope),
    limit: limits.perStage,
    open: { perStage: limits.openPerStage, perPerson: limits.openPerPerson },
    extensions: limits.extensions,
    policy: { source: policySource, digest: policy.digest },
    places: places.map(({ name, subject, rule }) => ({
      place: name,
      branch: subject.branch,
      head: subject.head,
      tag: subject.tag,
      rule: rule === null ? null : ruleJson(rule, policy),
    })),
  };
}

/** Alternatives are in `or`, in the order of the policy. */
function approvalsJson(
  { or, ...first }: NonNullable<Rule["approvals"]>,
  people: (roles: readonly string[]) => People,
): ApprovalsJson {
  const others = or?.map((one) => ({ ...one, from: people(one.from) }));
  return { ...first, from: people(first.from), ...(others === undefined ? {} : { or: others }) };
}

function ruleJson(rule: Rule, policy: Policy): RuleJson {
  const { reason, approvals, emergency, who, ...plain } = rule;
  const people = (roles: readonly string[]): People => ({ roles, people: peopleOf(policy, roles) });
  return {
    id: plain.id,
    line: plain.line,
    actions: plain.actions,
    who: people(who),
    longestSeconds: plain.longestSeconds,
    defaultSeconds: plain.defaultSeconds,
    reason: { min: reason.min, codes: reason.codes, ticket: reason.ticket?.source ?? null },
    approvals: approvals === null ? null : approvalsJson(approvals, people),
    emergency: emergency === null ? null : { ...emergency, who: people(emergency.who) },
    mayRevoke: people(revokersOf(rule)),
    recordUse: plain.recordUse,
    announce: plain.announce,
    forgeAccount: plain.forgeAccount,
  };
}
