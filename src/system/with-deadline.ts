/**
 * A deadline for work that knows none.
 */
import { deadlineError, type Deadline } from "./deadline.ts";

/**
 * What the work comes to; it goes on where the deadline fires before, and nobody waits for it.
 * @param doing ends the sentence "the time ran out while …"
 * @throws `timeout`, or the reason of the abort, and what the work throws
 */
export function withDeadline<T>(
  deadline: Deadline | undefined,
  doing: string,
  work: Promise<T>,
): Promise<T> {
  if (deadline === undefined) return work;
  return new Promise((resolve, reject) => {
    const end = (): void => reject(deadlineError(deadline, doing));
    if (deadline.aborted) end();
    deadline.addEventListener("abort", end, { once: true });
    work.then(resolve, reject).finally(() => deadline.removeEventListener("abort", end));
  });
}
