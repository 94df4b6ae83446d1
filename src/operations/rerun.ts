/**
 * Running again what is red, queued or hung where a fresh override applies. The intent is recorded
 * before anything is done, and what became of each request after it; the forge alone says how a run
 * stands, so that doing it again does only what is left.
 */
import type { UnixSeconds } from "../core/policy.ts";
import { covers, type Subject } from "../core/scope.ts";
import type { Scope } from "../core/statement.ts";
import type { View } from "../core/view.ts";
import type { ForgeApi, Job, Progress, Run, RunPlace } from "../forges/api.ts";
import { carryOut, type Outcome, type Waiting } from "./carry-out.ts";
import { writeNote } from "./note.ts";
import {
  planRun,
  planUnreported,
  stateOf,
  type Looked,
  type Patience,
  type Reason,
  type RunPlan,
} from "./rerun-plan.ts";
import type { Writer } from "./write.ts";

const daySeconds = 86_400;
/** Older runs are nobody's concern any more. */
const lookBackSeconds = 14 * daySeconds;
/** Runs whose jobs are asked for at the same time. */
const atOnce = 8;
/** Runs that one note names. */
const perNote = 100;

export const redProgress: readonly Progress[] = ["red", "cancelled"];
const anyProgress: readonly Progress[] = [
  ...redProgress,
  "queued",
  "running",
  "locked",
  "blocked",
  "manual",
  "unapproved",
];

/** A job of a CI file that asks optout about the stage. */
export interface Asker {
  /** Whose runs have it. */
  readonly files: readonly string[];
  readonly job: string | null;
  /** What runs call it where that is not `job`, with the forge's expressions. */
  readonly label: string | null;
  readonly isGate: boolean;
  /** Whether it needs another one that asks, and runs again with it. */
  readonly isBehind: boolean;
}

export interface RerunRequest {
  readonly reason: Reason;
  readonly scopes: readonly Scope[];
  readonly askers: readonly Asker[];
  readonly patience: Patience;
}

/** The runs of the places that the overrides are for. @throws what the forge's answers throw */
export function runsInScope(
  api: ForgeApi,
  { scopes, stage }: { readonly scopes: readonly Scope[]; readonly stage: string },
  { progress, now }: { readonly progress: readonly Progress[]; readonly now: UnixSeconds },
): Promise<readonly Run[]> {
  const isWanted = (place: RunPlace): boolean =>
    scopes.some((scope) => covers(scope, subjectAt(api, place, { scope, stage })));
  return api.runs({ isWanted, progress, since: now - lookBackSeconds });
}

/** Whether the run's file asks about the stage, as far as the forge names a file. */
export function isAsked(run: Run, askers: readonly Pick<Asker, "files">[]): boolean {
  const { file } = run;
  return file === null || askers.length === 0 || askers.some(({ files }) => files.includes(file));
}

/** What would be done about every run in scope. Sends nothing that changes anything. */
export async function planRerun(
  api: ForgeApi,
  request: RerunRequest,
  now: UnixSeconds,
): Promise<readonly RunPlan[]> {
  const { scopes, askers, reason } = request;
  const wanted = { scopes, stage: reason.stage };
  const runs = await runsInScope(api, wanted, { progress: anyProgress, now });
  const plans: RunPlan[] = [];
  const asked = runs.filter((run) => isAsked(run, askers));
  for (let first = 0; first < asked.length; first += atOnce) {
    const some = asked.slice(first, first + atOnce);
    const found = await Promise.all(some.map((run) => planOne(api, run, request, now)));
    plans.push(...found.filter((plan) => plan !== null));
  }
  return plans;
}

/**
 * The same about pull requests whose status `optout / STAGE` is demanded, and was never set: no run
 * of theirs asks. Only for places where a skip decides.
 */
