/**
 * What a file would become, as a unified diff: one hunk, for changes that touch one place.
 */
import { forTerminal } from "./escape.ts";
import type { Paint } from "./paint.ts";

export interface FileChange {
  readonly path: string;
  /** Null for a file that is not there yet. */
  readonly before: string | null;
  readonly after: string;
  /** Instead of the lines, for a file that nobody reads; null shows them. */
  readonly summary: string | null;
}

const context = 3;

/** Lines for a terminal. */
export function diffLines(change: FileChange, paint: Paint): readonly string[] {
  const { path, before, after, summary } = change;
  const [old, now] = [linesOf(before ?? ""), linesOf(after)];
  const head = [
    paint("strong", `--- ${before === null ? "/dev/null" : path}`),
    paint("strong", `+++ ${path}`),
  ];
  if (summary !== null)
    return [...head, `@@ -${range(-1, 0)} +${range(0, now.length)} @@ ${summary}`];
  const start = sharedCount(old, now);
  const end = sharedCount(old.slice(start).toReversed(), now.slice(start).toReversed());
  const first = Math.max(0, start - context);
  const tail = old.slice(old.length - end, old.length - end + context);
  const removed = old.slice(start, old.length - end);
  const added = now.slice(start, now.length - end);
  const around = start - first + tail.length;
  const from = before === null ? -1 : first;
  return [
    ...head,
    `@@ -${range(from, removed.length + around)} +${range(first, added.length + around)} @@`,
    ...old.slice(first, start).map((line) => ` ${forTerminal(line)}`),
    ...removed.map((line) => paint("violation", `-${forTerminal(line)}`)),
    ...added.map((line) => paint("restored", `+${forTerminal(line)}`)),
    ...tail.map((line) => ` ${forTerminal(line)}`),
  ];
}

const linesOf = (text: string): readonly string[] =>
  text === "" ? [] : text.replace(/\r?\n$/, "").split(/\r?\n/);

const range = (first: number, count: number): string => `${first + 1},${count}`;

function sharedCount(one: readonly string[], other: readonly string[]): number {
  const differs = one.findIndex((line, index) => line !== other[index]);
  return differs < 0 ? Math.min(one.length, other.length) : differs;
}
