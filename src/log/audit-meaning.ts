/**
 * What an audit makes of the statements' meaning: ids, what each author saw, authority under the
 * policy of then, uses. Fed one reading after another, in log order.
 */
import { overriddenSeconds } from "../core/authorize.ts";
import type { Clock } from "../core/clock.ts";
import {
  judge,
  mayDeny,
  mayRevoke,
  revocationOfKey,
  type Created,
  type Judged,
} from "../core/judge.ts";
import type { ObjectionCode } from "../core/objection.ts";
import type { Policy, UnixSeconds } from "../core/policy.ts";
import type { Genuine, Reading } from "../core/reading.ts";
import { opinion } from "../core/rule.ts";
import { placesOf, ruleFor, type Subject } from "../core/scope.ts";
import type { OverrideUsed } from "../core/statement.ts";
import { indexed, type View } from "../core/view.ts";
import { PoliciesOfThen, type PolicyHistory } from "./audit-policies.ts";
import { subjectsOfUse } from "./audit-use.ts";
import type { Report } from "./findings.ts";

/** Seconds by which honest clocks may differ. */
const tolerance = 120;
/** Seconds after its end for which an override's statements are kept, to judge what comes late. */
const grace = 86_400;

interface Kept {
  readonly created: Created;
  readonly policy: Policy;
  readonly related: Reading[];
  readonly lastMoment: UnixSeconds;
}

/** What an audit goes by. */
interface Setting {
  /** The policy of now. */
  readonly policy: Policy;
  readonly history: PolicyHistory;
  /** The first position that is read. */
  readonly from: number;
}

/** The state of an audit between two positions. */
export class AuditedMeaning {
  readonly #now: Policy;
  readonly #branch: string | null;
  readonly #policies: PoliciesOfThen;
  readonly #from: number;
  readonly #report: Report;
  readonly #ids = new Map<string, number>();
  /** Hash and time of each position: what a later author may have seen. */
  readonly #hashes: string[] = [];
  readonly #times: (UnixSeconds | null)[] = [];
  readonly #keysRevoked: Reading[] = [];
  readonly #kept = new Map<string, Kept>();
  readonly #ended = new Set<string>();
  #sinceSweep = 0;

  constructor({ policy, history, from }: Setting, report: Report) {
    this.#now = policy;
    this.#branch = history.defaultBranch;
    this.#from = from;
    this.#report = report;
    this.#policies = new PoliciesOfThen(policy, history, report);
  }

  /** The policy by which to read a position. */
  policyOf(reading: Reading): Promise<Policy> {
    return this.#policies.policyOf(reading);
  }

  /** Takes the next position, its signature verified. */
  take(reading: Reading): void {
    this.#hashes.push(reading.hash);
    const verdict = reading.verdict();
    const sound = reading.fault === null;
    const trusted = sound && (verdict.kind === "genuine" || verdict.kind === "beginning");
    this.#times.push(trusted ? verdict.statement.iat : null);
    this.#keepRelated(reading);
    if (!sound || verdict.kind !== "genuine") return;
    if (!this.#isNewId(reading, verdict)) return;
    this.#checkWhatWasSeen(reading, verdict);
    this.#policies.take(reading, verdict);
    this.#checkKind(reading, verdict);
    this.#sweep(verdict.statement.iat);
  }

  /** Reports what only the end shows. */
  finish(): void {
    const view = this.#viewOf(this.#now, []);
    for (const kid of this.#now.keys.keys()) {
      const revocation = revocationOfKey(view, kid);
      if (revocation === undefined) continue;
      this.#report("KEY_REVOKED", revocation.seq, `${kid} is still in the policy`);
    }
  }

  #isNewId(reading: Reading, { statement }: Genuine): boolean {
    const before = this.#ids.get(statement.id);
    if (before === undefined) {
      this.#ids.set(statement.id, reading.seq);
      return true;
    }
    this.#report("ID_REPEATED", reading.seq, `${statement.id} stands at #${before}`);
    return false;
  }

