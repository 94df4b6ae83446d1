/**
 * What the writing commands say: recorded, refused, or what would be recorded.
 */
import type { RefusedPlace } from "../core/authorize.ts";
import { formatDuration } from "../core/duration.ts";
import type { Told } from "../core/notice.ts";
import type { Action, Policy, Rule, UnixSeconds } from "../core/policy.ts";
import type { Judged } from "../core/judge.ts";
import type { Standing } from "../core/state.ts";
import type { OverrideCreated } from "../core/statement.ts";
import { aboveLines } from "./above-words.ts";
import { emergencyLines, raisedWords } from "./aftermath-words.ts";
import { approvalWords } from "./approval-words.ts";
import { explainCommand, suggestionLines, type Suggestion, shellWord } from "./command-words.ts";
import { effectLines } from "./effect-words.ts";
import { forTerminal } from "./escape.ts";
import { rollbackLines } from "./irreversible-words.ts";
import { objectionWords } from "./objection-words.ts";
import { onceWords } from "./once-words.ts";
import type { EffectJson } from "./override-json.ts";
import { marked, type Paint } from "./paint.ts";
import { repeatLines, type Repeat } from "./repeat-words.ts";
import { scopeWords } from "./scope-words.ts";
import { clockWords, untilWords } from "./times.ts";
import { elsewhereWords } from "./told-words.ts";
import { actionWords } from "./words.ts";

type Approvals = NonNullable<Rule["approvals"]>;
type Allowed =
  | { readonly kind: "allowed"; readonly rule: Rule }
  | {
      readonly kind: "pending";
      readonly rule: Rule;
      readonly approvals: Approvals;
      readonly raisedBy: readonly number[];
    };

export interface RecordedContext {
  readonly signer: {
    readonly principal: string;
    readonly source: string;
    readonly fingerprint: string;
  };
  readonly store: string;
  readonly policy: Policy;
  readonly now: UnixSeconds;
  readonly zone: string;
  readonly paint: Paint;
  /** The repository as it was named; null in a clone. */
  readonly repo: string | null;
  /** By stage. */
  readonly effects: ReadonlyMap<string, readonly EffectJson[]>;
  /** What decides in its stead, where something does. */
  readonly above: (judged: Judged) => Parameters<typeof aboveLines>[1];
  /** What became of telling people. */
  readonly told: readonly Told[];
  /** Runs in scope that are red, by stage; none where it is not known. */
  readonly redRuns: ReadonlyMap<string, number>;
  /** By stage; none where it is not opted out of again and again. */
  readonly repeats: ReadonlyMap<string, Repeat>;
}

export interface Recorded {
  readonly authorization: Allowed;
  readonly standing: Standing;
}

/** The steps for stderr, and what is true now for stdout. */
export function recordedLines(
  recorded: readonly Recorded[],
  context: RecordedContext,
): { readonly talk: readonly string[]; readonly answer: readonly string[] } {
  const { signer, store, paint } = context;
  const step = (name: string, text: string): string =>
    marked(paint, "restored", `${name.padEnd(9)} ${text}`);
  const numbers = recorded.map(({ standing }) => `#${standing.judged.seq}`).join(", ");
  const talk = [
    ...new Set(
      recorded.map(({ authorization, standing }) =>
        step("policy", ruleWords(authorization, standing.judged.statement)),
      ),
    ),
    step(
      "signed",
      `as ${forTerminal(signer.principal)} with ${forTerminal(signer.source)} ${signer.fingerprint}`,
    ),
    step("recorded", `${numbers} in ${forTerminal(store)}`),
  ];
  return { talk, answer: recorded.flatMap(({ standing }) => outcomeLines(standing, context)) };
}

/** `rule quality lets you skip lint for up to 12h, no approval needed`. */
export function ruleWords(
  authorization: Allowed,
  { action, target, emergency }: Pick<OverrideCreated, "action" | "target" | "emergency">,
  who: string = "you",
): string {
  const { rule } = authorization;
  const longest =
    emergency === true
      ? (rule.emergency?.longestSeconds ?? rule.longestSeconds)
      : rule.longestSeconds;
  const needs =
    authorization.kind === "pending"
      ? `${approvalWords(authorization.approvals)} needed${raisedWords(authorization.raisedBy)}`
      : "no approval needed";
  return `rule ${rule.id} lets ${who} ${action} ${target.name} for up to ${formatDuration(longest)}, ${needs}`;
}

