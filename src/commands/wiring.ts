/**
 * What commands tell of the CI files: read lazily, for only people's commands need it.
 */
import type { Policy } from "../core/policy.ts";
import type { FindingRow } from "../output/stages-words.ts";
import { OptoutError } from "../core/errors.ts";
import { workTreeFiles } from "../system/work-tree.ts";
import type { mayRun } from "../wiring/runs.ts";
import type { Ask, SourceTree, Wiring } from "../wiring/wiring.ts";
import type { OpenLog, Openers } from "./openers.ts";

export interface FoundWiring {
  readonly wiring: Wiring;
  readonly findings: readonly FindingRow[];
  readonly mayRun: typeof mayRun;
}

/** An ask, and whether its job can run for changes of a branch. */
export interface AskAt extends Ask {
  readonly runs: boolean;
}

async function wiringOf(tree: SourceTree, policy: Policy): Promise<FoundWiring> {
  const { readWiring } = await import("../wiring/read-wiring.ts");
  const { judgeWiring } = await import("../wiring/judge.ts");
  const { mayRun } = await import("../wiring/runs.ts");
  const { wiringFindings } = await import("../wiring/findings.ts");
  const wiring = await readWiring(tree);
  const findings = judgeWiring(wiring, policy).map((finding) => ({
    ...finding,
    ...wiringFindings[finding.code],
  }));
  return { wiring, findings, mayRun };
}

/** What is asked, held against the branch; all of it can run where that is not known. */
export function asksAt(
  found: FoundWiring,
  {
    branch,
    defaultBranch,
  }: { readonly branch: string | null; readonly defaultBranch: string | null },
): readonly AskAt[] {
  const { jobs, asks } = found.wiring;
  if (branch === null) return asks.map((ask) => ({ ...ask, runs: true }));
  const place = { kind: "branch", name: branch, defaultBranch } as const;
  const idle = new Set(
    jobs.filter(({ when }) => !found.mayRun(when, place)).flatMap((job) => job.asks),
  );
  return asks.map((ask) => ({ ...ask, runs: !idle.has(ask) }));
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
