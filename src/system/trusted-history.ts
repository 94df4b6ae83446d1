/**
 * The past of the trusted ref, for audits: which text a file had at an earlier commit of it.
 *
 * Fetches commits only; trees and files come one by one, when they are asked for.
 */
import { requireRemote, type Clone } from "./clone.ts";
import { gitTrouble, runGit } from "./git.ts";
import { readObjects } from "./git-objects.ts";
import { OwnRepository, type OwnPlace } from "./own-repository.ts";
import type { AskOptions } from "./remote.ts";
import { readFileInCommit } from "./tree-file.ts";
import {
  asPartial,
  borrowedTips,
  trustedFetch,
  trustedRef,
  trustedRefspec,
} from "./trusted-fetch.ts";

/** Opened once for each clone and process. */
const opened = new WeakMap<Clone, History>();

/**
 * The bytes of a file at a commit in the trusted ref's history; null when the commit is not in it, or
 * holds no such regular file. The first call for a clone fetches the commits, without their trees.
 * @param commit full id, as a statement names it; anything else is in no history
 * @throws `unreachable`, `timeout`, `no-remote`
 */
export async function fileAt(
  clone: Clone,
  commit: string,
  path: string,
  options: AskOptions,
): Promise<Uint8Array | null> {
  if (!/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(commit)) return null;
  const history = opened.get(clone) ?? new History(clone, options);
  opened.set(clone, history);
  return history.fileAt(commit, path);
}

class History {
  readonly #clone: Clone;
  readonly #own: OwnRepository;
  readonly #fetched = new Set<string>();
  readonly #known = new Map<string, Promise<Uint8Array | null>>();

  constructor(clone: Clone, options: AskOptions) {
    this.#clone = clone;
    // A shallow clone lacks the history that is asked for, so nothing of it is borrowed.
    const borrows = clone.isShallow ? [] : (["clone"] as const);
    this.#own = new OwnRepository({ clone, name: "history", borrows, ...options });
  }

  fileAt(commit: string, path: string): Promise<Uint8Array | null> {
    const key = `${commit}:${path}`;
    const known = this.#known.get(key) ?? this.#own.use((place) => this.#read(place, commit, path));
    this.#known.set(key, known);
    return known;
  }

  async #read(place: OwnPlace, commit: string, path: string): Promise<Uint8Array | null> {
    const { name } = requireRemote(this.#clone);
    if (!this.#fetched.has(place.gitDir)) await this.#fetch(place, name);
    if (!(await isAncestor(place, commit))) return null;
    const file = await readFileInCommit(asPartial(place, name), { commit, path });
    return file.kind === "file" ? file.bytes : null;
  }

  async #fetch(place: OwnPlace, remote: string): Promise<void> {
    const result = await runGit(
      [...borrowedTips(this.#clone), ...trustedFetch, "--filter=tree:0", remote, trustedRefspec],
      asPartial(place, remote),
    );
    if (result.status !== 0) throw gitTrouble(result, "git fetch");
    this.#fetched.add(place.gitDir);
  }
}

/** Asked without a remote to fetch from: a commit that a stranger names must not be looked for. */
async function isAncestor(place: OwnPlace, commit: string): Promise<boolean> {
  const offline = { ...place, settings: null };
  const [object] = await readObjects(offline, [commit]);
  if (object?.type !== "commit") return false;
  const result = await runGit(["merge-base", "--is-ancestor", commit, trustedRef], offline);
  if (result.status > 1) throw gitTrouble(result, "git merge-base");
  return result.status === 0;
}
