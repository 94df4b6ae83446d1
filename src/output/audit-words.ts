/**
 * What `optout verify` says.
 */
import { forTerminal } from "./escape.ts";
import { marked, type Paint } from "./paint.ts";

export interface AuditFinding {
  readonly code: string;
  readonly seq: number;
  readonly weight: "violation" | "warning";
  readonly meaning: string;
  readonly detail: string;
}

export interface AuditSummary {
  readonly intact: boolean;
  readonly store: string;
  /** The position that the audit began at. */
  readonly from: number;
  readonly positions: number;
  readonly head: { readonly seq: number; readonly hash: string } | null;
  /** How many of each kind. */
  readonly statements: Readonly<Record<string, number>>;
  readonly policy: { readonly digest: string; readonly commit: string };
  readonly findings: readonly AuditFinding[];
}

export function auditLines(summary: AuditSummary, paint: Paint): readonly string[] {
  const { intact, store, positions, head, from, statements } = summary;
  const counts = Object.entries(statements)
    .map(([kind, count]) => `${count} ${kind}`)
    .join(", ");
  const span = from === 0 ? `${positions} positions` : `${positions} positions from #${from}`;
  const verdict = intact
    ? marked(paint, "restored", `${forTerminal(store)} is intact: ${span}`)
    : marked(paint, "violation", `${forTerminal(store)} is not intact: ${span}`);
  return [
    ...summary.findings.map((finding) => findingLine(finding, paint)),
    verdict,
    ...(counts === "" ? [] : [`  ${counts}`]),
    ...(head === null ? [] : [`  head ${head.seq}:${head.hash}`]),
  ];
}

function findingLine(finding: AuditFinding, paint: Paint): string {
  const { seq, code, meaning, detail, weight } = finding;
  const text = `#${seq} ${code}: ${meaning} (${forTerminal(detail)})`;
  return marked(paint, weight === "violation" ? "violation" : "suspended", text);
}
