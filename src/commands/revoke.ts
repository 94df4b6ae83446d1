/**
 * `optout revoke` and `optout undo`: end overrides at once.
 */
import { OptoutError } from "../core/errors.ts";
import { exitStatus } from "../core/exit.ts";
import type { UnixSeconds } from "../core/policy.ts";
import { isOpen, standings, type Standing } from "../core/state.ts";
import type { View } from "../core/view.ts";
import { leftOf } from "../core/above.ts";
import { findOverride } from "../operations/find.ts";
import { revoke } from "../operations/revoke.ts";
import type { Writer } from "../operations/write.ts";
import type { Io } from "../output/io.ts";
import { leftLine } from "../output/above-words.ts";
import { marked, type Paint } from "../output/paint.ts";
import { titleOf } from "../output/title.ts";
import { effectOf } from "../output/words.ts";
import { answer, type Changed } from "./answer.ts";
import type { Call } from "./command.ts";
import type { Openers } from "./openers.ts";
import { paintOut } from "./paint.ts";
import { trustedView } from "./read-log.ts";
import { noteOf } from "./reason.ts";
import { announce } from "./telling.ts";
import { tryOut } from "./try-out.ts";
import { openWriter } from "./writer.ts";

export async function revokeCommand(call: Call, io: Io, open: Openers): Promise<number> {
  return revokeAll(call, io, open, (all) =>
    call.args.map((name) => findOverride(all, name, { command: "revoke" })),
  );
}

export async function undoCommand(call: Call, io: Io, open: Openers): Promise<number> {
  return revokeAll(call, io, open, (all, writer) => {
    const mine = all.filter(
      ({ judged, state }) => judged.author.id === writer.principal.id && isOpen(state),
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
  const note = await noteOf(call, io);
  const [log, defaultBranch] = await Promise.all([open.log(), open.defaultBranch()]);
  const [writer, first] = await Promise.all([
    openWriter(open, log, io, { keyName: call.text("key") }),
    trustedView(log, io),
  ]);
  // all are found before the first is ended, so that a wrong name ends nothing
  const chosen = choose(standings(first, io.now(), defaultBranch), writer);
  if (call.has("dry-run")) {
    return tryOut(
      call,
      io,
      { open, log, writer, defaultBranch },
      {
        chosen,
        act: (trial, standing) =>
          revoke(trial, first, standing, { note, title: (statement) => titleOf(statement) }),
      },
    );
  }
  const ended: Ended[] = [];
  const seqs: number[] = [];
  let view = first;
  try {
    for (const standing of chosen) {
      const written = await revoke(writer, view, standing, {
        note,
        title: (statement) => titleOf(statement, () => standing.judged.seq),
      });
      if (written !== "already-over") seqs.push(written.seq);
      view = await writer.read();
      const now = standings(view, io.now(), defaultBranch);
      ended.push({
        view,
        standing: now.find(({ judged }) => judged.seq === standing.judged.seq) ?? standing,
        wasOver: written === "already-over",
        extendedBy: openExtensions(now, standing),
      });
    }
  } finally {
    const announced = await announce({ open, log, io, writer }, view, seqs);
    const paint = await paintOut(call, io);
    const line = (one: Ended): string =>
      [
        marked(paint, "restored", endWords(one)),
        ...one.extendedBy.map((other) => `  ${marked(paint, "suspended", stillWords(other))}`),
      ].join("\n");
    const after = leftLines(ended, view, { now: io.now(), defaultBranch, paint });
    await answer(call, io, { log, open, announced }, { changed: ended, line, after });
  }
  return exitStatus("ok");
}

interface Ended extends Changed {
  readonly wasOver: boolean;
  /** What goes on from it all the same. */
  readonly extendedBy: readonly Standing[];
}

/** A revocation ends one statement; the extensions of it stand, each for itself. */
function openExtensions(all: readonly Standing[], { judged }: Standing): readonly Standing[] {
  const line = new Set([judged.statement.id]);
  return all.filter(({ judged: { statement }, state }) => {
    if (!line.has(statement.supersedes ?? "")) return false;
    line.add(statement.id);
    return isOpen(state);
  });
}

/** What decides now about the stages whose overrides have ended; an extension that does is told of already. */
function leftLines(
  ended: readonly Ended[],
  view: View,
  { now, defaultBranch, paint }: Scene,
): readonly string[] {
  const told = new Set(
    ended.flatMap(({ extendedBy }) => extendedBy.map(({ judged }) => judged.seq)),
  );
  const lines = ended.flatMap(({ standing: { judged } }) =>
    leftOf(view, judged, { now, defaultBranch })
      .filter((left) => left.kind === "freeze" || left.by.some(({ seq }) => !told.has(seq)))
      .map((left) => leftLine(judged.statement, left, paint)),
  );
  return [...new Set(lines)];
}

interface Scene {
  readonly now: UnixSeconds;
  readonly defaultBranch: string | null;
  readonly paint: Paint;
}

function stillWords({ judged, state }: Standing): string {
  return `#${judged.seq} extends it and is ${state}: optout revoke ${judged.seq}`;
}

function endWords({ standing: { judged, state }, wasOver }: Ended): string {
  return wasOver
    ? `#${judged.seq} was over already: it is ${state}; nothing was recorded`
    : `#${judged.seq} is revoked: it no longer ${effectOf(judged)} ${judged.statement.target.name}`;
}
