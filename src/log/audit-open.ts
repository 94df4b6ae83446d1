/**
 * How many overrides of a stage, and by a person, were open when another was made: each new one is
 * judged by the limits of the policy that it names.
 */
import type { Created } from "../core/judge.ts";
import { isOpenAt, withoutExtended } from "../core/open-overrides.ts";
import type { Policy, UnixSeconds } from "../core/policy.ts";
import type { AuditPlace } from "./audit-kept.ts";
import type { Report } from "./findings.ts";

/** Seconds by which honest clocks differ, and within which a writer tries again: what ends then is over. */
const tolerance = 120;
/** Those beyond the limit that are still looked at: a flood is as much over it as one too many. */
const beyond = 64;

export class AuditedOpen {
  readonly #place: AuditPlace;
  readonly #report: Report;
  /** Ids of those that may be open, by stage and by person. */
  readonly #ofStage = new Map<string, Set<string>>();
  readonly #ofPerson = new Map<string, Set<string>>();

  constructor(place: AuditPlace, report: Report) {
    this.#place = place;
    this.#report = report;
  }

  /** Reports the override if more than the policy allows are open with it. */
  check(created: Created, policy: Policy): void {
    const { statement, genuine, reading } = created;
    if (statement.action === "hold") return;
    const stage = statement.target.name;
    const person = genuine.principal.id;
    const { openPerStage, openPerPerson } = policy.limits;
    for (const [name, most, ids] of [
      [stage, openPerStage, setIn(this.#ofStage, stage)],
      [`by ${person}`, openPerPerson, setIn(this.#ofPerson, person)],
    ] as const) {
      ids.add(statement.id);
      if (most === null || !this.#isOpen(statement.id, policy, statement.iat)) continue;
      const count = this.#count(ids, policy, statement.iat, most);
      if (count <= most) continue;
      this.#report("OPEN_EXCEEDED", reading.seq, `${name}: ${count} at the same time of ${most}`);
    }
  }

  /** The override ended so long ago that nothing counts it. */
  forget({ statement, genuine }: Created): void {
    this.#ofStage.get(statement.target.name)?.delete(statement.id);
    this.#ofPerson.get(genuine.principal.id)?.delete(statement.id);
  }

  #count(ids: Set<string>, policy: Policy, at: UnixSeconds, most: number): number {
    const open: Created[] = [];
    for (const id of ids) {
      const created = this.#place.kept.get(id)?.created;
      if (created === undefined || !this.#isOpen(id, policy, at + tolerance)) ids.delete(id);
      else if (open.push(created) > most + beyond) break;
    }
    return withoutExtended(open).length;
  }

  #isOpen(id: string, policy: Policy, at: UnixSeconds): boolean {
    const { kept: overrides, defaultBranch } = this.#place;
    const kept = overrides.get(id);
    if (kept === undefined) return false;
    return isOpenAt(overrides.viewOf(policy, kept.related), kept.created, at, defaultBranch);
  }
}

function setIn(sets: Map<string, Set<string>>, name: string): Set<string> {
  const known = sets.get(name);
  if (known !== undefined) return known;
  const made = new Set<string>();
  sets.set(name, made);
  return made;
}
