/**
 * The rows of the commands about telling people.
 */
import type { Command } from "./command.ts";
import { keyFlag } from "./issue-flags.ts";

export const notifyCommands: readonly Command[] = [
  {
    name: "notify list",
    group: "SET UP",
    summary: "where people are told, and what nobody was told yet",
    about: [
      "The channels of the policy, what each is told of, and whether this machine holds what it takes to tell it. What the log shows as not delivered is told by CI, by the next command of who wrote it, or by optout notify flush.",
    ],
    args: [],
    flags: [],
    examples: [{ line: "optout notify list", does: "" }],
    json: "optout/notify",
    load: async () => (await import("./notify.ts")).notifyList,
  },
  {
    name: "notify test",
    group: "SET UP",
    summary: "send a test message to channels",
    about: [
      "Nothing is recorded, and nothing is tried again. Exit 0 when every channel that can be told from here has got it, 2 when one is set up wrongly (its address, its key, its line of the policy), 4 when a secret is missing, 6 when one could not be reached.",
    ],
    args: [{ name: "channel", many: true }],
    flags: [],
    examples: [
      { line: "optout notify test", does: "all that can be told from here" },
      { line: "optout notify test shop-oncall", does: "that one" },
    ],
    json: "optout/notify-test",
    load: async () => (await import("./notify.ts")).notifyTest,
  },
  {
    name: "notify flush",
    group: "SET UP",
    summary: "tell now what could not be told",
    about: [
      "Of the last 24 hours, and however often it was tried. A person tells of her own acts; CI of everybody's. What is left is named, with its reason. Exit 0 when it waits for others or for a secret that is not here, 6 when it could not be told from here, 2 when a channel is set up wrongly.",
    ],
    args: [],
    flags: [keyFlag],
    examples: [{ line: "optout notify flush", does: "after a chat's outage" }],
    json: "optout/notify-flush",
    load: async () => (await import("./notify.ts")).notifyFlush,
  },
];
