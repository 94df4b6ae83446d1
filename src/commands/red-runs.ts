/**
 * How many runs a fresh override could turn: told at the end of a skip, where somebody is signed in and
 * the forge answers in time. Its failure is nobody's.
 */
import type { Scope } from "../core/statement.ts";
import type { Io } from "../output/io.ts";
import type { Effect } from "./effect.ts";
import type { Openers } from "./openers.ts";

interface Wanted {
  readonly stage: string;
  readonly scope: Scope;
}

/** Milliseconds that people wait for a number. */
const limit = 4000;

/** By stage; stages of which nothing is known are left out. Never throws. */
export async function countRedRuns(
  wanted: readonly Wanted[],
  effects: Promise<ReadonlyMap<string, readonly Effect[]>>,
  { open, io }: { readonly open: Openers; readonly io: Pick<Io, "now"> },
): Promise<ReadonlyMap<string, number>> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<ReadonlyMap<string, number>>((resolve) => {
    timer = setTimeout(() => resolve(new Map()), limit);
  });
  const counted = count(wanted, effects, { open, io }).catch(() => new Map<string, number>());
  try {
    return await Promise.race([counted, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function count(
  wanted: readonly Wanted[],
  effects: Promise<ReadonlyMap<string, readonly Effect[]>>,
  { open, io }: { readonly open: Openers; readonly io: Pick<Io, "now"> },
): Promise<ReadonlyMap<string, number>> {
  const api = await open.forge();
  const { isAsked, redProgress, runsInScope } = await import("../operations/rerun.ts");
  const counts = wanted.map(async ({ stage, scope }): Promise<readonly [string, number]> => {
    const setting = { progress: redProgress, now: io.now() };
    const runs = await runsInScope(api, { stage, scopes: [scope] }, setting);
    const asks = ((await effects).get(stage) ?? []).flatMap((effect) => effect.asks);
    const askers = asks.map(({ runFiles }) => ({ files: runFiles }));
    return [stage, askers.length === 0 ? 0 : runs.filter((run) => isAsked(run, askers)).length];
  });
  return new Map(await Promise.all(counts));
}
