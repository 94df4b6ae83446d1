/**
 * The two files of `optout init` in the work tree: read before, written whole, never overwritten.
 */
import { mkdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, join } from "node:path";

import { OptoutError } from "../core/errors.ts";
import { policyJsonSchema } from "../core/policy-schema.ts";
import { hasErrorCode, systemErrorCode, writeFileAtomic } from "../system/files.ts";
import { policyPath } from "./policy-file.ts";

export const schemaPath = ".optout/policy.schema.json";

/** What the schema's file is to hold. */
export const schemaText = (): string => `${JSON.stringify(policyJsonSchema(), null, 2)}\n`;

/** Anyone may read what is committed; the umask may say less. */
const mode = 0o644;

/** What the work tree holds; null for a file that is not there. */
export interface InitFiles {
  readonly root: string;
  readonly policy: Buffer | null;
  readonly schema: Buffer | null;
}

/** @throws `config-invalid` for what is there and cannot be read */
export function readInitFiles(root: string): InitFiles {
  return {
    root,
    policy: guarded(policyPath, () => readIfThere(join(root, policyPath))),
    schema: guarded(schemaPath, () => readIfThere(join(root, schemaPath))),
  };
}

/**
 * Creates a file, and its directory.
 * @throws `conflict` when there is one by now, `config-invalid` when it cannot be written
 */
export function createFile(root: string, path: string, text: string): void {
  const file = join(root, path);
  guarded(path, () => {
    mkdirSync(dirname(file), { recursive: true });
    if (readIfThere(file) !== null) throw changedMeanwhile(path);
    writeFileAtomic(file, text, { mode });
  });
}

/**
 * Replaces the policy by an edit of what was read.
 * @throws `conflict` when something else stands there by now
 */
export function replacePolicy({ root, policy }: InitFiles, text: string): void {
  const file = join(root, policyPath);
  guarded(policyPath, () => {
    const now = readIfThere(file);
    if (policy === null || now?.equals(policy) !== true) throw changedMeanwhile(policyPath);
    writeFileAtomic(realpathSync(file), text, { mode: statSync(file).mode & 0o777 });
  });
}

function readIfThere(file: string): Buffer | null {
  try {
    return readFileSync(file);
  } catch (thrown) {
    if (hasErrorCode(thrown, "ENOENT")) return null;
    throw thrown;
  }
}

/** Errors of the system as errors of ours. */
function guarded<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (thrown) {
    const code = systemErrorCode(thrown);
    if (code === null) throw thrown;
    throw new OptoutError("config-invalid", `${path} cannot be read or written (${code})`, {
      hint: "optout init   (it goes on where it stopped)",
      cause: thrown,
    });
  }
}

function changedMeanwhile(path: string): OptoutError {
  return new OptoutError("conflict", `${path} was changed by somebody else meanwhile`, {
    hint: "optout init   (it goes on where it stopped)",
  });
}
