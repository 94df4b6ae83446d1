/**
 * Recorded uses, in an audit: of an override that the log holds, in force at that time, in its scope.
 * A use tells the ref of its job, not the branch that received the change, so a pull request's use may
 * have been at any place that the override's scope names.
 */
import type { ObjectionCode } from "../core/objection.ts";
import type { UnixSeconds } from "../core/policy.ts";
import type { Reading } from "../core/reading.ts";
import { placesOf, type Subject } from "../core/scope.ts";
import type { OverrideCreated, OverrideUsed } from "../core/statement.ts";
import type { AuditPlace, Kept } from "./audit-kept.ts";
import type { Report } from "./findings.ts";

export class AuditedUses {
  readonly #place: AuditPlace;
  readonly #report: Report;

  constructor(place: AuditPlace, report: Report) {
    this.#place = place;
    this.#report = report;
  }

  /** Reports a use that was not granted, or that spends what was spent. */
  check(reading: Reading, use: OverrideUsed): void {
    const kept = this.#place.kept.get(use.override);
    if (kept === undefined) {
      if (this.#place.ids.has(use.override)) {
        this.#report("USE_NOT_IN_FORCE", reading.seq, `${use.override} had ended long before`);
      } else if (this.#place.from === 0) {
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
    const subjects = subjectsOfUse(use, statement, this.#place.defaultBranch);
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
      this.#place.kept.judge(kept, subject, at).objections.map(({ code }) => code),
    );
    const [first] = all;
    if (first === undefined) return ["out-of-scope"];
    return all.reduce((a, b) => (b.length < a.length ? b : a), first);
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

/** The subjects that the job can have been; none when its scope names no such place at all. */
function subjectsOfUse(
  { context }: OverrideUsed,
  { scope, target }: OverrideCreated,
  defaultBranch: string | null,
): readonly Subject[] {
  const job = {
    stage: target.name,
    sha: context.sha,
    environment: context.environment ?? null,
    forge: context.forge,
    run: context.run,
    fork: false,
  };
  const place = placeOf(context.ref);
  if (place !== null) return [{ ...job, ...place, pr: null }];
  return placesOf(target.name, scope, defaultBranch)
    .flatMap(({ subjects }) => subjects)
    .filter(({ tag }) => tag === null)
    .map((subject) => ({ ...subject, ...job, pr: numberIn(context.ref) ?? subject.pr }));
}

/** What the ref says of the receiving branch; null where it says nothing. */
function placeOf(ref: string): Pick<Subject, "branch" | "head" | "tag"> | null {
  const [, queued] = /^refs\/heads\/gh-readonly-queue\/(.+)\/pr-[0-9]+-[0-9a-f]+$/.exec(ref) ?? [];
  if (queued !== undefined) return { branch: queued, head: null, tag: null };
  const [, kind, name = null] = /^refs\/(heads|tags)\/(.+)$/.exec(ref) ?? [];
  if (kind === "heads") return { branch: name, head: name, tag: null };
  return kind === "tags" ? { branch: null, head: null, tag: name } : null;
}

/** The number of the pull or merge request that the ref belongs to. */
function numberIn(ref: string): number | null {
  const [, digits] = /^refs\/(?:pull|merge-requests)\/([0-9]{1,15})\//.exec(ref) ?? [];
  return digits === undefined ? null : Number(digits);
}
