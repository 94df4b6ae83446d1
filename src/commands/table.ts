/**
 * The table of commands: the one list that parsers, help and docs are made from. A command is its
 * file and its row here.
 */
import { openStates } from "../core/state.ts";
import { approvalCommands } from "./approval-table.ts";
import { jobCommands } from "./job-table.ts";
import type { Command, Flag } from "./command.ts";
import { forgeCommands } from "./forge-table.ts";
import { initRow } from "./init-table.ts";
import { dryRunFlag, issueFlags, keyFlag, noteFlag } from "./issue-flags.ts";
import { lookBackCommands } from "./look-back-table.ts";
import { notifyCommands } from "./notify-table.ts";
import { policyCommands } from "./policy-table.ts";

/** Where and what is the old one's. */
const extensionFlags: ReadonlySet<string> = new Set(
  "reason code ticket for until emergency confirm wait dry-run key".split(" "),
);

/** Of the commands that read CI files. */
const refFlag: Flag = {
  name: "ref",
  value: "BRANCH",
  help: "CI files as that branch of the remote has them; without a work tree the default branch's",
};

const issueRow = (
  name: "skip" | "allow-failure" | "force" | "hold",
  summary: string,
  about: readonly string[],
  examples: Command["examples"],
): Command => ({
  name,
  group: "OVERRIDE",
  summary,
  about,
  args: [{ name: "stage", required: true, many: true }],
  flags: issueFlags,
  examples,
  json: "optout/override",
  load: async () => (await import("./issue.ts")).issueCommand(name),
});

