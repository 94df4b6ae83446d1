/**
 * `optout revoke` and `optout undo`: end overrides at once.
 */
import { OptoutError } from "../core/errors.ts";
import { exitStatus } from "../core/exit.ts";
import { standings, type Standing } from "../core/state.ts";
import type { View } from "../core/view.ts";
import { findOverride } from "../operations/find.ts";
import { revoke } from "../operations/revoke.ts";
import type { Writer } from "../operations/write.ts";
import { openPaint } from "../output/color.ts";
import type { Io } from "../output/io.ts";
import { printJson } from "../output/json.ts";
import { contextIn, overrideJson } from "../output/override-json.ts";
import { marked } from "../output/paint.ts";
import { titleOf } from "../output/title.ts";
import { effectOf } from "../output/words.ts";
import type { Call } from "./command.ts";
import type { Openers, OpenLog } from "./openers.ts";
import { sourceOf } from "./source.ts";
import { firstView, openWriter } from "./writer.ts";

export async function revokeCommand(call: Call, io: Io, open: Openers): Promise<number> {
  return revokeAll(call, io, open, (all) => call.args.map((name) => findOverride(all, name)));
}

export async function undoCommand(call: Call, io: Io, open: Openers): Promise<number> {
  return revokeAll(call, io, open, (all, writer) => {
    const mine = all.filter(
      ({ judged, state }) =>
        judged.author.id === writer.principal.id &&
        (state === "in-force" || state === "pending" || state === "scheduled"),
    );
    const last = mine.at(-1);
    if (last !== undefined) return [last];
    throw new OptoutError("not-found", `nothing of ${writer.principal.id} is in force or waits`, {
      hint: `optout history --by ${writer.principal.id}`,
    });
  });
}

type Choose = (all: readonly Standing[], writer: Writer) => readonly Standing[];

async function revokeAll(call: Call, io: Io, open: Openers, choose: Choose): Promise<number> {
  const [log, defaultBranch] = await Promise.all([open.log(), open.defaultBranch()]);
  const [writer, first] = await Promise.all([
    openWriter(open, log, io, { keyName: call.text("key") }),
    firstView(log, io),
  ]);
  let view = first;
  // all are found before the first is ended, so that a wrong name ends nothing
  const chosen = choose(standings(view, io.now(), defaultBranch), writer);
  for (const standing of chosen) {
    const ended = await revoke(writer, view, standing, {
      note: call.text("reason") ?? null,
      title: (statement) => titleOf(statement, () => standing.judged.seq),
    });
    view = await writer.read();
    await tell(call, io, open, {
      log,
      view,
      defaultBranch,
      standing,
      wasOver: ended === "already-over",
    });
  }
  return exitStatus("ok");
}

interface Ended {
  readonly log: OpenLog;
  readonly view: View;
  readonly defaultBranch: string | null;
  readonly standing: Standing;
  readonly wasOver: boolean;
}

async function tell(call: Call, io: Io, open: Openers, ended: Ended): Promise<void> {
  const { view, log, defaultBranch, wasOver } = ended;
  const { seq } = ended.standing.judged;
  const now = standings(view, io.now(), defaultBranch).find(({ judged }) => judged.seq === seq);
  const standing = now ?? ended.standing;
  if (call.has("json")) {
    const source = await sourceOf(log, open);
    printJson(io, overrideJson(standing, contextIn(view, standing.judged, source)));
    return;
  }
  if (call.has("quiet")) {
    io.out(`${standing.judged.statement.id}\n`);
    return;
  }
  const paint = await openPaint({
    flag: call.text("color"),
    env: io.env,
    isTerminal: io.stdoutIsTerminal,
  });
  const { target } = standing.judged.statement;
  const text = wasOver
    ? `#${seq} was over already: it is ${standing.state}; nothing was recorded`
    : `#${seq} is revoked: it no longer ${effectOf(standing.judged)} ${target.name}`;
  io.out(`${marked(paint, "restored", text)}\n`);
}
