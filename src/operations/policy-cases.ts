/**
 * Tests of a policy: cases that say what it must answer to whom. Read from YAML as strictly as the
 * policy itself, and asked of it as writers would.
 */
import { OptoutError } from "../core/errors.ts";
import {
  expectations,
  refusals,
  type CaseFault,
  type CaseResult,
  type PolicyAnswer,
  type PolicyCase,
  type PolicyCases,
} from "../core/policy-case.ts";
import type { PolicyProblem } from "../core/policy-parse.ts";
import {
  actions,
  reasonCodes,
  type Policy,
  type Principal,
  type ReasonCode,
  type UnixSeconds,
} from "../core/policy.ts";
import { duration, nameShape, someNames } from "../core/policy-words.ts";
import { rulesFor } from "../core/scope.ts";
import {
  choice,
  integer,
  map,
  parsed,
  placed,
  refuse,
  text,
  truth,
  type Shape,
} from "../core/shape.ts";
import {
  list,
  mapping,
  oneOrMore,
  optional,
  required,
  withDefault,
} from "../core/shape-collections.ts";
import type { Scope } from "../core/statement.ts";
import { isDateAndTime, parseTime } from "../core/time.ts";
import type { Place, Report } from "../core/yaml-text.ts";
import { readYaml } from "../core/yaml-tree.ts";
import { askPolicy, usualSeconds } from "./ask-policy.ts";
import { reasonToFill } from "./nearby.ts";
import { stranger } from "./stranger.ts";

// --- reading

const branchName = text({ what: "the name of a branch or tag" });

/** A point in time that needs no clock to be read; without an offset it is UTC. */
const moment: Shape<UnixSeconds> = parsed(
  "a date and time like 2026-12-24T18:00Z",
  null,
  (given) => {
    if (!isDateAndTime(given)) {
      throw new OptoutError("usage", "must be a date and time like 2026-12-24T18:00Z");
    }
    return parseTime(given, 0, "UTC");
  },
);

const everyBranch: Shape<"*"> = choice(["*"]);
const someBranches = oneOrMore(branchName);

/** Names, or `*` alone. */
const branches: Shape<readonly string[] | "*"> = {
  read: (node, path, report) =>
    node.kind === "scalar" && node.value === "*"
      ? everyBranch.read(node, path, report)
      : someBranches.read(node, path, report),
  jsonSchema: () => someBranches.jsonSchema(),
};

interface DeclaredScope {
  readonly branches: readonly string[] | "*" | null;
  readonly heads: readonly string[] | null;
  readonly tags: readonly string[] | null;
  readonly environment: string | null;
  readonly forks: boolean;
}

const scope: Shape<DeclaredScope> = mapping({
  branches: optional(branches),
  heads: optional(oneOrMore(branchName)),
  tags: optional(oneOrMore(branchName)),
  environment: optional(text({ what: "the name of an environment" })),
  forks: withDefault(truth, false),
});

interface DeclaredCase extends Omit<PolicyCase, "place" | "scope" | "duration"> {
  readonly scope: DeclaredScope | null;
  readonly for: number | null;
}

const policyCase: Shape<DeclaredCase> = mapping(
  {
    name: optional(text({ what: "a name for the case" })),
    who: optional(nameShape),
    roles: optional(someNames),
    action: required(choice(actions)),
    stage: required(text({ what: "the id of a stage" })),
    scope: optional(scope),
    for: optional(duration()),
    code: withDefault<ReasonCode>(choice(reasonCodes), "other"),
    reason: optional(text({ what: "a reason", maxLength: 2_000 })),
    tickets: withDefault(oneOrMore(text({ what: "a ticket" })), Object.freeze([])),
    emergency: withDefault(truth, false),
    when: optional(moment),
    expect: required(choice(expectations)),
    rule: optional(nameShape),
    because: optional(oneOrMore(choice(refusals))),
    approvals: optional(integer(1, 32)),
  },
  ({ who, roles, expect, because, approvals }, problem) => {
    if ((who === null) === (roles === null)) {
      problem(
        "who",
        who === null ? "is missing, and roles is too" : "and roles exclude each other",
      );
    }
    if (because !== null && expect !== "refused") problem("because", "is for refused alone");
    if (approvals !== null && expect !== "pending") problem("approvals", "is for pending alone");
  },
);

const file: Shape<{ readonly defaultBranch: string; readonly cases: readonly Located[] }> = map(
  mapping({
    version: required(integer(1, 1)),
    default_branch: withDefault(branchName, "main"),
    cases: required(list(placed(policyCase), { least: 1 })),
  }),
  ({ default_branch: defaultBranch, cases }) => ({ defaultBranch, cases }),
);

interface Located {
  readonly value: DeclaredCase;
  readonly place: Place;
}

