/**
 * Makes a bare repository as plain files: no process is spent on it, and it is right at any moment,
 * however many runs make it at once.
 */
import { join } from "node:path";

import { ensurePrivateDirectory, isThere, readTextIfThere, writeFileAtomic } from "./files.ts";
import { ownSettings } from "./git-guard.ts";

/**
 * Creates the repository if it is not there, its HEAD last, and sees to it that its settings are ours.
 * @param more settings beside those of every repository of ours
 * @throws the error of the file system
 */
export function createBareRepository(
  directory: string,
  objectFormat: "sha1" | "sha256",
  more: string = "",
): void {
  const isNew = !isThere(join(directory, "HEAD"));
  if (isNew) {
    ensurePrivateDirectory(join(directory, "objects", "info"));
    ensurePrivateDirectory(join(directory, "objects", "pack"));
    ensurePrivateDirectory(join(directory, "refs"));
  }
  writeIfOther(join(directory, "config"), `${ownSettings(objectFormat)}${more}`);
  if (isNew) writeIfOther(join(directory, "HEAD"), "ref: refs/heads/none\n");
}

function writeIfOther(path: string, content: string): void {
  if (readTextIfThere(path) !== content) writeFileAtomic(path, content, { durable: false });
}

/**
 * Lets the repository borrow the objects of others, and know where their history ends: what is
 * shallow there is shallow here, or git would look for commits that nobody has.
 * @param lenders git directories, absolute
 * @throws the error of the file system
 */
export function refreshBorrowing(directory: string, lenders: readonly string[]): void {
  const alternates = join(directory, "objects", "info", "alternates");
  const wanted = lenders.map((gitDir) => `${join(gitDir, "objects")}\n`).join("");
  writeIfOther(alternates, wanted);
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