function outcomeLines(standing: Standing, context: RecordedContext): readonly string[] {
  const { judged, state } = standing;
  const { now, zone, paint, effects, repo, repeats } = context;
  const { statement, seq, start, end } = judged;
  const named = repo === null ? "" : ` -R ${shellWord(repo)}`;
  const what = `${statement.target.name} ${actionWords(statement.action)} on ${scopeWords(statement.scope)}`;
  const stage = statement.target.name;
  const once = onceWords(statement);
  const repeat = repeats.get(stage);
  const back = context.policy.stages.get(stage) ?? { rollback: null };
  const above = context.above(judged);
  const after = [
    ...aboveLines(stage, above, paint),
    ...elsewhereLines(judged, paint),
    ...emergencyLines(judged, context),
    ...(statement.action === "hold" ? [] : rollbackLines(back)),
    `  ${statement.id}   undo: optout revoke ${seq}${named}`,
    ...proposalLines(statement, context),
    ...effectLines(stage, effects.get(stage) ?? [], paint),
    ...(repeat === undefined ? [] : repeatLines(repeat, context)),
  ];
  if (state === "in-force") {
    const asked = `${statement.action} ${stage} on ${scopeWords(statement.scope)}`;
    const truth =
      above?.kind === "freeze" && above.isEverywhere
        ? `recorded, without effect in the freeze: ${asked}`
        : what;
    const head = marked(paint, "suspended", `${truth} ${untilWords(end, now, zone)}${once}`);
    return ["", head, ...after, ...redRunLines(stage, context)];
  }
  if (state === "scheduled") {
    const from = `from ${clockWords(start, now, zone)} for ${formatDuration(end - start)}`;
    return ["", marked(paint, "waiting", `${what} ${from}${once}`), ...after];
  }
  const why = judged.objections.map((objection) => objectionWords(objection, "it")).join("; ");
  const next = state === "pending" ? waitLines(judged, context) : [];
  return ["", marked(paint, "waiting", `recorded, not in force yet: ${why}`), ...next, ...after];
}

/** Who brings about what it waits for. */
function waitLines(
  { seq, statement, objections }: Judged,
  { told }: RecordedContext,
): readonly string[] {
  const codes = new Set(objections.map(({ code }) => code));
  const approve = codes.has("approvals") ? [`  they sign with: optout approve ${seq}`] : [];
  if (!codes.has("not-announced")) return approve;
  const outcomes = told
    .filter(({ notices }) => notices.some(({ id }) => id === statement.id))
    .map(({ outcome }) => outcome);
  const missing = outcomes.flatMap((one) => (one.kind === "elsewhere" ? one.missing : []));
  const isElsewhere = outcomes.length > 0 && outcomes.every(({ kind }) => kind === "elsewhere");
  const tell = isElsewhere ? elsewhereWords(missing) : "to tell them: optout notify flush";
  return [...approve, `  ${tell}`];
}

/** "All branches" is judged on the default branch; what other rules say elsewhere is not known here. */
function elsewhereLines({ statement, rule }: Judged, paint: Paint): readonly string[] {
  const globs = rule?.match.branches ?? null;
  if (statement.scope.branches !== "*" || globs === null) return [];
  const where = globs.map(forTerminal).join(", ");
  return [
    marked(paint, "suspended", `rule ${rule?.id} is for ${where}: elsewhere it may have no effect`),
  ];
}

/** The policy's `prefer`: what keeps more of the gate than what was asked for. */
function proposalLines(
  { action, target }: OverrideCreated,
  { policy }: RecordedContext,
): readonly string[] {
  const prefer = policy.stages.get(target.name)?.prefer ?? null;
  if (prefer === null || prefer === action || action === "hold") return [];
  return [`  the policy would rather have: optout ${prefer} ${target.name}`];
}

