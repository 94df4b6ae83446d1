/**
 * The rows of the commands by which people approve and deny.
 */
import { openStates } from "../core/state.ts";
import type { Command } from "./command.ts";
import { dryRunFlag, keyFlag, noteFlag } from "./issue-flags.ts";

export const approvalCommands: readonly Command[] = [
  {
    name: "requests",
    group: "APPROVE",
    summary: "what waits for approvals, and for whose",
    args: [],
    flags: [
      { name: "mine", help: "only what you asked for" },
      { name: "for-me", help: "only what your approval would count for" },
      { name: "reviews", help: "only the reviews of emergencies that are due" },
      keyFlag,
    ],
    examples: [
      { line: "optout requests", does: "all that waits" },
      { line: "optout requests --for-me", does: "what waits for you" },
      { line: "optout requests --reviews", does: "which reviews are due" },
    ],
    json: "optout/requests",
    load: async () => (await import("./requests.ts")).requests,
  },
  {
    name: "review",
    group: "APPROVE",
    summary: "say what came of an override, mostly of an emergency",
    about: [
      "By anyone in the policy other than its author. While the review of an emergency is overdue, the next override by the same rule needs one approval more, as long as somebody could give it; optout status and optout doctor tell of it until it is there.",
    ],
    args: [{ name: "override", required: true, among: ["review-due"] }],
    flags: [
      {
        name: "outcome",
        value: "OUTCOME",
        choices: ["ok", "follow-up", "misuse"],
        help: "ok, follow-up (something has to be done) or misuse; needed",
      },
      { ...noteFlag, help: "what you found; needed" },
      dryRunFlag,
      keyFlag,
    ],
    examples: [{ line: 'optout review 412 --outcome ok -m "the fix was right"', does: "" }],
    json: "optout/override",
    load: async () => (await import("./review.ts")).reviewCommand,
  },
  {
    name: "note",
    group: "FOLLOW UP",
    summary: "add a ticket or a note to an override",
    about: ["A note neither permits nor restricts anything; anyone in the policy may add one."],
    args: [{ name: "override", required: true }],
    flags: [
      { name: "ticket", value: "ID", repeatable: true, help: "a ticket" },
      noteFlag,
      dryRunFlag,
      keyFlag,
    ],
    examples: [{ line: 'optout note 412 --ticket INC-1 -m "opened afterwards"', does: "" }],
    json: "optout/override",
    load: async () => (await import("./review.ts")).noteCommand,
  },
  {
    name: "approve",
    group: "APPROVE",
    summary: "sign for an override that waits for approval",
    about: [
      "First it shows what the override exposes: the kind of stage, where and for how long, which jobs ask about it and which come after them, and the last overrides of who asks. The signature is over the digest of exactly this override. Nobody approves her own.",
      "The override's time starts with the last approval that it needs. An approval that would change nothing any more is not recorded, and that is said: exit 0 where the override needs it no longer, 3 where it has ended.",
    ],
    args: [{ name: "override", required: true, many: true, among: ["pending"] }],
    flags: [noteFlag, dryRunFlag, keyFlag],
    examples: [
      { line: "optout approve 412", does: "shows it, asks, signs" },
      { line: 'optout approve 412 --yes -m "watched the canary"', does: "without the question" },
    ],
    json: "optout/override",
    load: async () => (await import("./approve.ts")).approveCommand,
  },
  {
    name: "deny",
    group: "APPROVE",
    summary: "say no to an override: it ends for good",
    about: [
      "Whoever may approve may deny, with a reason, also what is in force already. A denial is final.",
    ],
    args: [{ name: "override", required: true, many: true, among: openStates }],
    flags: [{ ...noteFlag, help: "why not; needed" }, dryRunFlag, keyFlag],
    examples: [{ line: 'optout deny 412 -m "the database migrates tonight"', does: "" }],
    json: "optout/override",
    load: async () => (await import("./approve.ts")).denyCommand,
  },
];
