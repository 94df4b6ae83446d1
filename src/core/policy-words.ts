/**
 * The words that the policy is made of, as shapes: names, actions, globs, lengths of time, and what
 * a rule or a freeze matches.
 */
import { durationPattern, formatDuration, parseDuration } from "./duration.ts";
import { OptoutError } from "./errors.ts";
import { globProblem } from "./glob.ts";
import { namePattern, stageIdPattern } from "./ids.ts";
import { actions, type Action, type RuleMatch } from "./policy.ts";
import { choice, map, parsed, text, type Shape } from "./shape.ts";
import { list, mapping, oneOrMore, optional } from "./shape-collections.ts";

/** What a name may look like; the pattern has no anchors. */
interface NameForm {
  readonly what: string;
  readonly pattern: string;
}

/** Principals, roles, rules, kinds, channels, freezes. */
export const nameForm: NameForm = {
  what: "a name of at most 64 lower-case letters, digits and . _ -",
  pattern: namePattern,
};

export const stageIdForm: NameForm = {
  what: "an id of at most 64 lower-case letters, digits and . _ / -, and not all_decisions",
  pattern: stageIdPattern,
};

/** One name, any number of different ones, and at least one. */
export const nameShape: Shape<string> = text(nameForm);
export const names: Shape<readonly string[]> = list(nameShape, { distinct: true });
export const someNames: Shape<readonly string[]> = list(nameShape, { least: 1, distinct: true });

export const action: Shape<Action> = choice(actions);

const glob = text({ what: "a glob", problem: globProblem, maxLength: 256 });
const globs = oneOrMore(glob);

/** A length of time, in seconds; `longest` at most. */
export const duration = (longest: number = Infinity): Shape<number> =>
  parsed("a duration like 2h", durationPattern, (written) => {
    const seconds = parseDuration(written);
    if (seconds <= longest) return seconds;
    throw new OptoutError("policy-invalid", `is longer than ${formatDuration(longest)}`);
  });

/** What a rule or a freeze is for. */
export const match: Shape<RuleMatch> = map(
  mapping({
    kind: optional(oneOrMore(nameShape)),
    stages: optional(globs),
    branches: optional(globs),
    environments: optional(globs),
  }),
  ({ kind: kinds, ...globsOf }) => ({ kinds, ...globsOf }),
);
