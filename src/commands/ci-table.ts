/**
 * The rows of the commands for CI: those of every job, and those of one job in a pipeline.
 */
import type { Command } from "./command.ts";
import { jobCommands, subjectFlags } from "./job-table.ts";

export const ciCommands: readonly Command[] = [
  ...jobCommands,
  {
    name: "verdict",
    group: "IN CI",
    summary: "accept or refuse the jobs of a workflow, as the one required check",
    about: [
      "A forge counts a job that was left out as a success. The verdict does so only with a record: skipped needs a skip in force, failure an allow-failure, and success that the stage is not held. A cancelled job is never accepted. What the gate said is not asked; the log is.",
      "Name the jobs that are stages: STAGE, or JOB=STAGE where the job has another id. Every other job in needs must have succeeded, but for the gate itself.",
      "It belongs into a job with if: always() that needs all the others. Exit 0 when every job is accepted, 3 when one is not. It records nothing.",
    ],
    args: [{ name: "stage", many: true }],
    flags: [
      {
        name: "needs",
        value: "JSON",
        help: "the results of the jobs, from ${{ toJSON(needs) }}; - reads stdin",
      },
      {
        name: "gate",
        value: "JOB",
        repeatable: true,
        help: "a job whose result says nothing (default: gate)",
      },
      {
        name: "when-unreachable",
        value: "WHAT",
        choices: ["run", "stop"],
        help: "stop: refuse when the log cannot be read or trusted; run cannot loosen the policy",
      },
      ...subjectFlags,
    ],
    examples: [
      {
        line: 'optout verdict lint deploy=deploy-prod --needs "$NEEDS"',
        does: "with NEEDS: ${{ toJSON(needs) }} in env",
      },
    ],
    json: "optout/verdict",
    load: async () => (await import("./verdict.ts")).verdictCommand,
  },
];
