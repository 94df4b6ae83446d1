/**
 * Makes a bare repository as plain files: no process is spent on it, and it is right at any moment,
 * however many runs make it at once.
 */
import { join } from "node:path";

import { ensurePrivateDirectory, isThere, readTextIfThere, writeFileAtomic } from "./files.ts";

/**
 * Creates the repository if it is not there; its HEAD is written last.
 * @throws the error of the file system
 */
export function createBareRepository(directory: string, objectFormat: "sha1" | "sha256"): void {
  if (isThere(join(directory, "HEAD"))) return;
  ensurePrivateDirectory(join(directory, "objects", "info"));
  ensurePrivateDirectory(join(directory, "objects", "pack"));
  ensurePrivateDirectory(join(directory, "refs"));
  writeFileAtomic(join(directory, "config"), config[objectFormat], { durable: false });
  writeFileAtomic(join(directory, "HEAD"), "ref: refs/heads/none\n", { durable: false });
}

const config = {
  sha1: "[core]\n\trepositoryformatversion = 0\n\tbare = true\n",
  sha256:
    "[core]\n\trepositoryformatversion = 1\n\tbare = true\n[extensions]\n\tobjectformat = sha256\n",
} as const;

/**
 * Lets the repository borrow the objects of others, and know where their history ends: what is
 * shallow there is shallow here, or git would look for commits that nobody has.
 * @param lenders git directories, absolute
 * @throws the error of the file system
 */
export function refreshBorrowing(directory: string, lenders: readonly string[]): void {
  const alternates = join(directory, "objects", "info", "alternates");
  const wanted = lenders.map((gitDir) => `${join(gitDir, "objects")}\n`).join("");
  if (readTextIfThere(alternates) !== wanted)
    writeFileAtomic(alternates, wanted, { durable: false });
  const theirs = lenders.flatMap((gitDir) => shallowLines(gitDir));
  if (theirs.length === 0) return;
  const ours = shallowLines(directory);
  const all = [...new Set([...ours, ...theirs])];
  if (all.length === ours.length) return;
  writeFileAtomic(join(directory, "shallow"), `${all.join("\n")}\n`, { durable: false });
}

function shallowLines(gitDir: string): readonly string[] {
  const text = readTextIfThere(join(gitDir, "shallow")) ?? "";
  return text.split("\n").filter((line) => line !== "");
}
