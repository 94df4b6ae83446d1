/** What a machine remembers of heads, in memory. */
import type { Head, HeadMemory } from "../../src/log/head.ts";

/** @param head what it has seen before */
export function headMemory(head: Head | null = null): HeadMemory & { head: Head | null } {
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