export const commands: readonly Command[] = [
  issueRow(
    "skip",
    "let jobs leave a stage out",
    [
      "The job says loudly that the stage was skipped, and exits 0. The override ends by itself.",
      "It ends with the CI files that ask optout about the stage on the branch that receives the change, as the remote has it: GitHub workflows, .gitlab-ci.yml and the scripts of package.json that they run. Where nothing asks, or only in a form that does not obey the action (check obeys no hold and no allow-failure), the override has no effect, and that is said; with --require-wired it is refused.",
      "Without --branch or another scope it is for the branch you are on: the default branch and release branches as receiving branches, any other as the branch the change comes from.",
    ],
    [
      { line: 'optout skip lint -m "eslint crash on TS 7" --for 2h', does: "for two hours" },
      {
        line: 'optout skip lint unit-tests -m "registry down" --code upstream-outage',
        does: "two stages at once",
      },
      {
        line: 'optout skip lint -m "hotfix" --ticket INC-4312 --pr 981 --once',
        does: "one run of one pull request",
      },
    ],
  ),
  issueRow(
    "allow-failure",
    "let a stage run, and accept its failure",
    ["The command runs; a failure is a warning and the job exits 0. The true result is told."],
    [
      {
        line: 'optout allow-failure unit-tests -m "flaky since #977" --code flaky',
        does: "for the rule's default time",
      },
    ],
  ),
  issueRow(
    "force",
    "run a stage although something would drop it",
    [
      "Runs it anyway: past a condition, a freeze, a cache or a skip. Its own result counts; to let it fail: optout allow-failure.",
    ],
    [
      {
        line: 'optout force deploy-prod -m "hotfix INC-4312" --for 1h',
        does: "within the rule's limits",
      },
    ],
  ),
  issueRow(
    "hold",
    "stop a stage from running",
    [
      "The command is not started and the job fails with exit 3: a deploy that must not happen now. A hold wins over every other override.",
    ],
    [
      {
        line: 'optout hold deploy-prod -m "migration is running" --for 1h',
        does: "nothing is deployed for an hour",
      },
    ],
  ),
  {
    name: "status",
    group: "FOLLOW UP",
    summary: "what is in force, waiting or scheduled now",
    args: [],
    flags: [],
    examples: [{ line: "optout status", does: "the same as optout alone" }],
    json: "optout/status",
    load: async () => (await import("./status.ts")).status,
  },
  {
    name: "extend",
    group: "FOLLOW UP",
    summary: "let an override go on for longer",
    about: [
      "A new signed statement that names the old one and begins where that ends. The policy is asked as for a fresh one: the same approvals, and the time counts towards the same limits.",
    ],
    args: [{ name: "override", required: true, among: ["in-force", "scheduled"] }],
    flags: issueFlags.filter(({ name }) => extensionFlags.has(name)),
    examples: [
      { line: 'optout extend 412 --for 1h -m "image still broken"', does: "an hour more" },
    ],
    json: "optout/override",
    load: async () => (await import("./extend.ts")).extendCommand,
  },
  {
    name: "revoke",
    group: "FOLLOW UP",
    summary: "end an override at once",
    args: [{ name: "override", required: true, many: true, among: openStates }],
    flags: [noteFlag, dryRunFlag, keyFlag],
    examples: [
      { line: "optout revoke lint", does: "the one override of lint that is in force" },
      { line: 'optout revoke 412 -m "image is repaired"', does: "by number, with a note" },
    ],
    json: "optout/override",
    load: async () => (await import("./revoke.ts")).revokeCommand,
  },
  {
    name: "undo",
    group: "FOLLOW UP",
    summary: "revoke the last override that you made",
    args: [],
    flags: [noteFlag, dryRunFlag, keyFlag],
    examples: [{ line: "optout undo", does: "takes back your last override" }],
    json: "optout/override",
    load: async () => (await import("./revoke.ts")).undoCommand,
  },
  ...approvalCommands,
  ...jobCommands,
  ...lookBackCommands,
  initRow,
  {
    name: "doctor",
    group: "SET UP",
    summary: "check policy, key, log and CI files, with what mends them",
    about: ["Never prompts and writes nothing. Exit 0 when nothing is red, else 1."],
    args: [],
    flags: [refFlag],
    examples: [
      { line: "optout doctor", does: "before you need it" },
      { line: "optout doctor --ref release/1.4", does: "with the CI files of that branch" },
    ],
    json: "optout/doctor",
    load: async () => (await import("./doctor.ts")).doctor,
  },
  {
    name: "stages",
    group: "SET UP",
    summary: "each stage, where CI files ask about it, and what is wrong there",
    about: [
      "Reads the work tree's workflows, .gitlab-ci.yml and package.json. What they bring in from elsewhere is not read.",
    ],
    args: [],
    flags: [refFlag],
    examples: [{ line: "optout stages", does: "which jobs ask, and under which rule" }],
    json: "optout/stages",
    load: async () => (await import("./stages.ts")).stages,
  },
  ...forgeCommands,
  {
    name: "whoami",
    group: "SET UP",
    summary: "who you are to the policy, and by which key",
    about: [
      "With --ready it also says of each stage whether you could skip it now, alone: whether your key can sign, the log can be read and added to, and the policy agrees. Nothing is signed or written. Exit 0 when every answer is yes, 3 when one is no, 4 without a usable key, 5 or 6 when the log cannot be trusted or reached.",
    ],
    args: [{ name: "stage", many: true }],
    flags: [{ name: "ready", help: "could you skip the stages (default: all) now?" }, keyFlag],
    examples: [
      { line: "optout whoami", does: "" },
      { line: "optout whoami --ready lint", does: "before the night: could you skip lint?" },
    ],
    json: "optout/whoami",
    load: async () => (await import("./whoami.ts")).whoami,
  },
  {
    name: "keys create",
    group: "SET UP",
    summary: "make a key to sign with",
    args: [{ name: "name" }],
    flags: [
      { name: "type", value: "TYPE", choices: ["ed25519", "p256"], help: "kind of key" },
      { name: "no-passphrase", help: "do not encrypt it; the file is readable by you alone" },
    ],
    examples: [{ line: "optout keys create laptop", does: "asks for a passphrase" }],
    json: "optout/key",
    load: async () => (await import("./keys.ts")).createKey,
  },
  {
    name: "keys list",
    group: "SET UP",
    summary: "the keys on this machine",
    args: [],
    flags: [],
    examples: [{ line: "optout keys list", does: "" }],
    json: "optout/keys",
    load: async () => (await import("./keys.ts")).listKeys,
  },
  {
    name: "keys show",
    group: "SET UP",
    summary: "one key's public part",
    args: [{ name: "name" }],
    flags: [{ name: "ssh", help: "only the line for the policy" }],
    examples: [{ line: "optout keys show laptop --ssh", does: "the line for the policy" }],
    json: "optout/key",
    load: async () => (await import("./keys.ts")).showKey,
  },
  ...policyCommands,
  ...notifyCommands,
  {
    name: "completion",
    group: "OTHER",
    summary: "print the script by which a shell completes optout",
    about: [
      "For bash, zsh and fish. Commands, flags and the stages of the work tree's policy are completed, without the network. With words after -- it prints what could come next; the scripts ask so.",
    ],
    args: [
      { name: "shell", required: true },
      { name: "word", many: true },
    ],
    flags: [],
    examples: [
      { line: "optout completion bash > ~/.optout.bash", does: "then source it in ~/.bashrc" },
      {
        line: "optout completion fish > ~/.config/fish/completions/optout.fish",
        does: "for fish",
      },
    ],
    load: async () => (await import("./completion.ts")).completionOf(commands),
  },
  {
    name: "schema",
    group: "OTHER",
    summary: "print the JSON Schema of an output, or the names of all",
    args: [{ name: "kind" }],
    flags: [],
    examples: [
      { line: "optout schema", does: "the names, one a line" },
      { line: "optout schema override", does: "what --json prints for an override" },
    ],
    load: async () => (await import("./schema.ts")).schema,
  },
];
