/**
 * The rows of the commands that jobs run, thousands of times a day. They stand apart from the table
 * so that a job loads no more than them.
 */
import { checkCommand } from "./check.ts";
import type { Command, Flag } from "./command.ts";

const subjectFlags: readonly Flag[] = [
  { name: "branch", value: "B", help: "the branch that receives the change" },
  { name: "head", value: "B", help: "the branch the change comes from" },
  { name: "tag", value: "T", help: "the tag of a tag pipeline" },
  { name: "sha", value: "S", help: "the commit under test" },
  { name: "pr", value: "N", help: "the pull or merge request" },
  { name: "env", value: "E", help: "the environment (default: the stage's own)" },
  { name: "fork", help: "the change comes from a fork" },
];

export const jobCommands: readonly Command[] = [
  {
    name: "check",
    group: "IN CI",
    summary: "exit 0 only if an override of the stage is in force",
    about: [
      "Fail-closed: every doubt, crash and outage is another exit status than 0. It does not stop at a hold: for stages that can be held use optout run.",
    ],
    args: [{ name: "stage", required: true }],
    flags: [
      {
        name: "action",
        value: "ACTION",
        choices: ["skip", "allow-failure", "force", "hold"],
        help: "the action asked for (default: skip)",
      },
      ...subjectFlags,
    ],
    examples: [
      { line: "optout check lint || npm run lint", does: "lint runs unless a skip is in force" },
      { line: "optout check deploy-prod --action force --json", does: "asks for another action" },
    ],
    json: "optout/decision",
    load: () => Promise.resolve(checkCommand),
  },
  {
    name: "run",
    group: "IN CI",
    summary: "run a stage's command, as far as overrides allow",
    about: [
      "skip: the command is not started, exit 0. allow-failure: it runs and its failure is a warning. hold: it is not started, exit 3. Otherwise it runs and its exit status is passed on.",
      "If optout itself is in trouble the command runs; only stages that the policy marks when_unreachable: stop (deploys) do not.",
    ],
    args: [{ name: "stage", required: true }],
    flags: [
      {
        name: "when-unreachable",
        value: "WHAT",
        choices: ["run", "stop"],
        help: "stop: do not run when the log cannot be read or trusted; run cannot loosen the policy",
      },
      ...subjectFlags,
    ],
    takesCommand: true,
    examples: [
      { line: "optout run lint -- npm run lint", does: "one wrapped stage" },
      { line: "optout run deploy-prod -- ./deploy.sh", does: "a stage that can be held" },
    ],
    load: async () => (await import("./run.ts")).runCommand,
  },
];