  #checkWhatWasSeen(reading: Reading, { statement }: Genuine): void {
    if (!("saw" in statement) || statement.saw.seq < this.#from) return;
    const { seq, hash } = statement.saw;
    if (seq >= reading.seq || this.#hashes[seq - this.#from] !== hash) {
      this.#report("SAW_CONTRADICTED", reading.seq, `its author saw another #${seq}`);
      return;
    }
    const seenAt = this.#times[seq - this.#from] ?? null;
    if (seenAt !== null && statement.iat < seenAt - tolerance) {
      this.#report("TIME_BEFORE_SEEN", reading.seq, `${seenAt - statement.iat} s before #${seq}`);
    }
  }

  #checkKind(reading: Reading, genuine: Genuine): void {
    const { statement } = genuine;
    switch (statement.kind) {
      case "override.created":
        this.#checkCreated({ reading, genuine, statement });
        return;
      case "override.used":
        this.#checkUse(reading, statement);
        return;
      case "override.approved":
      case "override.denied":
      case "override.revoked":
        this.#checkEntitled(reading, genuine, statement.override);
        return;
      case "key.revoked":
        this.#keysRevoked.push(reading);
        return;
      case "log.created":
      case "policy.recorded":
      case "override.reviewed":
      case "notice.sent":
    }
  }

  #checkCreated(created: Created): void {
    const { statement, genuine, reading } = created;
    const policy = this.#policies.named(statement.policy);
    const { action, duration, reason, tickets, emergency = false } = statement;
    const proposal = { action, author: genuine.principal, duration, reason, tickets, emergency };
    for (const place of placesOf(statement.target.name, statement.scope, this.#branch)) {
      const opinions = place.subjects.map((subject) => opinion(policy, subject, proposal));
      if (opinions.some(({ objections }) => objections.length === 0)) continue;
      const codes = opinions[0]?.objections.map(({ code }) => code) ?? [];
      const detail = `${action} ${statement.target.name} on ${place.name}: ${codes.join(", ")}`;
      this.#report("OVERRIDE_NOT_ALLOWED", reading.seq, detail);
    }
    const pending = statement.pending_until ?? statement.nbf;
    const lastMoment = Math.max(statement.nbf, pending) + statement.duration;
    this.#kept.set(statement.id, { created, policy, related: [reading], lastMoment });
    this.#checkLimit(created, policy);
  }

  #checkLimit({ statement, reading }: Created, policy: Policy): void {
    const limit = policy.limits.perStage;
    if (limit === null || statement.action === "hold") return;
    const { name } = statement.target;
    const related = [...this.#kept.values()]
      .filter(({ created, lastMoment }) => {
        const isOfStage = created.statement.target.name === name;
        return isOfStage && lastMoment > statement.iat - limit.withinSeconds;
      })
      .flatMap((kept) => kept.related);
    const view = this.#viewOf(
      policy,
      related.sort((a, b) => a.seq - b.seq),
    );
    const total = overriddenSeconds(view, {
      stage: name,
      now: statement.iat,
      within: limit.withinSeconds,
      defaultBranch: this.#branch,
    });
    if (total <= limit.totalSeconds) return;
    this.#report("LIMIT_EXCEEDED", reading.seq, `${name}: ${total} s of ${limit.totalSeconds} s`);
  }

  #checkUse(reading: Reading, use: OverrideUsed): void {
    const kept = this.#kept.get(use.override);
    if (kept === undefined) {
      if (this.#ended.has(use.override)) {
        this.#report("USE_NOT_IN_FORCE", reading.seq, `${use.override} had ended long before`);
      } else if (this.#from === 0) {
        this.#report("USE_OF_UNKNOWN", reading.seq, `${use.override} is not in the log`);
      }
      return;
    }
    const { statement, genuine } = kept.created;
    if (use.context.stage !== statement.target.name || use.digest !== genuine.digest) {
      this.#report("USE_NOT_IN_FORCE", reading.seq, `run ${use.context.run}: of something else`);
      return;
    }
    if (use.result !== undefined && followsItsUse(kept, reading, use)) return;
    const subjects = subjectsOfUse(use, statement, this.#branch);
    for (const code of this.#leastAgainst(kept, subjects, use.iat)) {
      const finding = code === "used-up" ? "USE_REPEATED" : "USE_NOT_IN_FORCE";
      this.#report(finding, reading.seq, `run ${use.context.run}: ${code}`);
    }
  }

  /** The codes against the override where they are fewest; a use does not tell where exactly it was. */
  #leastAgainst(
    kept: Kept,
    subjects: readonly Subject[],
    at: UnixSeconds,
  ): readonly ObjectionCode[] {
    const all = subjects.map((subject) =>
      this.#judgeFor(kept, subject, at).objections.map(({ code }) => code),
    );
    const [first] = all;
    if (first === undefined) return ["out-of-scope"];
    return all.reduce((a, b) => (b.length < a.length ? b : a), first);
  }

  /** A person is entitled by the rule of any place that the override names. */
  #checkEntitled(reading: Reading, { principal, statement }: Genuine, override: string): void {
    const kept = this.#kept.get(override);
    if (kept === undefined) return;
    const { created, policy } = kept;
    const author = created.genuine.principal;
    const places = placesOf(created.statement.target.name, created.statement.scope, this.#branch);
    const rules = places
      .flatMap(({ subjects }) => subjects)
      .map((subject) => ruleFor(policy, subject));
    // whoever may approve may deny
    const may = statement.kind === "override.revoked" ? mayRevoke : mayDeny;
    if (rules.some((rule) => may(principal, author, rule))) return;
    if (statement.kind === "override.approved") {
      this.#report("APPROVAL_NOT_ENTITLED", reading.seq, `${principal.id} approves ${override}`);
    } else this.#report("END_NOT_ENTITLED", reading.seq, `${principal.id} ends ${override}`);
  }

  #judgeFor(kept: Kept, subject: Subject, at: UnixSeconds): Judged {
    const clock: Clock = { now: at, inDoubt: false, earliest: at, latest: at };
    return judge(this.#viewOf(kept.policy, kept.related), kept.created, subject, clock);
  }

  /** The log as it stands, as far as these readings and the revoked keys go. */
  #viewOf(policy: Policy, readings: readonly Reading[]): View {
    const all = [...readings, ...this.#keysRevoked];
    return {
      policy,
      first: this.#from,
      size: this.#from + this.#hashes.length,
      readings: all,
      at: (seq) => all.find((reading) => reading.seq === seq),
      hashAt: (seq) => this.#hashes[seq - this.#from],
      where: indexed(all),
    };
  }

  #keepRelated(reading: Reading): void {
    const about = reading.claim?.override ?? reading.claim?.about ?? null;
    if (about !== null) this.#kept.get(about)?.related.push(reading);
  }

  /** Lets go of overrides that ended long ago. */
  #sweep(now: UnixSeconds): void {
    this.#sinceSweep += 1;
    if (this.#sinceSweep < 1024) return;
    this.#sinceSweep = 0;
    const window = Math.max(grace, this.#now.limits.perStage?.withinSeconds ?? 0);
    for (const [id, { lastMoment }] of this.#kept) {
      if (lastMoment + window >= now) continue;
      this.#kept.delete(id);
      this.#ended.add(id);
    }
  }
}

/** A later use of the same run and stage tells how the command ended, however long it took. */
function followsItsUse({ related }: Kept, reading: Reading, { context }: OverrideUsed): boolean {
  return related.some((other) => {
    if (other.seq >= reading.seq || other.fault !== null) return false;
    const verdict = other.verdict();
    if (verdict.kind !== "genuine" || verdict.statement.kind !== "override.used") return false;
    const { run, forge, stage } = verdict.statement.context;
    return run === context.run && forge === context.forge && stage === context.stage;
  });
}
