/**
 * That an override ends with its first use, wherever it is said until when it lasts.
 */
import type { OverrideCreated } from "../core/statement.ts";

/** `, for one run`, after its time. */
export function onceWords({ once }: Pick<OverrideCreated, "once">): string {
  return once === true ? ", for one run" : "";
}
