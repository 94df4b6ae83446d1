/**
 * What to do about a run so that a fresh override reaches it, by its state: the two tables, and the
 * forge's requests that they come to. Nothing is sent here.
 */
import type { ForgeName } from "../core/forge-name.ts";
import type { UnixSeconds } from "../core/policy.ts";
import type {
  Awaited,
  CommitStatus,
  ForgeApi,
  ForgeCall,
  Job,
  Run,
  Unreported,
} from "../forges/api.ts";

export type RunState =
  | "red"
  | "cancelled"
  /** Queued for so long that no runner seems to come. */
  | "queued"
  /** At work for so long that it seems to hang. */
  | "hung"
  /** It waits for a lock that another run holds. */
  | "locked"
  /** It waits for the review of an environment. */
  | "blocked"
  | "manual"
  /** Its image could not be had, so that nothing in it could ask. */
  | "lacks-image"
  /** A pipeline that it started is red. */
  | "child-red"
  /** The merge queue has dropped its change. */
  | "ejected"
  /** A maintainer has to let it start. */
  | "unapproved"
  /** No run of it says anything of a status that its branch demands. */
  | "unreported";

export type Verb =
  | "cancel"
  | "await-end"
  /** Until the jobs that were run again have ended. */
  | "await-jobs"
  | "rerun"
  /** The pipelines that its jobs start, anew. */
  | "restart"
  | "new-run"
  | "play"
  | "review"
  | "status"
  | "enqueue"
  /** Only a person can; the link says where. */
  | "link"
  /** The run that holds the lock is dealt with, and this one goes on. */
  | "leave";

/** The tables: every state of a run, and what brings a fresh override to it. */
const steps: Readonly<Record<ForgeName, Readonly<Record<RunState, readonly Verb[]>>>> = {
  github: {
    red: ["rerun"],
    cancelled: ["rerun"],
    queued: ["cancel", "await-end", "rerun"],
    hung: ["cancel", "await-end", "rerun"],
    locked: ["leave"],
    blocked: ["review"],
    manual: ["link"],
    "lacks-image": ["rerun"],
    "child-red": ["rerun"],
    ejected: ["enqueue"],
    // to let strangers' code run is for people
    unapproved: ["link"],
    unreported: ["status"],
  },
  gitlab: {
    red: ["rerun"],
    // cancelled is no success there
    cancelled: ["rerun"],
    queued: ["cancel", "await-end", "status"],
    hung: ["cancel", "await-end", "rerun"],
    locked: ["leave"],
    blocked: ["review", "play"],
    manual: ["play"],
    "lacks-image": ["new-run"],
    "child-red": ["rerun", "await-jobs", "restart"],
    ejected: ["enqueue"],
    unapproved: ["link"],
    unreported: ["status"],
  },
};

/** After how many seconds a run is taken for stuck. */
export interface Patience {
  readonly queued: number;
  readonly running: number;
}

/** A run, with what its jobs have to do with the stage. */
export interface Looked {
  readonly run: Run;
  /** Those that ask optout about the stage, as far as their names tell. */
  readonly asking: readonly Job[];
  /** Those of them that no other one of them runs again with it: the gate, and not what needs it. */
  readonly first: readonly Job[];
  readonly jobs: readonly Job[];
  /** Whether the asking job decides for others (a gate), so that its own success says nothing. */
  readonly isGate: boolean;
}

/** The state that something is to be done about; null where the run needs nothing. */
export function stateOf(looked: Looked, now: UnixSeconds, patience: Patience): RunState | null {
  const { run, asking, isGate } = looked;
  const isDone = !isGate && asking.length > 0 && asking.every((job) => job.progress === "green");
  if (isDone) return null;
  const isOver = (limit: number, since: UnixSeconds): boolean => since > 0 && now - since >= limit;
  return byProgress[run.progress](looked, {
    isQueuedLong: (since) => isOver(patience.queued, since),
    isRunningLong: (since) => isOver(patience.running, since),
  });
}

interface Ages {
  readonly isQueuedLong: (since: UnixSeconds) => boolean;
  readonly isRunningLong: (since: UnixSeconds) => boolean;
}

const byProgress: Readonly<
  Record<Run["progress"], (looked: Looked, ages: Ages) => RunState | null>
> = {
  green: () => null,
  red: redState,
  running: runningState,
  queued: ({ run }, { isQueuedLong }) => (isQueuedLong(run.since) ? "queued" : null),
  manual: ({ asking }) => (asking.some(isManual) ? "manual" : null),
  unapproved: () => "unapproved",
  cancelled: () => "cancelled",
  locked: () => "locked",
  blocked: () => "blocked",
};

function runningState({ run, asking }: Looked, ages: Ages): RunState | null {
  const isStuck = (job: Job): boolean => job.progress === "queued" && ages.isQueuedLong(job.since);
  if (asking.some(isStuck)) return "queued";
  return ages.isRunningLong(run.since) ? "hung" : null;
}

function isManual(job: Job): boolean {
  return job.progress === "manual";
}

function redState({ run, asking, jobs }: Looked): RunState {
  if (run.origin === "queue") return "ejected";
  if (asking.some((job) => job.lacksImage)) return "lacks-image";
  return jobs.some((job) => job.isTrigger && job.progress === "red") ? "child-red" : "red";
}

