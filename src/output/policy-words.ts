/**
 * What `optout policy check` says about a policy file, for people and as JSON.
 */
import type { Policy } from "../core/policy.ts";
import { forTerminal } from "./escape.ts";
import { marked, type Paint } from "./paint.ts";

interface PolicyFinding {
  readonly line: number;
  readonly column: number;
  /** Of the file. */
  readonly path: string;
  readonly message: string;
}

export interface PolicyReport {
  readonly path: string;
  /** Null when it has problems. */
  readonly policy: Policy | null;
  readonly problems: readonly PolicyFinding[];
  readonly warnings: readonly PolicyFinding[];
}

export interface PolicyCheckJson extends Omit<PolicyReport, "policy"> {
  readonly kind: "optout/policy-check";
  readonly v: 1;
  readonly ok: boolean;
}

export function policyReportJson({
  path,
  policy,
  problems,
  warnings,
}: PolicyReport): PolicyCheckJson {
  const ok = policy !== null;
  return { kind: "optout/policy-check", v: 1, ok, path, problems, warnings };
}

/** `path:line:column message`, the form that editors and CI systems know. */
export function policyReportLines(report: PolicyReport, paint: Paint): readonly string[] {
  const { policy, problems, warnings } = report;
  const path = forTerminal(report.path);
  const found = [
    ...problems.map((one) => marked(paint, "violation", findingWords(one))),
    ...warnings.map((one) => marked(paint, "suspended", `${findingWords(one)} (warning)`)),
  ];
  if (policy === null) {
    const count = problems.length === 1 ? "one problem" : `${problems.length} problems`;
    return [...found, `${path} has ${count}, and permits nothing as it is`];
  }
  const { principals, stages, rules } = policy;
  const counts = `principals: ${principals.size}, stages: ${stages.size}, rules: ${rules.length}`;
  return [...found, marked(paint, "restored", `${path} is a valid policy (${counts})`)];
}

const findingWords = ({ path, line, column, message }: PolicyFinding): string =>
  `${forTerminal(path)}:${line}:${column} ${forTerminal(message)}`;
