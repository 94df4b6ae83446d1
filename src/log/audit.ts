/**
 * The audit: reads the whole log once, in order, and proves or reports every position.
 *
 * Form and chain are checked as the positions stream by; signatures are verified a batch at a time
 * on all cores; what a statement means is judged by the policy that its author went by, with the
 * same judgement that decides for jobs. Memory does not grow with the log, but for 32 bytes a
 * position and the ids.
 */
import { verifySignatureAsync } from "../core/crypto.ts";
import { asOptoutError } from "../core/errors.ts";
import { noPrevious } from "../core/position.ts";
import type { Policy, UnixSeconds } from "../core/policy.ts";
import { statementDigest } from "../core/jws.ts";
import {
  conclude,
  prepare,
  readWithPayload,
  type Reading,
  type Refusal,
  type Verdict,
} from "../core/reading.ts";
import { AuditedMeaning } from "./audit-meaning.ts";
import type { PolicyHistory } from "./audit-policies.ts";
import type { Finding, FindingCode, Report } from "./findings.ts";
import type { Head } from "./head.ts";

export interface AuditRequest {
  /** All positions from `from`, oldest first. */
  readonly positions: AsyncIterable<Uint8Array>;
  readonly from: number;
  /** The policy on the trusted ref now. */
  readonly policy: Policy;
  readonly history: PolicyHistory;
  /** Heads that were seen before: on this machine, in a notification, in a CI summary. */
  readonly anchors: readonly Head[];
  /** When the audit is made: what is due by then. */
  readonly now: UnixSeconds;
}

export interface AuditReport {
  readonly findings: readonly Finding[];
  /** How many positions were read. */
  readonly positions: number;
  readonly head: Head | null;
  readonly statements: Readonly<Record<string, number>>;
}

const batchSize = 256;

const codeOf: Readonly<Record<Refusal, FindingCode>> = {
  form: "STATEMENT_FORM",
  size: "STATEMENT_SIZE",
  seq: "POSITION_SEQ",
  prev: "POSITION_PREV",
  header: "STATEMENT_FORM",
  "unknown-key": "KEY_UNKNOWN",
  algorithm: "ALGORITHM",
  signature: "SIGNATURE",
  json: "JSON",
  kind: "UNKNOWN_KIND",
  schema: "SCHEMA",
  owner: "OWNER",
  log: "OTHER_LOG",
  ci: "CI_KIND",
  beginning: "SECOND_BEGINNING",
};

/**
 * Audits the log. What the store cannot read it throws; everything else is a finding, and so is a
 * merge, at which the log ends.
 */
export async function audit(request: AuditRequest): Promise<AuditReport> {
  const findings: Finding[] = [];
  const report: Report = (code, seq, detail) => {
    findings.push({ code, seq, detail });
  };
  const meaning = new AuditedMeaning(request, report);
  const anchors = bySeq(request.anchors);
  const statements = new Map<string, number>();
  let seq = request.from;
  let previous = request.from === 0 ? noPrevious : null;
  let head: Head | null = null;
  const pending: Promise<Reading>[] = [];

  const take = async (count: number): Promise<void> => {
    const readings = await Promise.all(pending.splice(0, count));
    for (const reading of readings) {
      const kind = reportReading(reading, report);
      statements.set(kind, (statements.get(kind) ?? 0) + 1);
      meaning.take(withoutBytes(reading));
    }
  };

  for await (const bytes of upToMerge(request, report)) {
    const read = readWithPayload(bytes, { seq, previous }, request.policy);
    const { reading } = read;
    reportPlace(reading, anchors.get(seq) ?? [], request.policy, report);
    // a policy must be known before the statements that go by it are read
    const isPolicy = reading.claim?.kind === "policy.recorded";
    if (isPolicy) await take(pending.length);
    pending.push(
      verified(read, isPolicy ? await meaning.learn(reading) : meaning.policyOf(reading)),
    );
    if (isPolicy) await take(pending.length);
    // never all, so that the other cores have something to do meanwhile
    else if (pending.length >= 2 * batchSize) await take(batchSize);
    previous = reading.hash;
    head = { seq, hash: reading.hash };
    seq += 1;
  }
  await take(pending.length);
  meaning.finish(request.now);
  reportEnd(request.from, seq, anchors, report);
  return {
    findings: findings.sort((a, b) => a.seq - b.seq),
    positions: seq - request.from,
    head,
    statements: Object.fromEntries(statements),
  };
}

