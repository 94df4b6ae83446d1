/**
 * The rows of the commands about the policy.
 */
import type { Command } from "./command.ts";

export const policyCommands: readonly Command[] = [
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
