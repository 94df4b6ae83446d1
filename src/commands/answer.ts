/**
 * The answer of a command that did something about several overrides: each as it stands now.
 */
import type { Standing } from "../core/state.ts";
import type { View } from "../core/view.ts";
import type { Io } from "../output/io.ts";
import { contextIn, overrideJson } from "../output/override-json.ts";
import { toldJson } from "../output/told-words.ts";
import { linesFor } from "../output/wrap.ts";
import type { Call } from "./command.ts";
import type { Openers, OpenLog } from "./openers.ts";
import { printOverrides } from "./print-overrides.ts";
import { sourceOf } from "./source.ts";
import { printTold, type Announced } from "./telling.ts";

/** How an override stands, and in which view. */
export interface Changed {
  readonly view: View;
  readonly standing: Standing;
}

export interface Answering {
  readonly log: OpenLog;
  readonly open: Openers;
  readonly announced: Announced;
}

interface Told<T> {
  readonly changed: readonly T[];
  readonly line: (one: T) => string;
  readonly after?: readonly string[];
}

/**
 * Says what was done, also where the next one could not be.
 * @param line of one override, for people; asked for only then
 * @param after what is true now of all of them, for people
 */
export async function answer<T extends Changed>(
  call: Call,
  io: Io,
  { log, open, announced }: Answering,
  { changed, line, after = [] }: Told<T>,
): Promise<void> {
  if (changed.length === 0) return;
  if (call.has("json")) {
    const source = await sourceOf(log, open);
    const objects = changed.map(({ view, standing }) => ({
      ...overrideJson(standing, contextIn(view, standing.judged, source)),
      told: toldJson(announced.told, standing.judged.statement.id),
    }));
    printOverrides(call, io, objects);
    return;
  }
  await printTold(call, io, announced);
  for (const one of changed) {
    io.out(`${call.has("quiet") ? one.standing.judged.statement.id : line(one)}\n`);
  }
  if (!call.has("quiet")) io.out(linesFor(io, after));
}