function redRunLines(stage: string, { redRuns }: RecordedContext): readonly string[] {
  const count = redRuns.get(stage) ?? 0;
  if (count === 0) return [];
  return [`  ${count} red run${count === 1 ? "" : "s"} in scope: optout rerun ${stage}`];
}

// --- refusals

export interface RefusedRequest {
  readonly request: {
    readonly action: Action;
    readonly stage: string;
    readonly emergency: boolean;
  };
  readonly refused: readonly RefusedPlace[];
  /** What the policy would take instead. */
  readonly nearby: readonly Suggestion[];
}

export interface RefusalContext {
  readonly policySource: string;
  /** The words of the scope as they were typed. */
  readonly place: readonly string[];
  readonly paint: Paint;
}

/** The rule and its line, every unmet condition, and the nearest command that would work, else who may. */
export function refusalLines(
  refused: readonly RefusedRequest[],
  context: RefusalContext,
): readonly string[] {
  return refused.flatMap(({ request, refused: places, nearby }) => [
    ...places.flatMap((place) => refusedPlaceLines(request, place, context)),
    ...nextSteps(request.stage, places, nearby, context),
  ]);
}

function nextSteps(
  stage: string,
  places: readonly RefusedPlace[],
  nearby: readonly Suggestion[],
  { place }: RefusalContext,
): readonly string[] {
  const steps = [
    ...roomHints(places).map((hint) => `  ${"make room:".padEnd(12)} ${hint}`),
    ...suggestionLines(nearby, place),
  ];
  return steps.length > 0 ? steps : [`  ${"see:".padEnd(12)} ${explainCommand(stage, place)}`];
}

/** What to do first where too many are open: one's own are one's own to revoke. */
export function roomHints(places: readonly RefusedPlace[]): readonly string[] {
  const full = places.flatMap(({ objections }) =>
    objections.flatMap((one) => (one.code === "too-many-open" ? [one] : [])),
  );
  const [oldest] = full.find(({ per }) => per === "person")?.open ?? [];
  if (oldest !== undefined) return [`optout revoke ${oldest}`];
  return full.length > 0 ? ["optout status"] : [];
}

function refusedPlaceLines(
  request: RefusedRequest["request"],
  { place, rule, objections }: RefusedPlace,
  { policySource, paint }: RefusalContext,
): readonly string[] {
  const what = `${request.action} ${request.stage} on ${forTerminal(place)}`;
  const by =
    rule === null
      ? `no rule of ${forTerminal(policySource)} fits`
      : `refused by rule ${rule.id} (line ${rule.line} of ${forTerminal(policySource)})`;
  const approvals = rule?.approvals ?? null;
  return [
    marked(paint, "violation", `${what}: ${by}`),
    ...objections
      .filter(({ code }) => code !== "no-rule")
      .map((objection) => `  ${marked(paint, "violation", objectionWords(objection))}`),
    ...(approvals === null || request.emergency || request.action === "hold"
      ? []
      : [`  ${marked(paint, "waiting", `needs ${approvalWords(approvals)}`)}`]),
  ];
}

/** What a request comes to, before anything is signed. */
export function intentLines(
  authorization: Allowed,
  { action, stage, scope, duration, emergency, once, notBefore }: Intent,
  { now, zone }: Pick<RecordedContext, "now" | "zone">,
): readonly string[] {
  const target = { type: "stage", name: stage } as const;
  const from =
    notBefore !== null && notBefore > now ? `from ${clockWords(notBefore, now, zone)} ` : "";
  return [
    ruleWords(authorization, { action, target, emergency }),
    `${stage} ${actionWords(action)} on ${scopeWords(scope)} ${from}for ${formatDuration(duration)}${onceWords({ once })}`,
  ];
}

interface Intent {
  readonly action: Action;
  readonly stage: string;
  readonly scope: OverrideCreated["scope"];
  /** Seconds. */
  readonly duration: number;
  readonly emergency: boolean;
  readonly once: boolean;
  /** Null: at once. */
  readonly notBefore: UnixSeconds | null;
}
