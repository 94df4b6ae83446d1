/**
 * What follows questions: the command that says the same without them, and a last yes or no. Who
 * typed everything is not asked.
 */
import { OptoutError } from "../core/errors.ts";
import { authorize } from "../operations/issue.ts";
import type { Io } from "../output/io.ts";
import { intentLines } from "../output/issue-words.ts";
import { askConfirm, canPrompt } from "../output/prompt.ts";
import { isCommandLine, talkFor } from "../output/wrap.ts";
import type { Scene } from "./issue-scene.ts";
import type { Openers } from "./openers.ts";
import { typedLine } from "./typed.ts";

/** @throws `interrupted` when the answer is no; nothing was signed by then */
export async function confirmAsked(
  { call, requests, issuer, view }: Scene,
  io: Io,
  open: Openers,
): Promise<void> {
  const intents = requests.flatMap((request) => {
    const authorization = authorize(issuer, view, request);
    return authorization.kind === "refused" ? [] : intentLines(authorization, request);
  });
  const lines = [...intents, `  the same without questions:  ${typedLine(call)}`];
  io.err(talkFor(io, lines, isCommandLine));
  const isSettled = call.has("yes") || call.has("dry-run");
  if (isSettled || !canPrompt(io, { noInput: call.has("no-input") })) return;
  if (await open.paused(() => askConfirm(io, "Record it?"))) return;
  throw new OptoutError("interrupted", "stopped; nothing was recorded");
}
