/**
 * `optout show`: one override as a card with its timeline, or a position's exact bytes.
 */
import { OptoutError } from "../core/errors.ts";
import { exitStatus } from "../core/exit.ts";
import { standings, type Standing } from "../core/state.ts";
import type { View } from "../core/view.ts";
import { formerOverrides } from "../log/former-authors.ts";
import { findOverride } from "../operations/find.ts";
import { cardLines, positionLines } from "../output/card.ts";
import type { Io } from "../output/io.ts";
import { contextIn, overrideJson, sourceFor } from "../output/override-json.ts";
import { linesFor } from "../output/wrap.ts";
import type { Call } from "./command.ts";
import { everyPosition, wholeView } from "./history.ts";
import type { Openers } from "./openers.ts";
import { paintOut } from "./paint.ts";
import { printOverrides } from "./print-overrides.ts";
import { sourceOf } from "./source.ts";

export async function show(call: Call, io: Io, open: Openers): Promise<number> {
  const [log, defaultBranch] = await Promise.all([open.log(), open.defaultBranch()]);
  const name = call.args[0] ?? "";
  if (call.has("raw")) {
    const view = await everyPosition(log);
    const seq = positionNamed(name, view) ?? seqOf(standings(view, io.now(), defaultBranch), name);
    io.out(`${rawOf(view, seq)}\n`);
    return exitStatus("ok");
  }
  const view = await wholeView(log);
  const seq = positionNamed(name, view);
  const { proven } = await formerOverrides(view, () => open.history(log), io.now());
  const former = new Map(proven.map((one) => [one.standing, one.view]));
  const all = [...standings(view, io.now(), defaultBranch), ...former.keys()];
  const standing = standingAt(all, seq, name);
  const context = { now: io.now(), zone: io.zone, paint: await paintOut(call, io) };
  if (standing === null) {
    if (call.has("json")) throw notAnOverride(name);
    const reading = view.at(seq ?? 0);
    if (reading !== undefined) {
      io.out(linesFor(io, positionLines(reading, { ...context, view })));
    }
    return exitStatus("ok");
  }
  const own = former.get(standing) ?? view;
  const source = sourceFor(standing, await sourceOf(log, open));
  const object = overrideJson(standing, contextIn(own, standing.judged, source));
  if (call.has("json")) printOverrides(call, io, [object]);
  else io.out(linesFor(io, cardLines(standing, object, { ...context, view: own })));
  return exitStatus("ok");
}

const seqOf = (all: readonly Standing[], name: string): number =>
  findOverride(all, name, { command: "show" }).judged.seq;

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
