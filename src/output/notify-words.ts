/**
 * The channels of the policy, for people and as JSON: what each is told of, whether it can be told
 * from here, and what it was not told yet.
 */
import type { Channel, ChannelKind, NoticeEvent } from "../core/channel.ts";
import type { Left, Told, Undelivered } from "../core/notice.ts";
import type { RuleMatch, UnixSeconds } from "../core/policy.ts";
import { formatUtc } from "../core/time.ts";
import { forTerminal } from "./escape.ts";
import { marked, type Paint } from "./paint.ts";
import { tableText, tsvText, type Column } from "./table.ts";
import { agoWords } from "./times.ts";
import {
  channelWords,
  elsewhereWords,
  missingWords,
  toldJson,
  toldLines,
  type ToldJson,
} from "./told-words.ts";

/** What a channel was not told, and who can tell it. */
export interface Untold {
  readonly channel: string;
  readonly notices: number;
  readonly teller:
    | { readonly kind: "here" }
    | { readonly kind: "elsewhere"; readonly missing: readonly string[] }
    /** The channel is here, and what was done is not the reader's. */
    | { readonly kind: "others" };
}

/** What is left to tell: `2 notices were not delivered to shop-oncall`. */
export function undeliveredWords({ channel, notices }: Untold): string {
  const what = notices === 1 ? "1 notice was" : `${notices} notices were`;
  return `${what} not delivered to ${forTerminal(channel)}`;
}

/** How it comes to be told: a command where one serves here. */
export function tellerWords({ teller }: Untold): string {
  switch (teller.kind) {
    case "here":
      return "optout notify flush";
    case "elsewhere":
      return elsewhereWords(teller.missing);
    case "others":
      return "CI tells it, or who did it";
  }
}

export interface ChannelRow {
  readonly channel: Channel;
  readonly here: "ready" | "elsewhere" | "broken";
  /** Variables and files that would hold its secrets. */
  readonly missing: readonly string[];
  readonly problem: string | null;
  readonly undelivered: readonly Undelivered[];
}

const columns: readonly Column<ChannelRow>[] = [
  {
    heading: "CHANNEL",
    text: ({ channel }) => channelWords(channel),
    exact: ({ channel }) => channel.name,
  },
  { heading: "TOLD OF", text: ({ channel }) => routeWords(channel), free: true },
  {
    heading: "FROM HERE",
    text: ({ here }) => (here === "elsewhere" ? "not here" : here),
    exact: ({ here }) => here,
    tone: ({ here }) => hereTones[here],
  },
  {
    heading: "NOT TOLD",
    text: ({ undelivered }) => (undelivered.length === 0 ? "" : String(undelivered.length)),
    exact: ({ undelivered }) => String(undelivered.length),
  },
];

const hereTones = { ready: "restored", elsewhere: "waiting", broken: "violation" } as const;

/** Why a channel cannot be told from here, whole, which a table might cut. */
function hereLine({ channel, here, missing, problem }: ChannelRow, paint: Paint): string {
  if (here === "ready") return "";
  const why = here === "broken" ? forTerminal(problem ?? "") : missingWords(missing);
  return `${marked(paint, hereTones[here], `${channelWords(channel)}: ${why}`)}\n`;
}

/** `deploys; created, emergency`, or `everything`. */
function routeWords({ match, rules, events }: Channel): string {
  const named = (what: string, names: readonly string[] | null | undefined): readonly string[] =>
    names === null || names === undefined ? [] : [`${what} ${names.join(", ")}`];
  const parts = [
    ...named("stages", match?.stages),
    ...named("kinds", match?.kinds),
    ...named("branches", match?.branches),
    ...named("environments", match?.environments),
    ...named("rules", rules),
    ...named("only", events),
  ];
  return parts.length === 0 ? "everything" : parts.join("; ");
}

interface Context {
  readonly now: UnixSeconds;
  readonly columns: number;
  readonly paint: Paint;
}

/** The channels, then each thing that one of them was not told. */
export function notifyLines(rows: readonly ChannelRow[], context: Context): string {
  if (rows.length === 0) return "notify names no channel: docs/notifications.md\n";
  const { paint, now } = context;
  const open = rows.flatMap(({ channel, undelivered }) =>
    undelivered.map(({ notice, delivery: { tries, lastTry } }) => {
      const { judged } = notice.standing;
      const what = `#${notice.seq} ${notice.event} (${judged.statement.action} ${judged.statement.target.name})`;
      const tried =
        lastTry === null ? "" : `, tried ${times(tries)}, last ${agoWords(lastTry, now)}`;
      return `  ${forTerminal(what)}, ${agoWords(notice.at, now)}, to ${channelWords(channel)}${tried}\n`;
    }),
  );
  const table = tableText(columns, rows, context.columns, paint);
  const absent = rows.map((row) => hereLine(row, paint)).join("");
  const above = absent === "" ? table : `${table}\n${absent}`;
  if (open.length === 0) return above;
  const isHere = rows.some((row) => row.here === "ready" && row.undelivered.length > 0);
  const next = isHere ? "  optout notify flush\n" : "";
  return `${above}\n${paint("waiting", "not told yet:")}\n${open.join("")}${next}`;
}

