/**
 * The verdict over the jobs of a workflow: each one's result against what the log says of its stage.
 *
 * Forges count a job that was left out as a success. Here it is one only with a record: `skipped`
 * with a skip in force, `failure` with an allow-failure in force, `success` unless the stage is held.
 * Everything else is refused, a cancelled job always.
 *
 * Source: "needs context" in GitHub's documentation.
 */
import { OptoutError } from "../core/errors.ts";
import type { Action } from "../core/policy.ts";

export const jobResults = ["success", "failure", "cancelled", "skipped"] as const;
export type JobResult = (typeof jobResults)[number];

/** What a log says of a stage. */
export type Outcome = Action | "enforced";

const accepts: Readonly<Record<JobResult, (outcome: Outcome) => boolean>> = {
  success: (outcome) => outcome !== "hold",
  skipped: (outcome) => outcome === "skip",
  failure: (outcome) => outcome === "allow-failure",
  cancelled: () => false,
};

/** Whether the result of a job is one to go on with. A job without a stage must have succeeded. */
export function isAccepted(result: JobResult, outcome: Outcome): boolean {
  return accepts[result](outcome);
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
