/**
 * Finding the override that a person means: by number (`#412`, `412`), by id or its beginning, or
 * by the stage's name when exactly one override of it is in force.
 */
import { OptoutError } from "../core/errors.ts";
import type { Standing, State } from "../core/state.ts";

/** What is done to it: a stage's name means another override to who approves. */
export interface Purpose {
  /** As typed, for the hint: `revoke`. */
  readonly command: string;
  /** Overrides in this state are meant before those in force. */
  readonly first?: State;
}

/**
 * The one override that `name` means.
 * @throws `not-found`, or `ambiguous` with the candidates
 */
export function findOverride(
  standings: readonly Standing[],
  name: string,
  { command, first = "in-force" }: Purpose,
): Standing {
  const found =
    byNumber(standings, name) ?? byId(standings, name) ?? byStage(standings, name, first);
  const [only, ...others] = found;
  if (only !== undefined && others.length === 0) return only;
  if (only === undefined) {
    const isStage = standings.some(({ judged }) => judged.statement.target.name === name);
    throw new OptoutError(
      "not-found",
      isStage
        ? `no override of ${name} is in force or waits`
        : `no override answers to ${JSON.stringify(name)}`,
      { hint: isStage ? `optout history ${name}` : "optout history" },
    );
  }
  const candidates = found.map(({ judged }) => `#${judged.seq} (${judged.statement.id})`);
  throw new OptoutError("ambiguous", `${name} may mean ${candidates.join(", ")}`, {
    // without its #, with which shells begin a comment
    hint: `optout ${command} ${only.judged.seq}   (or another of them)`,
  });
}

function byNumber(standings: readonly Standing[], name: string): readonly Standing[] | null {
  const [, digits] = /^#?([0-9]{1,15})$/.exec(name) ?? [];
  if (digits === undefined) return null;
  return standings.filter(({ judged }) => judged.seq === Number(digits));
}

function byId(standings: readonly Standing[], name: string): readonly Standing[] | null {
  if (!name.startsWith("ovr_")) return null;
  return standings.filter(({ judged }) => judged.statement.id.startsWith(name));
}

/** What is meant first; then in force; where nothing is, what waits or is scheduled. */
function byStage(standings: readonly Standing[], name: string, first: State): readonly Standing[] {
  const ofStage = standings.filter(({ judged }) => judged.statement.target.name === name);
  const inState = (...states: readonly State[]): readonly Standing[] =>
    ofStage.filter(({ state }) => states.includes(state));
  const choices = [inState(first), inState("in-force"), inState("pending", "scheduled")];
  return choices.find((some) => some.length > 0) ?? [];
}
