/**
 * What waits for approvals, and what an approval would expose.
 */
import { formatDuration } from "../core/duration.ts";
import { pendingEndOf } from "../core/approvals.ts";
import { type Judged } from "../core/judge.ts";
import type { Stage, UnixSeconds } from "../core/policy.ts";
import type { DueReview } from "../core/reviews.ts";
import type { Awaited } from "../core/requests.ts";
import type { Standing } from "../core/state.ts";
import { formatUtc } from "../core/time.ts";
import { approvalWords } from "./approval-words.ts";
import { askers, behindWords, disobeyedWords } from "./effect-words.ts";
import { forTerminal } from "./escape.ts";
import { rollbackLines } from "./irreversible-words.ts";
import { onceWords } from "./once-words.ts";
import type { EffectJson, OverrideJson } from "./override-json.ts";
import { marked, type Paint } from "./paint.ts";
import { scopeWords } from "./scope-words.ts";
import { agoWords, clockWords } from "./times.ts";
import { reasonWords } from "./words.ts";

export interface RequestsContext {
  readonly now: UnixSeconds;
  readonly zone: string;
  readonly paint: Paint;
}

/** A request as seen by the reader; both false where nobody knows who she is. */
export interface SeenRequest {
  readonly awaited: Awaited;
  readonly mine: boolean;
  readonly forMe: boolean;
}

export interface RequestsJson {
  readonly kind: "optout/requests";
  readonly v: 1;
  readonly requests: readonly {
    readonly override: OverrideJson;
    readonly needed: number;
    readonly have: number;
    readonly from: readonly string[];
    readonly until: string;
    readonly mine: boolean;
    readonly forMe: boolean;
  }[];
  readonly reviews: readonly {
    readonly override: OverrideJson;
    readonly due: string;
    readonly overdue: boolean;
    readonly mine: boolean;
  }[];
}

export function requestsJson(
  all: readonly (SeenRequest & { readonly override: OverrideJson })[],
  reviews: RequestsJson["reviews"],
): RequestsJson {
  return {
    kind: "optout/requests",
    v: 1,
    requests: all.map(({ awaited, override, mine, forMe }) => {
      const { needed, have, from } = awaited.missing;
      return { override, needed, have, from, until: formatUtc(endOf(awaited)), mine, forMe };
    }),
    reviews,
  };
}

/** Until when it waits. */
function endOf({ judged }: Awaited): UnixSeconds {
  const approvals = judged.rule?.approvals ?? null;
  return approvals === null ? judged.end : pendingEndOf(judged.statement, approvals);
}

export function requestLines(
  all: readonly SeenRequest[],
  context: RequestsContext,
): readonly string[] {
  const { paint } = context;
  if (all.length === 0) return [marked(paint, "restored", "nothing waits for approval")];
  return all.flatMap((one) => {
    const { judged } = one.awaited;
    const next = one.forMe
      ? `    ${paint("strong", "waits for you")}: optout approve ${judged.seq}   or optout deny ${judged.seq} -m "why not"`
      : `    ${one.mine ? `yours; to take it back: optout revoke ${judged.seq}` : "not for you to approve"}`;
    return [
      marked(paint, "waiting", `#${judged.seq}  ${askWords(judged)}`),
      `    ${reasonLine(judged)}`,
      `    ${needWords(one.awaited)}, until ${clockWords(endOf(one.awaited), context.now, context.zone)}`,
      next,
    ];
  });
}

/** `alice asks to skip lint on main and pull requests into it for 2h`. */
function askWords({ author, statement }: Judged): string {
  const { action, target, scope, duration } = statement;
  return `${forTerminal(author.id)} asks to ${action} ${target.name} on ${scopeWords(scope)} for ${formatDuration(duration)}`;
}

function reasonLine({ statement: { reason, tickets } }: Judged): string {
  const told = tickets.length === 0 ? "" : ` (${tickets.map(forTerminal).join(", ")})`;
  return `${reason.code}: ${reasonWords(reason.text)}${told}`;
}

function needWords({ judged, missing }: Awaited): string {
  const { needed, from, or = [] } = missing;
  const by = judged.approvals.map((one) => forTerminal(one.by));
  const so = by.length === 0 ? "none so far" : `so far ${by.join(", ")}`;
  const others = or.map((one) => ({ count: one.needed, from: one.from }));
  return `needs ${approvalWords({ count: needed, from, or: others })} (${so})`;
}

