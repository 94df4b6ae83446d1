/**
 * Which jobs ask about one stage, and what keeps that from being told.
 */
import type { Action } from "../core/policy.ts";
import { asksForOthers, obeyedBy, passing } from "./obeying.ts";
import { mayRun, mayRunSomewhere, type RunPlace } from "./runs.ts";
import type { Ask, CiJob, Wiring } from "./wiring.ts";

/** Nobody asks only where there are neither asks nor a doubt. */
export interface Asked {
  readonly asks: readonly PlacedAsk[];
  /** Asks of jobs that the files keep from running there. */
  readonly notRun: readonly PlacedAsk[];
  /** Why there may be asks that are not seen; null where there is no reason to think so. */
  readonly doubt: string | null;
  /** The jobs that need one that asks, or another one behind it. */
  readonly behind: readonly Pick<CiJob, "file" | "name">[];
}

export interface PlacedAsk extends Ask {
  /** What a run calls its job, beside the name. */
  readonly label: string | null;
  /** The files whose runs have its job: the job's own, and those that call it. */
  readonly runFiles: readonly string[];
  /** Whether its job needs another one that asks too, and so runs again with it. */
  readonly isBehind: boolean;
  /** What is done as it says; of a gate's answer by all jobs that are seen to go by it. */
  readonly obeys: readonly Action[];
}

/**
 * What the files of all these trees ask about the stage.
 * @param place where the override is to count; null for everywhere
 */
export function askedAbout(
  stage: string,
  wirings: readonly Wiring[],
  place: RunPlace | null,
): Asked {
  const all = wirings.flatMap(({ asks }) => asks);
  const jobs = new Map(
    wirings.flatMap((wiring) => wiring.jobs.flatMap((job) => job.asks.map((ask) => [ask, job]))),
  );
  const runs = (ask: Ask): boolean => {
    const job = jobs.get(ask);
    return job === undefined || runsAt(job, place);
  };
  const seen = all.filter((ask) => ask.stage === stage && isSeenToRun(ask));
  const asks = seen.filter(runs);
  const asking = new Set(asks.flatMap((ask) => jobs.get(ask) ?? []));
  const after = new Set(wirings.flatMap((wiring) => [...jobsAfter(asking, wiring)]));
  const behind = wirings.flatMap((wiring) =>
    wiring.jobs.filter((job) => after.has(job) && !asking.has(job)),
  );
  const everyJob = wirings.flatMap((wiring) => wiring.jobs);
  const isHoldLost = wirings.some((wiring) =>
    wiring.jobs.some((job) => runsAt(job, place) && passing("hold", stage, job, wiring) !== null),
  );
  const placed = (ask: Ask): PlacedAsk => {
    const job = jobs.get(ask);
    const isBehind = job !== undefined && after.has(job);
    const runFiles = [...filesWith(job?.file ?? ask.file, everyJob)];
    const lost = isHoldLost && asksForOthers(ask) ? "hold" : null;
    const obeys = obeyedBy(ask).filter((action) => action !== lost);
    return { ...ask, label: job?.label ?? null, runFiles, isBehind, obeys };
  };
  return {
    asks: asks.map(placed),
    notRun: seen.filter((ask) => !runs(ask)).map(placed),
    doubt: asks.length > 0 ? null : doubtOf(stage, all, wirings),
    behind: behind.map(({ file, name }) => ({ file, name })),
  };
}

const runsAt = ({ when }: CiJob, place: RunPlace | null): boolean =>
  place === null ? mayRunSomewhere(when) : mayRun(when, place);

/** The file, and those with jobs that call it, at whatever distance. */
function filesWith(file: string, jobs: readonly CiJob[]): ReadonlySet<string> {
  const files = new Set([file]);
  // a set takes in what is added while it is gone through
  for (const called of files) {
    for (const job of jobs) if (job.calls === called) files.add(job.file);
  }
  return files;
}

/**
 * The jobs that need one that asks, at whatever distance; of those that ask themselves too. Who needs
 * a job that calls a workflow needs the jobs of that.
 */
function jobsAfter(asking: ReadonlySet<CiJob>, { jobs }: Wiring): ReadonlySet<CiJob> {
  const after = new Set<CiJob>();
  const calling = new Set<CiJob>();
  for (let before = -1; before < after.size + calling.size;) {
    before = after.size + calling.size;
    const reached = jobs.filter((job) => asking.has(job) || after.has(job) || calling.has(job));
    const files = new Set(reached.map(({ file }) => file));
    const names = new Set(reached.map(({ file, name }) => keyOf(file, name)));
    for (const job of jobs) {
      if (job.calls !== null && files.has(job.calls)) calling.add(job);
      if (job.needs.some((need) => names.has(keyOf(job.file, need)))) after.add(job);
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
  const loose = all.find((ask) => ask.stage === stage && !isSeenToRun(ask));
  if (loose !== undefined) return `no job is seen to run ${loose.file}:${loose.line}, which does`;
  const unnamed = all.find((ask) => ask.stage === null && ask.job !== null);
  if (unnamed !== undefined) {
    return `${unnamed.file}:${unnamed.line} names its stage only when it runs`;
  }
  const [unseen] = wirings.flatMap((wiring) => wiring.unseen);
  if (unseen === undefined) return null;
  return `${unseen.file}:${unseen.line} takes in ${unseen.what}, which is not read`;
}
