/**
 * Finding the override that a person means: by number (`#412`, `412`), by id or its beginning, or
 * by the stage's name when exactly one override of it is in force.
 */
import { OptoutError } from "../core/errors.ts";
import type { Standing } from "../core/state.ts";

/**
 * The one override that `name` means.
 * @throws `not-found`, or `ambiguous` with the candidates
 */
export function findOverride(standings: readonly Standing[], name: string): Standing {
  const found = byNumber(standings, name) ?? byId(standings, name) ?? byStage(standings, name);
  const [only, ...others] = found;
  if (only !== undefined && others.length === 0) return only;
  if (only === undefined) {
    throw new OptoutError("not-found", `no override answers to ${JSON.stringify(name)}`, {
      hint: "optout history",
    });
  }
  const candidates = found.map(({ judged }) => `#${judged.seq} (${judged.statement.id})`);
  throw new OptoutError("ambiguous", `${name} may mean ${candidates.join(", ")}`, {
    hint: "use the number, such as " + `#${only.judged.seq}`,
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

/** In force comes first; where nothing is, what waits or is scheduled is meant. */
function byStage(standings: readonly Standing[], name: string): readonly Standing[] {
  const ofStage = standings.filter(({ judged }) => judged.statement.target.name === name);
  const inForce = ofStage.filter(({ state }) => state === "in-force");
  if (inForce.length > 0) return inForce;
  return ofStage.filter(({ state }) => state === "pending" || state === "scheduled");
}