/** Emergencies that somebody other than their author must look at. */
export function reviewLines(
  due: readonly DueReview[],
  { now, zone, paint }: RequestsContext,
): readonly string[] {
  return due.map(({ created, at }) => {
    const { statement, genuine, reading } = created;
    const what = `#${reading.seq}  emergency ${statement.action} ${statement.target.name} by ${forTerminal(genuine.principal.id)}`;
    const how = `optout review ${reading.seq} --outcome ok -m "…"`;
    return now >= at
      ? marked(
          paint,
          "violation",
          `${what}: review overdue since ${clockWords(at, now, zone)}: ${how}`,
        )
      : marked(paint, "waiting", `${what}: review due by ${clockWords(at, now, zone)}: ${how}`);
  });
}

/** What an approver should know before she signs. */
export interface Exposure {
  readonly awaited: Awaited;
  readonly stage: Stage | null;
  readonly effects: readonly EffectJson[];
  /** Other overrides by the same person, newest first. */
  readonly before: readonly Standing[];
}

/** Overrides by the same person that are shown. */
const mostBefore = 3;

/** Each row under its name. */
export function exposureLines(exposure: Exposure, context: RequestsContext): readonly string[] {
  const { awaited, stage, effects } = exposure;
  const { now, zone, paint } = context;
  const { statement, rule, seq } = awaited.judged;
  const row = (name: string, text: string): string => `  ${paint("faint", name.padEnd(9))} ${text}`;
  const once = onceWords(statement);
  const end =
    statement.until === undefined
      ? ""
      : `, ${clockWords(statement.until, now, zone)} at the latest`;
  const behind = behindWords(effects);
  return [
    marked(paint, "waiting", `#${seq}  ${askWords(awaited.judged)}`),
    row("why", reasonLine(awaited.judged)),
    row("stage", stageWords(statement.target.name, stage)),
    ...(stage === null ? [] : rollbackLines(stage)),
    row("where", scopeWords(statement.scope)),
    row("length", `${formatDuration(statement.duration)} from the last approval${end}${once}`),
    row(
      "rule",
      `${rule?.id ?? "none"}: ${needWords(awaited)}, until ${clockWords(endOf(awaited), now, zone)}`,
    ),
    ...askedRows(statement.target.name, effects).map((text) => row("asked by", text)),
    ...(behind === null ? [] : [row("behind it", `jobs ${behind}`)]),
    row("before", beforeWords(exposure, now)),
  ];
}

function stageWords(name: string, stage: Stage | null): string {
  if (stage === null) return `${name}, which the policy does not know`;
  const { kind, environment, irreversible } = stage;
  const where = environment === null ? "" : `, environment ${forTerminal(environment)}`;
  const undo = irreversible ? "; what it does cannot be undone" : "";
  return `${name}, of kind ${forTerminal(kind)}${where}${undo}`;
}

function askedRows(stage: string, effects: readonly EffectJson[]): readonly string[] {
  const asks = effects.flatMap((effect) => effect.asks);
  const obeying = asks.filter(({ obeys }) => obeys);
  const deaf = effects.flatMap(({ action, asks: all }) =>
    all.flatMap((ask) => (ask.obeys ? [] : [disobeyedWords(stage, action, [ask])])),
  );
  if (asks.length > 0) return [...(obeying.length > 0 ? [askers(obeying)] : []), ...new Set(deaf)];
  return effects
    .slice(0, 1)
    .map(({ doubt }) =>
      doubt === null
        ? "nothing that is seen: it may have no effect"
        : `unknown: ${forTerminal(doubt)}`,
    );
}

function beforeWords({ before, awaited }: Exposure, now: UnixSeconds): string {
  const who = forTerminal(awaited.judged.author.id);
  if (before.length === 0) return `no other override by ${who} in view`;
  const shown = before.slice(0, mostBefore).map(({ judged, state }) => {
    const { action, target, iat, emergency } = judged.statement;
    const urgent = emergency === true ? "emergency " : "";
    return `#${judged.seq} ${urgent}${action} ${target.name} ${agoWords(iat, now)} (${state})`;
  });
  const more = before.length - shown.length;
  return `by ${who}: ${shown.join("; ")}${more > 0 ? `; and ${more} more` : ""}`;
}
