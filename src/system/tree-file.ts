/**
 * A file as it stands in a commit: a regular file and nothing else. A symlink is not followed.
 */
import { GitTrouble, type GitPlace } from "./git.ts";
import { parseTree, readObjects, type GitObject, type TreeEntry } from "./git-objects.ts";

export type TreeFile =
  | { readonly kind: "file"; readonly bytes: Uint8Array }
  | { readonly kind: "absent" }
  /** There is something of that name that is no regular file. `mode` is git's. */
  | { readonly kind: "other"; readonly mode: string };

/** A file in a commit. */
export interface FilePlace {
  /** Full id, so that nothing in a repository can give the name another meaning. */
  readonly commit: string;
  /** With `/` between its parts. */
  readonly path: string;
}

/**
 * Reads the file, with one git process.
 * @throws `GitTrouble` when an object is not there; `limit`, `timeout`
 */
export async function readFileInCommit(place: GitPlace, file: FilePlace): Promise<TreeFile> {
  return fileOf(await readObjects(place, objectNames(file)), file);
}

/**
 * Paths of the regular files directly in a directory of the commit; none where there is no such
 * directory. Names with control characters are left out.
 * @param directory `""` for the top of the tree
 * @throws `GitTrouble` when an object is not there; `limit`, `timeout`
 */
export async function listFilesInCommit(
  place: GitPlace,
  { commit, path: directory }: FilePlace,
): Promise<readonly string[]> {
  const parts = directory === "" ? [] : directory.split("/");
  const names = objectNames({ commit, path: directory }).slice(0, parts.length + 1);
  const objects = await readObjects(place, names);
  const entriesAt = (index: number): readonly TreeEntry[] =>
    parseTree(present(objects[index], { commit, path: directory }).body, commit.length / 2);
  for (const [index, part] of parts.entries()) {
    const entry = entriesAt(index).find(({ name }) => name === part);
    if (entry?.mode !== "40000") return [];
  }
  return entriesAt(parts.length)
    .filter(({ mode, name }) => mode.startsWith("100") && !/\p{Cc}/u.test(name))
    .map(({ name }) => [...parts, name].join("/"));
}

/** The names to ask `readObjects` for: every tree on the way, then the file. */
export function objectNames({ commit, path }: FilePlace): readonly string[] {
  const parts = path.split("/");
  const below = parts.map((_, index) => `${commit}:${parts.slice(0, index + 1).join("/")}`);
  return [`${commit}^{tree}`, ...below];
}

/**
 * The file that the objects of these names make.
 * @throws `GitTrouble` when an object is not there
 */
export function fileOf(objects: readonly (GitObject | null)[], file: FilePlace): TreeFile {
  const parts = file.path.split("/");
  for (const [index, part] of parts.entries()) {
    const tree = present(objects[index], file);
    const entry = parseTree(tree.body, file.commit.length / 2).find(({ name }) => name === part);
    if (entry === undefined) return { kind: "absent" };
    const isLast = index === parts.length - 1;
    const isExpected = isLast ? entry.mode.startsWith("100") : entry.mode === "40000";
    if (!isExpected) return { kind: "other", mode: entry.mode };
  }
  return { kind: "file", bytes: new Uint8Array(present(objects[parts.length], file).body) };
}

function present(object: GitObject | null | undefined, { commit, path }: FilePlace): GitObject {
  if (object !== null && object !== undefined) return object;
  throw new GitTrouble(`what leads to ${path} in ${commit} is missing`);
}
