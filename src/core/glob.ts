/**
 * The globs of the policy: `*` is any run of characters but `/`, `**` any run at all, and every
 * other character stands for itself. Anchored at both ends; case counts; a leading dot is nothing
 * special. So `a/**` + `/b` needs two slashes and does not match `a/b`.
 *
 * Takes time in proportion to pattern × text for every input: it walks through all states at once
 * and never goes back.
 */

const maxLength = 256;
// eslint-disable-next-line no-control-regex -- control characters are what it refuses
const controlCharacter = /[\u0000-\u001F\u007F-\u009F]/;

type Token = "star" | "globstar" | { readonly literal: string };

/** Whether the whole of `text` matches. */
export function globMatches(pattern: string, text: string): boolean {
  if (!pattern.includes("*")) return pattern === text;
  const tokens = tokensOf(pattern);
  let states = closure(tokens, [0]);
  for (let i = 0; i < text.length && states.size > 0; i += 1) {
    states = closure(tokens, step(tokens, states, text.charAt(i)));
  }
  return states.has(tokens.length);
}

/** What keeps the text from being a glob, or null. */
export function globProblem(pattern: string): string | null {
  if (pattern === "") return "is empty";
  if (pattern.length > maxLength) return `is longer than ${maxLength} characters`;
  if (controlCharacter.test(pattern)) return "holds a control character";
  return null;
}

function tokensOf(pattern: string): readonly Token[] {
  const parts = pattern.match(/\*+|[^*]/gs) ?? [];
  return parts.map((part) => {
    if (!part.startsWith("*")) return { literal: part };
    return part.length === 1 ? "star" : "globstar";
  });
}

/** The states and those that they reach without reading: a star may stand for nothing. */
function closure(tokens: readonly Token[], states: Iterable<number>): ReadonlySet<number> {
  const reached = new Set<number>();
  for (let state of states) {
    reached.add(state);
    while (typeof tokens[state] === "string") {
      state += 1;
      reached.add(state);
    }
  }
  return reached;
}

function step(
  tokens: readonly Token[],
  states: ReadonlySet<number>,
  character: string,
): readonly number[] {
  const next: number[] = [];
  for (const state of states) {
    const token = tokens[state];
    if (token === undefined) continue;
    if (token === "globstar" || (token === "star" && character !== "/")) next.push(state);
    else if (typeof token === "object" && token.literal === character) next.push(state + 1);
  }
  return next;
}
