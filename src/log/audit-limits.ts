/**
 * The policy's limit on a stage, in an audit: each new override is judged by the limit of the policy
 * that it names, and by what the log held when it was made.
 */
import type { Created } from "../core/judge.ts";
import type { Policy } from "../core/policy.ts";
import type { TimeSpan } from "../core/time-used.ts";
import type { Report } from "./findings.ts";
import { TimeWindow } from "./time-window.ts";

/** The spans of an override that the audit keeps, under a policy, as the log stands now. */
type SpansOf = (id: string, policy: Policy) => readonly TimeSpan[];

interface Ledger {
  readonly window: TimeWindow;
  /** Overrides to judge again before the next sum. */
  readonly changed: Set<string>;
}

/** All that is kept of one stage. */
interface StageTime {
  readonly ids: Set<string>;
  /** By the policy's digest. */
  readonly ledgers: Map<string, Ledger>;
}

export class AuditedLimits {
  readonly #spansOf: SpansOf;
  readonly #report: Report;
  readonly #stages = new Map<string, StageTime>();

  constructor(spansOf: SpansOf, report: Report) {
    this.#spansOf = spansOf;
    this.#report = report;
  }

  /** The override is new, or something was said about it. */
  changed({ statement: { id, target } }: Created): void {
    const stage = this.#stageOf(target.name);
    stage.ids.add(id);
    for (const ledger of stage.ledgers.values()) ledger.changed.add(id);
  }

  /** The override ended so long ago that no limit reaches it. */
  forget({ statement: { id, target } }: Created): void {
    const stage = this.#stageOf(target.name);
    stage.ids.delete(id);
    for (const { window, changed } of stage.ledgers.values()) {
      window.delete(id);
      changed.delete(id);
    }
  }

  /** Reports the override if the stage is over its limit with it. */
  check({ statement, reading }: Created, policy: Policy): void {
    const limit = policy.limits.perStage;
    if (limit === null || statement.action === "hold") return;
    const { name } = statement.target;
    const { window, changed } = this.#ledgerOf(name, policy, limit.withinSeconds);
    for (const id of changed) window.set(id, this.#spansOf(id, policy));
    changed.clear();
    const total = window.total(statement.iat);
    if (total <= limit.totalSeconds) return;
    this.#report("LIMIT_EXCEEDED", reading.seq, `${name}: ${total} s of ${limit.totalSeconds} s`);
  }

  #ledgerOf(name: string, { digest }: Policy, within: number): Ledger {
    const { ids, ledgers } = this.#stageOf(name);
    const known = ledgers.get(digest);
    if (known !== undefined) return known;
    const made = { window: new TimeWindow(within), changed: new Set(ids) };
    ledgers.set(digest, made);
    return made;
  }

  #stageOf(name: string): StageTime {
    const known = this.#stages.get(name);
    if (known !== undefined) return known;
    const made: StageTime = { ids: new Set(), ledgers: new Map() };
    this.#stages.set(name, made);
    return made;
  }
}
