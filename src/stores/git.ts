/**
 * The log as a branch of the repository: one commit is one position, its bytes the last line of the
 * commit's message.
 *
 * Reads and writes through a bare repository of our own; the user's clone is never written to. One
 * call at a time: calls that are made together wait for one another.
 */
import { OptoutError } from "../core/errors.ts";
import { requireRemote, type Clone } from "../system/clone.ts";
import type { Deadline } from "../system/deadline.ts";
import { isTrouble, OwnRepository, type OwnPlace } from "../system/own-repository.ts";
import type { Together } from "../system/read-together.ts";
import type { LogCommit } from "./git-commit.ts";
import type { LogBranch } from "./git-fetch.ts";
import { GitReader } from "./git-reader.ts";
import type { Store, StoreFinding, StoreProbe, Tail } from "./store.ts";

export interface GitStoreOptions {
  readonly clone: Clone;
  /** Short name of the log's branch. */
  readonly branch: string;
  /** What the subject of every commit begins with. */
  readonly subjectPrefix?: string | null;
  /** Sent with every push, where the host takes such. */
  readonly pushOptions?: readonly string[];
  /** Ends every call of this store. */
  readonly deadline?: Deadline | undefined;
  /** Whether git and ssh may ask for a password on the terminal; false when absent. */
  readonly interactive?: boolean;
  /** What `readTogether` was asked; the first reading takes it, where it is of the same branch. */
  readonly ahead?: Promise<Together | null> | undefined;
  /** Seconds since 1970, for the dates of commits; nothing relies on them. */
  readonly now?: () => number;
}

/**
 * Opens the log at a branch of the clone's remote. Touches nothing yet.
 * @throws `no-remote`; `usage` for a branch name that git or a shell could misread
 */
export function openGitStore(options: GitStoreOptions): Store {
  requireRemote(options.clone);
  assertBranchName(options.branch);
  return new GitStore(options);
}

/** Branch names that are plain everywhere (stricter than git-check-ref-format(1)). */
function assertBranchName(branch: string): void {
  const isPlain = /^[A-Za-z0-9_][A-Za-z0-9._-]*(?:\/[A-Za-z0-9_][A-Za-z0-9._-]*)*$/.test(branch);
  if (isPlain && !/\.\.|\.lock(?:\/|$)|\.(?:\/|$)/.test(branch)) return;
  throw new OptoutError(
    "usage",
    `the log cannot be kept on a branch named ${JSON.stringify(branch)}`,
    {
      hint: "use letters, digits, - _ . and / only, as in optout-log",
    },
  );
}

