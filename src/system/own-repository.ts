/**
 * The bare repositories that optout keeps for itself, under `<git-common-dir>/optout/`.
 *
 * Each is only a cache of what the remote has. When anything goes wrong in the kept one (a lock that
 * a killed git left, a corrupt file, a read-only `.git`, a full disk), the same is done once more in
 * a throw-away one under the temporary directory, and only that one's failure counts. So no lock,
 * no crash and no other optout at work in the same clone can keep a command from its answer.
 * The user's own refs, index, settings and `shallow` file are never written.
 */
import { mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { OptoutError } from "../core/errors.ts";
import { createBareRepository, refreshBorrowing } from "./bare-repository.ts";
import type { Clone } from "./clone.ts";
import type { Deadline } from "./deadline.ts";
import { ageOf, isThere, systemErrorCode, temporaryBeside, writeFileAtomic } from "./files.ts";
import { GitTrouble, type GitPlace } from "./git.ts";

export interface OwnRepositoryOptions {
  readonly clone: Clone;
  /** The directory's name under `<git-common-dir>/optout/`. */
  readonly name: OwnName;
  /** The kept repositories, the clone's own among them, whose objects may stand in for fetched ones. */
  readonly borrows: readonly (OwnName | "clone")[];
  readonly interactive: boolean;
  readonly deadline?: Deadline | undefined;
}

/**
 * `repo` holds the log, `trusted` the trusted ref, `history` all the past of the trusted ref, `past`
 * the last of it, `branches` the tips of others.
 */
export type OwnName = "repo" | "trusted" | "history" | "past" | "branches";

/** Where git may work at the moment. */
export interface OwnPlace extends GitPlace {
  readonly gitDir: string;
  /** Whether this is the throw-away one. */
  readonly isSpare: boolean;
}

/** Milliseconds within which two troubles count as one: other runs at work in the same clone. */
const rushMilliseconds = 5_000;
/** Loose objects in one of 256 directories, and files of packs, that make a cache too slow. */
const maxLooseInOne = 32;
const maxPackFiles = 240;
const sparePrefix = "optout-git-";
/** Milliseconds after which a throw-away repository was left by a run that was killed. */
const spareLifetime: number = 6 * 3_600_000;

/** Where a kept repository stands, whether it is there or not. */
export function ownDirectory(clone: Clone, name: OwnName): string {
  return join(clone.commonDir, "optout", name);
}

export class OwnRepository {
  readonly #options: OwnRepositoryOptions;
  #isKeptUsable = true;
  #ready: OwnPlace | null = null;
  #spare: string | null = null;

  constructor(options: OwnRepositoryOptions) {
    this.#options = options;
  }

  /**
   * Does something in the kept repository, or else in a throw-away one. From the first trouble on the
   * throw-away one is used until the process ends. `action` may run twice.
   * @throws what `action` throws; trouble in the throw-away one as `unreachable`
   */
  async use<T>(action: (place: OwnPlace) => Promise<T>): Promise<T> {
    if (this.#isKeptUsable) {
      try {
        return await action(this.#keptPlace());
      } catch (error) {
        if (!isTrouble(error)) throw error;
        this.abandon();
      }
    }
    try {
      return await action(this.#sparePlace());
    } catch (error) {
      if (!isTrouble(error)) throw error;
      throw new OptoutError("unreachable", troubleWords(error), { cause: error });
    }
  }

  /** Gives the kept repository up, for trouble that showed outside of `use`. */
  abandon(): void {
    this.#isKeptUsable = false;
    noteTrouble(this.#options);
  }

  #keptPlace(): OwnPlace {
    this.#ready ??= keptRepository(this.#options);
    return this.#ready;
  }

  #sparePlace(): OwnPlace {
    if (this.#spare === null) {
      removeLeftSpares();
      const directory = mkdtempSync(join(tmpdir(), sparePrefix));
      removeAtExit(directory);
      createBareRepository(directory, this.#options.clone.objectFormat);
      this.#spare = directory;
    }
    return placeIn(this.#spare, this.#options, true);
  }
}

/**
 * The kept repository, made if it is not there, and made anew if it has grown too much.
 * @throws the error of the file system
 */
export function keptRepository(options: OwnRepositoryOptions): OwnPlace {
  const { clone, name, borrows } = options;
  const directory = ownDirectory(clone, name);
  if (isOvergrown(directory)) discard(options);
  createBareRepository(directory, clone.objectFormat);
  const lenders = borrows.map((one) => lender(clone, one)).filter(isThere);
  if (lenders.length > 0) refreshBorrowing(directory, lenders);
  return placeIn(directory, options, false);
}

function placeIn(gitDir: string, options: OwnRepositoryOptions, isSpare: boolean): OwnPlace {
  const { clone, interactive, deadline } = options;
  return { cwd: clone.cwd, gitDir, settings: clone.settings, interactive, deadline, isSpare };
}

function lender(clone: Clone, name: OwnName | "clone"): string {
  return name === "clone" ? clone.commonDir : ownDirectory(clone, name);
}

/** Whether another repository may do better: git failed, or the file system did. */
export function isTrouble(error: unknown): error is Error {
  return error instanceof GitTrouble || systemErrorCode(error) !== null;
}

function troubleWords(error: Error): string {
  const code = systemErrorCode(error);
  return code === null ? error.message : `no place for a temporary repository: ${code}`;
}

/**
 * The first trouble is marked; a second one, later, makes the repository be made anew. In between,
 * trouble is most likely another run that holds a lock.
 */
function noteTrouble(options: OwnRepositoryOptions): void {
  const mark = join(ownDirectory(options.clone, options.name), "trouble");
  try {
    if (!isThere(mark)) writeFileAtomic(mark, "", { durable: false });
    else if (ageOf(mark) > rushMilliseconds) discard(options);
  } catch {
    // A place that cannot be written to stays as it is.
  }
}

/** Removes a kept repository, and first those that borrow from it. */
function discard({ clone, name }: Pick<OwnRepositoryOptions, "clone" | "name">): void {
  for (const one of name === "repo" ? (["trusted", "repo"] as const) : [name]) {
    const directory = ownDirectory(clone, one);
    // Away first, so that nobody sees half a repository.
    const away = temporaryBeside(directory);
    try {
      renameSync(directory, away);
      rmSync(away, { recursive: true, force: true });
    } catch {
      // Gone already, or not ours to remove: then it is used as it is, and its trouble shows.
    }
  }
}

/** Housekeeping is off, so a cache that has grown too much is dropped as a whole. */
function isOvergrown(directory: string): boolean {
  const objects = join(directory, "objects");
  return (
    namesIn(join(objects, "17")).length > maxLooseInOne ||
    namesIn(join(objects, "pack")).length > maxPackFiles
  );
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

const spares = new Set<string>();

function removeAtExit(directory: string): void {
  if (spares.size === 0) process.once("exit", () => [...spares].forEach(remove));
  spares.add(directory);
}

function removeLeftSpares(): void {
  for (const name of namesIn(tmpdir())) {
    const directory = join(tmpdir(), name);
    if (name.startsWith(sparePrefix) && ageOf(directory) > spareLifetime) remove(directory);
  }
}

function remove(directory: string): void {
  try {
    rmSync(directory, { recursive: true, force: true });
  } catch {
    // Not ours, or in use: a later run tries again.
  }
}
