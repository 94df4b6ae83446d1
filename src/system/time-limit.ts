/**
 * A deadline that stands still while a person is asked something.
 */
import type { OptoutError } from "../core/errors.ts";
import type { Deadline } from "./deadline.ts";

export interface TimeLimit {
  readonly deadline: Deadline;
  /** Runs `ask` without counting its time. */
  pausedFor<T>(ask: () => Promise<T>): Promise<T>;
  /** Fires now; whatever waits ends with the reason. */
  interrupt(reason: OptoutError): void;
  /** Fires never again. */
  close(): void;
}

/** Starts counting now. */
export function startTimeLimit(milliseconds: number): TimeLimit {
  const controller = new AbortController();
  let left = milliseconds;
  let startedAt = 0;
  let timer: NodeJS.Timeout | undefined;
  const start = (): void => {
    startedAt = Date.now();
    timer = setTimeout(() => controller.abort(), left);
    // waiting for the deadline alone must not keep the process alive
    timer.unref();
  };
  const stop = (): void => {
    clearTimeout(timer);
    left = Math.max(0, left - (Date.now() - startedAt));
  };
  start();
  return {
    deadline: controller.signal,
    pausedFor: async (ask) => {
      stop();
      try {
        return await ask();
      } finally {
        start();
      }
    },
    interrupt: (reason) => controller.abort(reason),
    close: stop,
  };
}