/**
 * The cases that the bytes say, or everything that is wrong with them, in file order. Where no stage
 * and no scope says an environment, it is the stage's own, which the policy tells.
 */
export function readCases(
  bytes: Uint8Array,
  policy: Policy,
): PolicyCases | { readonly problems: readonly PolicyProblem[] } {
  const found: PolicyProblem[] = [];
  const report: Report = (place, message) => {
    found.push({ ...place, message });
  };
  const root = readYaml(bytes, report);
  if (root !== null && root.kind !== "mapping") refuse(report, root, "must begin with version: 1");
  const read = root?.kind === "mapping" ? file.read(root, "", report) : undefined;
  if (read === undefined || found.length > 0) {
    return { problems: found.toSorted((a, b) => a.line - b.line || a.column - b.column) };
  }
  const { defaultBranch, cases } = read;
  return {
    defaultBranch,
    cases: cases.map(({ value, place }) => {
      const { for: seconds, scope: declared, ...rest } = value;
      const own = policy.stages.get(value.stage)?.environment ?? null;
      return { ...rest, place, duration: seconds, scope: scopeOf(declared, own, defaultBranch) };
    }),
  };
}

function scopeOf(
  declared: DeclaredScope | null,
  ownEnvironment: string | null,
  defaultBranch: string,
): Scope {
  const environment = declared?.environment ?? ownEnvironment;
  return {
    ...placesIn(declared, defaultBranch),
    ...(environment === null ? {} : { environment }),
    ...(declared?.forks === true ? { forks: true } : {}),
  };
}

function placesIn(declared: DeclaredScope | null, defaultBranch: string): Scope {
  const { branches: given = null, heads = null, tags = null } = declared ?? {};
  if (given === null && heads === null && tags === null) return { branches: [defaultBranch] };
  return {
    ...(given === null ? {} : { branches: given }),
    ...(heads === null ? {} : { heads }),
    ...(tags === null ? {} : { tags }),
  };
}

// --- asking

/** Asks the policy about every case, in file order. */
export function runCases(
  policy: Policy,
  { cases, defaultBranch }: PolicyCases,
): readonly CaseResult[] {
  return cases.map((tested) => {
    const who = whoIs(policy, tested);
    const unknown: CaseFault[] = [
      ...(policy.stages.has(tested.stage) ? [] : (["stage"] as const)),
      ...(who === null ? (["who"] as const) : []),
    ];
    if (who === null || unknown.length > 0) return { tested, faults: unknown, answer: null };
    const answer = answerTo(policy, tested, who, defaultBranch);
    return { tested, faults: faultsOf(tested, answer), answer };
  });
}

function whoIs({ principals }: Policy, { who, roles }: PolicyCase): Principal | null {
  if (who !== null) return principals.get(who) ?? null;
  return stranger("somebody", roles ?? []);
}

function answerTo(
  policy: Policy,
  tested: PolicyCase,
  who: Principal,
  defaultBranch: string,
): PolicyAnswer {
  const { action, stage, scope: where, code, reason, tickets, emergency, when } = tested;
  const least = rulesFor(policy, { stage, scope: where }, defaultBranch).map(
    (rule) => rule.reason.min,
  );
  const question = {
    who,
    action,
    stage,
    scope: where,
    duration:
      tested.duration ?? usualSeconds(policy, { stage, scope: where, emergency }, defaultBranch),
    reason: { code, text: reason ?? reasonToFill(Math.max(0, ...least)) },
    tickets,
    emergency,
    when,
  };
  return askPolicy(policy, question, defaultBranch);
}

function faultsOf(tested: PolicyCase, answer: PolicyAnswer): readonly CaseFault[] {
  if (answer.kind !== tested.expect) return ["answer"];
  const { rule, because, approvals } = tested;
  const codes = objectionsOf(answer);
  return [
    ...(rule !== null && !rulesOf(answer).includes(rule) ? (["rule"] as const) : []),
    ...(because !== null && !because.every((code) => codes.includes(code))
      ? (["because"] as const)
      : []),
    ...(approvals !== null && approvals !== countOf(answer) ? (["approvals"] as const) : []),
  ];
}

/** Ids of the rules that gave the answer. */
function rulesOf(answer: PolicyAnswer): readonly string[] {
  if (answer.kind === "frozen") return [answer.otherwise.rule.id];
  if (answer.kind !== "refused") return [answer.rule.id];
  return [...new Set(answer.refused.flatMap(({ rule }) => (rule === null ? [] : [rule.id])))];
}

function objectionsOf(answer: PolicyAnswer): readonly string[] {
  if (answer.kind !== "refused") return [];
  return answer.refused.flatMap(({ objections }) => objections.map(({ code }) => code));
}

const countOf = (answer: PolicyAnswer): number | null =>
  answer.kind === "pending" ? answer.approvals.count : null;
