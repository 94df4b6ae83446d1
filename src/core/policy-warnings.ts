/**
 * What a policy may say but probably does not mean: roles that nobody holds, rules that never
 * decide, approvals that nobody can give. Nothing here changes what the policy permits.
 */
import { globMatches } from "./glob.ts";
import { actions, hasRole, type Policy, type Principal, type Rule, type Stage } from "./policy.ts";
import { alternativesOf, approverRoles } from "./rule.ts";
import { didYouMean } from "./shape.ts";

type Warning = Policy["warnings"][number];
type Unwarned = Omit<Policy, "warnings">;

/**
 * Sentences without a full stop, in file order.
 * @param mayRevokeLine where the policy's own `may_revoke` stands
 */
export function policyWarnings(policy: Unwarned, mayRevokeLine: number): Policy["warnings"] {
  const warnings = [
    ...policy.rules.flatMap((rule, i) => ruleWarnings(policy, rule, policy.rules.slice(0, i))),
    ...stageWarnings(policy),
    ...principalWarnings(policy),
    ...announceWarnings(policy),
    ...roleWarnings(policy, policy.mayRevoke, {
      line: mayRevokeLine,
      where: "may_revoke",
    }),
  ];
  return Object.freeze(warnings.toSorted((a, b) => a.line - b.line));
}

function warning(line: number, message: string): Warning {
  return Object.freeze({ line, message });
}

function ruleWarnings(policy: Unwarned, rule: Rule, earlier: readonly Rule[]): readonly Warning[] {
  const { id, line, emergency } = rule;
  const found: Warning[] = [];
  const broader = earlier.find((other) => covers(other, rule));
  if (broader !== undefined) {
    found.push(
      warning(line, `rule ${id} never decides: rule ${broader.id} always matches before it`),
    );
  } else if (![...policy.stages.values()].some((stage) => fits(rule, stage))) {
    found.push(warning(line, `rule ${id} matches no stage of the policy`));
  }
  const used = [rule.who, approverRoles(rule), emergency?.who ?? [], rule.mayRevoke].flat();
  found.push(...roleWarnings(policy, used, { line, where: `rule ${id}` }));
  found.push(...approvalWarnings(policy, rule));
  if (emergency !== null && emergency.longestSeconds > rule.longestSeconds) {
    found.push(warning(line, `rule ${id} allows longer in an emergency than otherwise`));
  }
  return [...found, ...globWarnings(rule)];
}

/** Told of the first alternative that is for all overrides, where no such one can be met. */
function approvalWarnings(policy: Unwarned, rule: Rule): readonly Warning[] {
  const forAll = alternativesOf(rule.approvals).filter(({ when }) => when === undefined);
  const [first] = forAll;
  if (first === undefined) return [];
  const most = forAll.map((one) => mostApprovers(policy, rule.who, one.from));
  if (forAll.some(({ count }, index) => (most[index] ?? 0) >= count)) return [];
  const approvals = first.count === 1 ? "1 approval" : `${first.count} approvals`;
  const givers = most[0] === 1 ? "1 person" : `${most[0] ?? 0} people`;
  const message = `rule ${rule.id} needs ${approvals}, and only ${givers} could give one`;
  return [warning(rule.line, message)];
}

function globWarnings({ id, line, match }: Rule): readonly Warning[] {
  const globs = [match.stages, match.branches, match.environments].flatMap((list) => list ?? []);
  return globs
    .filter((glob) => /[?[{]|^!/.test(glob))
    .map((glob) => warning(line, `rule ${id}: only * is special in a glob, so ${glob} is literal`));
}

function announceWarnings({ rules, notify }: Unwarned): readonly Warning[] {
  if (notify.length > 0) return [];
  return rules
    .filter(({ announce }) => announce)
    .map(({ id, line }) =>
      warning(line, `rule ${id} requires an announcement, and notify names no channel`),
    );
}

/** Whether whatever the later rule matches is matched by the earlier one; only where it is plain. */
function covers({ match: earlier }: Rule, { match: later }: Rule): boolean {
  return (["kinds", "stages", "branches", "environments"] as const).every((part) => {
    const [all, some] = [earlier[part], later[part]];
    return all === null || (some !== null && some.every((glob) => all.includes(glob)));
  });
}

/** As far as a stage alone can tell; branches and environments are the job's. */
function fits({ match }: Rule, stage: Stage): boolean {
  const isOfKind = match.kinds === null || match.kinds.includes(stage.kind);
  return isOfKind && (match.stages?.some((glob) => globMatches(glob, stage.id)) ?? true);
}

function people({ principals }: Unwarned): readonly Principal[] {
  return [...principals.values()].filter(({ kind, keys }) => kind === "person" && keys.length > 0);
}

/** How many could approve the override of the author for whom there are most. */
function mostApprovers(policy: Unwarned, who: readonly string[], from: readonly string[]): number {
  const approvers = people(policy).filter((person) => hasRole(person, from));
  const authors = people(policy).filter((person) => hasRole(person, who));
  const counts = authors.map((author) => approvers.filter((person) => person !== author).length);
  return authors.length === 0 ? approvers.length : Math.max(...counts);
}

function roleWarnings(
  policy: Unwarned,
  used: readonly string[],
  { line, where }: { readonly line: number; readonly where: string },
): readonly Warning[] {
  const held = new Set(people(policy).flatMap(({ roles }) => roles));
  return [...new Set(used)]
    .filter((role) => !held.has(role))
    .map((role) =>
      warning(line, `${where}: nobody holds the role ${role}${didYouMean(role, [...held])}`),
    );
}

function stageWarnings({ stages, rules }: Unwarned): readonly Warning[] {
  return [...stages.values()]
    .filter(({ never }) => never.length < actions.length)
    .filter((stage) => !rules.some((rule) => fits(rule, stage)))
    .map(({ id, line }) =>
      warning(line, `no rule matches stage ${id}, so nothing may override it`),
    );
}

function principalWarnings({ principals }: Unwarned): readonly Warning[] {
  return [...principals.values()].flatMap(({ id, line, kind, roles, keys }) => [
    ...(keys.length === 0 ? [warning(line, `${id} has no key`)] : []),
    ...(kind === "ci" && roles.length > 0
      ? [warning(line, `${id} is of kind ci, so its roles have no effect`)]
      : []),
  ]);
}
