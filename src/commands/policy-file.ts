/**
 * The policy as a file: the work tree's own, or one that is named.
 */
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";

import { OptoutError } from "../core/errors.ts";
import type { Io } from "../output/io.ts";
import { hasErrorCode, systemErrorWord } from "../system/files.ts";
import type { Call } from "./command.ts";
import type { Openers } from "./openers.ts";

/** Of a file that the line names: the page to look at where it is not there. */
export const namedIn = ({ args, command }: Call): string | null =>
  args.length === 0 ? null : command.name;

/** Where the policy stands in a work tree. */
export const policyPath = ".optout/policy.yaml";

/** The argument, else the work tree's: as people know it, and where it is. */
export async function givenOrOwnPolicy(
  call: Call,
  io: Io,
  open: Openers,
): Promise<{ readonly path: string; readonly file: string }> {
  const [given] = call.args;
  if (given === undefined) return ownPolicy(open, `${call.command.name} FILE`);
  return { path: given, file: resolve(io.cwd, call.text("chdir") ?? ".", given) };
}

/** @param instead what would do in a repository without a work tree */
async function ownPolicy(
  open: Openers,
  instead: string,
): Promise<{ readonly path: string; readonly file: string }> {
  const { root } = await open.workplace();
  if (root !== null) return { path: policyPath, file: join(root, policyPath) };
  throw new OptoutError("policy-missing", "a bare repository has no work tree with a policy", {
    hint: `optout ${instead}`,
  });
}

/**
 * @param named the page of the command that was given the file; what is not there is no missing policy
 * @throws `policy-missing`, `usage` for a file that was named
 */
export async function readPolicyFile(
  file: string,
  path: string,
  named: string | null = null,
): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (thrown) {
    const missing = hasErrorCode(thrown, "ENOENT", "ENOTDIR");
    const what = missing ? `there is no ${path}` : `${path} cannot be read`;
    const code = missing ? "" : ` (${systemErrorWord(thrown)})`;
    const hint = named === null ? "optout init" : `optout help ${named}`;
    throw new OptoutError(named === null ? "policy-missing" : "usage", `${what}${code}`, {
      hint,
      cause: thrown,
    });
  }
}
