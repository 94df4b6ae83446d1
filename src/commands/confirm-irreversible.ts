/**
 * What cannot be undone is confirmed by the stage's own name: typed on a terminal, or given with
 * `--confirm`. No other flag stands for it, `--yes` neither. A hold undoes nothing.
 */
import { OptoutError } from "../core/errors.ts";
import type { Stage } from "../core/policy.ts";
import type { Io } from "../output/io.ts";
import { irreversibleLines } from "../output/irreversible-words.ts";
import { wouldBeLines } from "../output/preview-words.ts";
import { askText, canPrompt } from "../output/prompt.ts";
import { talkFor } from "../output/wrap.ts";
import { wouldBeIssued } from "./issue-preview.ts";
import type { Effects, Scene } from "./issue-scene.ts";
import type { Openers } from "./openers.ts";
import { paintErr } from "./paint.ts";

/**
 * @throws `usage` where a name is missing and nobody can be asked, or where it is of no stage that is
 *   asked for; `interrupted` where another name was typed. Nothing was signed by then
 */
export async function confirmIrreversible(
  scene: Scene,
  {
    effects,
    io,
    open,
  }: { readonly effects: Promise<Effects>; readonly io: Io; readonly open: Openers },
): Promise<void> {
  const { call, requests, view, log } = scene;
  const given = call.texts("confirm");
  const stray = given.find((name) => !requests.some(({ stage }) => stage === name));
  if (stray !== undefined) {
    throw new OptoutError("usage", `--confirm ${stray} names no stage that this line is about`);
  }
  if (call.has("dry-run")) return;
  for (const { stage: id, action } of requests) {
    const stage = view.policy.stages.get(id);
    if (stage?.irreversible !== true || action === "hold" || given.includes(id)) continue;
    if (!canPrompt(io, { noInput: call.has("no-input") })) {
      throw new OptoutError("usage", `what ${id} does cannot be undone: confirm it by its name`, {
        hint: `add --confirm ${id}`,
      });
    }
    const paint = await paintErr(call, io);
    if (call.isAsked !== true) {
      const all = await wouldBeIssued(scene, await effects, io);
      const block = all.filter((one) => one.stage === id);
      const context = { policySource: log.policySource, paint };
      io.err(
        talkFor(
          io,
          block.flatMap((one) => wouldBeLines(one, context)),
        ),
      );
    }
    await confirmByName(stage, { io, open, paint });
  }
}

async function confirmByName(
  stage: Stage,
  { io, open, paint }: { io: Io; open: Openers; paint: Awaited<ReturnType<typeof paintErr>> },
): Promise<void> {
  io.err(talkFor(io, irreversibleLines(stage, paint)));
  const typed = await open.paused(() =>
    askText(io, `Type ${stage.id} to go on:`, { read: String }),
  );
  if (typed.trim() === stage.id) return;
  throw new OptoutError("interrupted", `that is not ${stage.id}; nothing was recorded`);
}
