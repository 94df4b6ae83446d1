/**
 * The rows of the commands that look back: what happened, and the proof of it.
 */
import type { Command } from "./command.ts";

export const lookBackCommands: readonly Command[] = [
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
      { name: "csv", help: "print comma-separated values (RFC 4180) for a spreadsheet" },
    ],
    examples: [
      { line: "optout history", does: "the last 30 overrides" },
      {
        line: "optout history lint --since 30d --jsonl",
        does: "lint in the last 30 days, for a script",
      },
      {
        line: "optout history --since 90d -L 10000 --csv > overrides.csv",
        does: "a quarter, for a spreadsheet",
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
      {
        name: "from",
        value: "SEQ",
        help: "start here instead of at the beginning; it must be there",
      },
      {
        name: "format",
        value: "FORMAT",
        choices: ["text", "json", "sarif"],
        help: "text, json (the same as --json) or SARIF 2.1.0",
      },
    ],
    examples: [
      { line: "optout verify", does: "reads everything" },
      { line: "optout verify --head 412:mC3r…", does: "and holds it against a head seen before" },
      { line: "optout verify --format sarif", does: "for a viewer of findings" },
    ],
    json: "optout/verify",
    load: async () => (await import("./verify.ts")).verify,
  },
];
