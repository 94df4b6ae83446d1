/**
 * Writes objects into a repository as loose files (gitrepository-layout(5)), so that their bytes are
 * exactly ours: git-commit-tree(1) mends what it takes for a wrong encoding.
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { deflateSync } from "node:zlib";

import { ensurePrivateDirectory, isThere, writeFileAtomic } from "./files.ts";

export interface NewObject {
  readonly type: "blob" | "tree" | "commit";
  readonly body: Uint8Array;
}

/** The name that git gives an object (its hash). */
export function objectId(object: NewObject, format: "sha1" | "sha256"): string {
  return createHash(format).update(framed(object)).digest("hex");
}

/**
 * Writes a loose object, unless it is there, and returns its name.
 * @throws the error of the file system
 */
export function writeObject(gitDir: string, object: NewObject, format: "sha1" | "sha256"): string {
  const id = objectId(object, format);
  const directory = join(gitDir, "objects", id.slice(0, 2));
  const path = join(directory, id.slice(2));
  if (isThere(path)) return id;
  ensurePrivateDirectory(directory);
  const content = deflateSync(framed(object));
  writeFileAtomic(path, content, { mode: 0o400, durable: false });
  return id;
}

function framed({ type, body }: NewObject): Buffer {
  return Buffer.concat([Buffer.from(`${type} ${body.byteLength}\0`), body]);
}
