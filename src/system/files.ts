/**
 * Files that are whole or not there: written beside their place, synced, then renamed.
 *
 * What optout keeps is private: files 0600, directories 0700. All of it blocks: the files are small,
 * and the thread pool costs more than the disk.
 */
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";

export interface AtomicWrite {
  /** Permission bits of a new file; 0600 when absent. */
  readonly mode?: number;
  /** false for what can be made again: it is whole after a crash of the program, not of the machine. */
  readonly durable?: boolean;
}

/**
 * Replaces the file at `path`; a reader sees the old or the new content, never a part.
 * @throws the error of the file system, with nothing left behind
 */
export function writeFileAtomic(
  path: string,
  content: Uint8Array | string,
  options: AtomicWrite = {},
): void {
  const durable = options.durable ?? true;
  const temporary = temporaryBeside(path);
  try {
    writeNewFile(temporary, content, { mode: options.mode ?? 0o600, durable });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  if (durable) syncDirectory(dirname(path));
}

/**
 * Creates a file that must not exist yet.
 * @throws the error of the file system, `EEXIST` among them
 */
export function writeNewFile(
  path: string,
  content: Uint8Array | string,
  options: Required<AtomicWrite>,
): void {
  const file = openSync(path, "wx", options.mode);
  try {
    writeFileSync(file, content);
    if (options.durable) fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Makes a rename or a link in the directory survive a power cut, where the platform can. */
export function syncDirectory(path: string): void {
  const directory = openSync(path, "r");
  try {
    fsyncSync(directory);
  } catch (error) {
    // Some file systems sync no directories; they order renames by themselves.
    if (!hasErrorCode(error, "EINVAL", "ENOTSUP", "EPERM", "EISDIR")) throw error;
  } finally {
    closeSync(directory);
  }
}

/** Creates a directory, and what stands above it, for its owner alone. */
export function ensurePrivateDirectory(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
}

/** A name in the same directory that no other process uses; it begins with a dot. */
export function temporaryBeside(path: string): string {
  const unique = `${process.pid}-${Math.random().toString(36).slice(2, 12)}`;
  return join(dirname(path), `.${basename(path)}.${unique}.tmp`);
}

/**
 * Whether something is there.
 * @throws the error of the file system where it does not tell: what may not be seen is not missing
 */
export function isThere(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

/**
 * The text of a file; null when there is none.
 * @throws any other error of the file system
 */
export function readTextIfThere(path: string): string | null {
  return readBytesIfThere(path)?.toString("utf8") ?? null;
}

/**
 * The content of a file; null when there is none.
 * @throws any other error of the file system
 */
export function readBytesIfThere(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch (error) {
    if (hasErrorCode(error, "ENOENT")) return null;
    throw error;
  }
}

/**
 * The content of a regular file of at most so many bytes; null for anything else. For paths that
 * somebody else may have laid out: a link to a pipe or a device is neither waited for nor read
 * without end. Never throws.
 */
export function readSmallFile(path: string, maxBytes: number): Buffer | null {
  let file: number | undefined;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const found = fstatSync(file);
    if (!found.isFile() || found.size > maxBytes) return null;
    // what has no size and is a file all the same is endless, as those of /proc may be
    return found.size === 0 ? Buffer.alloc(0) : readFileSync(file);
  } catch {
    return null;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** Milliseconds since the file or directory was last changed; 0 when that cannot be told. */
export function ageOf(path: string): number {
  try {
    return Date.now() - statSync(path).mtimeMs;
  } catch {
    return 0;
  }
}

/** Whether a thrown value is an error of the system with one of these codes (`ENOENT` …). */
export function hasErrorCode(error: unknown, ...codes: readonly string[]): boolean {
  const code = systemErrorCode(error);
  return code !== null && codes.includes(code);
}

/** What to say of an error: the code of a system error; a system's own message is left out, since it quotes paths. */
export function systemErrorWord(error: unknown): string {
  return systemErrorCode(error) ?? "unknown error";
}

/** The code of a system error (`EACCES`), null for anything else. */
export function systemErrorCode(error: unknown): string | null {
  if (!(error instanceof Error) || !("code" in error) || !("syscall" in error)) return null;
  return typeof error.code === "string" ? error.code : null;
}
