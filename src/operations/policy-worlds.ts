/**
 * The worlds in which two policies are asked the same: places, people and circumstances at which
 * either of them makes a difference. What is chosen comes from both; what they say to it, from asking.
 */
import { globMatches } from "../core/glob.ts";
import { isBranchName } from "../core/ids.ts";
import {
  reasonCodes,
  type Policy,
  type Principal,
  type ReasonCode,
  type Rule,
} from "../core/policy.ts";
import { alternativesOf } from "../core/rule.ts";
import { placesOf, ruleFor, type Subject } from "../core/scope.ts";
import type { Scope } from "../core/statement.ts";

/** The policy of before and the one of now. */
export interface Pair {
  readonly old: Policy;
  readonly now: Policy;
}

/** A place, and everything that is judged by the same two rules there. */
export interface WorldPlace {
  readonly scope: Scope;
  readonly subject: Subject;
  /** Names, and globs of the policies, for all that is judged alike. */
  readonly names: readonly string[];
}

/** People whom neither policy tells apart, but for what is theirs alone. */
export interface Crowd {
  readonly ids: readonly string[];
  /** One of them in each policy; null where they are not in it. */
  readonly old: Principal | null;
  readonly now: Principal | null;
}

/** How an override is asked for. */
export interface Circumstance {
  readonly duration: number;
  readonly reason: { readonly code: ReasonCode; readonly text: string };
  readonly tickets: readonly string[];
  readonly signedIn: boolean;
}

/** So many names are tried of what the globs of both policies may match. */
const mostNames = 600;

/** Ids of the stages of both, in file order. */
export function stagesOf({ old, now }: Pair): readonly string[] {
  return [...new Set([...now.stages.keys(), ...old.stages.keys()])];
}

// --- places

/** The places of a stage that the policies tell apart; together their names are all there is. */
export function worldPlaces(
  pair: Pair,
  stage: string,
  defaultBranch: string,
): readonly WorldPlace[] {
  const environments = environmentsOf(pair, stage);
  return environments.flatMap((environment) => {
    const found = new Map<string, { scope: Scope; subject: Subject; samples: Sample[] }>();
    for (const sample of samplePlaces(pair, defaultBranch)) {
      const scope = { ...sample.scope, ...(environment === null ? {} : { environment }) };
      const [subject] = placesOf(stage, scope, defaultBranch).flatMap(({ subjects }) => subjects);
      if (subject === undefined) continue;
      const key = [keyOf(pair.old, subject), keyOf(pair.now, subject)].join(" ");
      const known = found.get(key);
      if (known === undefined) found.set(key, { scope, subject, samples: [sample] });
      else known.samples.push(sample);
    }
    const where = environments.length === 1 ? "" : ` (${environment ?? "no environment"})`;
    return [...found.values()].map(({ samples, ...place }) => ({
      ...place,
      names: namesOf(samples).map((name) => `${name}${where}`),
    }));
  });
}

/** `everywhere` where the names are all that the stage has. */
export function inShort(names: readonly string[], all: readonly string[]): readonly string[] {
  return all.every((name) => names.includes(name)) ? ["everywhere"] : names;
}

/** The names of the policies for places that are judged alike: a glob stands for what it matches. */
function namesOf(samples: readonly Sample[]): readonly string[] {
  const own = new Set(samples.filter(({ isTypical }) => isTypical).map(({ label }) => label));
  const rest = samples.filter(
    ({ label, name }) => !own.has(label) && ![...own].some((glob) => globMatches(glob, name)),
  );
  const names = new Set([...own, ...rest.map(({ name }) => name)]);
  const [plain, nested] = others.map(({ name }) => name);
  return [...names].filter((name) => name !== nested || plain === undefined || !names.has(plain));
}

/** What judges there: the rule, and the freezes that may ever be above it. */
function keyOf(policy: Policy, subject: Subject): string {
  const stage = policy.stages.get(subject.stage);
  const frozen = policy.freezes.map(({ match, except }) =>
    [match, except].map((one) =>
      stage !== undefined && one !== null && matches(one, subject) ? "1" : "0",
    ),
  );
  return `${ruleFor(policy, subject)?.line ?? "-"}:${frozen.flat().join("")}`;
}

const matches = (
  { branches, environments }: Rule["match"],
  { branch, environment }: Subject,
): boolean => anyOf(branches, branch) && anyOf(environments, environment);

const anyOf = (globs: readonly string[] | null, name: string | null): boolean =>
  globs === null || (name !== null && globs.some((glob) => globMatches(glob, name)));

/** A place to ask about, and what it stands for. */
interface Sample {
  readonly name: string;
  readonly scope: Scope;
  /** As the policies write it: a name, or the glob that it was made of. */
  readonly label: string;
  /** Whether it stands for the label; another made of the same glob may be judged otherwise. */
  readonly isTypical: boolean;
}

function samplePlaces(pair: Pair, defaultBranch: string): readonly Sample[] {
  const globs = matchesOf(pair).flatMap(({ branches }) => branches ?? []);
  const made = namesFor(globs).filter(({ name }) => isBranchName(name) && name !== defaultBranch);
  return [
    sampleOf(defaultBranch, { branches: [defaultBranch] }),
    ...made.map((one) => ({ ...one, scope: { branches: [one.name] } })),
    ...others.map(({ name, branch }) => sampleOf(name, { branches: [branch] })),
    sampleOf("tags", { tags: ["v1"] }),
  ];
}

