/**
 * What an approval or a denial came to.
 */
import type { UnixSeconds } from "../core/policy.ts";
import type { Standing } from "../core/state.ts";
import { objectionWords } from "./objection-words.ts";
import { onceWords } from "./once-words.ts";
import { marked, type Paint } from "./paint.ts";
import { clockWords, untilWords } from "./times.ts";
import { announcerWords } from "./told-words.ts";
import { actionWords } from "./words.ts";

export interface GivenAnswer {
  /** As it is now. */
  readonly standing: Standing;
  readonly verb: "approve" | "deny";
  /** `recorded`, or why nothing was. */
  readonly outcome: "recorded" | "over" | "not-needed" | "given";
}

interface AnswerContext {
  readonly now: UnixSeconds;
  readonly zone: string;
  readonly paint: Paint;
}

const nothing = "nothing was recorded";

export function answerLine(answer: GivenAnswer, context: AnswerContext): string {
  const { standing, outcome } = answer;
  const { seq } = standing.judged;
  switch (outcome) {
    case "recorded":
      return answer.verb === "deny"
        ? marked(context.paint, "restored", `#${seq} is denied, and ended for good`)
        : approvedLine(standing, context);
    case "over":
      return marked(
        context.paint,
        "violation",
        `#${seq} has ended: it is ${whyOver(standing)}; ${nothing}`,
      );
    case "not-needed":
      return notNeededLine(standing, context.paint);
    case "given":
      return marked(context.paint, "waiting", `#${seq} has your approval already; ${nothing}`);
  }
}

function notNeededLine({ judged, state }: Standing, paint: Paint): string {
  const { seq, author, objections } = judged;
  const waits = objections.find(({ code }) => code === "not-announced");
  if (waits === undefined) {
    return marked(
      paint,
      "restored",
      `#${seq} needs no approval any more: it is ${state}; ${nothing}`,
    );
  }
  const what = `#${seq} needs no approval: it ${objectionWords(waits, "it")}`;
  return marked(paint, "waiting", `${what}, ${announcerWords(author.id)}; ${nothing}`);
}

function approvedLine({ judged, state }: Standing, { now, zone, paint }: AnswerContext): string {
  const { seq, statement, start, end, objections } = judged;
  const what = `#${seq} is approved: ${statement.target.name} ${actionWords(statement.action)}`;
  if (state === "in-force")
    return marked(
      paint,
      "suspended",
      `${what} ${untilWords(end, now, zone)}${onceWords(statement)}`,
    );
  if (state === "scheduled")
    return marked(
      paint,
      "waiting",
      `${what} from ${clockWords(start, now, zone)}${onceWords(statement)}`,
    );
  const why = objections.map((one) => objectionWords(one, "it")).join("; ");
  return marked(paint, "waiting", `#${seq} has your approval, and is ${state}: ${why}`);
}

function whyOver({ state, judged }: Standing): string {
  const why = judged.objections.map((one) => objectionWords(one, "it")).join("; ");
  return why === "" ? state : `${state} (${why})`;
}

/** What became of an override that somebody waited for. */
export function waitedLine(standing: Standing, context: AnswerContext): string {
  const { judged, state } = standing;
  const { paint } = context;
  if (state === "in-force" || state === "scheduled") return approvedLine(standing, context);
  const why = judged.objections.map((one) => objectionWords(one, "it")).join("; ");
  return state === "pending"
    ? marked(paint, "waiting", `#${judged.seq} still waits: ${why}`)
    : marked(paint, "violation", `#${judged.seq} is ${whyOver(standing)}`);
}
