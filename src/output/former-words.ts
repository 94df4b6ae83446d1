/**
 * What is said of overrides whose authors' keys are not in the policy any more: loud, for a list without
 * them is not complete.
 */
import type { Standing } from "../core/state.ts";
import type { Reading } from "../core/reading.ts";
import { forTerminal } from "./escape.ts";
import { marked, type Paint } from "./paint.ts";
import { scopeWords } from "./scope-words.ts";
import { reasonWords } from "./words.ts";

/** What reads as an override and is not proven, as far as it is told one by one. */
const mostClaims = 10;

/** To stand beside a list that has them. */
export function formerLines(
  proven: readonly Standing[],
  unproven: readonly Reading[],
  paint: Paint,
): readonly string[] {
  const heading = `${overrides(proven.length)} by keys that are no longer in the policy: judged by the policy of then, and without effect`;
  return [
    ...(proven.length === 0 ? [] : [marked(paint, "suspended", heading)]),
    ...claimLines(unproven, paint),
  ];
}

/** To stand where nothing else lists them. */
export function voidedLines(
  proven: readonly Standing[],
  unproven: readonly Reading[],
  paint: Paint,
): readonly string[] {
  const heading = `${overrides(proven.length)} void, by keys that are no longer in the policy`;
  return [
    ...(proven.length === 0 ? [] : [marked(paint, "violation", heading)]),
    ...proven.map(({ judged: { seq, statement, author } }) => {
      const { action, target, scope, reason } = statement;
      const what = `${action} ${target.name} on ${scopeWords(scope)}`;
      return `    #${seq}  ${what}, ${forTerminal(author.id)}: ${reasonWords(reason.text)}`;
    }),
    ...claimLines(unproven, paint),
  ];
}

function claimLines(unproven: readonly Reading[], paint: Paint): readonly string[] {
  if (unproven.length === 0) return [];
  const more = unproven.length - mostClaims;
  const heading = `${overrides(unproven.length)} claimed by keys that no policy on record proves: optout verify`;
  return [
    marked(paint, "violation", heading),
    ...unproven.slice(-mostClaims).map((one) => `    #${one.seq}  ${claimWords(one)}`),
    ...(more > 0 ? [`    and ${more} before`] : []),
  ];
}

/** What the position reads as; nothing of it is proven. */
export function claimWords({ claim }: Reading): string {
  const { stage = null, by = null } = claim ?? {};
  return `claims to override ${forTerminal(stage ?? "?")}, as ${forTerminal(by ?? "?")}`;
}

const overrides = (count: number): string => (count === 1 ? "1 override" : `${count} overrides`);
