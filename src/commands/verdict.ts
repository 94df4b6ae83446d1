/**
 * `optout verdict STAGE…`: judges the jobs of a workflow by the log alone, as the one check that a
 * merge requires. It takes no word of the gate, and records nothing.
 */
import { OptoutError } from "../core/errors.ts";
import { exitStatus } from "../core/exit.ts";
import { judgeJobs, readNeeds, type StageJob } from "../core/verdict.ts";
import { printJson } from "../output/json.ts";
import type { Io } from "../output/io.ts";
import {
  verdictCommands,
  verdictJson,
  verdictSummary,
  verdictText,
  type Verdict,
} from "../output/verdict-words.ts";
import type { Call } from "./command.ts";
import { decideStages } from "./decide-stages.ts";
import type { Openers } from "./openers.ts";
import { appendSummary } from "./step-summary.ts";

export async function verdictCommand(call: Call, io: Io, open: Openers): Promise<number> {
  const needs = call.text("needs");
  if (needs === undefined) {
    throw new OptoutError("usage", "--needs is missing: the results of the jobs to judge", {
      hint: 'optout verdict lint --needs "$NEEDS"   with NEEDS: ${{ toJSON(needs) }} in env',
    });
  }
  const results = readNeeds(needs === "-" ? await io.readStdin() : needs);
  const pairs = call.args.map(pairOf);
  const answers = await decideStages({
    call,
    io,
    open,
    stages: [...new Set(pairs.map(({ stage }) => stage))],
    recorder: () => Promise.reject(new OptoutError("refused", "a verdict records no use")),
  });
  const outcomes = new Map(answers.answers.map(({ stage, outcome }) => [stage, outcome]));
  const gates = call.texts("gate").filter((job) => job !== "");
  const jobs = judgeJobs(results, pairs, outcomes, gates);
  tell(call, io, { ...answers, jobs });
  return exitStatus(jobs.every(({ isAccepted }) => isAccepted) ? "ok" : "refused");
}

function tell(call: Call, io: Io, verdict: Verdict): void {
  if (call.has("json")) return printJson(io, verdictJson(verdict));
  if (io.env["GITHUB_ACTIONS"] !== "true") return io.out(verdictText(verdict));
  io.out(verdictCommands(verdict));
  appendSummary(io, verdictSummary(verdict));
}

function pairOf(word: string): StageJob {
  const [job = "", stage = job, ...more] = word.split("=");
  if (job !== "" && stage !== "" && more.length === 0) return { job, stage };
  throw new OptoutError("usage", `${JSON.stringify(word)} is neither STAGE nor JOB=STAGE`);
}
