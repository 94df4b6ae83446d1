/**
 * The row of the command that begins a policy and its log.
 */
import { presetNames } from "../operations/policy-presets.ts";
import type { Command } from "./command.ts";
import { keyFlag } from "./issue-flags.ts";
import { storeNames } from "./store-flags.ts";

export const initRow: Command = {
  name: "init",
  group: "SET UP",
  summary: "write a policy and create the log",
  about: ["With a policy in place it creates only what is missing. Says what to commit."],
  args: [],
  flags: [
    {
      name: "store",
      value: "STORE",
      choices: storeNames,
      help: "where the log is kept",
    },
    { name: "path", value: "DIR", help: "the directory of the store dir" },
    { name: "log-branch", value: "B", help: "the branch of the store git (default: optout-log)" },
    { name: "bucket", value: "NAME", help: "the bucket of the store s3" },
    { name: "prefix", value: "P", help: "what the log's names in the bucket begin with" },
    { name: "region", value: "R", help: "the region of the bucket" },
    { name: "endpoint", value: "URL", help: "the server, where it is not AWS" },
    {
      name: "subject-prefix",
      value: "TEXT",
      help: "begin the log's commits with TEXT, where a push rule demands it",
    },
    {
      name: "stage",
      value: "ID",
      repeatable: true,
      help: "a stage to begin with; else those found in CI files",
    },
    {
      name: "preset",
      value: "PRESET",
      choices: presetNames,
      help: "rules for solo (the default), small-team, enterprise or regulated",
    },
    { name: "as", value: "NAME", help: "your name in the policy" },
    { name: "ci-key", help: "make a key for CI too, so that jobs can record what they use" },
    keyFlag,
  ],
  examples: [
    { line: "optout init", does: "asks and explains" },
    { line: "optout init --preset small-team", does: "deploys need somebody else's approval" },
    { line: "optout init --yes --stage lint --stage unit-tests", does: "without questions" },
    {
      line: "optout init --store s3 --bucket acme-optout --region eu-central-1",
      does: "keeps the log in a bucket",
    },
  ],
  json: "optout/init",
  load: async () => (await import("./init.ts")).init,
};
