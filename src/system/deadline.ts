/**
 * A deadline is an `AbortSignal`: `AbortSignal.timeout(ms)`, or one that a signal handler aborts.
 *
 * When it fires, whatever waits ends with `timeout`; if it was aborted with an `OptoutError` as its
 * reason (`interrupted`), with that.
 */
import { OptoutError } from "../core/errors.ts";

export type Deadline = AbortSignal;

/** What to throw once the deadline has fired. `doing` ends the sentence "the time ran out while …". */
export function deadlineError(deadline: Deadline, doing: string): OptoutError {
  const reason: unknown = deadline.reason;
  if (reason instanceof OptoutError) return reason;
  return new OptoutError("timeout", `the time given ran out while ${doing}`, {
    hint: "try again, with a longer --timeout",
  });
}

/** @throws `timeout`, or the reason of the abort, when the deadline has fired */
export function assertInTime(deadline: Deadline | undefined, doing: string): void {
  if (deadline?.aborted === true) throw deadlineError(deadline, doing);
}

/**
 * Waits.
 * @throws `timeout`, or the reason of the abort, when the deadline fires meanwhile
 */
export async function sleep(
  milliseconds: number,
  deadline: Deadline | undefined,
  doing: string,
): Promise<void> {
  assertInTime(deadline, doing);
  await new Promise<void>((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      deadline?.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    deadline?.addEventListener("abort", end, { once: true });
  });
  assertInTime(deadline, doing);
}
