/**
 * The rows of the commands about the policy.
 */
import type { Command } from "./command.ts";
import { issueFlags, scopeFlags } from "./issue-flags.ts";

const asFlag = { name: "as", value: "NAME", help: "ask for this person of the policy" } as const;

/** Flags of what is recorded, which a question has no use for. */
const writing: ReadonlySet<string> = new Set(["dry-run", "require-wired", "wait"]);

export const policyCommands: readonly Command[] = [
  {
    name: "policy explain",
    group: "SET UP",
    summary: "which rule judges a stage, and all that it asks for",
    about: [
      "Explains the policy on the trusted ref, for the place that the flags name; without any for the branch you are on.",
    ],
    args: [{ name: "stage", required: true }],
    flags: scopeFlags,
    examples: [
      {
        line: "optout policy explain lint",
        does: "who may skip it, for how long, approved by whom",
      },
      { line: "optout policy explain deploy-prod --branch release/1.4", does: "on another branch" },
    ],
    json: "optout/policy-explain",
    load: async () => (await import("./explain.ts")).explain,
  },
  {
    name: "policy can-i",
    group: "SET UP",
    summary: "whether the policy would let you, without doing it",
    about: [
      "Asks what optout skip and the others ask before they sign; nothing is signed or written. Without -m it takes for granted that the reason will do.",
      "Exit 0: yes. Exit 8: yes, once it is approved. Exit 3: no; every unmet condition is named, and the nearest command that would work where there is one.",
    ],
    args: [
      { name: "action", required: true },
      { name: "stage", required: true },
    ],
    flags: [...issueFlags.filter(({ name }) => !writing.has(name)), asFlag],
    examples: [
      { line: "optout policy can-i skip lint --for 4h", does: "may I, here and now?" },
      {
        line: "optout policy can-i hold deploy-prod --as bob --branch main",
        does: "could Bob stop it?",
      },
    ],
    json: "optout/can-i",
    load: async () => (await import("./can-i.ts")).canI,
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
];