class GitStore implements Store {
  readonly name: string;
  readonly readsAtOnce = 256;
  readonly #options: GitStoreOptions;
  readonly #log: LogBranch;
  readonly #own: OwnRepository;
  readonly #reader: GitReader;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: GitStoreOptions) {
    const { clone, branch, deadline, pushOptions = [] } = options;
    this.name = `git:${branch}`;
    this.#options = options;
    this.#log = { clone, branch, pushOptions };
    this.#reader = new GitReader(this.#log, options.ahead);
    const interactive = options.interactive ?? false;
    this.#own = new OwnRepository({ clone, name: "repo", borrows: [], interactive, deadline });
  }

  tail(count: number): Promise<Tail> {
    return this.#inTurn(async (place) => {
      const { line, size } = await this.#reader.refresh(place, count);
      const bytes = bytesOf(line.commits.slice(0, count));
      return { first: size - bytes.length, bytes, size };
    });
  }

  before(seq: number, count: number): Promise<readonly Uint8Array[]> {
    const from = Math.max(0, seq - count);
    return this.#inTurn(async (place) => {
      const { line, size } = await this.#reader.reach(place, from);
      return bytesOf(line.commits.slice(Math.max(0, size - seq), Math.max(0, size - from)));
    });
  }

  async append(seq: number, bytes: Uint8Array, title: string): Promise<"created" | "taken"> {
    assertOneLine(bytes);
    const { appendPosition } = await import("./git-append.ts");
    const { subjectPrefix: prefix = null } = this.#options;
    const subject = prefix === null ? title : `${prefix} ${title}`;
    // One time for all tries, so that all of them make the same commit.
    const time = this.#options.now?.() ?? Math.floor(Date.now() / 1000);
    return this.#inTurn(async (place) => {
      let reading = this.#reader.reading ?? (await this.#reader.refresh(place, 1));
      if (seq > reading.size) reading = await this.#reader.refresh(place, 1);
      if (seq !== reading.size) return "taken";
      const position = { parent: reading.line.tip, bytes, title: subject, time };
      const appended = await appendPosition(place, this.#log, position);
      if (appended.kind === "created") this.#reader.advance(appended.commit);
      return appended.kind === "taken" ? "taken" : "created";
    });
  }

  async *scan(from: number): AsyncGenerator<Uint8Array, void, void> {
    for (let next = from; ;) {
      const start = next;
      const plan = await this.#inTurn((place) => this.#prepareScan(place, start));
      try {
        for await (const commit of plan.commits) {
          yield commit.bytes;
          next += 1;
        }
        return;
      } catch (error) {
        if (!isTrouble(error)) throw error;
        if (plan.place.isSpare)
          throw new OptoutError("unreachable", error.message, { cause: error });
        this.#own.abandon();
      }
    }
  }

  async probe(): Promise<StoreProbe> {
    try {
      return await this.#inTurn((place) => this.#rehearse(place));
    } catch (error) {
      if (!(error instanceof OptoutError)) throw error;
      return { readable: false, appendable: false, detail: error.message, code: error.code };
    }
  }

  examine(): Promise<readonly StoreFinding[]> {
    return Promise.resolve([]);
  }

  /** git's protocol tells none. */
  time(): null {
    return null;
  }

  #inTurn<T>(action: (place: OwnPlace) => Promise<T>): Promise<T> {
    const result = this.#turn.then(() => this.#own.use(action));
    this.#turn = result.catch(() => undefined);
    return result;
  }

  async #prepareScan(place: OwnPlace, from: number): Promise<ScanPlan> {
    const { line, size } = await this.#reader.count(place);
    const count = Math.max(0, size - from);
    if (line.tip === null || count === 0) return { place, commits: [] };
    if (line.commits.length >= count) {
      return { place, commits: line.commits.slice(0, count).toReversed() };
    }
    const { fetchAll, streamLine } = await import("./git-stream.ts");
    await fetchAll(place, this.#log);
    return { place, commits: streamLine(place, line.tip, count) };
  }

  async #rehearse(place: OwnPlace): Promise<StoreProbe> {
    const { rehearseAppend } = await import("./git-append.ts");
    const { line, size } = await this.#reader.refresh(place, 1);
    const refusal = await rehearseAppend(place, this.#log, line.tip);
    if (refusal !== null) {
      return { readable: true, appendable: false, detail: refusal, code: "append-refused" };
    }
    const detail = `${size} positions; a push is accepted (rules for the branch show on a real one)`;
    return { readable: true, appendable: true, detail };
  }
}

interface ScanPlan {
  readonly place: OwnPlace;
  /** Oldest first. */
  readonly commits: Iterable<LogCommit> | AsyncIterable<LogCommit>;
}

/** Oldest first, from newest first. */
function bytesOf(commits: readonly LogCommit[]): readonly Uint8Array[] {
  return commits.map(({ bytes }) => bytes).toReversed();
}

/** A position is the last line of a message: it can hold no line break, and git refuses NUL. */
function assertOneLine(bytes: Uint8Array): void {
  if (!bytes.includes(0x0a) && !bytes.includes(0x00)) return;
  throw new OptoutError("unexpected", "the bytes of a position must be one line without NUL");
}
