/**
 * Files on the trusted ref: the branch that the remote's HEAD names, as the remote holds it now.
 */
import { OptoutError } from "../core/errors.ts";
import { requireRemote, type Clone } from "./clone.ts";
import { ownDirectory, OwnRepository } from "./own-repository.ts";
import type { Together } from "./read-together.ts";
import type { AskOptions } from "./remote.ts";
import { readFileInCommit, type TreeFile } from "./tree-file.ts";
import { asPartial, fetchedCommit, fetchTrusted, trustedRepository } from "./trusted-fetch.ts";

/** What stands on the trusted ref now. */
export type TrustedFile = Found | Missing;

interface Found {
  readonly bytes: Uint8Array;
  readonly commit: string;
  /** For people: `origin/main`; `origin/HEAD` where the branch's name is not known. */
  readonly ref: string;
}

interface Missing {
  readonly bytes: null;
  /** Null when the remote has no commit at all. */
  readonly commit: string | null;
  readonly ref: string;
}

export interface TrustedOptions extends AskOptions {
  /** What `readTogether` was asked for the same file. */
  readonly ahead?: Promise<Together | null> | undefined;
}

/** Bytes beyond which a file is refused (docs/format.md, "Limits"). */
const maxFileBytes: number = 256 * 1024;

/**
 * Reads a file from the trusted ref. Bytes are null when it is not there.
 * @param path from the top of the tree, with `/` between its parts
 * @throws `unreachable`, `timeout`, `no-remote`; `policy-invalid` for what is not a regular file, or
 *   over 256 KiB
 */
export async function readTrusted(
  clone: Clone,
  path: string,
  options: TrustedOptions,
): Promise<TrustedFile> {
  const { name, defaultBranch } = requireRemote(clone);
  const ref = `${name}/${defaultBranch ?? "HEAD"}`;
  const { ahead, ...access } = options;
  const together = await ahead;
  if (together !== null && together !== undefined) {
    const { commit, file } = together.trusted;
    return { bytes: regular(file, `${path} at ${ref}`), commit, ref };
  }
  const own = new OwnRepository({ clone, ...trustedRepository, ...access });
  return own.use(async (place) => {
    const commit = await fetchTrusted(place, clone, access);
    if (commit === null) return { bytes: null, commit, ref };
    const file = await readFileInCommit(asPartial(place, name), { commit, path });
    return { bytes: regular(file, `${path} at ${ref}`), commit, ref };
  });
}

/**
 * What the last `readTrusted` in this clone found, without asking anybody; null when nothing is left
 * of it. Old: it may tighten, never loosen.
 */
export async function readKnownTrusted(clone: Clone, path: string): Promise<Uint8Array | null> {
  const gitDir = ownDirectory(clone, "trusted");
  const place = { cwd: clone.cwd, gitDir, settings: null, interactive: false };
  try {
    const commit = fetchedCommit(gitDir);
    if (commit === null) return null;
    return regular(await readFileInCommit(place, { commit, path }), path);
  } catch {
    return null;
  }
}

function regular(file: TreeFile, where: string): Uint8Array | null {
  switch (file.kind) {
    case "absent":
      return null;
    case "other":
      throw new OptoutError("policy-invalid", `${where} is not a regular file (mode ${file.mode})`);
    case "file":
      if (file.bytes.byteLength <= maxFileBytes) return file.bytes;
      throw new OptoutError("policy-invalid", `${where} is larger than ${maxFileBytes} bytes`);
  }
}
