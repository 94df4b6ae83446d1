/**
 * What follows questions: the command that says the same without them, and a last yes or no. Who
 * typed everything is not asked.
 */
import { OptoutError } from "../core/errors.ts";
import type { Io } from "../output/io.ts";
import { wouldBeLines } from "../output/preview-words.ts";
import { askConfirm, canPrompt } from "../output/prompt.ts";
import { isCommandLine, talkFor } from "../output/wrap.ts";
import { wouldBeIssued } from "./issue-preview.ts";
import type { Effects, Scene } from "./issue-scene.ts";
import type { Openers } from "./openers.ts";
import { paintErr } from "./paint.ts";
import { typedLine } from "./typed.ts";

/** @throws `interrupted` when the answer is no; nothing was signed by then */
export async function confirmAsked(
  scene: Scene,
  effects: Effects,
  io: Io,
  open: Openers,
): Promise<void> {
  const { call, log } = scene;
  const all = await wouldBeIssued(scene, effects, io);
  const context = { policySource: log.policySource, paint: await paintErr(call, io) };
  // a dry run shows it anyway
  const block = call.has("dry-run") ? [] : all.flatMap((one) => wouldBeLines(one, context));
  const lines = [...block, `  the same without questions:  ${typedLine(call)}`];
  io.err(talkFor(io, lines, isCommandLine));
  const isSettled = call.has("yes") || call.has("dry-run");
  if (isSettled || !canPrompt(io, { noInput: call.has("no-input") })) return;
  if (await open.paused(() => askConfirm(io, "Record it?"))) return;
  throw new OptoutError("interrupted", "stopped; nothing was recorded");
}
