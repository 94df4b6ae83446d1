/**
 * The files of branches and tags as the remote holds them, for a reader of whole directories.
 *
 * Neither the work tree nor the user's clone is read or written. Fetched is the one commit; what is
 * larger than a usual file comes when it is asked for.
 */
import { createHash } from "node:crypto";
import { join } from "node:path";

import { requireRemote, type Clone } from "./clone.ts";
import { readTextIfThere } from "./files.ts";
import { gitTrouble, GitTrouble, runGit, type GitPlace } from "./git.ts";
import { OwnRepository, type OwnPlace } from "./own-repository.ts";
import { isOnRemote, type AskOptions } from "./remote.ts";
import { listFilesInCommit, readFileInCommit } from "./tree-file.ts";
import {
  asPartial,
  borrowedTips,
  fetchTrusted,
  trustedFetch,
  trustedRepository,
} from "./trusted-fetch.ts";
import type { FileTree } from "./work-tree.ts";

/** Does something with a tree, perhaps twice. */
export type UseTree<T> = (tree: FileTree) => Promise<T>;

/**
 * Reads on the trusted ref, at the commit where it was found before; where that is gone from the
 * cache, as it stands now.
 * @throws `unreachable`, `timeout`, `no-remote`, `limit`, and what `use` throws
 */
export async function useTrustedTree<T>(
  clone: Clone,
  commit: string,
  options: AskOptions,
  use: UseTree<T>,
): Promise<T> {
  const { name } = requireRemote(clone);
  const own = new OwnRepository({ clone, ...trustedRepository, ...options });
  return own.use(async (place) => {
    const found = place.isSpare ? await fetchTrusted(place, clone, options) : commit;
    if (found === null) throw new GitTrouble("the remote has no commit");
    return use(filesAt(asPartial(place, name), found));
  });
}

/**
 * Reads at the tip of each ref, one after the other; refs that the remote does not have are not in
 * the answer.
 * @param refs full names
 * @throws `unreachable`, `timeout`, `no-remote`, `limit`, and what `use` throws
 */
export async function useRemoteTrees<T>(
  clone: Clone,
  refs: readonly string[],
  options: AskOptions,
  use: UseTree<T>,
): Promise<ReadonlyMap<string, T>> {
  const { name } = requireRemote(clone);
  const own = new OwnRepository({ clone, name: "branches", borrows: ["clone"], ...options });
  const found = new Map<string, T>();
  for (const ref of refs) {
    await own.use(async (place) => {
      const commit = await fetchTip(place, clone, ref, options);
      if (commit !== null) found.set(ref, await use(filesAt(asPartial(place, name), commit)));
    });
  }
  return found;
}

async function fetchTip(
  place: OwnPlace,
  clone: Clone,
  ref: string,
  options: AskOptions,
): Promise<string | null> {
  const { name } = requireRemote(clone);
  // named by digest: a branch a/b may follow on a branch a that is gone
  const kept = `refs/o/tips/${createHash("sha256").update(ref).digest("hex")}`;
  const result = await runGit(
    [...borrowedTips(clone), ...trustedFetch, "--depth=1", name, `+${ref}:${kept}`],
    asPartial(place, name),
  );
  if (result.status !== 0) {
    if (!(await isOnRemote(clone, ref, options))) return null;
    throw gitTrouble(result, "git fetch");
  }
  const commit = readTextIfThere(join(place.gitDir, kept))?.trim() ?? null;
  if (commit === null) throw new GitTrouble("git fetch left no ref");
  return commit;
}

function filesAt(place: GitPlace, commit: string): FileTree {
  return {
    list: async (path) => (isPath(path) ? listFilesInCommit(place, { commit, path }) : []),
    read: async (path) => {
      if (path === "" || !isPath(path)) return null;
      const file = await readFileInCommit(place, { commit, path });
      return file.kind === "file" ? file.bytes : null;
    },
  };
}

/** To git `./x` and `../x` mean something else, and no line break may reach it. */
function isPath(path: string): boolean {
  if (path === "") return true;
  const parts = path.split("/");
  return !/\p{Cc}/u.test(path) && !parts.some((part) => ["", ".", ".."].includes(part));
}
