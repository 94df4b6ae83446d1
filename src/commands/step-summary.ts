/**
 * The step summary of GitHub Actions: a file that steps add Markdown to.
 */
import { appendFileSync, statSync } from "node:fs";

import type { Io } from "../output/io.ts";

/** GitHub refuses a larger summary as a whole, and fails nothing for it. */
const mostSummaryBytes = 1024 * 1024;

/** Adds to the summary where there is one with room; what is printed says the same. */
export function appendSummary({ env }: Pick<Io, "env">, text: string): void {
  const file = env["GITHUB_STEP_SUMMARY"];
  if (file === undefined || file === "") return;
  try {
    const before = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
    if (before + Buffer.byteLength(text) <= mostSummaryBytes) appendFileSync(file, text);
  } catch {
    // the log of the job tells it too
  }
}
