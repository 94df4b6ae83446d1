/**
 * Which jobs ask about one stage, and what keeps that from being told.
 */
import type { Ask, CiJob, Wiring } from "./wiring.ts";

/** Nobody asks only where there are neither asks nor a doubt. */
export interface Asked {
  readonly asks: readonly PlacedAsk[];
  /** Why there may be asks that are not seen; null where there is no reason to think so. */
  readonly doubt: string | null;
  /** The jobs that need one that asks, or another one behind it. */
  readonly behind: readonly Pick<CiJob, "file" | "name">[];
}

export interface PlacedAsk extends Ask {
  /** Whether its job needs another one that asks too, and so runs again with it. */
  readonly isBehind: boolean;
}

/** What the files of all these trees ask about the stage. */
export function askedAbout(stage: string, wirings: readonly Wiring[]): Asked {
  const all = wirings.flatMap(({ asks }) => asks);
  const asks = all.filter((ask) => ask.stage === stage && isSeenToRun(ask));
  const after = new Set(wirings.flatMap((wiring) => [...jobsAfter(asks, wiring)]));
  return {
    asks: asks.map((ask) => ({ ...ask, isBehind: after.has(keyOf(ask.file, ask.job ?? "")) })),
    doubt: asks.length > 0 ? null : doubtOf(stage, all, wirings),
    behind: wirings.flatMap((wiring) => jobsBehind(asks, wiring)),
  };
}

/** Jobs of the same file that do not ask; each once, in the order of the file. */
function jobsBehind(asks: readonly Ask[], wiring: Wiring): Asked["behind"] {
  const after = jobsAfter(asks, wiring);
  const asking = new Set(asks.map(({ file, job }) => keyOf(file, job ?? "")));
  return wiring.jobs
    .filter(({ file, name }) => after.has(keyOf(file, name)) && !asking.has(keyOf(file, name)))
    .map(({ file, name }) => ({ file, name }));
}

/** The jobs that need one that asks, at whatever distance; of those that ask themselves too. */
function jobsAfter(asks: readonly Ask[], { jobs }: Wiring): ReadonlySet<string> {
  const asking = new Set(asks.flatMap(({ file, job }) => (job === null ? [] : keyOf(file, job))));
  const after = new Set<string>();
  for (let before = -1; before < after.size;) {
    before = after.size;
    for (const { file, name, needs } of jobs) {
      const keys = needs.map((need) => keyOf(file, need));
      if (keys.some((key) => asking.has(key) || after.has(key))) after.add(keyOf(file, name));
    }
  }
  return after;
}

const keyOf = (file: string, name: string): string => JSON.stringify([file, name]);

/** A component brings its own jobs. */
const isSeenToRun = ({ job, form }: Ask): boolean => job !== null || form === "component";

function doubtOf(stage: string, all: readonly Ask[], wirings: readonly Wiring[]): string | null {
  const [unreadable] = wirings.flatMap((wiring) => wiring.unreadable);
  if (unreadable !== undefined) {
    return `${unreadable.file}:${unreadable.line} cannot be read: ${unreadable.why}`;
  }
  const loose = all.find((ask) => ask.stage === stage);
  if (loose !== undefined) return `no job is seen to run ${loose.file}:${loose.line}, which does`;
  const unnamed = all.find((ask) => ask.stage === null && ask.job !== null);
  if (unnamed !== undefined) {
    return `${unnamed.file}:${unnamed.line} names its stage only when it runs`;
  }
  const [unseen] = wirings.flatMap((wiring) => wiring.unseen);
  if (unseen === undefined) return null;
  return `${unseen.file}:${unseen.line} takes in ${unseen.what}, which is not read`;
}
