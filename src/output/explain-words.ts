/**
 * What `optout policy explain` says: a rule's every condition in words.
 */
import { formatDuration } from "../core/duration.ts";
import {
  hasRole,
  type ExtensionLimit,
  type Policy,
  type Rule,
  type Stage,
} from "../core/policy.ts";
import { approverRoles } from "../core/rule.ts";
import type { Subject } from "../core/scope.ts";
import type { Scope } from "../core/statement.ts";
import { approvalWords } from "./approval-words.ts";
import { forTerminal } from "./escape.ts";
import { marked, type Paint } from "./paint.ts";
import { scopeWords } from "./scope-words.ts";

export interface Explained {
  readonly policy: Policy;
  /** `.optout/policy.yaml at origin/HEAD`. */
  readonly policySource: string;
  readonly stage: Stage;
  readonly scope: Scope;
  /** Each place of the scope with the rule that judges there; a head is judged as two subjects. */
  readonly places: readonly ExplainedPlace[];
}

interface ExplainedPlace {
  readonly name: string;
  readonly subject: Subject;
  readonly rule: Rule | null;
}

/** The stage, then each rule once, under the places that it judges. */
export function explainLines(explained: Explained, paint: Paint): readonly string[] {
  const { policySource, stage, scope, places } = explained;
  const rules = [...new Set(places.map(({ rule }) => rule))];
  return [
    `${paint("strong", stage.id)} (line ${stage.line} of ${forTerminal(policySource)}) on ${scopeWords(scope)}`,
    ...rows(stageRows(explained)),
    ...rules.flatMap((rule) => {
      const judged = places.filter((one) => one.rule === rule);
      const where = [...new Set(judged.map(placeWords))].join("; ");
      return ["", ...ruleLines(rule, where, explained, paint)];
    }),
  ];
}

function placeWords({ name, subject }: ExplainedPlace): string {
  const { head, branch } = subject;
  if (head === null) return forTerminal(name);
  if (branch === head) return `pushes to ${forTerminal(name)}`;
  const into = branch === null ? "" : ` into ${forTerminal(branch)}`;
  return `pull requests from ${forTerminal(name)}${into}`;
}

type Row = readonly [name: string, text: string];

const rows = (all: readonly Row[]): readonly string[] =>
  all.map(([name, text]) => `  ${name.padEnd(10)} ${text}`);

function stageRows({ stage, policy }: Explained): readonly Row[] {
  const { kind, environment, never, whenUnreachable } = stage;
  const { perStage: limit, openPerStage, openPerPerson, extensions } = policy.limits;
  return [
    ["kind", forTerminal(kind)],
    ...row("in", environment === null ? null : `environment ${forTerminal(environment)}`),
    ...row(
      "never",
      never.length === 0 ? null : `${never.join(", ")}, by anyone, by any way at all`,
    ),
    ...row("proposes", stage.prefer),
    ...row(
      "in all",
      limit === null
        ? null
        : `up to ${formatDuration(limit.totalSeconds)} within ${formatDuration(limit.withinSeconds)}; holds are not counted`,
    ),
    ...row("at a time", openWords(openPerStage, openPerPerson)),
    ...row("extend", extensions === null ? null : extensionWords(extensions)),
    ...row("undo", stage.irreversible ? `cannot be: no emergency, --confirm ${stage.id}` : null),
    ...row("rollback", stage.rollback === null ? null : forTerminal(stage.rollback)),
    [
      "no log",
      whenUnreachable === "stop"
        ? "stops while the log cannot be read"
        : "runs while the log cannot be read",
    ],
  ];
}

function openWords(perStage: number | null, perPerson: number | null): string | null {
  const parts = [
    ...(perStage === null ? [] : [`${perStage} of the stage`]),
    ...(perPerson === null ? [] : [`${perPerson} of one person`]),
  ];
  return parts.length === 0 ? null : `up to ${parts.join(", ")}; holds are not counted`;
}

function extensionWords({ most, totalSeconds }: ExtensionLimit): string {
  const count = most === null ? [] : [most === 0 ? "never" : `up to ${most}×`];
  const total = totalSeconds === null ? [] : [`up to ${formatDuration(totalSeconds)} in all`];
  return [...count, ...total].join(", ");
}

