/**
 * Which jobs ask about one stage, and what keeps that from being told.
 */
import type { Ask, CiJob, Wiring } from "./wiring.ts";

/** Nobody asks only where there are neither asks nor a doubt. */
export interface Asked {
  readonly asks: readonly Ask[];
  /** Why there may be asks that are not seen; null where there is no reason to think so. */
  readonly doubt: string | null;
  /** The jobs that need one that asks, or another one behind it. */
  readonly behind: readonly Pick<CiJob, "file" | "name">[];
}

/** What the files of all these trees ask about the stage. */
export function askedAbout(stage: string, wirings: readonly Wiring[]): Asked {
  const all = wirings.flatMap(({ asks }) => asks);
  const asks = all.filter((ask) => ask.stage === stage && isSeenToRun(ask));
  return {
    asks,
    doubt: asks.length > 0 ? null : doubtOf(stage, all, wirings),
    behind: wirings.flatMap((wiring) => jobsBehind(asks, wiring)),
  };
}

/** Jobs of the same file; each once, in the order of the file. */
function jobsBehind(asks: readonly Ask[], { jobs }: Wiring): Asked["behind"] {
  const keyOf = (file: string, name: string): string => JSON.stringify([file, name]);
  const reached = new Set(asks.flatMap(({ file, job }) => (job === null ? [] : keyOf(file, job))));
  const asking = new Set(reached);
  for (let before = -1; before < reached.size;) {
    before = reached.size;
    for (const { file, name, needs } of jobs) {
      if (needs.some((need) => reached.has(keyOf(file, need)))) reached.add(keyOf(file, name));
    }
  }
  return jobs
    .filter(({ file, name }) => reached.has(keyOf(file, name)) && !asking.has(keyOf(file, name)))
    .map(({ file, name }) => ({ file, name }));
}

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
