/**
 * An audit as SARIF 2.1.0, for viewers of findings: a rule for each code, a result for each finding,
 * at a logical location, because positions of a log are no lines of a file.
 */
import type { AuditSummary } from "./audit-words.ts";
import { forSarif } from "./escape.ts";

/** A code that an audit can find. */
export interface SarifRule {
  readonly code: string;
  readonly weight: "violation" | "warning";
  readonly meaning: string;
}

export interface SarifLog {
  readonly $schema: string;
  readonly version: "2.1.0";
  readonly runs: readonly object[];
}

const levels = { violation: "error", warning: "warning" } as const;

/** @param rules every code that there is, so that a reader sees what was looked for */
export function auditSarif(
  summary: AuditSummary,
  rules: readonly SarifRule[],
  version: string,
): SarifLog {
  const { intact, store, from, positions, head, statements, policy } = summary;
  const indexes = new Map(rules.map(({ code }, index) => [code, index]));
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "optout", version, rules: rules.map(ruleOf) } },
        invocations: [{ executionSuccessful: true, exitCode: intact ? 0 : 5 }],
        results: summary.findings.map((finding) => ({
          ruleId: finding.code,
          ruleIndex: indexes.get(finding.code) ?? -1,
          level: levels[finding.weight],
          message: { text: forSarif(`${finding.meaning} (${finding.detail})`) },
          locations: [{ logicalLocations: [locationOf(store, finding.seq)] }],
        })),
        properties: { intact, store, from, positions, head, statements, policy },
      },
    ],
  };
}

function ruleOf({ code, weight, meaning }: SarifRule): object {
  return {
    id: code,
    shortDescription: { text: forSarif(meaning) },
    defaultConfiguration: { level: levels[weight] },
  };
}

function locationOf(store: string, seq: number): object {
  return { name: `#${seq}`, fullyQualifiedName: `${store}#${seq}`, kind: "position" };
}
