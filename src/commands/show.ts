/**
 * `optout show`: one override as a card with its timeline, or a position's exact bytes.
 */
import { OptoutError } from "../core/errors.ts";
import { exitStatus } from "../core/exit.ts";
import { standings, type Standing } from "../core/state.ts";
import type { View } from "../core/view.ts";
import { findOverride } from "../operations/find.ts";
import { cardLines, positionLines } from "../output/card.ts";
import type { Io } from "../output/io.ts";
import { contextIn, overrideJson } from "../output/override-json.ts";
import { linesFor } from "../output/wrap.ts";
import type { Call } from "./command.ts";
import { everyPosition, wholeView } from "./history.ts";
import type { Openers } from "./openers.ts";
import { paintOut } from "./paint.ts";
import { printOverrides } from "./print-overrides.ts";
import { sourceOf } from "./source.ts";

export async function show(call: Call, io: Io, open: Openers): Promise<number> {
  const [log, defaultBranch] = await Promise.all([open.log(), open.defaultBranch()]);
  const view = await (call.has("raw") ? everyPosition(log) : wholeView(log));
  const name = call.args[0] ?? "";
  const all = standings(view, io.now(), defaultBranch);
  const seq = positionNamed(name, view);
  if (call.has("raw")) {
    io.out(`${rawOf(view, seq ?? findOverride(all, name, { command: "show" }).judged.seq)}\n`);
    return exitStatus("ok");
  }
  const paint = await paintOut(call, io);
  const context = { now: io.now(), zone: io.zone, paint, view };
  const standing = standingAt(all, seq, name);
  if (standing === null) {
    if (call.has("json")) throw notAnOverride(name);
    const reading = view.at(seq ?? 0);
    if (reading !== undefined) io.out(linesFor(io, positionLines(reading, context)));
    return exitStatus("ok");
  }
  const object = overrideJson(
    standing,
    contextIn(view, standing.judged, await sourceOf(log, open)),
  );
  if (call.has("json")) printOverrides(call, io, [object]);
  else io.out(linesFor(io, cardLines(standing, object, context)));
  return exitStatus("ok");
}

/** The position that a number names, whatever stands there. */
function positionNamed(name: string, view: View): number | null {
  const [, digits] = /^#?([0-9]{1,15})$/.exec(name) ?? [];
  if (digits === undefined) return null;
  if (Number(digits) < view.size) return Number(digits);
  throw new OptoutError("not-found", `the log ends at #${view.size - 1}`, {
    hint: "optout history",
  });
}

/** The override of that name; null for a number under which something else stands. */
function standingAt(all: readonly Standing[], seq: number | null, name: string): Standing | null {
  if (seq === null) return findOverride(all, name, { command: "show" });
  return all.find(({ judged }) => judged.seq === seq) ?? null;
}

function rawOf(view: View, seq: number): string {
  return Buffer.from(view.at(seq)?.bytes ?? []).toString("utf8");
}

function notAnOverride(name: string): OptoutError {
  return new OptoutError("not-found", `${name} is a position, and not an override`, {
    hint: `optout show ${name} --raw`,
  });
}
