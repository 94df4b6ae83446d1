/**
 * A log that contradicts itself is no answer: the failure of whatever command read it.
 */
import type { Contradiction } from "../core/contradiction.ts";
import { OptoutError } from "../core/errors.ts";
import type { OpenLog } from "./openers.ts";

export function distrust({ store }: OpenLog, { code, seq, detail }: Contradiction): OptoutError {
  return new OptoutError(code, `${store.name} cannot be trusted at #${seq}: ${detail}`, {
    hint: code === "unknown-version" ? "upgrade optout" : "optout verify",
  });
}
