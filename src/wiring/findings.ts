/**
 * What can be wrong with the way CI files ask: one row a code, with what it means and how to mend it.
 */
import type { Spot } from "./wiring.ts";

interface FindingRow {
  /** `red`: an override or a hold would not do what it says. */
  readonly weight: "red" | "warning";
  readonly meaning: string;
  readonly mend: string;
}

const row = (weight: FindingRow["weight"], meaning: string, mend: string): FindingRow => ({
  weight,
  meaning,
  mend,
});

export type WiringFindingCode =
  | "check-cannot-stop"
  | "gate-cannot-stop"
  | "gate-failure-skips"
  | "runs-when-equal"
  | "if-always-true"
  | "stage-unknown"
  | "stage-unasked"
  | "ask-never-run"
  | "token-cannot-write"
  | "action-unpinned"
  | "file-unreadable";

export const wiringFindings: Readonly<Record<WiringFindingCode, FindingRow>> = {
  "check-cannot-stop": row(
    "red",
    "check does not stop at a hold, and this stage can be held",
    "optout run STAGE -- COMMAND",
  ),
  "gate-cannot-stop": row(
    "red",
    "this condition leaves the job out for skip alone, and this stage can be stopped otherwise",
    "optout run STAGE -- COMMAND   (in that job; or add && needs.GATE.outputs.STAGE != 'hold', and != 'frozen')",
  ),
  "gate-failure-skips": row(
    "red",
    "if the gate fails this job is skipped, and a skipped job counts as a success",
    "if: ${{ !cancelled() && needs.GATE.outputs.STAGE != 'skip' }}   (and optout run in a job that can be held)",
  ),
  "runs-when-equal": row(
    "red",
    "a gate never says 'run', and nothing at all where it fails, so the stage would not run",
    "compare with != 'skip' instead   (and optout run in a job that can be held)",
  ),
  "if-always-true": row(
    "red",
    "text around ${{ }} makes the condition a text, and a text is always true",
    "write the condition on one line, or without ${{ }}",
  ),
  "stage-unknown": row(
    "red",
    "the policy has no stage of that name, so it can never be opted out of",
    "add it to stages in .optout/policy.yaml, or mend its name",
  ),
  "stage-unasked": row(
    "warning",
    "nothing asks about this stage, so overrides of it have no effect",
    "optout run STAGE -- COMMAND   (in its job)",
  ),
  "ask-never-run": row(
    "warning",
    "the CI files never run the job that asks, so overrides of this stage have no effect there",
    "let something start it, or ask in a job that runs",
  ),
  "token-cannot-write": row(
    "warning",
    "a rule of this stage demands that each use is recorded, and the job's token may not push",
    "permissions: { contents: write }   (or check out with a deploy key that may push to the log)",
  ),
  "action-unpinned": row(
    "warning",
    "an action that is not named by a full commit can change under you",
    "uses: OWNER/NAME@<40 characters of the commit>",
  ),
  "file-unreadable": row("warning", "the file could not be read", "mend the file"),
};

export interface WiringFinding extends Spot {
  readonly code: WiringFindingCode;
  /** The stage, job or file that it is about, and whatever helps to find it. */
  readonly detail: string;
}
