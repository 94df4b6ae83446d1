/**
 * Reads the text of a key file: a small, regular file, opened once and judged by what was opened.
 * A pipe or a device is refused without waiting for it.
 */
import { constants } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";

import { hasErrorCode, systemErrorWord } from "../system/files.ts";
import { keyInvalid } from "./key-errors.ts";

const maxSizeBytes = 65_536;

export interface KeyTextRule {
  /** `own`: not through a symbolic link; `any`: wherever it leads, as for secrets that are mounted. */
  readonly links: "own" | "any";
  /** Refuse what group or others may read or write, as ssh does; not judged on Windows. */
  readonly ownerOnly: boolean;
}

/**
 * The text of the file at `path`, or null when there is none.
 * @param source what messages call it
 * @throws `key-invalid` when it is not such a file, too open, or cannot be read
 */
export async function readKeyText(
  path: string,
  source: string,
  rule: KeyTextRule,
): Promise<string | null> {
  const file = await openFile(path, source, rule);
  if (file === null) return null;
  try {
    await mustBeFit(file, path, source, rule);
    return await file.readFile("utf8");
  } finally {
    await file.close();
  }
}

async function openFile(path: string, source: string, rule: KeyTextRule) {
  const noFollow = rule.links === "own" ? constants.O_NOFOLLOW : 0;
  try {
    return await open(path, constants.O_RDONLY | constants.O_NONBLOCK | noFollow);
  } catch (thrown) {
    if (hasErrorCode(thrown, "ENOENT", "ENOTDIR")) return null;
    if (hasErrorCode(thrown, "ELOOP"))
      throw keyInvalid(source, "a symbolic link; the file itself must be here");
    throw keyInvalid(source, `cannot be read (${systemErrorWord(thrown)})`);
  }
}

async function mustBeFit(file: FileHandle, path: string, source: string, rule: KeyTextRule) {
  const stat = await file.stat();
  if (stat.isDirectory()) throw keyInvalid(source, "a directory, not a file");
  if (!stat.isFile()) throw keyInvalid(source, "not a regular file");
  if (stat.size > maxSizeBytes) throw keyInvalid(source, "too large for a key");
  const isOpen = rule.ownerOnly && process.platform !== "win32" && (stat.mode & 0o077) !== 0;
  if (!isOpen) return;
  const permissions = (stat.mode & 0o777).toString(8).padStart(4, "0");
  throw keyInvalid(source, `permissions ${permissions} are too open`, `chmod 600 ${path}`);
}
