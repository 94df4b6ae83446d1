/**
 * What an audit makes of the statements' meaning: ids, what each author saw, authority under the
 * policy of then, uses. Fed one reading after another, in log order.
 */
import { mayDeny, mayRevoke, proposalOf, type Created } from "../core/judge.ts";
import { revocationOfKey } from "../core/permitting.ts";
import { hasRole, type Policy, type UnixSeconds } from "../core/policy.ts";
import type { Genuine, Reading } from "../core/reading.ts";
import { opinion } from "../core/rule.ts";
import { placesOf, ruleFor, type Subject } from "../core/scope.ts";
import type { KeyRevoked, OverrideReviewed } from "../core/statement.ts";
import { AuditedExtensions } from "./audit-extensions.ts";
import { KeptOverrides, timeSpansIn } from "./audit-kept.ts";
import { AuditedLimits } from "./audit-limits.ts";
import { AuditedOpen } from "./audit-open.ts";
import { AuditedPast } from "./audit-past.ts";
import { PoliciesOfThen, type PolicyHistory } from "./audit-policies.ts";
import { AuditedReviews } from "./audit-reviews.ts";
import { AuditedUses } from "./audit-use.ts";
import type { Report } from "./findings.ts";

/** Seconds after its end for which an override's statements are kept, to judge what comes late. */
const grace = 86_400;

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
  readonly #past: AuditedPast;
  readonly #reviews: AuditedReviews;
  readonly #limits: AuditedLimits;
  readonly #open: AuditedOpen;
  readonly #extensions: AuditedExtensions;
  readonly #uses: AuditedUses;
  readonly #kept: KeptOverrides;
  /** What was said about overrides that have not been seen, or not yet. */
  readonly #early = new Map<string, Reading[]>();
  #sinceSweep = 0;

  constructor({ policy, history, from }: Setting, report: Report) {
    this.#now = policy;
    this.#branch = history.defaultBranch;
    this.#from = from;
    this.#report = report;
    this.#policies = new PoliciesOfThen(policy, history, report);
    this.#past = new AuditedPast(from, report);
    this.#reviews = new AuditedReviews(report, history.defaultBranch);
    this.#kept = new KeptOverrides(from, this.#past);
    const place = { kept: this.#kept, ids: this.#ids, from, defaultBranch: this.#branch };
    this.#limits = new AuditedLimits(
      (id, then) => timeSpansIn(this.#kept, id, then, this.#branch),
      report,
    );
    this.#open = new AuditedOpen(place, report);
    this.#extensions = new AuditedExtensions(place, report);
    this.#uses = new AuditedUses(place, report);
  }

  /** The policy by which to read a position. */
  policyOf(reading: Reading): Policy {
    return this.#policies.policyOf(reading);
  }

  /** The same for a position that records a policy. */
  learn(reading: Reading): Promise<Policy> {
    return this.#policies.learn(reading);
  }

  /** Takes the next position, its signature verified. */
  take(reading: Reading): void {
    const verdict = reading.verdict();
    const sound = reading.fault === null;
    const trusted = sound && (verdict.kind === "genuine" || verdict.kind === "beginning");
    this.#past.take(reading, trusted ? verdict.statement.iat : null);
    this.#keepRelated(reading);
    if (!sound || verdict.kind !== "genuine") return;
    if (!this.#isNewId(reading, verdict)) return;
    this.#past.checkWhatWasSeen(reading, verdict.statement);
    this.#policies.take(reading, verdict);
    this.#checkKind(reading, verdict);
    this.#sweep(verdict.statement.iat);
  }

  /** Reports what only the end shows. @param now when the audit is made */
  finish(now: UnixSeconds): void {
    this.#reviews.finish(now);
    for (const readings of this.#early.values()) this.#reportUnknown(readings);
    const view = this.#kept.viewOf(this.#now, []);
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

  #checkKind(reading: Reading, genuine: Genuine): void {
    const { statement } = genuine;
    switch (statement.kind) {
      case "override.created":
        this.#checkCreated({ reading, genuine, statement });
        return;
      case "override.used":
        this.#uses.check(reading, statement);
        return;
      case "override.approved":
      case "override.denied":
      case "override.revoked":
        this.#checkEntitled(reading, genuine, statement.override);
        return;
      case "override.reviewed":
        this.#checkReview(reading, genuine, statement);
        return;
      case "key.revoked":
        this.#kept.keyRevoked(reading);
        this.#checkRevocationOfKey(reading, genuine, statement);
        return;
      case "log.created":
      case "policy.recorded":
      case "note.added":
      case "notice.sent":
    }
  }

  #checkCreated(created: Created): void {
    const { statement, reading } = created;
    const policy = this.#policies.named(statement.policy);
    const { action } = statement;
    const proposal = proposalOf(created);
    const allowed: Subject[] = [];
    for (const place of placesOf(statement.target.name, statement.scope, this.#branch)) {
      const opinions = place.subjects.map((subject) => ({
        subject,
        objections: opinion(policy, subject, proposal).objections,
      }));
      const free = opinions.filter(({ objections }) => objections.length === 0);
      allowed.push(...free.map(({ subject }) => subject));
      if (free.length > 0) continue;
      const codes = opinions[0]?.objections.map(({ code }) => code) ?? [];
      const detail = `${action} ${statement.target.name} on ${place.name}: ${codes.join(", ")}`;
      this.#report("OVERRIDE_NOT_ALLOWED", reading.seq, detail);
    }
    this.#reviews.checkRaised(created, policy, allowed);
    this.#reviews.expect(created, policy, allowed);
    this.#keep(created, policy);
    this.#limits.check(created, policy);
    this.#open.check(created, policy);
    this.#extensions.check(created, policy);
  }

  /** Keeps the override for what will be said about it, and judges what already was. */
  #keep(created: Created, policy: Policy): void {
    const { statement, reading } = created;
    const early = this.#early.get(statement.id) ?? [];
    this.#early.delete(statement.id);
    const waits = policy.rules.map(({ approvals }) => approvals?.pendingSeconds ?? 0);
    const pending = statement.pending_until ?? statement.iat + Math.max(0, ...waits);
    const lastMoment = Math.max(statement.nbf, pending) + statement.duration;
    this.#kept.add({ created, policy, related: [...early, reading], lastMoment });
    this.#limits.changed(created);
    for (const one of early) {
      const verdict = one.verdict();
      if (one.fault !== null || verdict.kind !== "genuine") continue;
      const isFirst = this.#ids.get(verdict.statement.id) === one.seq;
      // a use was reported where it stands
      if (isFirst && verdict.statement.kind !== "override.used") this.#checkKind(one, verdict);
    }
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

  #checkReview(reading: Reading, { principal }: Genuine, review: OverrideReviewed): void {
    const author = this.#kept.get(review.override)?.created.genuine.principal.id ?? null;
    this.#reviews.take(reading, principal, review, author);
  }

  /** Of a key that the policy of then does not know nobody can say whose it was. */
  #checkRevocationOfKey(
    reading: Reading,
    { principal }: Genuine,
    { kid, policy }: KeyRevoked,
  ): void {
    const { keys, mayRevoke: roles } = this.#policies.named(policy);
    const owner = keys.get(kid)?.owner;
    if (owner === undefined || owner.id === principal.id || hasRole(principal, roles)) return;
    this.#report("KEY_REVOCATION_NOT_ENTITLED", reading.seq, `${principal.id} revokes ${kid}`);
  }

  #reportUnknown(readings: readonly Reading[]): void {
    if (this.#from > 0) return;
    for (const reading of readings) {
      const verdict = reading.verdict();
      if (reading.fault !== null || verdict.kind !== "genuine") continue;
      const { kind } = verdict.statement;
      if (kind === "override.used" || kind === "notice.sent") continue;
      const detail = `${kind} of ${reading.claim?.override ?? ""}`;
      this.#report("OVERRIDE_UNKNOWN", reading.seq, detail);
    }
  }

  #keepRelated(reading: Reading): void {
    const { override = null, about = null } = reading.claim ?? {};
    const kept = this.#kept.get(override ?? about ?? "");
    if (kept !== undefined) {
      kept.related.push(reading);
      this.#limits.changed(kept.created);
    } else if (override !== null && !this.#ids.has(override)) {
      const early = this.#early.get(override);
      if (early === undefined) this.#early.set(override, [reading]);
      else early.push(reading);
    }
  }

  /** Lets go of overrides that ended long ago. */
  #sweep(now: UnixSeconds): void {
    this.#sinceSweep += 1;
    if (this.#sinceSweep < 1024) return;
    this.#sinceSweep = 0;
    const window = Math.max(grace, this.#now.limits.perStage?.withinSeconds ?? 0);
    for (const { lastMoment, created } of this.#kept.all()) {
      if (lastMoment + window >= now) continue;
      this.#limits.forget(created);
      this.#open.forget(created);
      this.#extensions.forget(created, this.#now, now);
      this.#kept.delete(created.statement.id);
    }
  }
}