/** A step, and the requests that it comes to; none for what only waits or tells. */
export interface Step {
  readonly verb: Verb;
  readonly calls: readonly ForgeCall[];
  /** Those that are waited for. */
  readonly jobs: readonly Job[];
}

export interface RunPlan {
  readonly run: Run;
  readonly state: RunState;
  readonly steps: readonly Step[];
}

/** What the steps need to know beside the run. */
export interface Reason {
  readonly stage: string;
  readonly environment: string | null;
  /** For reviews and statuses: `skipped by #412: optout show 412`. */
  readonly words: string;
  /** Whether the override lets the stage be left out, so that a status may say so. */
  readonly isSkip: boolean;
  /** The branch that holds the log; null where it is kept elsewhere. */
  readonly logBranch: string | null;
}

export function planRun(
  api: Api,
  looked: Looked,
  state: RunState,
  { awaited, reason }: { readonly awaited: readonly Awaited[]; readonly reason: Reason },
): RunPlan {
  const isChild = state === "child-red";
  // what nothing of the parent asks about is asked in the child
  const verbs = isChild && looked.asking.length === 0 ? onlyRestart : steps[api.forge][state];
  const left = verbs.map((verb) => possible(verb, looked, { awaited, reason }));
  const planned = [...new Set(left)].map((verb) => ({
    verb,
    calls: callsOf[verb](api, looked, { awaited, reason }),
    jobs: verb === "await-jobs" ? looked.asking : [],
  }));
  return { run: looked.run, state, steps: planned };
}

const onlyRestart: readonly Verb[] = ["restart"];

/** The status that is demanded, with a link to the branch that tells of the override. */
export function planUnreported(
  { calls }: Api,
  { pr, url, place }: Unreported,
  { stage, words, logBranch }: Reason,
): RunPlan {
  const call = calls.status({
    sha: place.sha ?? "",
    context: `optout / ${stage}`,
    state: "success",
    description: words,
    url: logBranch === null ? url : url.replace(/\/pull\/\d+$/, `/commits/${logBranch}`),
  });
  const run: Run = {
    id: `pull/${pr}`,
    name: `pull request ${pr}`,
    url,
    file: null,
    place,
    origin: "pull",
    queued: null,
    progress: "queued",
    since: 0,
    ref: place.head ?? "",
  };
  return { run, state: "unreported", steps: [{ verb: "status", calls: [call], jobs: [] }] };
}

interface Means {
  readonly awaited: readonly Awaited[];
  readonly reason: Reason;
}

/** The step, or what is left of it where it cannot be done, or should not by a program. */
function possible(verb: Verb, { asking, run }: Looked, { awaited, reason }: Means): Verb {
  if (verb === "review") return reviewable(awaited, reason).length > 0 ? "review" : "link";
  if (verb === "play") return asking.some(isManual) ? "play" : "link";
  if (verb === "status") return reason.isSkip && asking.length > 0 ? "status" : "new-run";
  if (verb === "enqueue") return run.queued === null ? "link" : "enqueue";
  return verb === "rerun" && run.origin === "queue" ? "link" : verb;
}

type Api = Pick<ForgeApi, "forge" | "calls">;
type CallsOf = (api: Api, looked: Looked, means: Means) => readonly ForgeCall[];

const none: CallsOf = () => [];

const callsOf: Readonly<Record<Verb, CallsOf>> = {
  cancel: ({ calls, forge }, { run, asking }) =>
    forge === "github" || asking.length === 0
      ? [calls.cancel(run, null, false)]
      : asking.filter(isAtWork).map((job) => calls.cancel(run, job, false)),
  rerun: ({ calls, forge }, { run, asking, first }) => {
    const among = forge === "github" ? first : asking;
    const again = among.filter((job) => !isManual(job));
    // GitHub refuses a second job of a run that the first has started again
    const isByJob = forge === "gitlab" ? again.length > 0 : again.length === 1;
    return isByJob ? again.map((job) => calls.rerunJob(job)) : [calls.rerunRun(run)];
  },
  restart: ({ calls }, { jobs }) =>
    jobs.filter((job) => job.isTrigger && job.progress === "red").map((job) => calls.rerunJob(job)),
  enqueue: ({ calls }, { run }) => (run.queued === null ? [] : [calls.enqueue(run.queued)]),
  "new-run": ({ calls }, { run }) => [calls.rerunRun(run)],
  play: ({ calls }, { asking }) => asking.filter(isManual).flatMap((job) => calls.play(job) ?? []),
  review: ({ calls }, { run }, { awaited, reason }) =>
    reviewable(awaited, reason).map((one) => calls.review(run, one, reason.words)),
  status: ({ calls }, { run, asking }, { reason }) =>
    asking.map((job) => calls.status(statusOf(run, job, reason))),
  "await-end": none,
  "await-jobs": none,
  link: none,
  leave: none,
};

const isAtWork = (job: Job): boolean => ["queued", "running", "locked"].includes(job.progress);

/** Only the environment of the very stage that the override is about. */
function reviewable(awaited: readonly Awaited[], { environment }: Reason): readonly Awaited[] {
  return awaited.filter((one) => one.mayReview && one.environment === environment);
}

function statusOf(run: Run, job: Job, { words }: Reason): CommitStatus {
  return {
    sha: run.place.sha ?? "",
    context: job.name,
    state: "success",
    description: words,
    url: run.url,
    pipeline: run.id,
    ref: run.ref,
  };
}