/** The positions up to a merge, if there is one; it is reported. */
async function* upToMerge(
  { positions, from }: AuditRequest,
  report: Report,
): AsyncGenerator<Uint8Array, void, void> {
  let seq = from;
  try {
    for await (const bytes of positions) {
      yield bytes;
      seq += 1;
    }
  } catch (thrown) {
    const error = asOptoutError(thrown);
    if (error.code !== "log-merge") throw thrown;
    report("LOG_ORDER", seq, error.message);
  }
}

/** Two anchors may contradict each other; then the log differs from one of them. */
function bySeq(anchors: readonly Head[]): ReadonlyMap<number, readonly Head[]> {
  const found = new Map<number, Head[]>();
  for (const anchor of anchors) {
    const others = found.get(anchor.seq);
    if (others === undefined) found.set(anchor.seq, [anchor]);
    else others.push(anchor);
  }
  return found;
}

/**
 * What only the end shows; `size` is the number of the position that would come next. Whoever gives a
 * position to start from says that it is there.
 */
function reportEnd(
  from: number,
  size: number,
  anchors: ReadonlyMap<number, readonly Head[]>,
  report: Report,
): void {
  const isBeyond = from > 0 && size === from;
  for (const seq of new Set(isBeyond ? [from, ...anchors.keys()] : anchors.keys())) {
    if (seq >= size) report("HEAD_MISSING", seq, `the log ends before #${seq}`);
  }
  if (size === 0) report("LOG_EMPTY", 0, "there is no position");
}

function reportPlace(
  { seq, hash, fault, jws }: Reading,
  anchors: readonly Head[],
  policy: Policy,
  report: Report,
): void {
  for (const anchor of anchors) {
    if (anchor.hash !== hash) report("HEAD_MISMATCH", seq, `${hash} is not ${anchor.hash}`);
  }
  if (fault !== null) {
    report(fault === "form" ? "POSITION_FORM" : codeOf[fault], seq, "the position is void");
  }
  if (seq === 0 && (jws === null || statementDigest(jws) !== policy.log.id)) {
    report("LOG_ID", 0, "position 0 is not the beginning that the policy names");
  }
}

/** The reading with its signature verified off the main thread. */
function verified(
  { reading, payload }: ReturnType<typeof readWithPayload>,
  policy: Policy,
): Promise<Reading> {
  const prepared = prepare(reading, policy);
  if (prepared.kind !== "prepared") return Promise.resolve(withVerdict(reading, prepared));
  const { key, jws } = prepared;
  return verifySignatureAsync(key, jws.signingInput, jws.signature).then((valid) =>
    withVerdict(reading, conclude(prepared, valid, reading, { policy, payload })),
  );
}

const withVerdict = (reading: Reading, verdict: Verdict): Reading => ({
  ...reading,
  verdict: () => verdict,
});

const noBytes = new Uint8Array(0);

/** What its meaning is judged by; a position's bytes and text are most of the memory that it takes. */
const withoutBytes = (reading: Reading): Reading => ({ ...reading, bytes: noBytes, jws: null });

/** Reports what is wrong with the statement itself; returns the kind to count it under. */
function reportReading(reading: Reading, report: Report): string {
  const verdict = reading.verdict();
  switch (verdict.kind) {
    case "genuine":
    case "beginning":
      return verdict.statement.kind;
    case "note":
      return "note";
    case "unknown":
      report("UNKNOWN_KIND", reading.seq, `${verdict.principal.id} signed unknown ${verdict.why}`);
      return "unknown";
    case "refused":
      if (reading.jws !== null && !isOtherBeginning(reading, verdict)) {
        report(codeOf[verdict.why], reading.seq, verdict.detail);
      }
      return "void";
  }
}

/** The beginning of another log at position 0 is reported as such: `LOG_ID`. */
function isOtherBeginning(
  { seq }: Reading,
  { why }: Extract<Verdict, { kind: "refused" }>,
): boolean {
  return seq === 0 && why === "beginning";
}
