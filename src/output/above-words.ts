/**
 * That an override does not decide, or that one which has ended was not the only one, and what does.
 */
import type { Above, Left, Where } from "../core/above.ts";
import type { Judged } from "../core/judge.ts";
import type { Action } from "../core/policy.ts";
import { forTerminal } from "./escape.ts";
import { objectionWords } from "./objection-words.ts";
import { marked, type Paint } from "./paint.ts";
import { subjectWords } from "./scope-words.ts";
import { actionWords, freezeWords } from "./words.ts";

/** `! but #7 hold is in force there too, and wins: deploy-prod is held`; nothing for null. */
export function aboveLines(stage: string, above: Above | null, paint: Paint): readonly string[] {
  if (above === null) return [];
  const what =
    above.kind === "freeze"
      ? `but${whereWords(above)} ${freezeWords(stage, above.freeze)}`
      : aboveWords(stage, above);
  return [marked(paint, "suspended", what)];
}

/** The same within a list, where the freeze is told of elsewhere. */
export function aboveWords(stage: string, above: Above): string {
  const where = whereWords(above);
  if (above.kind === "freeze") {
    const { id: freeze, line } = above.freeze;
    return `but${where} ${objectionWords({ code: "frozen", freeze, line }, "it")}`;
  }
  const { seq, statement } = above.winner;
  const too = where === "" ? "there too" : "too";
  const truth = `${stage} ${actionWords(statement.action)}`;
  return `but${where} #${seq} ${statement.action} is in force ${too}, and wins: ${truth}`;
}

/** What an override would do that something stands above. */
export const wouldWords: Readonly<Record<Action, string>> = {
  skip: "would skip",
  "allow-failure": "would accept a failure of",
  force: "would force",
  hold: "would hold",
};

/** `! lint is still skipped by #25, #26`, of a stage one of whose overrides has ended. */
export function leftLine(ended: Judged["statement"], left: Left, paint: Paint): string {
  const stage = ended.target.name;
  const where = whereWords(left);
  if (left.kind === "freeze") {
    const place = where === "" ? "" : `${where.trimStart()}: `;
    return marked(paint, "suspended", `${place}${freezeWords(stage, left.freeze)}`);
  }
  const { action, by } = left;
  const truth = truthWords(stage, action, action === ended.action ? " still" : "");
  const numbers = by.map(({ seq }) => `#${seq}`).join(", ");
  return marked(paint, "suspended", `${truth}${where} by ${numbers}`);
}

/** `lint is still skipped`, `a failure of lint is accepted`. */
function truthWords(stage: string, action: Action, still: string): string {
  if (action === "allow-failure") return `a failure of ${stage} is${still} accepted`;
  return `${stage} ${actionWords(action).replace(/^is/, `is${still}`)}`;
}

/** Where in particular; nothing where it is so in every place. */
function whereWords({ subject, isEverywhere }: Where): string {
  if (isEverywhere) return "";
  const { branch, head } = subject;
  if (head === null || branch === null || branch === head) return subjectWords(subject);
  return ` on pull requests into ${forTerminal(branch)}`;
}
