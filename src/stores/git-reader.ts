/**
 * What is known of the log at its branch: the line of commits as far as it was read, and the number
 * of positions. Kept between the calls of one store.
 */
import { OptoutError } from "../core/errors.ts";
import { isTrouble, type OwnPlace } from "../system/own-repository.ts";
import type { Together } from "../system/read-together.ts";
import type { LogCommit } from "./git-commit.ts";
import { fetchLog, type LogBranch } from "./git-fetch.ts";
import { chainOf, isComplete, newLine, reachBack, type Line } from "./git-line.ts";
import {
  numberLine,
  recallNumber,
  rememberNumber,
  votedSize,
  type KnownNumber,
  type Numbering,
} from "./git-numbering.ts";

/** The log as last read. */
export interface Reading {
  readonly line: Line;
  readonly size: number;
}

/** Commits that vote on the log's size at first, and those after which it is counted instead. */
const minWindow = 64;
const maxWindow = 1024;

export class GitReader {
  readonly #log: LogBranch;
  #line: Line | null = null;
  #numbering: Numbering = { size: 0, isExact: true };
  /** The exact number that is written down; undefined until it has been looked for. */
  #known: KnownNumber | null | undefined;

  #ahead: Promise<Together | null> | undefined;

  /** @param ahead the last positions, read together with something else; taken for the first reading */
  constructor(log: LogBranch, ahead: Promise<Together | null> | undefined) {
    this.#log = log;
    this.#ahead = ahead;
  }

  /** What was read before; null when nothing was. */
  get reading(): Reading | null {
    return this.#line === null ? null : { line: this.#line, size: this.#numbering.size };
  }

  /**
   * Asks the remote, and reads back at least `count` positions.
   * @throws `unreachable`, `log-merge`, `limit`, `timeout`, `GitTrouble`
   */
  async refresh(place: OwnPlace, count: number): Promise<Reading> {
    const line = (await this.#takeAhead(count)) ?? (await this.#fetch(place, count));
    this.#numbering = await this.#number(place, line);
    this.#line = line;
    this.#remember(line);
    return { line, size: this.#numbering.size };
  }

  /**
   * Reads back to position `seq`, out of what is here where possible.
   * @throws what `refresh` throws; `conflict` when older positions show that the numbers were wrong
   */
  async reach(place: OwnPlace, seq: number): Promise<Reading> {
    const { line, size } = this.reading ?? (await this.refresh(place, minWindow));
    const had = line.commits.length;
    const wanted = Math.min(size - seq, size);
    if (wanted > had) {
      await reachBack(place, this.#log, line, wanted);
      await this.#confirm(place, line, had);
    }
    return { line, size };
  }

  /**
   * The log as it is now, its number of positions counted rather than voted.
   * @throws what `refresh` throws
   */
  async count(place: OwnPlace): Promise<Reading> {
    const { line } = await this.refresh(place, minWindow);
    if (!this.#numbering.isExact) this.#numbering = await this.#countAll(place, line);
    this.#remember(line);
    return { line, size: this.#numbering.size };
  }

  /** Takes a position that was just created into account. */
  advance(commit: LogCommit): void {
    const commits = [commit, ...(this.#line?.commits ?? [])];
    this.#line = { tip: commit.id, commits };
    this.#numbering = { ...this.#numbering, size: this.#numbering.size + 1 };
  }

  /** What was read ahead, once, if it reaches far enough. */
  async #takeAhead(count: number): Promise<Line | null> {
    const ahead = await this.#ahead;
    this.#ahead = undefined;
    if (ahead?.log.branch !== this.#log.branch) return null;
    const { tip, objects } = ahead.log;
    try {
      const line: Line = { tip, commits: chainOf(objects, tip) };
      return line.commits.length >= count || isComplete(line) ? line : null;
    } catch (error) {
      if (isTrouble(error)) return null;
      throw error;
    }
  }

  async #fetch(place: OwnPlace, count: number): Promise<Line> {
    const depth = Math.max(count, minWindow);
    const tip = await fetchLog(place, this.#log, { kind: "news", depth });
    const line = this.#line !== null && this.#line.tip === tip ? this.#line : newLine(tip);
    await reachBack(place, this.#log, line, count);
    return line;
  }

  async #number(place: OwnPlace, line: Line): Promise<Numbering> {
    if (this.#known === undefined) this.#known = recallNumber(this.#log.clone, this.#log.branch);
    const early = numberLine(line.commits, isComplete(line), this.#known);
    if (early?.isExact === true) return early;
    const before = this.#sizeByLastReading(line);
    if (before !== null) return { size: before, isExact: this.#numbering.isExact };
    for (let window = minWindow; window <= maxWindow; window *= 2) {
      await reachBack(place, this.#log, line, window);
      const numbering = numberLine(line.commits, isComplete(line), this.#known);
      if (numbering !== null) return numbering;
    }
    return this.#countAll(place, line);
  }

  /** One run numbers one commit one way, whatever newer entries claim. */
  #sizeByLastReading(line: Line): number | null {
    const last = this.#line?.tip ?? null;
    const index = last === null ? -1 : line.commits.findIndex(({ id }) => id === last);
    return index < 0 ? null : this.#numbering.size + index;
  }

  /** The older positions must agree with the numbers that were given out. */
  async #confirm(place: OwnPlace, line: Line, had: number): Promise<void> {
    if (this.#numbering.isExact) return;
    const { size } = this.#numbering;
    const older = votedSize(line.commits, had);
    if (!isComplete(line) && (older === null || older === size)) return;
    this.#numbering = await this.#countAll(place, line);
    this.#remember(line);
    if (this.#numbering.size === size) return;
    this.#line = null;
    throw new OptoutError(
      "conflict",
      `the last positions of ${this.#log.branch} lie about their numbers: there are ${this.#numbering.size}, not ${size}`,
      { hint: "run the same command again" },
    );
  }

  async #countAll(place: OwnPlace, line: Line): Promise<Numbering> {
    if (line.tip === null) return { size: 0, isExact: true };
    const { countToBeginning, fetchAll } = await import("./git-stream.ts");
    await fetchAll(place, this.#log);
    return { size: await countToBeginning(place, line.tip), isExact: true };
  }

  /** Writes an exact number down, when the one that stands there is not recent. */
  #remember(line: Line): void {
    if (!this.#numbering.isExact || line.tip === null) return;
    const index = line.commits.findIndex(({ id }) => id === this.#known?.commit);
    if (index >= 0 && index < minWindow / 2) return;
    this.#known = { seq: this.#numbering.size - 1, commit: line.tip };
    rememberNumber(this.#log.clone, this.#log.branch, this.#known);
  }
}
