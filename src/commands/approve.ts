/**
 * `optout approve` and `optout deny`: sign for, or against, exactly one override.
 */
import { OptoutError } from "../core/errors.ts";
import { exitStatus } from "../core/exit.ts";
import { awaitedIn } from "../core/requests.ts";
import { standings, type Standing } from "../core/state.ts";
import type { View } from "../core/view.ts";
import { approve, deny, effectIn, type NoEffect } from "../operations/approve.ts";
import { findOverride } from "../operations/find.ts";
import type { Writer } from "../operations/write.ts";
import type { Io } from "../output/io.ts";
import { askConfirm, canPrompt } from "../output/prompt.ts";
import { exposureLines } from "../output/request-words.ts";
import { wouldBeLines } from "../output/preview-words.ts";
import { titleOf } from "../output/title.ts";
import { answerLine, type GivenAnswer } from "../output/answer-words.ts";
import { talkFor } from "../output/wrap.ts";
import { answer, type Changed } from "./answer.ts";
import type { Call } from "./command.ts";
import { readEffects } from "./effect.ts";
import type { Openers, OpenLog } from "./openers.ts";
import { paintErr, paintOut } from "./paint.ts";
import { trustedView } from "./read-log.ts";
import { noteOf, reasonOf } from "./reason.ts";
import { announce } from "./telling.ts";
import { tryOut, wouldBe } from "./try-out.ts";
import { openWriter } from "./writer.ts";

interface Scene {
  readonly log: OpenLog;
  readonly writer: Writer;
  readonly defaultBranch: string | null;
}

/** What was done about one override, and how it stands now. */
type Given = GivenAnswer & Changed;

/** Exit 0: it counts, or is needed no longer; 3: what it was for has ended. */
export async function approveCommand(call: Call, io: Io, open: Openers): Promise<number> {
  const note = await noteOf(call, io);
  const [scene, first] = await prepare(call, io, open);
  const { writer, defaultBranch } = scene;
  // all are found, and may be approved, before the first is signed
  const chosen = find(call, first, scene);
  for (const standing of chosen) {
    if (effectIn(first, writer, standing, { defaultBranch }) !== null) continue;
    await showExposure(call, io, { scene, view: first, open }, standing);
  }
  const isIdle = chosen.every(
    (standing) => effectIn(first, writer, standing, { defaultBranch }) !== null,
  );
  const give: Give = (by, view, standing, title) =>
    approve(by, view, standing, { note, title, defaultBranch });
  if (!isIdle && !call.has("dry-run")) {
    await confirm(call, io, open, { scene, view: first, chosen, give });
  }
  return giveAll(call, io, open, {
    scene,
    view: first,
    chosen,
    give,
  });
}

export async function denyCommand(call: Call, io: Io, open: Openers): Promise<number> {
  const note = await reasonOf(call, io, open);
  const [scene, first] = await prepare(call, io, open);
  return giveAll(call, io, open, {
    scene,
    view: first,
    chosen: find(call, first, scene),
    give: (by, view, standing, title) => deny(by, view, standing, { note, title }),
  });
}

async function prepare(call: Call, io: Io, open: Openers): Promise<readonly [Scene, View]> {
  const [log, defaultBranch] = await Promise.all([open.log(), open.defaultBranch()]);
  const [writer, view] = await Promise.all([
    openWriter(open, log, io, { keyName: call.text("key") }),
    trustedView(log, io),
  ]);
  return [{ log, writer, defaultBranch }, view];
}

function find(call: Call, view: View, { writer, defaultBranch }: Scene): readonly Standing[] {
  const all = standings(view, writer.now(), defaultBranch);
  const { name: command } = call.command;
  return [
    ...new Set(call.args.map((name) => findOverride(all, name, { command, first: "pending" }))),
  ];
}

async function showExposure(
  call: Call,
  io: Io,
  { scene, view, open }: { readonly scene: Scene; readonly view: View; readonly open: Openers },
  { judged }: Standing,
): Promise<void> {
  if (call.has("quiet") || call.has("json")) return;
  const { log, writer, defaultBranch } = scene;
  const awaited = awaitedIn(view, writer.now(), defaultBranch).find(
    (one) => one.judged.seq === judged.seq,
  );
  if (awaited === undefined) return;
  const { action, target, scope } = judged.statement;
  const effects = await readEffects([{ action, stage: target.name, scope }], log, open);
  const before = standings(view, writer.now(), defaultBranch)
    .filter((one) => one.judged.author.id === judged.author.id && one.judged.seq !== judged.seq)
    .toReversed();
  const stage = log.policy.stages.get(target.name) ?? null;
  const lines = exposureLines(
    { awaited, stage, effects: effects.get(target.name) ?? [], before },
    { now: io.now(), zone: io.zone, paint: await paintErr(call, io) },
  );
  io.err(talkFor(io, lines));
}

async function confirm(
  call: Call,
  io: Io,
  open: Openers,
  { scene, view, chosen, give }: Work,
): Promise<void> {
  if (call.has("yes") || !canPrompt(io, { noInput: call.has("no-input") })) return;
  const all = await wouldBe(
    io,
    { ...scene, open },
    {
      chosen,
      act: (trial, standing) => give(trial, view, standing, (statement) => titleOf(statement)),
    },
  );
  const context = { policySource: scene.log.policySource, paint: await paintErr(call, io) };
  io.err(
    talkFor(
      io,
      all.flatMap((one) => wouldBeLines(one, context)),
    ),
  );
  const numbers = chosen.map(({ judged }) => `#${judged.seq}`).join(", ");
  if (await open.paused(() => askConfirm(io, `Approve ${numbers}?`))) return;
  throw new OptoutError("interrupted", "nothing was recorded");
}

interface Work {
  readonly scene: Scene;
  readonly view: View;
  readonly chosen: readonly Standing[];
  readonly give: Give;
}

type Give = (
  writer: Writer,
  view: View,
  standing: Standing,
  title: Parameters<typeof approve>[3]["title"],
) => Promise<{ readonly seq: number } | NoEffect>;

async function giveAll(call: Call, io: Io, open: Openers, work: Work): Promise<number> {
  const { scene, chosen, give } = work;
  const { writer, defaultBranch } = scene;
  if (call.has("dry-run")) {
    return tryOut(
      call,
      io,
      { ...scene, open },
      {
        chosen,
        act: (trial, standing) =>
          give(trial, work.view, standing, (statement) => titleOf(statement)),
      },
    );
  }
  const given: Given[] = [];
  const seqs: number[] = [];
  let { view } = work;
  try {
    for (const standing of chosen) {
      const outcome = await give(writer, view, standing, (statement) =>
        titleOf(statement, () => standing.judged.seq),
      );
      if (typeof outcome !== "string") seqs.push(outcome.seq);
      view = await writer.read();
      const now = standings(view, io.now(), defaultBranch);
      given.push({
        view,
        standing: now.find(({ judged }) => judged.seq === standing.judged.seq) ?? standing,
        verb: call.command.name === "deny" ? "deny" : "approve",
        outcome: typeof outcome === "string" ? outcome : "recorded",
      });
    }
  } finally {
    const { log } = scene;
    const announced = await announce({ open, log, io, writer }, view, seqs);
    const context = { now: io.now(), zone: io.zone, paint: await paintOut(call, io) };
    const line = (one: Given): string => answerLine(one, context);
    await answer(call, io, { log, open, announced }, { changed: given, line });
  }
  const isLost = given.some(({ outcome, verb }) => outcome === "over" && verb === "approve");
  return exitStatus(isLost ? "refused" : "ok");
}
