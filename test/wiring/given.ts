/**
 * CI files in memory, and a world whose policy they are judged by.
 */
import type { SourceTree } from "../../src/wiring/wiring.ts";

export function treeOf(files: Readonly<Record<string, string>>): SourceTree {
  return {
    list: (directory) =>
      Promise.resolve(
        Object.keys(files).filter((path) => path.slice(0, path.lastIndexOf("/")) === directory),
      ),
    read: (path) => {
      const text = files[path];
      return Promise.resolve(text === undefined ? null : Buffer.from(text));
    },
  };
}

/** One workflow, `ci.yml`, with these jobs. */
export const workflow = (jobs: string): SourceTree =>
  treeOf({ ".github/workflows/ci.yml": `on: push\njobs:\n${jobs}` });
