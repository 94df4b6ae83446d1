/**
 * A store in memory that keeps every promise of `src/stores/store.ts`, with places where a test can
 * let another writer be quicker, lose an answer or take the network away.
 */
import { OptoutError } from "../../src/core/errors.ts";
import type { Store } from "../../src/stores/store.ts";

/** What can happen to a store. Each is asked at every call. */
export interface Mishaps {
  /** Before `append` looks whether the position is free; may push to `positions`. */
  beforeAppend?: (seq: number, bytes: Uint8Array) => void | Promise<void>;
  /** Whether the answer to a successful append is lost; the store then reads back, as it promises. */
  losesAnswer?: (seq: number) => boolean;
  /** Whether the host, asked again after a lost answer, says "taken" of what this writer wrote. */
  deniesOwn?: (seq: number) => boolean;
  /** What a successful append really left, where it is not the bytes. */
  spoils?: (bytes: Uint8Array) => Uint8Array | null;
  /** Thrown instead of an answer. */
  fails?: (method: "tail" | "before" | "append" | "scan") => OptoutError | null;
}

export interface MemoryStore extends Store {
  readonly positions: Uint8Array[];
  /** The lines for people, by position. */
  readonly titles: Map<number, string>;
  readonly mishaps: Mishaps;
  /** What was asked, in order: `tail 256`, `append 3`. */
  readonly calls: string[];
}

export const offline = (): OptoutError =>
  new OptoutError("unreachable", "memory cannot be reached", { hint: "try again" });

/** @param positions the store's own from now on: what is pushed to it stands in the log */
export function memoryStore(positions: Uint8Array[] = [], mishaps: Mishaps = {}): MemoryStore {
  const titles = new Map<number, string>();
  const calls: string[] = [];

  const called = (method: "tail" | "before" | "append" | "scan", ...more: number[]): void => {
    calls.push([method, ...more].join(" "));
    const error = mishaps.fails?.(method) ?? null;
    if (error !== null) throw error;
  };

  return {
    name: "memory",
    readsAtOnce: 256,
    positions,
    titles,
    mishaps,
    calls,
    tail: async (count) => {
      called("tail", count);
      const size = positions.length;
      const first = Math.max(0, size - count);
      return Promise.resolve({ first, bytes: positions.slice(first), size });
    },
    before: async (seq, count) => {
      called("before", seq, count);
      return Promise.resolve(positions.slice(Math.max(0, seq - count), seq));
    },
    append: async (seq, bytes, title) => {
      called("append", seq);
      await mishaps.beforeAppend?.(seq, bytes);
      if (seq !== positions.length) return "taken";
      const kept = mishaps.spoils === undefined ? bytes : mishaps.spoils(bytes);
      if (kept !== null) positions.push(kept);
      titles.set(seq, title);
      if (mishaps.losesAnswer?.(seq) !== true) return "created";
      const found = positions[seq];
      const isMine = found !== undefined && Buffer.compare(found, bytes) === 0;
      return isMine && mishaps.deniesOwn?.(seq) !== true ? "created" : "taken";
    },
    async *scan(from) {
      called("scan", from);
      for (const bytes of positions.slice(from)) yield Promise.resolve(bytes);
    },
    probe: () => Promise.resolve({ readable: true, appendable: true, detail: "in memory" }),
    examine: () => Promise.resolve([]),
    time: () => null,
  };
}