export async function planStatuses(
  api: ForgeApi,
  { scopes, reason }: Pick<RerunRequest, "scopes" | "reason">,
  isOverruled: (subject: Subject) => boolean,
): Promise<readonly RunPlan[]> {
  const { stage } = reason;
  const isWanted = (place: RunPlace): boolean =>
    scopes.some((scope) => {
      const subject = subjectAt(api, place, { scope, stage });
      return covers(scope, subject) && !isOverruled(subject);
    });
  const found = await api.unreported(`optout / ${stage}`, isWanted);
  return found.map((one) => planUnreported(api, one, reason));
}

function subjectAt(
  { forge }: ForgeApi,
  place: RunPlace,
  { scope, stage }: { readonly scope: Scope; readonly stage: string },
): Subject {
  return { ...place, stage, environment: scope.environment ?? null, forge, run: null };
}

/** What would be done about one run, wherever it belongs; null where it needs nothing. */
export async function planOne(
  api: ForgeApi,
  run: Run,
  request: Pick<RerunRequest, "askers" | "patience" | "reason">,
  now: UnixSeconds,
): Promise<RunPlan | null> {
  const { askers, patience, reason } = request;
  const jobs = await api.jobs(run);
  const { file } = run;
  const here = askers.filter(({ files }) => file === null || files.includes(file));
  const looked: Looked = {
    run,
    jobs,
    asking: askingAmong(jobs, here),
    first: askingAmong(
      jobs,
      here.filter(({ isBehind }) => !isBehind),
    ),
    isGate: here.some((asker) => asker.isGate),
  };
  const state = stateOf(looked, now, patience);
  if (state === null) return null;
  const awaited = state === "blocked" ? await api.awaited(run) : [];
  return planRun(api, looked, state, { awaited, reason });
}

function askingAmong(jobs: readonly Job[], askers: readonly Asker[]): readonly Job[] {
  return jobs.filter((job) => !job.isTrigger && askers.some((asker) => isJobOf(job, asker)));
}

/**
 * `lint`, its legs `lint (20)` and `lint: [20]`, and `ci / lint` of a called workflow; the same of the
 * label, in which an expression stands for anything.
 */
function isJobOf({ name }: Job, { job, label }: Asker): boolean {
  if (job === null) return false;
  const called = (label ?? job)
    .split(/\$\{\{[^]*?\}\}/)
    .map((text) => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`))
    .join("[^]*");
  const leg = String.raw`(?: \([^]*\)|: \[[^]*\])?`;
  return new RegExp(`^(?:[^]* / )?${called}${leg}$`).test(name);
}

/** Records the intent, carries the plans out, records what became of them. */
export async function rerun(
  api: ForgeApi,
  plans: readonly RunPlan[],
  setting: {
    readonly writer: Writer;
    readonly view: View;
    readonly about: Readonly<Record<string, unknown>>;
    readonly waiting: Waiting;
  },
): Promise<Outcome> {
  const { writer, view, about, waiting } = setting;
  const doable = plans.filter(({ steps }) => steps.some(({ calls }) => calls.length > 0));
  const intents: string[] = [];
  for (let first = 0; first < doable.length; first += perNote) {
    const runs = doable.slice(first, first + perNote).map(({ run, state, steps }) => ({
      run: run.id,
      state,
      steps: steps.map(({ verb }) => verb),
    }));
    intents.push(
      await writeNote(writer, await current(writer, view, intents), {
        kind: "note.rerun-planned",
        members: { forge: api.forge, host: api.host, ...about, runs },
        title: `rerun of ${runs.length} runs planned (${writer.principal.id})`,
      }),
    );
  }
  const outcome = await carryOut(api, doable, waiting);
  for (const [i, planned] of intents.entries()) {
    const named = new Set(doable.slice(i * perNote, (i + 1) * perNote).map(({ run }) => run.id));
    const results = outcome.results.filter(({ run }) => named.has(run));
    await writeNote(writer, await writer.read(), {
      kind: "note.rerun-done",
      members: { planned, results: results.map(({ run, status }) => ({ run, status })) },
      title: `rerun done: ${results.length} requests (${writer.principal.id})`,
    });
  }
  return outcome;
}

async function current(writer: Writer, view: View, written: readonly string[]): Promise<View> {
  return written.length === 0 ? view : writer.read();
}
