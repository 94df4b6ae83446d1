/**
 * The policies of then: which policy a statement went by, as far as the trusted ref bears it out.
 */
import type { Policy } from "../core/policy.ts";
import type { Genuine, Reading } from "../core/reading.ts";
import { recordedPolicy } from "../core/then.ts";
import type { Report } from "./findings.ts";

/** The trusted ref's past. */
export interface PolicyHistory {
  /** Whether the policy's bytes with this digest are the file at `commit`, and that is on the ref. */
  holds(commit: string, digest: string): Promise<"yes" | "no" | "unknown">;
  readonly defaultBranch: string | null;
}

/** What an audit has learnt of the policies of then. */
export class PoliciesOfThen {
  readonly #now: Policy;
  readonly #history: PolicyHistory;
  readonly #report: Report;
  readonly #known = new Map<string, Policy>();
  readonly #records: { readonly seq: number; readonly digest: string }[] = [];

  constructor(now: Policy, history: PolicyHistory, report: Report) {
    this.#now = now;
    this.#history = history;
    this.#report = report;
    this.#known.set(now.digest, now);
  }

  /** The policy by which to read a position: the one that it names, else the one of now. */
  policyOf({ claim }: Reading): Policy {
    return this.named(claim?.policy ?? this.#now.digest);
  }

  /** The same for a position that may record a policy. */
  async learn(reading: Reading): Promise<Policy> {
    const digest = reading.claim?.policy ?? null;
    const isNews = digest !== null && !this.#known.has(digest);
    return (isNews ? await this.#learn(reading) : null) ?? this.policyOf(reading);
  }

  /** The policy with this digest, where it counts, else the one of now. */
  named(digest: string): Policy {
    return this.#known.get(digest) ?? this.#now;
  }

  /**
   * Takes a genuine statement: a person goes by the last policy recorded in what she saw. One whose
   * key a policy dropped that stands before it may have signed as if she had not seen that.
   */
  take(reading: Reading, { statement, principal, key }: Genuine): void {
    if (statement.kind === "policy.recorded") {
      if (!this.#known.has(statement.policy)) return;
      this.#records.push({ seq: reading.seq, digest: statement.policy });
      return;
    }
    if (principal.kind === "ci" || !("saw" in statement)) return;
    const last = this.#records.findLast((record) => record.seq <= statement.saw.seq);
    const newest = this.#records.at(-1);
    if (last !== undefined && last.digest !== statement.policy) {
      this.#report("POLICY_OUTDATED", reading.seq, `#${last.seq} recorded another policy before`);
    } else if (newest !== undefined && !this.named(newest.digest).keys.has(key.kid)) {
      const what = `#${newest.seq} recorded a policy without its key before`;
      this.#report("POLICY_OUTDATED", reading.seq, what);
    }
  }

  /** Makes a recorded text a policy to read by, if the trusted ref bears it out. */
  async #learn(reading: Reading): Promise<Policy | null> {
    const found = recordedPolicy(reading);
    if (found === null) return null;
    const { recorded, policy } = found;
    switch (await this.#history.holds(recorded.policy_at, recorded.policy)) {
      case "yes":
        this.#known.set(policy.digest, policy);
        return policy;
      case "no":
        this.#report("POLICY_NOT_ON_REF", reading.seq, `not the file at ${recorded.policy_at}`);
        return null;
      case "unknown":
        this.#report("POLICY_UNPROVEN", reading.seq, `cannot look at ${recorded.policy_at}`);
        return null;
    }
  }
}
