/**
 * Asking the remote before the program is read: the clone's settings, then the trusted ref and the
 * log in one fetch. Nothing is decided here, and whoever goes on takes only what the fetch brought.
 */
import { gitReadsAtOnce, policyPath, quickTimeout } from "./asked-of-remotes.ts";
import { readClone, type Clone } from "./system/clone.ts";
import { readTogether, type Together } from "./system/read-together.ts";
import { startTimeLimit, type TimeLimit } from "./system/time-limit.ts";

export interface Ahead {
  /** What was asked is of the clone around it. */
  readonly directory: string;
  readonly clone: Promise<Clone>;
  /** As `readTogether`; null where the clone has no remote. */
  readonly together: Promise<Together | null>;
  /** That of the whole command. */
  readonly limit: TimeLimit;
  /** When git is at work, or there is nothing to wait for. */
  readonly underWay: Promise<void>;
}

/** Begins to ask for the clone around the directory. Never throws; failures are the promises'. */
export function beginAhead(directory: string): Ahead {
  const limit = startTimeLimit(quickTimeout * 1000);
  const { deadline } = limit;
  const clone = readClone(directory, { deadline });
  const together = clone.then((found) =>
    found.remote === null
      ? null
      : readTogether(
          { clone: found, count: gitReadsAtOnce, path: policyPath },
          { interactive: false, deadline },
        ),
  );
  // whoever awaits them sees their failures; a line that is not even a right one never does
  together.catch(() => undefined);
  const underWay = clone.then(
    () => undefined,
    () => undefined,
  );
  return { directory, clone, together, limit, underWay };
}
