/** What a machine remembers of heads, in memory. */
import type { HeadMemory, SeenHead } from "../../src/log/head.ts";

/** @param head what it has seen before */
export function headMemory(head: SeenHead | null = null): HeadMemory & { head: SeenHead | null } {
  return {
    head,
    recall() {
      return this.head;
    },
    remember(_logId, seen) {
      this.head = seen;
    },
  };
}

/** A machine that remembers nothing. */
export const noMemory: HeadMemory = { recall: () => null, remember: () => undefined };
