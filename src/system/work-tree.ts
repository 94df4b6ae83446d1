/**
 * Files of a work tree, for a reader that must not care where files are.
 */
import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface FileTree {
  list(directory: string): Promise<readonly string[]>;
  read(path: string): Promise<Uint8Array | null>;
}

/** Bytes beyond which a file is none that a person wrote. */
const maxBytes = 4 * 1024 * 1024;

/** Regular files below `root`; what is not there, or cannot be read, is not there. */
export function workTreeFiles(root: string): FileTree {
  return {
    list: (directory) => Promise.resolve(namesIn(root, directory)),
    read: (path) => Promise.resolve(bytesOf(join(root, path))),
  };
}

function namesIn(root: string, directory: string): readonly string[] {
  try {
    return readdirSync(join(root, directory), { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => (directory === "" ? name : `${directory}/${name}`))
      .toSorted();
  } catch {
    return [];
  }
}

function bytesOf(file: string): Uint8Array | null {
  try {
    const found = lstatSync(file);
    return found.isFile() && found.size <= maxBytes ? readFileSync(file) : null;
  } catch {
    return null;
  }
}
