/**
 * The shape of a rule of the policy: who may do what, for how long, with whose approval.
 */
import { reasonCodes, type Approvals, type Emergency, type Rule } from "./policy.ts";
import { action, duration, match, names, nameShape, someNames } from "./policy-words.ts";
import { choice, integer, map, parsed, placed, type Placed, type Shape } from "./shape.ts";
import { list, mapping, optional, required, withDefault } from "./shape-collections.ts";
import { ticketPattern } from "./ticket-pattern.ts";

/** What the file says of a rule: members as in `Rule`. */
export interface RuleShape extends Omit<Rule, "id" | "line"> {
  readonly id: Placed<string>;
}

const daySeconds = 86_400;
/** A reason has at most so many code points (record-and-log.md). */
const maxReason = 2_000;

/** Nothing but the word; true where it stands. */
const wordRequired = map(choice(["required"]), () => true);

const approvals: Shape<Approvals> = map(
  mapping({
    count: required(integer(1, 16)),
    from: required(someNames),
    pending: withDefault(duration(7 * daySeconds), daySeconds),
  }),
  ({ pending: pendingSeconds, ...rest }) => ({ ...rest, pendingSeconds }),
);

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
  }),
);