const sampleOf = (name: string, scope: Scope): Sample => ({
  name,
  scope,
  label: name,
  isTypical: true,
});

/** Branches that no glob has in mind, and how they are called. */
const others = [
  { name: "other branches", branch: "other" },
  { name: "other branches with a slash", branch: "any/other" },
] as const;

function environmentsOf(pair: Pair, stage: string): readonly (string | null)[] {
  const own = [pair.now, pair.old].flatMap(({ stages }) => stages.get(stage)?.environment ?? []);
  const globs = matchesOf(pair).flatMap(({ environments }) => environments ?? []);
  const all = [...own, ...namesFor(globs).map(({ name }) => name)];
  return [...new Set([...all, ...(globs.length > 0 || own.length === 0 ? [null] : [])])];
}

const matchesOf = ({ old, now }: Pair): readonly Rule["match"][] =>
  [old, now].flatMap(({ rules, freezes }) => [
    ...rules.map(({ match }) => match),
    ...freezes.flatMap(({ match, except }) => (except === null ? [match] : [match, except])),
  ]);

/** Names that the globs may match: each glob with every word of all others in its wildcards' place. */
function namesFor(
  globs: readonly string[],
): readonly Pick<Sample, "name" | "label" | "isTypical">[] {
  const distinct = [...new Set(globs)];
  const words = new Set(["x", ...distinct.flatMap((glob) => glob.split(/[*/]+/)), "x/y"]);
  const exact = distinct.filter((glob) => !glob.includes("*"));
  const found = new Map(exact.map((name) => [name, { name, label: name, isTypical: true }]));
  for (const glob of distinct.filter((one) => one.includes("*"))) {
    for (const word of words) {
      const name = glob.replaceAll(/\*+/g, word);
      if (found.size >= mostNames || found.has(name) || !globMatches(glob, name)) continue;
      found.set(name, { name, label: glob, isTypical: word === "x" });
    }
  }
  return [...found.values()];
}

// --- people

/** Everybody of both policies, in crowds that hold the same roles in each. */
export function crowdsOf({ old, now }: Pair): readonly Crowd[] {
  const ids = new Set([...now.principals.keys(), ...old.principals.keys()]);
  const found = new Map<string, { ids: string[]; old: Principal | null; now: Principal | null }>();
  for (const id of ids) {
    const [before = null, after = null] = [old.principals.get(id), now.principals.get(id)];
    if (before?.kind !== "person" && after?.kind !== "person") continue;
    const key = JSON.stringify([rolesIn(before), rolesIn(after), approverSets({ old, now }, id)]);
    const known = found.get(key);
    if (known === undefined) found.set(key, { ids: [id], old: before, now: after });
    else known.ids.push(id);
  }
  return [...found.values()];
}

const rolesIn = (principal: Principal | null): readonly string[] | null =>
  principal === null ? null : [principal.kind, ...[...principal.roles].toSorted()];

/** The author's own approval does not count, so those who could give it are no crowd. */
function approverSets({ old, now }: Pair, id: string): string {
  const approves = [old, now].some(({ rules, principals }) =>
    rules.some(({ approvals }) =>
      alternativesOf(approvals).some(({ from }) =>
        (principals.get(id)?.roles ?? []).some((role) => from.includes(role)),
      ),
    ),
  );
  return approves ? id : "";
}

// --- circumstances

/** Lengths, reasons and tickets at which either policy makes a difference to the two rules' overrides. */
export function circumstancesFor({ old, now }: Pair, subject: Subject): readonly Circumstance[] {
  const rules = [old, now].flatMap((policy) => ruleFor(policy, subject) ?? []);
  const totals = [old, now].flatMap(({ limits }) => limits.perStage?.totalSeconds ?? []);
  const longest = rules.flatMap((rule) => [
    rule.longestSeconds,
    ...(rule.emergency === null ? [] : [rule.emergency.longestSeconds]),
  ]);
  const durations = new Set([1, ...longest, ...totals]);
  const lengths = new Set([1, ...rules.map(({ reason }) => reason.min)]);
  const signedIn = rules.some(({ forgeAccount }) => forgeAccount) ? [true, false] : [true];
  return [...durations].flatMap((duration) =>
    codesOf(rules).flatMap((code) =>
      [...lengths].flatMap((length) =>
        [[], ["T-1"]].flatMap((tickets) =>
          signedIn.map((isSignedIn) => ({
            duration,
            reason: { code, text: "x".repeat(length) },
            tickets,
            signedIn: isSignedIn,
          })),
        ),
      ),
    ),
  );
}

/** The codes that the rules name, and one of all others. */
function codesOf(rules: readonly Rule[]): readonly ReasonCode[] {
  const named = new Set(
    rules.flatMap(({ reason, approvals }) => [
      ...(reason.codes ?? []),
      ...alternativesOf(approvals).flatMap(({ when }) => when?.codes ?? []),
    ]),
  );
  const other = reasonCodes.find((code) => !named.has(code));
  return [...(other === undefined ? [] : [other]), ...named];
}
