/**
 * The log as a directory: `entries/<seq, 12 digits>.json`, one file a position.
 *
 * A position is created by linking a finished, synced file to its name: it is there as a whole or not
 * at all, and of several writers exactly one succeeds. The head is found by asking for names, so a
 * long log opens as fast as a short one; a position that is missing below it was taken away, and that
 * is never passed over.
 *
 * All of it blocks: for small files that is three times as fast as asking the thread pool.
 */
import {
  accessSync,
  closeSync,
  constants,
  fstatSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
} from "node:fs";
import { dirname, join, sep } from "node:path";

import { OptoutError } from "../core/errors.ts";
import { assertInTime, type Deadline } from "../system/deadline.ts";
import {
  ageOf,
  hasErrorCode,
  isThere,
  syncDirectory,
  systemErrorCode,
  temporaryBeside,
  writeNewFile,
} from "../system/files.ts";
import type { Store, StoreFinding, StoreProbe, Tail } from "./store.ts";

export interface DirStoreOptions {
  /** Absolute. It need not exist: then the log is empty, and position 0 creates it. */
  readonly path: string;
  readonly deadline?: Deadline | undefined;
}

/** Bytes of one position beyond which it is refused. */
const maxPositionBytes: number = 64 * 1024 * 1024;
/** Positions that a scan holds in memory. */
const readAtOnce = 64;
/** Appends between two looks at what writers that were killed left behind. */
const sweepEvery = 64;
/** Milliseconds after which a temporary file was left by a writer that is gone. */
const temporaryLifetime: number = 3_600_000;

/** Opens the log in a directory. Touches nothing yet. */
export function openDirStore(options: DirStoreOptions): Store {
  return new DirStore(options);
}

class DirStore implements Store {
  readonly name: string;
  readonly readsAtOnce = 256;
  readonly #entries: string;
  readonly #deadline: Deadline | undefined;

  constructor({ path, deadline }: DirStoreOptions) {
    this.name = `dir:${path}`;
    this.#entries = join(path, "entries");
    this.#deadline = deadline;
  }

