/**
 * That an override which was just recorded does not decide, and what does.
 */
import type { Judged } from "../core/judge.ts";
import type { Freeze } from "../core/policy.ts";
import { marked, type Paint } from "./paint.ts";
import { actionWords, freezeWords } from "./words.ts";

type Above =
  | { readonly kind: "override"; readonly winner: Judged }
  | { readonly kind: "freeze"; readonly freeze: Freeze };

/** `! but #7 hold is in force there too, and wins: deploy-prod is held`; nothing for null. */
export function aboveLines(stage: string, above: Above | null, paint: Paint): readonly string[] {
  if (above === null) return [];
  if (above.kind === "freeze") {
    return [marked(paint, "suspended", `but ${freezeWords(stage, above.freeze)}`)];
  }
  const { seq, statement } = above.winner;
  const truth = `${stage} ${actionWords(statement.action)}`;
  const what = `but #${seq} ${statement.action} is in force there too, and wins: ${truth}`;
  return [marked(paint, "suspended", what)];
}
