/**
 * Where nothing is checked out, somebody at a terminal is asked for the branch that an override is
 * for; nobody is asked twice, and nobody else at all.
 */
import type { Io } from "../output/io.ts";
import { askText, canPrompt } from "../output/prompt.ts";
import type { Call } from "./command.ts";
import type { Openers, Workplace } from "./openers.ts";
import { withAnswer } from "./typed.ts";

const places = ["branch", "head", "tag", "all-branches"];

/** The call, with the answer as its `--branch` where it was asked for. */
export async function withBranch(
  call: Call,
  io: Io,
  open: Openers,
  where: { readonly workplace: Workplace; readonly defaultBranch: string | null },
): Promise<Call> {
  const takesBranch = call.command.flags.some(({ name }) => name === "branch");
  const isKnown = where.workplace.branch !== null || places.some((flag) => call.has(flag));
  if (!takesBranch || isKnown || !canPrompt(io, { noInput: call.has("no-input") })) return call;
  const preset = where.defaultBranch ?? undefined;
  const branch = await open.paused(() =>
    askText(io, "On the branch (it receives changes):", { preset, read: String }),
  );
  return withAnswer(call, "branch", branch);
}
