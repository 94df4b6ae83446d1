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
import type { Io } from "../output/io.ts";
import { printJson } from "../output/json.ts";
import { contextIn, oneOrAll, overrideJson } from "../output/override-json.ts";
import { marked } from "../output/paint.ts";
import { titleOf } from "../output/title.ts";
import { toldJson } from "../output/told-words.ts";
import { effectOf } from "../output/words.ts";
import type { Call } from "./command.ts";
import type { Openers, OpenLog } from "./openers.ts";
import { paintOut } from "./paint.ts";
import { sourceOf } from "./source.ts";
import { trustedView } from "./status.ts";
import { announce, printTold, type Announced } from "./telling.ts";
import { openWriter } from "./writer.ts";

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
    trustedView(log, io),
  ]);
  // all are found before the first is ended, so that a wrong name ends nothing
  const chosen = choose(standings(first, io.now(), defaultBranch), writer);
  const ended: Ended[] = [];
  const seqs: number[] = [];
  let view = first;
  try {
    for (const standing of chosen) {
      const written = await revoke(writer, view, standing, {
        note: call.text("reason") ?? null,
        title: (statement) => titleOf(statement, () => standing.judged.seq),
      });
      if (written !== "already-over") seqs.push(written.seq);
      view = await writer.read();
      const now = standings(view, io.now(), defaultBranch);
      ended.push({
        view,
        standing: now.find(({ judged }) => judged.seq === standing.judged.seq) ?? standing,
        wasOver: written === "already-over",
      });
    }
  } finally {
    const announced = await announce({ open, log, io, writer }, view, seqs);
    await tell(call, io, { log, open, announced }, ended);
  }
  return exitStatus("ok");
}

interface Ended {
  readonly view: View;
  readonly standing: Standing;
  readonly wasOver: boolean;
}

interface Telling {
  readonly log: OpenLog;
  readonly open: Openers;
  readonly announced: Announced;
}

/** What was ended is told in any case, also where the next one could not be. */
async function tell(
  call: Call,
  io: Io,
  { log, open, announced }: Telling,
  ended: readonly Ended[],
): Promise<void> {
  if (ended.length === 0) return;
  if (call.has("json")) {
    const source = await sourceOf(log, open);
    const objects = ended.map(({ view, standing }) => ({
      ...overrideJson(standing, contextIn(view, standing.judged, source)),
      told: toldJson(announced.told, standing.judged.statement.id),
    }));
    printJson(io, oneOrAll(objects));
    return;
  }
  await printTold(call, io, announced);
  const paint = await paintOut(call, io);
  for (const one of ended) {
    const { id } = one.standing.judged.statement;
    io.out(`${call.has("quiet") ? id : marked(paint, "restored", endWords(one))}\n`);
  }
}

function endWords({ standing: { judged, state }, wasOver }: Ended): string {
  return wasOver
    ? `#${judged.seq} was over already: it is ${state}; nothing was recorded`
    : `#${judged.seq} is revoked: it no longer ${effectOf(judged)} ${judged.statement.target.name}`;
}
