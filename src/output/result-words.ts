/** What the results of the runs that used an override come to; nothing where none is on record. */
import type { Results } from "../core/results.ts";

export function resultWords({ recorded, passed }: Results): string {
  return recorded === 0 ? "" : `${passed} of ${recorded} would have passed`;
}
