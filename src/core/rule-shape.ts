/**
 * The shape of a rule of the policy: who may do what, for how long, with whose approval.
 */
import {
  reasonCodes,
  type Alternative,
  type ApprovalCondition,
  type Approvals,
  type Emergency,
  type Rule,
} from "./policy.ts";
import { action, duration, match, names, nameShape, someNames } from "./policy-words.ts";
import {
  choice,
  integer,
  map,
  parsed,
  placed,
  refuse,
  truth,
  type Placed,
  type Shape,
} from "./shape.ts";
import { list, mapping, oneOrMore, optional, required, withDefault } from "./shape-collections.ts";
import { ticketPattern } from "./ticket-pattern.ts";

/** What the file says of a rule: members as in `Rule`. */
export interface RuleShape extends Omit<Rule, "id" | "line"> {
  readonly id: Placed<string>;
}

const daySeconds = 86_400;
/** A reason has at most so many code points (docs/format.md, "Limits"). */
const maxReason = 2_000;

/** Nothing but the word; true where it stands. */
const wordRequired = map(choice(["required"]), () => true);
const wordMatch = map(choice(["match"]), () => true);

const condition: Shape<ApprovalCondition> = map(
  mapping(
    {
      code: optional(oneOrMore(choice(reasonCodes))),
      ticket: withDefault(truth, false),
    },
    ({ code, ticket }, problem) => {
      if (code === null && !ticket) problem("code", "is missing, and ticket: true is too");
    },
  ),
  ({ code: codes, ticket }) => ({ codes, ticket }),
);

/** One alternative, and how long an override waits for it. */
interface Listed extends Alternative {
  readonly pendingSeconds: number;
}

const alternative: Shape<Listed> = map(
  mapping({
    count: required(integer(1, 16)),
    from: required(someNames),
    when: optional(condition),
    pending: withDefault(duration(7 * daySeconds), daySeconds),
  }),
  ({ count, from, when, pending: pendingSeconds }) => ({
    count,
    from,
    pendingSeconds,
    ...(when === null ? {} : { when }),
  }),
);

/** One, or a list of which the first that is met suffices. */
const approvals: Shape<Approvals> = listed(oneOrMore(alternative));

/** An override waits as long as the most patient of them allows. */
function listed(many: Shape<readonly Listed[]>): Shape<Approvals> {
  return {
    read(node, path, report) {
      const all = many.read(node, path, report);
      const [first, ...others] = all ?? [];
      if (all === undefined || first === undefined) return undefined;
      if (all.every(({ when }) => when !== undefined)) {
        return refuse(report, node, `${path} needs one without when, for all other overrides`);
      }
      const pendingSeconds = Math.max(...all.map((one) => one.pendingSeconds));
      const or = others.map(({ count, from, when }) =>
        Object.freeze({ count, from, ...(when === undefined ? {} : { when }) }),
      );
      return Object.freeze({ ...first, pendingSeconds, ...(or.length === 0 ? {} : { or }) });
    },
    jsonSchema: () => many.jsonSchema(),
  };
}

const emergency: Shape<Emergency> = map(
  mapping({
    who: required(someNames),
    longest: required(duration()),
    review_within: optional(duration()),
  }),
  ({ who, longest: longestSeconds, review_within: reviewWithinSeconds }) => ({
    who,
    longestSeconds,
    reviewWithinSeconds,
  }),
);

const anyReason: Rule["reason"] = Object.freeze({ min: 1, codes: null, ticket: null });

const reason: Shape<Rule["reason"]> = mapping({
  min: withDefault(integer(1, maxReason), anyReason.min),
  codes: optional(list(choice(reasonCodes), { least: 1, distinct: true })),
  ticket: optional(parsed("a pattern for tickets", null, ticketPattern)),
});

export const ruleShape: Shape<RuleShape> = map(
  mapping(
    {
      id: required(placed(nameShape)),
      match: required(match),
      actions: required(list(action, { least: 1, distinct: true })),
      who: required(someNames),
      longest: required(duration()),
      default: optional(duration()),
      reason: withDefault(reason, anyReason),
      approvals: optional(approvals),
      emergency: optional(emergency),
      may_revoke: withDefault(names, Object.freeze([])),
      record_use: withDefault(wordRequired, false),
      announce: withDefault(wordRequired, false),
      forge_account: withDefault(wordMatch, false),
    },
    (found, problem) => {
      if (found.default !== null && found.default > found.longest) {
        problem("default", "is longer than the rule's longest");
      }
    },
  ),
  (found) => ({
    id: found.id,
    match: found.match,
    actions: found.actions,
    who: found.who,
    longestSeconds: found.longest,
    defaultSeconds: found.default,
    reason: found.reason,
    approvals: found.approvals,
    emergency: found.emergency,
    mayRevoke: found.may_revoke,
    recordUse: found.record_use,
    announce: found.announce,
    forgeAccount: found.forge_account,
  }),
);
