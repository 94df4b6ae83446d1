/**
 * What stops everything: a log that is not the one the policy names, a statement by a person that
 * contradicts the log, or one that this version cannot read. Positions are unsigned wrappers, so
 * without this a pusher could line genuine statements up anew and leave a revocation out.
 */
import type { ErrorCode } from "./errors.ts";
import type { Reading } from "./reading.ts";
import { beginsAsNamed, type View } from "./view.ts";

export interface Contradiction {
  readonly code: ErrorCode & ("log-missing" | "wrong-log" | "contradiction" | "unknown-version");
  readonly seq: number;
  readonly detail: string;
}

/** The first thing in view that makes the whole log unfit to decide by, or null. */
export function findContradiction(view: View): Contradiction | null {
  if (view.size === 0) return { code: "log-missing", seq: 0, detail: "the log is empty" };
  if (view.first === 0 && !beginsAsNamed(view)) {
    return { code: "wrong-log", seq: 0, detail: "it does not begin as the policy's log.id says" };
  }
  for (const reading of view.readings) {
    const found = unknownVersion(reading) ?? contradicts(view, reading);
    if (found !== null) return found;
  }
  return null;
}

function unknownVersion(reading: Reading): Contradiction | null {
  if (reading.fault !== null || reading.claim?.unknown !== true) return null;
  const verdict = reading.verdict();
  if (verdict.kind !== "unknown") return null;
  const detail = `${verdict.principal.id} signed a statement of unknown ${verdict.why}`;
  return { code: "unknown-version", seq: reading.seq, detail };
}

function contradicts(view: View, reading: Reading): Contradiction | null {
  const saw = reading.claim?.saw ?? null;
  if (saw === null || reading.fault !== null) return null;
  // no one can have seen the position at which the statement stands, or a later one
  const impossible = saw.seq >= reading.seq;
  const seen = view.hashAt(saw.seq);
  if (!impossible && (seen === undefined || seen === saw.hash)) return null;
  const verdict = reading.verdict();
  if (verdict.kind !== "genuine" && verdict.kind !== "note") return null;
  if (verdict.principal.kind !== "person") return null;
  const detail = `${verdict.principal.id} saw another position ${saw.seq} than the log holds`;
  return { code: "contradiction", seq: reading.seq, detail };
}
