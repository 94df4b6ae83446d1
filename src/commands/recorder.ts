/**
 * How a job records that it used an override: with a key that the policy gives to CI.
 */
import { OptoutError } from "../core/errors.ts";
import type { Subject } from "../core/scope.ts";
import type { Recorder } from "../operations/check.ts";
import type { Io } from "../output/io.ts";
import { titleOf } from "../output/title.ts";
import type { Openers, OpenLog } from "./openers.ts";
import { openWriter, type Limits } from "./writer.ts";

/** A use that the job depends on is worth waiting for, within the job's own deadline. */
const limits: Limits = { maxMilliseconds: 60_000, maxTries: Infinity };
/** A use that nothing depends on is not. */
export const bestEffort: Limits = { maxMilliseconds: 5000, maxTries: 3 };

/**
 * The recorder of this job.
 * @throws `no-key`, `key-unknown` where CI holds no key that the policy knows; `refused` where the
 *   key is a person's
 */
export async function recorderFor(
  open: Openers,
  log: OpenLog,
  io: Pick<Io, "now">,
  subject: Subject,
  patience: Limits = limits,
): Promise<Recorder> {
  const writer = await openWriter(open, log, io, { limits: patience });
  if (writer.principal.kind !== "ci") {
    throw new OptoutError("refused", `${writer.principal.id} is a person; uses are recorded by ci`);
  }
  const job = open.job();
  return {
    writer,
    title: titleOf,
    context: {
      stage: subject.stage,
      ref: job?.ref ?? "local",
      sha: subject.sha ?? "0".repeat(40),
      run: subject.run ?? "local",
      attempt: job?.attempt ?? 1,
      job: job?.job ?? "local",
      forge: subject.forge ?? "local",
      ...(subject.environment === null ? {} : { environment: subject.environment }),
    },
  };
}
