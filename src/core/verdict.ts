/**
 * The verdict over the jobs of a workflow: each one's result against what the log says of its stage.
 *
 * Forges count a job that was left out as a success. Here it is one only with a record: `skipped`
 * with a skip in force, `failure` with an allow-failure in force, `success` unless the stage is held.
 * Everything else is refused, a cancelled job always.
 *
 * Source: "needs context" in GitHub's documentation.
 */
import { OptoutError } from "./errors.ts";
import type { Outcome } from "./decide.ts";

export const jobResults = ["success", "failure", "cancelled", "skipped"] as const;
export type JobResult = (typeof jobResults)[number];

const accepts: Readonly<Record<JobResult, (outcome: Outcome) => boolean>> = {
  success: (outcome) => outcome !== "hold" && outcome !== "frozen",
  skipped: (outcome) => outcome === "skip",
  failure: (outcome) => outcome === "allow-failure",
  cancelled: () => false,
};

/** The id of a job, and the stage that it is. */
export interface StageJob {
  readonly job: string;
  readonly stage: string;
}

export interface JudgedJob {
  readonly job: string;
  /** Null for a job that is no stage: it must have succeeded. */
  readonly stage: string | null;
  readonly result: JobResult;
  readonly outcome: Outcome;
  readonly isAccepted: boolean;
}

/**
 * Each job that is needed, judged.
 * @param gates jobs whose results say nothing: where the gate broke, every stage ran
 * @throws `usage` when a job of a stage is not among the results, or nothing is left to judge
 */
export function judgeJobs(
  results: ReadonlyMap<string, JobResult>,
  stageJobs: readonly StageJob[],
  outcomes: ReadonlyMap<string, Outcome>,
  gates: readonly string[],
): readonly JudgedJob[] {
  const missing = stageJobs.find(({ job }) => !results.has(job));
  if (missing !== undefined) {
    throw new OptoutError("usage", `needs names no job ${JSON.stringify(missing.job)}`, {
      hint: `needs: [${[...results.keys(), missing.job].join(", ")}]`,
    });
  }
  const judged = [...results].flatMap(([job, result]) => {
    const own = stageJobs.filter((one) => one.job === job);
    if (own.length === 0) return gates.includes(job) ? [] : [judge({ job, stage: null }, result)];
    return own.map((one) => judge(one, result, outcomes.get(one.stage)));
  });
  if (judged.length > 0) return judged;
  throw unread("it names no job but the gate");
}

function judge(
  { job, stage }: { readonly job: string; readonly stage: string | null },
  result: JobResult,
  outcome: Outcome = "enforced",
): JudgedJob {
  return { job, stage, result, outcome, isAccepted: accepts[result](outcome) };
}

/**
 * The jobs that GitHub's `toJSON(needs)` names, with their results.
 * @throws `usage` when the text is anything else, or names no job
 */
export function readNeeds(text: string): ReadonlyMap<string, JobResult> {
  const jobs = new Map(
    Object.entries(objectIn(text)).map(([job, needed]) => [job, resultOf(job, needed)] as const),
  );
  if (jobs.size > 0) return jobs;
  throw unread("it names no job");
}

function objectIn(text: string): object {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw unread("it is not JSON");
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  throw unread("it is not an object");
}

function resultOf(job: string, needed: unknown): JobResult {
  const told: unknown =
    typeof needed === "object" && needed !== null && "result" in needed ? needed.result : undefined;
  const result = jobResults.find((known) => known === told);
  if (result !== undefined) return result;
  throw unread(`the result of ${JSON.stringify(job)} is none of ${jobResults.join(", ")}`);
}

function unread(why: string): OptoutError {
  return new OptoutError("usage", `the jobs to judge cannot be read: ${why}`, {
    hint: 'optout verdict lint --needs "$NEEDS"   with NEEDS: ${{ toJSON(needs) }} in env',
  });
}
