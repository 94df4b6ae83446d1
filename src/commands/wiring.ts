/**
 * What commands tell of the CI files: read lazily, for only people's commands need it.
 */
import type { Policy } from "../core/policy.ts";
import type { FindingRow } from "../output/stages-words.ts";
import { OptoutError } from "../core/errors.ts";
import { workTreeFiles } from "../system/work-tree.ts";
import type { SourceTree, Wiring } from "../wiring/wiring.ts";
import type { OpenLog, Openers } from "./openers.ts";

export interface FoundWiring {
  readonly wiring: Wiring;
  readonly findings: readonly FindingRow[];
}

async function wiringOf(tree: SourceTree, policy: Policy): Promise<FoundWiring> {
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

/** Seconds that the remote may take to hand out CI files. */
const limitSeconds = 20;

/**
 * What the CI files say on a branch of the remote, or in the work tree where none is named; on the
 * default branch where there is no work tree.
 * @throws `usage` for a branch that the remote does not have
 */
export async function wiringAt(
  open: Openers,
  log: OpenLog,
  branch: string | undefined,
): Promise<FoundWiring> {
  const { root } = await open.workplace();
  if (root !== null && branch === undefined) return wiringOf(workTreeFiles(root), log.policy);
  const ref = branch === undefined ? "HEAD" : `refs/heads/${branch}`;
  const found = await open.remoteTrees({ log, refs: [ref], limitSeconds }, (tree) =>
    wiringOf(tree, log.policy),
  );
  const wiring = found.get(ref);
  if (wiring !== undefined) return wiring;
  throw new OptoutError("usage", `the remote has no branch ${JSON.stringify(branch)}`);
}
