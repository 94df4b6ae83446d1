/**
 * The table of commands: the one list that parsers, help and docs are made from. A command is its
 * file and its row here.
 */
import { reasonCodes } from "../core/policy.ts";
import type { Command, Flag } from "./command.ts";
import { jobCommands } from "./job-table.ts";

const scopeFlags: readonly Flag[] = [
  { name: "branch", value: "B", repeatable: true, help: "the branch that receives the change" },
  { name: "all-branches", help: "every receiving branch" },
  { name: "head", value: "B", repeatable: true, help: "the branch a change comes from" },
  { name: "tag", value: "T", repeatable: true, help: "pipelines of this tag" },
  { name: "sha", value: "S", help: "only this commit" },
  { name: "pr", value: "N", help: "only this pull or merge request" },
  { name: "env", value: "E", help: "the environment (default: the stage's own)" },
  { name: "forks", help: "pull requests from forks too" },
];

const issueFlags: readonly Flag[] = [
  { name: "reason", short: "m", value: "TEXT", help: "why; - reads standard input" },
  { name: "code", value: "CODE", choices: reasonCodes, help: `one of ${reasonCodes.join(", ")}` },
  { name: "ticket", value: "ID", repeatable: true, help: "a ticket, checked by the policy" },
  { name: "for", value: "DURATION", help: "how long: 90m, 2h, 1h30m, 1d, PT2H" },
  { name: "until", value: "TIME", help: "until when: 18:00, 18:00+01:00, RFC 3339" },
  ...scopeFlags,
  { name: "once", help: "ends also after one run used it" },
  { name: "from", value: "TIME", help: "starts later, at most 7 days ahead" },
  { name: "emergency", help: "in force before approval, where the policy allows it" },
  { name: "dry-run", short: "n", help: "show what would be recorded; write nothing" },
  { name: "key", value: "NAME", help: "sign with this key (see optout keys list)" },
];

const noteFlag: Flag = { name: "reason", short: "m", value: "TEXT", help: "a note on why" };
const keyFlag: Flag = { name: "key", value: "NAME", help: "sign with this key" };

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
    name: "revoke",
    group: "FOLLOW UP",
    summary: "end an override at once",
    args: [{ name: "override", required: true, many: true }],
    flags: [noteFlag, keyFlag],
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
    flags: [noteFlag, keyFlag],
    examples: [{ line: "optout undo", does: "takes back your last override" }],
    json: "optout/override",
    load: async () => (await import("./revoke.ts")).undoCommand,
  },
  ...jobCommands,
  {
    name: "history",
    group: "LOOK BACK",
    summary: "who opted out of what, when and why",
    args: [{ name: "stage", many: true }],
    flags: [
      {
        name: "limit",
        short: "L",
        value: "N",
        help: "at most N entries, newest first (default 30)",
      },
      { name: "state", value: "STATE", repeatable: true, help: "only overrides in this state" },
      { name: "action", value: "ACTION", repeatable: true, help: "only this action" },
      { name: "by", value: "PERSON", repeatable: true, help: "only by this person" },
      { name: "branch", value: "B", repeatable: true, help: "only those that cover this branch" },
      { name: "since", value: "TIME", help: "only made since then (a time, or a duration back)" },
      { name: "before", value: "TIME", help: "only made before then" },
      { name: "emergency", help: "only emergencies" },
      { name: "jsonl", help: "print one JSON object a line" },
      { name: "fields", value: "a,b", help: "only these members of the JSON" },
    ],
    examples: [
      { line: "optout history", does: "the last 30 overrides" },
      {
        line: "optout history lint --since 30d --jsonl",
        does: "lint in the last 30 days, for a script",
      },
    ],
    json: "optout/history",
    load: async () => (await import("./history.ts")).history,
  },
  {
    name: "show",
    group: "LOOK BACK",
    summary: "one override or position, whole",
    args: [{ name: "override", required: true }],
    flags: [{ name: "raw", help: "the exact bytes of the position" }],
    examples: [
      { line: "optout show 412", does: "its card and its timeline" },
      { line: "optout show 412 --raw", does: "to check with sha256sum and openssl" },
    ],
    json: "optout/override",
    load: async () => (await import("./show.ts")).show,
  },
  {
    name: "verify",
    group: "LOOK BACK",
    summary: "prove the whole log, or name what is wrong with it",
    args: [],
    flags: [
      { name: "head", value: "SEQ:HASH", repeatable: true, help: "an anchor seen before" },
      { name: "from", value: "SEQ", help: "start here instead of at the beginning" },
    ],
    examples: [
      { line: "optout verify", does: "reads everything" },
      { line: "optout verify --head 412:mC3r…", does: "and holds it against a head seen before" },
    ],
    json: "optout/verify",
    load: async () => (await import("./verify.ts")).verify,
  },
  {
    name: "init",
    group: "SET UP",
    summary: "write a policy and create the log",
    about: ["With a policy in place it creates only what is missing. Says what to commit."],
    args: [],
    flags: [
      { name: "store", value: "STORE", choices: ["git", "dir"], help: "where the log is kept" },
      { name: "path", value: "DIR", help: "the directory of the store dir" },
      { name: "log-branch", value: "B", help: "the branch of the store git (default: optout-log)" },
      { name: "stage", value: "ID", repeatable: true, help: "a stage to begin with" },
      { name: "as", value: "NAME", help: "your name in the policy" },
      keyFlag,
    ],
    examples: [
      { line: "optout init", does: "asks and explains" },
      { line: "optout init --yes --stage lint --stage unit-tests", does: "without questions" },
    ],
    json: "optout/init",
    load: async () => (await import("./init.ts")).init,
  },
  {
    name: "whoami",
    group: "SET UP",
    summary: "who you are to the policy, and by which key",
    args: [],
    flags: [keyFlag],
    examples: [{ line: "optout whoami", does: "" }],
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
  {
    name: "policy check",
    group: "SET UP",
    summary: "check a policy file: errors with line and column, warnings",
    args: [{ name: "file" }],
    flags: [],
    examples: [{ line: "optout policy check", does: ".optout/policy.yaml of this work tree" }],
    json: "optout/policy-check",
    load: async () => (await import("./policy.ts")).policyCheck,
  },
  {
    name: "policy schema",
    group: "SET UP",
    summary: "print the JSON Schema of the policy, for editors",
    args: [],
    flags: [],
    examples: [{ line: "optout policy schema > .optout/policy.schema.json", does: "" }],
    load: async () => (await import("./policy.ts")).policySchema,
  },
  {
    name: "schema",
    group: "OTHER",
    summary: "print the JSON Schema of an output",
    args: [{ name: "kind", required: true }],
    flags: [],
    examples: [{ line: "optout schema override", does: "what --json prints for an override" }],
    load: async () => (await import("./schema.ts")).schema,
  },
];
