/**
 * What commands tell of the CI files: read lazily, for only people's commands need it.
 */
import type { Policy } from "../core/policy.ts";
import type { FindingRow } from "../output/stages-words.ts";
import type { SourceTree, Wiring } from "../wiring/wiring.ts";

export interface FoundWiring {
  readonly wiring: Wiring;
  readonly findings: readonly FindingRow[];
}

export async function wiringOf(tree: SourceTree, policy: Policy): Promise<FoundWiring> {
  const { readWiring } = await import("../wiring/read-wiring.ts");
  const { judgeWiring } = await import("../wiring/judge.ts");
  const { wiringFindings } = await import("../wiring/findings.ts");
  const wiring = await readWiring(tree);
  const findings = judgeWiring(wiring, policy).map((finding) => ({
    ...finding,
    ...wiringFindings[finding.code],
  }));
  return { wiring, findings };
}
