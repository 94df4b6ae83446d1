/**
 * The entry. Most of what a job waits for is the host of its remote, so where this clone asked it
 * before, it is asked first, and the rest of the program is read meanwhile.
 */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

import type { Ahead } from "./ahead.ts";

/** Runs one command line. The exit status; never throws. */
export async function main(argv: readonly string[]): Promise<number> {
  const ahead = asksAhead(argv) ? await begin() : null;
  const { runLine } = await import("./command-line.ts");
  return runLine(argv, ahead);
}

async function begin(): Promise<Ahead> {
  const { beginAhead } = await import("./ahead.ts");
  const ahead = beginAhead(process.cwd());
  await ahead.underWay;
  return ahead;
}

/** Flags that change what is asked, or how long. */
const otherwise = /^(?:-[CRh]|--(?:chdir|repo|timeout|help|debug))/;

/** Whether the line is a job's plain one, in a clone in which a job asked before. */
function asksAhead(argv: readonly string[]): boolean {
  const [command = "", ...words] = argv;
  if (!["check", "run", "gate"].includes(command)) return false;
  const end = words.indexOf("--");
  if (words.slice(0, end === -1 ? undefined : end).some((word) => otherwise.test(word)))
    return false;
  for (let here = process.cwd(); ; here = dirname(here)) {
    if (existsSync(join(here, ".git"))) return existsSync(join(here, ".git", "optout", "trusted"));
    if (here === dirname(here)) return false;
  }
}
