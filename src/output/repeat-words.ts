/**
 * What is said of a stage that is opted out of again and again, with the reasons given so far.
 */
import type { Created } from "../core/judge.ts";
import type { ReasonCode, UnixSeconds } from "../core/policy.ts";
import { repeatWithinSeconds } from "../core/repeats.ts";
import { formatUtc } from "../core/time.ts";
import { forTerminal } from "./escape.ts";
import { marked, type Paint } from "./paint.ts";
import { agoWords } from "./times.ts";
import { reasonWords } from "./words.ts";

const days = repeatWithinSeconds / 86_400;

/** A stage with its overrides, oldest first, one that is made just now included. */
export interface Repeat {
  readonly stage: string;
  readonly count: number;
  /** Those that stood in the log. */
  readonly made: readonly Created[];
}

export interface RepeatJson {
  readonly stage: string;
  readonly count: number;
  readonly withinDays: number;
  /** Oldest first. */
  readonly overrides: readonly {
    readonly seq: number;
    readonly id: string;
    readonly by: string;
    readonly at: string;
    readonly reason: { readonly code: ReasonCode; readonly text: string };
  }[];
}

/** Reasons that are listed; the log keeps the others for `history`. */
const mostReasons = 5;

export function repeatLines(
  { stage, count, made }: Repeat,
  { now, paint }: { readonly now: UnixSeconds; readonly paint: Paint },
): readonly string[] {
  const heading = `${stage} was opted out of ${count} times within ${days} days: fix or drop this gate`;
  const shown = made.slice(-mostReasons);
  const more = made.length - shown.length;
  return [
    marked(paint, "suspended", heading),
    ...shown.map(({ reading, genuine, statement }) => {
      const by = forTerminal(genuine.principal.id);
      return `    #${reading.seq}  ${agoWords(statement.iat, now)}, ${by}: ${reasonWords(statement.reason.text)}`;
    }),
    ...(more === 0 ? [] : [`    and ${more} before: optout history ${stage}`]),
  ];
}

export function repeatJson({ stage, count, made }: Repeat): RepeatJson {
  return {
    stage,
    count,
    withinDays: days,
    overrides: made.map(({ reading, genuine, statement }) => ({
      seq: reading.seq,
      id: statement.id,
      by: genuine.principal.id,
      at: formatUtc(statement.iat),
      reason: { code: statement.reason.code, text: statement.reason.text },
    })),
  };
}
