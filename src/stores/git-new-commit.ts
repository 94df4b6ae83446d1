/**
 * The objects of a new position: a commit whose message ends with the position's bytes.
 *
 * Its first line is for people; its tree is constant, explains the branch and is never read.
 */
import type { Clone, Identity } from "../system/clone.ts";
import { objectId, type NewObject } from "../system/git-write.ts";

/** A position to create. The same values make the same commit, in any repository. */
export interface NewPosition {
  /** The commit of the position before; null for position 0. */
  readonly parent: string | null;
  readonly bytes: Uint8Array;
  /** A line for people. */
  readonly title: string;
  /** Seconds since 1970. */
  readonly time: number;
}

/** The objects of a new position, the commit last. */
export function newObjects(
  position: NewPosition,
  { identity, objectFormat }: Pick<Clone, "identity" | "objectFormat">,
): readonly NewObject[] {
  const blob: NewObject = { type: "blob", body: Buffer.from(readme) };
  const blobId = Buffer.from(objectId(blob, objectFormat), "hex");
  const body = Buffer.concat([Buffer.from("100644 README.md\0"), blobId]);
  const tree: NewObject = { type: "tree", body };
  const commit = commitBody(position, objectId(tree, objectFormat), identity);
  return [blob, tree, { type: "commit", body: commit }];
}

function commitBody(commit: NewPosition, tree: string, identity: Identity): Buffer {
  const who = `${signature(identity)} ${commit.time} +0000`;
  const parent = commit.parent === null ? "" : `parent ${commit.parent}\n`;
  // oxlint-disable-next-line eslint/no-control-regex -- a title is one line, without control characters
  const title = commit.title.replaceAll(/[\s\u0000-\u001f\u007f-\u009f]+/g, " ").trim();
  const head = `tree ${tree}\n${parent}author ${who}\ncommitter ${who}\n\n${title}\n\n[skip ci]\n\n`;
  return Buffer.concat([Buffer.from(head), commit.bytes, Buffer.from("\n")]);
}

/** `Name <email>`, without the characters by which git ends them. */
function signature(identity: Identity): string {
  // oxlint-disable-next-line eslint/no-control-regex -- control characters are what it removes
  const clean = (text: string): string => text.replaceAll(/[\u0000-\u001f<>]/g, "").trim();
  const name = clean(identity.name ?? "");
  const email = clean(identity.email ?? "");
  return `${name === "" ? "optout" : name} <${email === "" ? "optout@localhost" : email}>`;
}

/** What somebody finds who looks at the branch. */
const readme = `# The log of optout

This branch is a log: every commit is one position, in order, and the last line of its message is
the record. Read it with

    git log --first-parent

or, with the checks that make it trustworthy, with

    optout history
    optout verify

Never merge, rebase, amend or delete anything here: each record names the hash of the one before it.
Protect the branch: no force pushes, no deletion, linear history.
`;