const times = (count: number): string => (count === 1 ? "once" : `${count} times`);

export function notifyTsv(rows: readonly ChannelRow[]): string {
  return tsvText(columns, rows);
}

/** What `notify test` did. */
export interface NotifyTestJson {
  readonly kind: "optout/notify-test";
  readonly v: 1;
  readonly told: readonly ToldJson[];
}

/** What `notify flush` did, and what it could not. */
export interface NotifyFlushJson {
  readonly kind: "optout/notify-flush";
  readonly v: 1;
  readonly told: readonly ToldJson[];
  readonly left: readonly {
    readonly channel: string;
    readonly to: ChannelKind;
    readonly notices: number;
    readonly why: Left["why"]["kind"];
    /** Why it failed, or what is missing here. */
    readonly detail: string | null;
  }[];
}

/** A line for all that were told, and one for what each channel still lacks. */
export function flushLines({ told, left }: Flush, paint: Paint): readonly string[] {
  const delivered = told.filter(({ outcome }) => outcome.kind === "delivered");
  const lines = [
    ...toldLines({ told: delivered, problem: null }, paint),
    ...left.map((one) => leftLine(one, paint)),
  ];
  return lines.length === 0 ? ["nothing is left to tell"] : lines;
}

interface Flush {
  readonly told: readonly Told[];
  readonly left: readonly Left[];
}

function leftLine({ channel, notices, why }: Left, paint: Paint): string {
  const count = notices === 1 ? "1 notice" : `${notices} notices`;
  const line = (tone: "violation" | "waiting", what: string): string =>
    marked(paint, tone, `not told  ${channelWords(channel)}: ${count}${what}`);
  switch (why.kind) {
    case "failed":
      return line("violation", `: ${forTerminal(why.problem.message)}`);
    case "claimed":
      return line("violation", ", which another process has taken over: run it again");
    case "elsewhere":
      return line("waiting", `, waiting for CI; ${missingWords(why.missing)}`);
    case "others":
      return line("waiting", " of what others did, which they or CI tell");
  }
}

export function flushJson({ told, left }: Flush): NotifyFlushJson {
  return {
    kind: "optout/notify-flush",
    v: 1,
    told: toldJson(told),
    left: left.map(({ channel, notices, why }) => ({
      channel: channel.name,
      to: channel.to,
      notices,
      why: why.kind,
      detail: detailOf(why),
    })),
  };
}

function detailOf(why: Left["why"]): string | null {
  if (why.kind === "failed") return why.problem.message;
  return why.kind === "elsewhere" ? why.missing.join(", ") : null;
}

export interface NotifyJson {
  readonly kind: "optout/notify";
  readonly v: 1;
  readonly channels: readonly {
    readonly channel: string;
    readonly to: ChannelKind;
    readonly match: RuleMatch | null;
    readonly rules: readonly string[] | null;
    readonly events: readonly NoticeEvent[] | null;
    readonly here: ChannelRow["here"];
    readonly missing: readonly string[];
    readonly problem: string | null;
    readonly undelivered: readonly {
      readonly about: string;
      readonly seq: number;
      readonly event: NoticeEvent;
      readonly at: string;
      readonly tries: number;
      readonly lastTry: string | null;
    }[];
  }[];
}

export function notifyJson(rows: readonly ChannelRow[]): NotifyJson {
  return {
    kind: "optout/notify",
    v: 1,
    channels: rows.map(({ channel, here, missing, problem, undelivered }) => ({
      channel: channel.name,
      to: channel.to,
      match: channel.match,
      rules: channel.rules,
      events: channel.events,
      here,
      missing,
      problem,
      undelivered: undelivered.map(({ notice, delivery }) => ({
        about: notice.id,
        seq: notice.seq,
        event: notice.event,
        at: formatUtc(notice.at),
        tries: delivery.tries,
        lastTry: delivery.lastTry === null ? null : formatUtc(delivery.lastTry),
      })),
    })),
  };
}
