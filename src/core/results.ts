/**
 * How the runs ended that used an override, as far as their jobs recorded it. An override changes what
 * becomes of a result, and never the result.
 */
import type { Judged } from "./judge.ts";
import { counted, type View } from "./view.ts";

export interface Results {
  /** Runs whose result is on record. */
  readonly recorded: number;
  /** Those of them that would have passed without the override. */
  readonly passed: number;
}

/** As far as the view reaches. A run with several results passed where each of them did. */
export function resultsOf(view: View, { statement, digest }: Judged): Results {
  const passed = new Map<string, boolean>();
  for (const reading of view.where("override", statement.id)) {
    const use = counted(view, reading)?.statement;
    if (use?.kind !== "override.used" || use.result === undefined) continue;
    if (use.digest !== digest) continue;
    const { forge, run, stage } = use.context;
    const key = JSON.stringify([forge, run, stage]);
    passed.set(key, use.result === 0 && passed.get(key) !== false);
  }
  return { recorded: passed.size, passed: [...passed.values()].filter(Boolean).length };
}
