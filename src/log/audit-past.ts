/**
 * What stood where, and what time it claimed: an audit holds what each author saw against it.
 */
import type { UnixSeconds } from "../core/policy.ts";
import type { Reading } from "../core/reading.ts";
import type { Statement } from "../core/statement.ts";
import type { Report } from "./findings.ts";

/** Seconds by which honest clocks may differ. */
const tolerance = 120;
/** A time was ahead where so many, */
const enough = 2;
/** of so many statements right after it, claim an earlier one. */
const witnesses = 3;

interface Suspect {
  readonly seq: number;
  readonly iat: UnixSeconds;
  /** By how many seconds each of the later ones that contradict it lies before it. */
  readonly leads: number[];
}

export class AuditedPast {
  readonly #from: number;
  readonly #report: Report;
  readonly #hashes: string[] = [];
  readonly #times: (UnixSeconds | null)[] = [];
  #suspects: readonly Suspect[] = [];

  /** @param from the first position that is read */
  constructor(from: number, report: Report) {
    this.#from = from;
    this.#report = report;
  }

  /** The number that comes next. */
  get size(): number {
    return this.#from + this.#hashes.length;
  }

  hashAt(seq: number): string | undefined {
    return this.#hashes[seq - this.#from];
  }

  /** @param iat what its author claims; null where nobody is known to claim it */
  take({ seq, hash }: Reading, iat: UnixSeconds | null): void {
    this.#hashes.push(hash);
    this.#times.push(iat);
    if (iat === null) return;
    for (const suspect of this.#suspects) {
      if (suspect.iat <= iat + tolerance) continue;
      if (suspect.leads.push(suspect.iat - iat) !== enough) continue;
      const lead = Math.min(...suspect.leads);
      this.#report("TIME_AHEAD", suspect.seq, `${lead} s ahead of what comes after it`);
    }
    this.#suspects = [...this.#suspects.slice(1 - witnesses), { seq, iat, leads: [] }];
  }

  checkWhatWasSeen({ seq: own }: Reading, statement: Statement): void {
    if (!("saw" in statement) || statement.saw.seq < this.#from) return;
    const { seq, hash } = statement.saw;
    if (seq >= own || this.hashAt(seq) !== hash) {
      this.#report("SAW_CONTRADICTED", own, `its author saw another #${seq}`);
      return;
    }
    const seenAt = this.#times[seq - this.#from] ?? null;
    if (seenAt !== null && statement.iat < seenAt - tolerance) {
      this.#report("TIME_BEFORE_SEEN", own, `${seenAt - statement.iat} s before #${seq}`);
    }
  }
}
