/**
 * What `optout doctor` says: each check with what it found, and the command that mends it.
 */
import { forTerminal } from "./escape.ts";
import { marked, type GlyphTone, type Paint } from "./paint.ts";

export interface Diagnosis {
  readonly check: string;
  /** `unknown`: it could not be told. */
  readonly level: "ok" | "warning" | "red" | "unknown";
  readonly message: string;
  /** Null where there is nothing to mend. */
  readonly mend: string | null;
}

export interface DoctorJson {
  readonly kind: "optout/doctor";
  readonly v: 1;
  readonly findings: readonly Diagnosis[];
}

const tones: Readonly<Record<Diagnosis["level"], GlyphTone>> = {
  ok: "restored",
  warning: "suspended",
  red: "violation",
  unknown: "waiting",
};

export function doctorLines(all: readonly Diagnosis[], paint: Paint): readonly string[] {
  return all.flatMap(({ check, level, message, mend }) => [
    marked(paint, tones[level], `${check.padEnd(10)} ${forTerminal(message)}`),
    ...(mend === null ? [] : mend.split("\n").map((line) => `    ${forTerminal(line)}`)),
  ]);
}