  tail(count: number): Promise<Tail> {
    return this.#try("unreachable", () => {
      const size = this.#size();
      const first = Math.max(0, size - count);
      return { first, bytes: this.#read(first, size), size };
    });
  }

  before(seq: number, count: number): Promise<readonly Uint8Array[]> {
    return this.#try("unreachable", () =>
      this.#read(Math.max(0, seq - count), Math.min(seq, this.#size())),
    );
  }

  append(seq: number, bytes: Uint8Array): Promise<"created" | "taken"> {
    return this.#try("append-refused", () => {
      if (seq !== this.#size()) return "taken";
      if (seq === 0) createDirectory(this.#entries);
      if (seq % sweepEvery === 0) removeLeftTemporaries(this.#entries);
      return this.#create(seq, bytes);
    });
  }

  async *scan(from: number): AsyncGenerator<Uint8Array, void, void> {
    const size = await this.#try("unreachable", () => this.#size());
    for (let seq = from; seq < size; seq += readAtOnce) {
      yield* await this.#try("unreachable", () =>
        this.#read(seq, Math.min(seq + readAtOnce, size)),
      );
    }
  }

  async probe(): Promise<StoreProbe> {
    try {
      const size = await this.#try("unreachable", () => this.#size());
      await this.#try("append-refused", () => accessSync(this.#existing(), constants.W_OK));
      return { readable: true, appendable: true, detail: `${size} positions` };
    } catch (error) {
      if (!(error instanceof OptoutError)) throw error;
      const readable = error.code === "append-refused";
      return { readable, appendable: false, detail: error.message, code: error.code };
    }
  }

  examine(): Promise<readonly StoreFinding[]> {
    return Promise.resolve([]);
  }

  /** That of this machine, or of another one which does not say. */
  time(): null {
    return null;
  }

  /** Runs a step; where the system says that we may not, it fails with `whenDenied`. */
  async #try<T>(
    whenDenied: "unreachable" | "append-refused",
    step: () => T | Promise<T>,
  ): Promise<T> {
    try {
      return await step();
    } catch (error) {
      const systemCode = systemErrorCode(error);
      if (systemCode === null) throw error;
      const code = hasErrorCode(error, "EACCES", "EPERM", "EROFS") ? whenDenied : "unreachable";
      throw new OptoutError(code, `${this.name} cannot be used: ${systemCode}`, { cause: error });
    }
  }

  /** Doubles until a name is free, then halves: positions are created in order, without gaps. */
  #size(): number {
    let free = 1;
    if (!this.#has(0)) return 0;
    while (this.#has(free)) free *= 2;
    let taken = Math.floor(free / 2);
    while (free - taken > 1) {
      const middle = Math.floor((taken + free) / 2);
      if (this.#has(middle)) taken = middle;
      else free = middle;
    }
    return free;
  }

  #has(seq: number): boolean {
    assertInTime(this.#deadline, "the log was read");
    return isThere(this.#fileOf(seq));
  }

  /** Positions `from` to `end` (exclusive). */
  #read(from: number, end: number): readonly Uint8Array[] {
    const length = Math.max(0, end - from);
    return Array.from({ length }, (_, index) => {
      if (index % readAtOnce === 0) assertInTime(this.#deadline, "the log was read");
      return this.#readOne(from + index);
    });
  }

  #readOne(seq: number): Uint8Array {
    try {
      return readPosition(this.#fileOf(seq));
    } catch (error) {
      if (!hasErrorCode(error, "ENOENT")) throw error;
      throw new OptoutError("log-rewound", `#${seq} is missing in ${this.name}`, {
        cause: error,
        hint: "ask who removed it, and restore it from a copy",
      });
    }
  }

  #create(seq: number, bytes: Uint8Array): "created" | "taken" {
    const file = this.#fileOf(seq);
    const temporary = temporaryBeside(file);
    try {
      writeNewFile(temporary, bytes, { mode: 0o644, durable: true });
      assertInTime(this.#deadline, "a position was written");
      linkSync(temporary, file);
    } catch (error) {
      if (!hasErrorCode(error, "EEXIST")) throw error;
      return Buffer.compare(this.#readOne(seq), bytes) === 0 ? "created" : "taken";
    } finally {
      rmSync(temporary, { force: true });
    }
    syncDirectory(this.#entries);
    return "created";
  }

  #fileOf(seq: number): string {
    return `${this.#entries}${sep}${String(seq).padStart(12, "0")}.json`;
  }

  /** The directory of the entries, or what is there of the way to it. */
  #existing(): string {
    let path = this.#entries;
    while (!isThere(path)) path = dirname(path);
    return path;
  }
}

function createDirectory(path: string): void {
  mkdirSync(path, { recursive: true });
  syncDirectory(dirname(path));
}

/** A regular file's bytes without a final LF. What is none (a pipe that never ends) is not read. */
function readPosition(file: string): Uint8Array {
  const descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const found = fstatSync(descriptor);
    if (!found.isFile()) throw new OptoutError("unreachable", `${file} is not a regular file`);
    if (found.size > maxPositionBytes) {
      throw new OptoutError("limit", `${file} is larger than ${maxPositionBytes} bytes`);
    }
    // of Node's pool: memory of its own for each of a thousand small positions is slow to free
    const { buffer, byteOffset } = Buffer.allocUnsafe(found.size);
    const bytes = new Uint8Array(buffer, byteOffset, found.size);
    const length = readSync(descriptor, bytes);
    return bytes.subarray(0, bytes[length - 1] === 0x0a ? length - 1 : length);
  } finally {
    closeSync(descriptor);
  }
}

function removeLeftTemporaries(directory: string): void {
  const names = readdirSync(directory);
  const left = names.filter((name) => name.startsWith(".") && name.endsWith(".tmp"));
  for (const file of left.map((name) => join(directory, name))) {
    if (ageOf(file) > temporaryLifetime) rmSync(file, { force: true });
  }
}
