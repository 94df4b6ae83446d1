/**
 * The rows of the commands that jobs run, thousands of times a day. They stand apart from the table
 * so that a job loads no more than them.
 */
import { checkCommand } from "./check.ts";
import type { Command, Flag } from "./command.ts";

/** What asks about another subject than the job at hand. */
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
        name: "when",
        value: "CMD",
        help: "run only if this command of the shell ends with 0, or the stage is forced",
      },
      {
        name: "skip-exit-code",
        value: "N",
        help: "exit with N when the stage is skipped (GitLab: 86 and allow_failure: exit_codes)",
      },
      { name: "record-result", help: "record how the command ended, under an override" },
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
  {
    name: "gate",
    group: "IN CI",
    summary: "decide several stages at once, for the jobs behind it",
    about: [
      "One reading of the log for all stages. Each answer is skip, allow-failure, force, hold, frozen or enforced. Leave a job out only for skip, so that a missing answer lets it run: if: ${{ !cancelled() && needs.gate.outputs.lint != 'skip' }}. The job of a stage that can be held or frozen (a deploy) uses optout run, which stops for both; a condition has to name them too.",
      "In GitHub Actions the answers are outputs of the step, named like the stages. In GitLab CI --output FILE writes a dotenv report: OPTOUT_UNIT_TESTS=skip; --format gitlab-child writes a child pipeline, in which jobs that are left out are visible stubs.",
      "Exit 0 whenever there is an answer for every stage. If the log cannot be read or trusted, stages are enforced, and those that must not run unseen (deploys) are hold: a failing gate would have the jobs behind it skipped.",
    ],
    args: [{ name: "stage", required: true, many: true }],
    flags: [
      {
        name: "format",
        value: "FORMAT",
        choices: ["table", "json", "github", "gitlab", "gitlab-child", "dotenv"],
        help: "default: by the place it runs in",
      },
      { name: "output", value: "FILE", help: "write the answers there (json, dotenv, gitlab)" },
      {
        name: "pipeline",
        value: "FILE",
        help: "gitlab-child: the file with the jobs of the stages",
      },
      {
        name: "when-unreachable",
        value: "WHAT",
        choices: ["run", "stop"],
        help: "stop: answer hold when the log cannot be read or trusted; run cannot loosen the policy",
      },
      ...subjectFlags,
    ],
    examples: [
      { line: "optout gate lint unit-tests", does: "as the first job of a workflow" },
      { line: "optout gate lint --format dotenv --output gate.env", does: "for a dotenv report" },
      {
        line: "optout gate lint --format gitlab-child --pipeline in.yml --output out.yml",
        does: "writes the child pipeline that the next job triggers",
      },
    ],
    json: "optout/gate",
    load: async () => (await import("./gate.ts")).gateCommand,
  },
  {
    name: "verdict",
    group: "IN CI",
    summary: "accept or refuse the jobs of a workflow, as the one required check",
    about: [
      "A forge counts a job that was left out as a success. The verdict does so only with a record: skipped needs a skip in force, failure an allow-failure, and success that the stage is not held. A cancelled job is never accepted. What the gate said is not asked; the log is.",
      "Name the jobs that are stages: STAGE, or JOB=STAGE where the job has another id. Every other job in needs must have succeeded, but for optout's own gate, which --gate names: its failure means that all stages ran.",
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
        help: "optout's own gate, whose result says nothing",
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
