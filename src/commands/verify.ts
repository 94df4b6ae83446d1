/**
 * `optout verify`: the audit of the whole log, exit 0 only when it is intact.
 */
import { OptoutError } from "../core/errors.ts";
import { exitStatus } from "../core/exit.ts";
import { audit, type AuditReport } from "../log/audit.ts";
import { findingCodes, isViolation, type Finding, type FindingCode } from "../log/findings.ts";
import type { Head } from "../log/head.ts";
import { logIdOf } from "../log/read.ts";
import type { Io } from "../output/io.ts";
import { printJson } from "../output/json.ts";
import { verifyJson } from "../output/look-back-json.ts";
import { auditSarif } from "../output/audit-sarif.ts";
import { auditLines, type AuditSummary } from "../output/audit-words.ts";
import { linesFor } from "../output/wrap.ts";
import type { Call } from "./command.ts";
import type { Openers, OpenLog } from "./openers.ts";
import { paintOut } from "./paint.ts";
import type { StoreFinding } from "../stores/store.ts";
import { version } from "./version.ts";

export async function verify(call: Call, io: Io, open: Openers): Promise<number> {
  if (call.has("json") && call.has("format") && call.text("format") !== "json") {
    throw new OptoutError("usage", `--json and --format ${call.text("format")} exclude each other`);
  }
  const from = fromOf(call);
  const given = call.texts("head").map(headOf);
  const log = await open.log();
  const report = await audit({
    positions: log.store.scan(from),
    from,
    policy: log.policy,
    history: await open.history(log),
    anchors: [...given, ...remembered(log)].filter(({ seq }) => seq >= from),
    now: io.now(),
  });
  const past = await log.store.examine();
  const findings = [...report.findings, ...past.map(findingOf)];
  const summary = summaryOf({ ...report, findings }, log, from);
  await print(call, io, summary);
  return exitStatus(summary.intact ? "ok" : "integrity");
}

async function print(call: Call, io: Io, summary: AuditSummary): Promise<void> {
  const format = call.has("json") ? "json" : call.text("format");
  if (format === "json") return printJson(io, verifyJson(summary));
  if (format === "sarif") {
    const rules = Object.entries(findingCodes).map(([code, row]) => ({ code, ...row }));
    return printJson(io, auditSarif(summary, rules, version()));
  }
  const paint = await paintOut(call, io);
  io.out(linesFor(io, auditLines(summary, paint)));
}

const pastCodes: Readonly<Record<StoreFinding["kind"], FindingCode>> = {
  stray: "STORE_STRAY",
  "second-version": "STORE_SECOND_VERSION",
  deleted: "STORE_DELETED",
  unproven: "STORE_UNPROVEN",
};

/** What concerns no single position is told of the first one. */
const findingOf = ({ kind, seq, detail }: StoreFinding): Finding => ({
  code: pastCodes[kind],
  seq: seq ?? 0,
  detail,
});

/** What this machine has seen of the log before. @throws `policy-invalid` for one without a log */
function remembered({ policy, memory }: OpenLog): readonly Head[] {
  const head = memory.recall(logIdOf(policy));
  return head === null ? [] : [head];
}

function summaryOf(report: AuditReport, log: OpenLog, from: number): AuditSummary {
  return {
    intact: !report.findings.some(isViolation),
    store: log.store.name,
    from,
    positions: report.positions,
    head: report.head,
    statements: report.statements,
    policy: { digest: log.policy.digest, commit: log.policyCommit },
    findings: report.findings.map((finding) => ({ ...finding, ...findingCodes[finding.code] })),
  };
}

function fromOf(call: Call): number {
  const text = call.text("from") ?? "0";
  const [, digits] = /^#?([0-9]{1,15})$/.exec(text) ?? [];
  if (digits !== undefined) return Number(digits);
  throw new OptoutError("usage", `--from ${text} is not the number of a position`);
}

function headOf(text: string): Head {
  const [, seq, hash] = /^#?([0-9]{1,15}):([A-Za-z0-9_-]{43})$/.exec(text) ?? [];
  if (seq !== undefined && hash !== undefined) return { seq: Number(seq), hash };
  throw new OptoutError("usage", `--head ${text} is not SEQ:HASH`, {
    hint: "--head 412:<43 characters>   as verify prints it",
  });
}
