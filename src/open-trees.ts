/**
 * Opening the trees of the remote's branches and tags under a time limit of their own.
 */
import type { TreesRequest } from "./commands/openers.ts";
import { OptoutError } from "./core/errors.ts";
import type { LogAccess } from "./open-log.ts";
import { useRemoteTrees, useTrustedTree } from "./system/remote-files.ts";
import { workTreeFiles } from "./system/work-tree.ts";
import type { SourceTree } from "./wiring/wiring.ts";

/** Nobody is asked for a password here: that is the append's, beside which this runs. */
export async function remoteTrees<T>(
  { clone, deadline }: LogAccess,
  { log, refs, limitSeconds }: TreesRequest,
  use: (tree: SourceTree) => Promise<T>,
): Promise<ReadonlyMap<string, T>> {
  if (clone.remote === null) {
    if (clone.topLevel === null) throw new OptoutError("usage", "there is no work tree");
    const found = await use(workTreeFiles(clone.topLevel));
    return new Map(refs.map((ref) => [ref, found]));
  }
  const limit = AbortSignal.any([deadline, AbortSignal.timeout(limitSeconds * 1000)]);
  const options = { deadline: limit, interactive: false };
  const others = refs.filter((ref) => ref !== "HEAD");
  const trusted = refs.includes("HEAD")
    ? useTrustedTree(clone, log.policyCommit, options, use)
    : null;
  const [main, rest] = await Promise.all([trusted, useRemoteTrees(clone, others, options, use)]);
  return main === null ? rest : new Map([...rest, ["HEAD", main]]);
}
