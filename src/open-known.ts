/**
 * Policy and log as this clone last read them, for hints: nobody is asked, and nothing is decided by
 * them. With `open.ts` it knows the store whose copy is read.
 */
import type { KnownLog } from "./commands/openers.ts";
import { gitReadsAtOnce, policyPath } from "./asked-of-remotes.ts";
import { parsePolicy } from "./core/policy-parse.ts";
import type { LogPlace } from "./core/policy.ts";
import { workTreeBytes, type LogAccess } from "./open-log.ts";
import { readKnownTail } from "./stores/git-known.ts";
import type { Tail } from "./stores/store.ts";
import { readKnownTrusted } from "./system/trusted.ts";

/** Never throws. */
export async function knownLog(open: () => Promise<LogAccess>): Promise<KnownLog | null> {
  try {
    const access = await open();
    const { clone } = access;
    const bytes =
      clone.remotes.length === 0 ? workTreeBytes(clone) : await readKnownTrusted(clone, policyPath);
    if (bytes === null) return null;
    const policy = parsePolicy(bytes, policyPath);
    const tail = await knownTail(access, policy.log);
    const defaultBranch = clone.remote === null ? clone.branch : clone.remote.defaultBranch;
    return tail === null ? null : { policy, tail, defaultBranch };
  } catch {
    return null;
  }
}

async function knownTail(access: LogAccess, place: LogPlace): Promise<Tail | null> {
  const { clone, deadline } = access;
  switch (place.store) {
    case "git":
      return readKnownTail({ clone, branch: place.branch, count: gitReadsAtOnce, deadline });
    case "dir":
      return (await access.openStore(place)).tail(gitReadsAtOnce);
    case "s3":
      // a bucket leaves nothing here, and asking it takes more than a moment
      return null;
  }
}
