/**
 * How a job records that it used an override: with a key that the policy gives to CI.
 */
import { OptoutError } from "../core/errors.ts";
import type { Subject } from "../core/scope.ts";
import type { UseContext } from "../core/statement.ts";
import type { Recorder } from "../operations/check.ts";
import type { Io } from "../output/io.ts";
import { titleOf } from "../output/title.ts";
import type { Openers, OpenLog } from "./openers.ts";
import { openWriter, type Limits } from "./writer.ts";

/** A use that nothing depends on is not worth the time that others are given. */
export const bestEffort: Limits = { maxMilliseconds: 5000, maxTries: 3 };

export interface JobAtWork {
  readonly open: Openers;
  readonly log: OpenLog;
  readonly io: Pick<Io, "now">;
  readonly subject: Subject;
}

/**
 * The recorder of this job.
 * @throws `no-key`, `key-unknown` where CI holds no key that the policy knows; `refused` where the
 *   key is a person's
 */
export async function recorderFor(
  { open, log, io, subject }: JobAtWork,
  limits?: Limits,
): Promise<Recorder> {
  const writer = await openWriter(open, log, io, limits === undefined ? {} : { limits });
  if (writer.principal.kind !== "ci") {
    throw new OptoutError("refused", `${writer.principal.id} is a person; uses are recorded by ci`);
  }
  return {
    writer,
    title: (statement) => titleOf(statement),
    context: await contextOf(open, subject),
  };
}

async function contextOf(open: Openers, subject: Subject): Promise<UseContext> {
  const { stage, sha, run, forge, environment } = subject;
  const local = { ref: "local", attempt: 1, job: "local" };
  const { ref, attempt, job } = (await open.job()) ?? local;
  return {
    stage,
    ref,
    sha: sha ?? "0".repeat(40),
    run: run ?? "local",
    attempt,
    job,
    forge: forge ?? "local",
    ...(environment === null ? {} : { environment }),
  };
}
