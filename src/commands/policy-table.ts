/**
 * The rows of the commands about the policy.
 */
import type { Command } from "./command.ts";
import { issueFlags, scopeFlags } from "./issue-flags.ts";

const asFlag = { name: "as", value: "NAME", help: "ask for this person of the policy" } as const;

/** Flags of what is recorded, which a question has no use for. */
const writing: ReadonlySet<string> = new Set(["dry-run", "require-wired", "wait", "confirm"]);

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
    name: "policy test",
    group: "SET UP",
    summary: "ask a policy what its tests say, before a change of it lands",
    about: [
      "Reads .optout/policy.test.yaml of this work tree, or the file NAME.test.yaml beside the policy NAME.yaml that is named. Each case says who (or which roles), action, stage, scope and when, and what the policy must answer: allowed, pending, refused or frozen.",
      "The policy alone is asked: what the log holds, such as the time that was used up already, is not part of it. Exit 0 when every answer is the expected one, else 1.",
    ],
    args: [{ name: "file" }],
    flags: [
      { name: "cases", value: "FILE", help: "the cases, where they are not beside the policy" },
      {
        name: "format",
        value: "FORMAT",
        choices: ["text", "json", "junit"],
        help: "text, json (the same as --json) or the XML of JUnit",
      },
    ],
    examples: [
      { line: "optout policy test", does: ".optout/policy.yaml of this work tree" },
      { line: "optout policy test --format junit > policy.xml", does: "for a CI's list of tests" },
    ],
    json: "optout/policy-test",
    load: async () => (await import("./policy-test.ts")).policyTest,
  },
  {
    name: "policy diff",
    group: "SET UP",
    summary: "what a change of the policy loosens, and what it tightens",
    about: [
      "Asks the policy of the commit REF and the one of this work tree (or FILE) the same, for every stage, everybody and every place at which either of them makes a difference. LOOSENS: something is permitted that was not, or a hold or a freeze is lifted.",
      "What cannot be compared counts as looser: another pattern for tickets, another log. docs/policy.md says what it cannot see.",
    ],
    args: [{ name: "ref", required: true }, { name: "file" }],
    flags: [{ name: "forbid-loosening", help: "exit 3 where anything is looser" }],
    examples: [
      { line: "optout policy diff origin/main", does: "before a change is reviewed" },
      {
        line: "optout policy diff origin/main --forbid-loosening",
        does: "in CI: a looser policy needs somebody to say so",
      },
    ],
    json: "optout/policy-diff",
    load: async () => (await import("./policy-diff.ts")).policyDiff,
  },
  {
    name: "policy who",
    group: "SET UP",
    summary: "who may do what to a stage, now or at a time in the past",
    about: [
      "An access review: everybody of the policy who may override the stage, approve, deny or revoke, by rule and place, with lines. With --at by the policy that the log says was in force then: its text stands in the log, and counts if the trusted ref bears it out.",
      "The log learns of a policy when somebody writes under it; a change that nobody had used yet is not there.",
    ],
    args: [{ name: "stage", required: true }],
    flags: [{ name: "at", value: "TIME", help: "then (a date, a time, or a duration back)" }],
    examples: [
      { line: "optout policy who deploy-prod", does: "who may do what now" },
      { line: "optout policy who deploy-prod --at 2026-06-30", does: "who could, for an auditor" },
    ],
    json: "optout/policy-who",
    load: async () => (await import("./policy-who.ts")).policyWho,
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
