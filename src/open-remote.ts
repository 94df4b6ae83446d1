/**
 * What a command may ask of the remote beside the log: its default branch, its time, its files, the
 * past of the policy.
 */
import type { Openers } from "./commands/openers.ts";
import type { PolicyHistory } from "./log/audit-policies.ts";
import { policyPath } from "./asked-of-remotes.ts";
import { digestOf, type LogAccess } from "./open-log.ts";

type RemoteOpeners = Pick<
  Openers,
  "defaultBranch" | "remoteCommit" | "remoteTime" | "history" | "remoteTrees"
>;

export function remoteOpeners(access: () => Promise<LogAccess>): RemoteOpeners {
  let branch: Promise<string | null> | undefined;
  return {
    defaultBranch: () => (branch ??= access().then(defaultBranchOf)),
    remoteCommit: async () => (await remoteHead(await access())).commit,
    remoteTime: async () => {
      const { readRemoteTime } = await import("./system/remote-time.ts");
      const { clone, deadline } = await access();
      return readRemoteTime(clone, deadline);
    },
    history: async () => policyHistory(await access()),
    remoteTrees: async (request, use) => {
      const { remoteTrees } = await import("./open-trees.ts");
      return remoteTrees(await access(), request, use);
    },
  };
}

async function remoteHead(
  access: LogAccess,
): Promise<{ readonly commit: string | null; readonly branch: string | null }> {
  const { clone } = access;
  if (clone.remote === null) return { commit: clone.head, branch: clone.branch };
  const { readRemoteHead } = await import("./system/remote.ts");
  return readRemoteHead(clone, access);
}

async function defaultBranchOf(access: LogAccess): Promise<string | null> {
  return access.clone.remote?.defaultBranch ?? (await remoteHead(access)).branch;
}

async function policyHistory(access: LogAccess): Promise<PolicyHistory> {
  const defaultBranch = await defaultBranchOf(access);
  if (access.clone.remote === null) {
    return { defaultBranch, holds: () => Promise.resolve("unknown") };
  }
  const { fileAt } = await import("./system/trusted-history.ts");
  return {
    defaultBranch,
    holds: async (commit, digest) => {
      const bytes = await fileAt(access.clone, commit, policyPath, access);
      return bytes !== null && digestOf(bytes) === digest ? "yes" : "no";
    },
  };
}
