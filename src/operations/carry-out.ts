/**
 * Carrying out what was planned about runs: request by request, waiting where one has to end first.
 * What became of each is told; nothing is recorded here.
 */
import { OptoutError } from "../core/errors.ts";
import type { ForgeApi, ForgeCall, Job, Progress, Run } from "../forges/api.ts";
import type { RunPlan, Step } from "./rerun-plan.ts";

export interface StepResult {
  readonly run: string;
  readonly call: ForgeCall;
  /** HTTP status; 0 where no answer came, so that nobody knows. */
  readonly status: number;
  readonly message: string | null;
}

export interface Outcome {
  readonly results: readonly StepResult[];
  /** Runs that had not ended when the time was over; doing it again goes on with them. */
  readonly unfinished: readonly string[];
}

/** How long to wait for runs to end. */
export interface Waiting {
  /** Milliseconds since the beginning. */
  elapsed(): number;
  sleep(milliseconds: number): Promise<void>;
  readonly budgetMilliseconds: number;
  /** After which a run that was cancelled is cancelled by force. */
  readonly forceMilliseconds: number;
  readonly pollMilliseconds: number;
}

interface Queue {
  readonly plan: RunPlan;
  left: RunPlan["steps"];
  readonly cancelledAt: number;
  forced: boolean;
}

/** Every run as far as it goes; then what had to end is looked at again, until all are done. */
export async function carryOut(
  api: ForgeApi,
  plans: readonly RunPlan[],
  waiting: Waiting,
): Promise<Outcome> {
  const results: StepResult[] = [];
  let queues: readonly Queue[] = plans.map((plan) => ({
    plan,
    left: plan.steps,
    cancelledAt: waiting.elapsed(),
    forced: false,
  }));
  for (;;) {
    for (const queue of queues) results.push(...(await advance(api, queue, waiting)));
    queues = queues.filter(({ left }) => left.length > 0);
    if (queues.length === 0 || waiting.elapsed() >= waiting.budgetMilliseconds) break;
    await waiting.sleep(waiting.pollMilliseconds);
  }
  return { results, unfinished: queues.map(({ plan }) => plan.run.id) };
}

async function advance(
  api: ForgeApi,
  queue: Queue,
  waiting: Waiting,
): Promise<readonly StepResult[]> {
  const results: StepResult[] = [];
  for (let step = queue.left[0]; step !== undefined; step = queue.left[0]) {
    if (!(await isReady(api, step, queue.plan.run))) {
      const isLate = waiting.elapsed() - queue.cancelledAt >= waiting.forceMilliseconds;
      if (step.verb === "await-end" && isLate && !queue.forced) {
        queue.forced = true;
        results.push(...(await sendAll(api, queue.plan.run, forced(api, queue.plan))));
      }
      return results;
    }
    const sent = await sendAll(api, queue.plan.run, step.calls);
    results.push(...sent);
    const isRefused = sent.some((result) => !isFine(result));
    queue.left = isRefused ? [] : queue.left.slice(1);
  }
  return results;
}

/** The same jobs, or the whole run, by force. */
function forced({ calls, forge }: ForgeApi, { run, steps }: RunPlan): readonly ForgeCall[] {
  if (forge === "github") return [calls.cancel(run, null, true)];
  return steps
    .filter(({ verb }) => verb === "cancel")
    .flatMap((step) => step.calls.map((call) => ({ ...call, body: { force: true } })));
}

/** Whether a step that waits has waited for long enough. */
async function isReady(api: ForgeApi, { verb, jobs }: Step, run: Run): Promise<boolean> {
  if (verb !== "await-end" && verb !== "await-jobs") return true;
  try {
    return verb === "await-end"
      ? ended.has((await api.run(run.id)).progress)
      : haveEndedAnew(jobs, await api.jobs(run));
  } catch (error) {
    if (error instanceof OptoutError && error.code === "unreachable") return false;
    throw error;
  }
}

const ended: ReadonlySet<Progress> = new Set(["red", "cancelled", "green"]);

/** A job that was started again has a number of its own, and the old one is not listed any more. */
function haveEndedAnew(before: readonly Job[], now: readonly Job[]): boolean {
  return before.every((old) =>
    now.some(({ id, name, progress }) => name === old.name && id !== old.id && ended.has(progress)),
  );
}

async function sendAll(
  api: ForgeApi,
  run: Run,
  calls: readonly ForgeCall[],
): Promise<readonly StepResult[]> {
  const results: StepResult[] = [];
  for (const call of calls) results.push({ run: run.id, call, ...(await send(api, call)) });
  return results;
}

/** A request that brought no answer may have been carried out; the others go on. */
async function send(
  api: ForgeApi,
  call: ForgeCall,
): Promise<Pick<StepResult, "status" | "message">> {
  try {
    return await api.send(call);
  } catch (error) {
    if (error instanceof OptoutError) return { status: 0, message: error.message };
    throw error;
  }
}

/** Done, or done already: cancelled though it has ended, run again or queued though it was. */
export function isFine({ status, message, call }: StepResult): boolean {
  if (status >= 200 && status < 300) return true;
  if (status === 409) return call.path.endsWith("cancel");
  if (status === 422) return call.path === "/graphql" && /already/i.test(message ?? "");
  return status === 403 && /already running/i.test(message ?? "");
}
