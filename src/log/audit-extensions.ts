/**
 * Extensions, in an audit: each goes on from an override that the log holds, that is of the same
 * stage, action and scope, and that nobody had ended; and the policy that it names limits their line.
 */
import { isSameOptOut, isEnded, objectionsToLine } from "../core/extension.ts";
import type { Created } from "../core/judge.ts";
import type { Policy, UnixSeconds } from "../core/policy.ts";
import { secondsOf } from "../core/time-used.ts";
import { timeSpansIn, type AuditPlace } from "./audit-kept.ts";
import type { Report } from "./findings.ts";

export class AuditedExtensions {
  readonly #place: AuditPlace;
  readonly #report: Report;
  /** Ids of an override and what extends it, in log order; by each of them. */
  readonly #lines = new Map<string, string[]>();
  /** Seconds of those that are not kept any more. */
  readonly #settled = new Map<string, number>();

  constructor(place: AuditPlace, report: Report) {
    this.#place = place;
    this.#report = report;
  }

  check({ statement, reading }: Created, policy: Policy): void {
    const { id, supersedes } = statement;
    if (supersedes === undefined) return;
    const fault = this.#faultOf(statement, supersedes, policy);
    if (fault !== null) {
      if (fault !== "") this.#report("EXTENSION_INVALID", reading.seq, `${supersedes} ${fault}`);
      return;
    }
    const line = this.#lines.get(supersedes) ?? [supersedes];
    if (statement.action !== "hold") {
      const before = line.map((one) => this.#secondsOf(one, policy, statement.iat));
      for (const { code } of objectionsToLine(
        policy,
        before,
        this.#secondsOf(id, policy, statement.iat),
      )) {
        this.#report("EXTENSIONS_EXCEEDED", reading.seq, `${supersedes}: ${code}`);
      }
    }
    line.push(id);
    this.#lines.set(supersedes, line);
    this.#lines.set(id, line);
  }

  /** The override ended long ago; what follows it may still be extended. */
  forget({ statement: { id } }: Created, policy: Policy, at: UnixSeconds): void {
    if (this.#lines.has(id)) this.#settled.set(id, this.#secondsOf(id, policy, at));
  }

  /** What keeps it from being an extension; empty where the audit did not read far enough to tell. */
  #faultOf(statement: Created["statement"], supersedes: string, policy: Policy): string | null {
    const { kept: overrides, ids, from, defaultBranch } = this.#place;
    const old = overrides.get(supersedes);
    if (old === undefined) {
      if (ids.has(supersedes)) return "had ended long before";
      return from === 0 ? "is not in the log" : "";
    }
    if (!isSameOptOut(old.created.statement, statement)) {
      return "is of another stage, action or scope";
    }
    const view = overrides.viewOf(policy, old.related);
    return isEnded(view, old.created, statement.iat, defaultBranch)
      ? "was revoked or denied"
      : null;
  }

  #secondsOf(id: string, policy: Policy, at: UnixSeconds): number {
    const settled = this.#settled.get(id);
    if (settled !== undefined) return settled;
    const { kept, defaultBranch } = this.#place;
    return secondsOf(timeSpansIn(kept, id, policy, defaultBranch), at, Infinity);
  }
}
