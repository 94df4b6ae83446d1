/**
 * `optout completion`: a shell's script, and the words that it asks for. Whatever keeps them from
 * being found, a shell gets none and no error: somebody is in the middle of typing.
 */
import { join } from "node:path";

import { OptoutError } from "../core/errors.ts";
import { exitStatus } from "../core/exit.ts";
import { parsePolicy } from "../core/policy-parse.ts";
import { closest } from "../core/suggest.ts";
import { candidateLines, completionScripts, shells } from "../output/completion-scripts.ts";
import type { Io } from "../output/io.ts";
import { readSmallFile } from "../system/files.ts";
import type { Call, Command, Run } from "./command.ts";
import { candidatesFor, type KnownOverride } from "./complete.ts";
import type { Openers } from "./openers.ts";
import { policyPath } from "./policy-file.ts";

/** @param commands the whole table, which this command is a row of */
export function completionOf(commands: readonly Command[]): Run {
  return (call, io, open) => completion(call, io, open, commands);
}

async function completion(
  call: Call,
  io: Io,
  open: Openers,
  commands: readonly Command[],
): Promise<number> {
  const [name = "", ...words] = call.args;
  const shell = shells.find((one) => one === name);
  if (shell === undefined) {
    throw new OptoutError("usage", `${JSON.stringify(name)} is not one of ${shells.join(", ")}`, {
      hint: `optout completion ${closest(name, shells) ?? "bash"}`,
    });
  }
  if (words.length === 0) io.out(completionScripts[shell]);
  else {
    const candidates = await candidatesFor(words, commands, {
      stages: () => stagesAtHand(open),
      overrides: () => overridesAtHand(open, io),
    });
    io.out(candidateLines(shell, candidates));
  }
  return exitStatus("ok");
}

const longestPolicyBytes = 1024 * 1024;

/** The stages that the policy of the work tree names: a hint is all that completion needs. */
async function stagesAtHand(open: Openers): Promise<readonly string[]> {
  try {
    const { root } = await open.workplace();
    if (root === null) return [];
    const bytes = readSmallFile(join(root, policyPath), longestPolicyBytes);
    return bytes === null ? [] : [...parsePolicy(bytes, policyPath).stages.keys()];
  } catch {
    return [];
  }
}

/** The overrides of the log as it was last read here, newest first. */
async function overridesAtHand(open: Openers, io: Io): Promise<readonly KnownOverride[]> {
  try {
    const known = await open.knownLog();
    if (known === null) return [];
    const { knownOverrides } = await import("./known-overrides.ts");
    return knownOverrides(known, io.now());
  } catch {
    return [];
  }
}