const row = (name: string, text: string | null): readonly Row[] =>
  text === null ? [] : [[name, text]];

function ruleLines(
  rule: Rule | null,
  where: string,
  explained: Explained,
  paint: Paint,
): readonly string[] {
  const { policy } = explained;
  if (rule === null) {
    return [marked(paint, "violation", `${where}: no rule fits, so nothing may override it`)];
  }
  return [
    marked(paint, "restored", `${where}: rule ${rule.id} (line ${rule.line})`),
    ...rows([
      ...whatRows(rule, explained),
      ...approvalRows(rule, policy),
      ...laterRows(rule, policy),
    ]),
  ];
}

function whatRows(rule: Rule, { stage, policy }: Explained): readonly Row[] {
  const { defaultSeconds, longestSeconds, reason } = rule;
  const usual = defaultSeconds === null ? "" : ` (${formatDuration(defaultSeconds)} if not said)`;
  const text = [
    ...(reason.min > 1 ? [`at least ${reason.min} characters`] : []),
    ...(reason.codes === null ? [] : [`--code ${reason.codes.join(" or ")}`]),
  ];
  return [
    ["may", rule.actions.filter((one) => !stage.never.includes(one)).join(", ") || "nothing"],
    ["who", peopleWords(policy, rule.who)],
    ["longest", `${formatDuration(longestSeconds)}${usual}`],
    ["reason", text.length === 0 ? "any" : text.join(", ")],
    ...row(
      "ticket",
      reason.ticket === null
        ? null
        : `one at least, each matching ${forTerminal(reason.ticket.source)}`,
    ),
  ];
}

function approvalRows({ approvals, emergency }: Rule, policy: Policy): readonly Row[] {
  if (approvals === null) return [["approvals", "none"], ...emergencyRows(emergency, policy)];
  const { pendingSeconds } = approvals;
  const people = peopleWords(policy, approverRoles({ approvals }));
  return [
    [
      "approvals",
      `${approvalWords(approvals)} within ${formatDuration(pendingSeconds)}, never the author's own; none for a hold`,
    ],
    ["", people],
    ...emergencyRows(emergency, policy),
  ];
}

function emergencyRows(emergency: Rule["emergency"], policy: Policy): readonly Row[] {
  if (emergency === null) return [["emergency", "none"]];
  const { who, longestSeconds, reviewWithinSeconds } = emergency;
  const review =
    reviewWithinSeconds === null ? "" : `, review due in ${formatDuration(reviewWithinSeconds)}`;
  return [
    ["emergency", `in force before approval, up to ${formatDuration(longestSeconds)}${review}`],
    ["", peopleWords(policy, who)],
  ];
}

function laterRows(rule: Rule, policy: Policy): readonly Row[] {
  const { recordUse, announce, forgeAccount } = rule;
  const roles = revokersOf(rule);
  const others = roles.length === 0 ? "" : `, or ${peopleWords(policy, roles)}`;
  return [
    ["revoke", `its author${others}`],
    ...row("account", forgeAccount ? "signed in to the forge as the account of the policy" : null),
    ...row("use", recordUse ? "counts only in jobs that can record it" : null),
    ...row("announce", announce ? "counts only once an announcement is delivered" : null),
  ];
}

/** Whoever may approve may take back too. */
export function revokersOf({ mayRevoke, approvals }: Rule): readonly string[] {
  return [...new Set([...mayRevoke, ...approverRoles({ approvals })])];
}

/** `oncall (alice, bob)`: the roles, and the persons who hold one of them. */
function peopleWords(policy: Policy, roles: readonly string[]): string {
  const people = peopleOf(policy, roles).map(forTerminal);
  return `${roles.map(forTerminal).join(" or ")} (${people.join(", ") || "nobody"})`;
}

export function peopleOf(policy: Policy, roles: readonly string[]): readonly string[] {
  return [...policy.principals.values()]
    .filter((one) => one.kind === "person" && hasRole(one, roles))
    .map(({ id }) => id);
}
