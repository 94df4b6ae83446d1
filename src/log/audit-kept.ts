/**
 * What an audit keeps of each override while something may still be said about it, and how it judges
 * it: by what the log held at that place, and by a policy of choice.
 */
import { certain } from "../core/clock.ts";
import { judge, type Created, type Judged } from "../core/judge.ts";
import type { Policy, UnixSeconds } from "../core/policy.ts";
import type { Reading } from "../core/reading.ts";
import type { Subject } from "../core/scope.ts";
import { timeSpansOf, type TimeSpan } from "../core/time-used.ts";
import { indexed, type View } from "../core/view.ts";
import type { AuditedPast } from "./audit-past.ts";

export interface Kept {
  readonly created: Created;
  /** The policy that its author went by. */
  readonly policy: Policy;
  /** Itself, and all that was said about it so far. */
  readonly related: Reading[];
  readonly lastMoment: UnixSeconds;
}

/** What parts of an audit share. */
export interface AuditPlace {
  readonly kept: KeptOverrides;
  /** Where each id stands first. */
  readonly ids: ReadonlyMap<string, number>;
  /** The first position that is read. */
  readonly from: number;
  readonly defaultBranch: string | null;
}

export class KeptOverrides {
  readonly #from: number;
  readonly #past: AuditedPast;
  readonly #keysRevoked: Reading[] = [];
  readonly #byId = new Map<string, Kept>();

  constructor(from: number, past: AuditedPast) {
    this.#from = from;
    this.#past = past;
  }

  get(id: string): Kept | undefined {
    return this.#byId.get(id);
  }

  add(kept: Kept): void {
    this.#byId.set(kept.created.statement.id, kept);
  }

  delete(id: string): void {
    this.#byId.delete(id);
  }

  all(): Iterable<Kept> {
    return this.#byId.values();
  }

  keyRevoked(reading: Reading): void {
    this.#keysRevoked.push(reading);
  }

  /** The judgement by the policy of its author. */
  judge(kept: Kept, subject: Subject, at: UnixSeconds): Judged {
    return judge(this.viewOf(kept.policy, kept.related), kept.created, subject, certain(at));
  }

  /** The log as it stands, as far as these readings and the revoked keys go. */
  viewOf(policy: Policy, readings: readonly Reading[]): View {
    const all = [...readings, ...this.#keysRevoked];
    return {
      policy,
      first: this.#from,
      size: this.#past.size,
      readings: all,
      at: (seq) => all.find((reading) => reading.seq === seq),
      hashAt: (seq) => this.#past.hashAt(seq),
      where: indexed(all),
    };
  }
}

/** When the override applies under the policy, as the log stands; never where it is not kept any more. */
export function timeSpansIn(
  overrides: KeptOverrides,
  id: string,
  policy: Policy,
  defaultBranch: string | null,
): readonly TimeSpan[] {
  const kept = overrides.get(id);
  if (kept === undefined) return [];
  return timeSpansOf(overrides.viewOf(policy, kept.related), kept.created, defaultBranch);
}
