/**
 * Where what is printed comes from: the repository, the policy's commit, the store.
 */
import type { Source } from "../output/override-json.ts";
import type { Openers, OpenLog } from "./openers.ts";

export async function sourceOf(log: OpenLog, open: Openers): Promise<Source> {
  const { repository } = await open.workplace();
  return {
    repository: `${repository.host}/${repository.name}`,
    policyCommit: log.policyCommit,
    storeName: log.store.name,
  };
}
