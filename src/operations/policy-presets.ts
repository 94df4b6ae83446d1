/**
 * The presets that a new policy can begin with: rules for teams of different kinds, as lines of YAML.
 * `templates/policy/` shows each as a whole policy, with its tests.
 */
import type { NewStage } from "../core/new-stage.ts";

export const presetNames = ["solo", "small-team", "enterprise", "regulated"] as const;
export type PresetName = (typeof presetNames)[number];

export interface Preset {
  /** Lines for the head of the file. */
  readonly about: readonly string[];
  /** For stages of one kind; a rule for which there is no stage yet is there as a comment. */
  readonly rules: readonly { readonly kind: NewStage["kind"]; readonly lines: readonly string[] }[];
  /** What stands behind the rules. */
  readonly rest: readonly string[];
  /** Roles that the rules name, beside those of the operator. */
  readonly otherRoles: readonly string[];
}

const soloQuality: readonly string[] = [
  "- id: quality",
  "  match: { kind: quality }",
  "  actions: [skip, allow-failure, force]",
  "  who: [developer, oncall]",
  "  longest: 12h",
  "  default: 2h",
  "  reason: { min: 10 }",
  '  # A ticket must be named: reason: { min: 10, ticket: "^(INC|OPS)-[0-9]+$" }',
];

const soloDeploys: readonly string[] = [
  "- id: deploys",
  "  match: { kind: deploy }",
  "  actions: [hold, force, skip]",
  "  who: [oncall]",
  "  longest: 1h",
  "  reason: { min: 10 }",
  "  # Someone else must agree before it is in force, unless it is an emergency:",
  "  # approvals: { count: 1, from: [release-manager] }",
  "  # emergency: { who: [oncall], longest: 30m, review_within: 24h }",
];

const teamDeploys: readonly string[] = [
  "# Somebody else agrees before it is in force, unless it is an emergency.",
  "- id: deploys",
  "  match: { kind: deploy }",
  "  actions: [hold, force, skip]",
  "  who: [oncall]",
  "  longest: 1h",
  "  reason: { min: 10 }",
  "  approvals: { count: 1, from: [developer, oncall], pending: 4h }",
  "  emergency: { who: [oncall], longest: 30m, review_within: 24h }",
  "  may_revoke: [developer, oncall]",
];

const enterpriseQuality: readonly string[] = [
  "- id: quality",
  "  match: { kind: quality }",
  "  actions: [skip, allow-failure, force]",
  "  who: [developer, oncall]",
  "  longest: 8h",
  "  default: 2h",
  "  reason: { min: 15 }",
  "  may_revoke: [release-manager]",
];

const enterpriseDeploys: readonly string[] = [
  "# Two release managers; one suffices for an outage elsewhere that has a ticket.",
  "- id: deploys",
  "  match: { kind: deploy }",
  "  actions: [hold, force, skip]",
  "  who: [oncall, release-manager]",
  "  longest: 2h",
  "  default: 1h",
  "  reason: { min: 15 }",
  "  approvals:",
  "    - { count: 2, from: [release-manager], pending: 4h }",
  "    - { count: 1, from: [release-manager], when: { code: [upstream-outage], ticket: true }, pending: 4h }",
  "  emergency: { who: [oncall], longest: 30m, review_within: 24h }",
  "  may_revoke: [oncall, release-manager]",
  "  record_use: required",
];

const regulatedQuality: readonly string[] = [
  "# No gate falls without a ticket and a second person.",
  "- id: quality",
  "  match: { kind: quality }",
  "  actions: [skip, allow-failure, force]",
  "  who: [developer, oncall]",
  "  longest: 4h",
  "  default: 1h",
  '  reason: { min: 20, ticket: "^[A-Z]+-[0-9]+$" }',
  "  approvals: { count: 1, from: [reviewer, release-manager], pending: 8h }",
  "  emergency: { who: [oncall], longest: 30m, review_within: 24h }",
  "  may_revoke: [release-manager, security]",
  "  record_use: required",
];

const regulatedDeploys: readonly string[] = [
  "# Two release managers, and the author signed in to the forge as whom this policy says.",
  "- id: deploys",
  "  match: { kind: deploy }",
  "  actions: [hold, force, skip]",
  "  who: [oncall]",
  "  longest: 1h",
  "  default: 30m",
  '  reason: { min: 20, codes: [hotfix, upstream-outage, maintenance, drill], ticket: "^[A-Z]+-[0-9]+$" }',
  "  approvals: { count: 2, from: [release-manager], pending: 8h }",
  "  emergency: { who: [oncall], longest: 15m, review_within: 8h }",
  "  may_revoke: [release-manager, security]",
  "  record_use: required",
  "  forge_account: match",
];

const freezes: readonly string[] = [
  "",
  "# Deploys wait at the weekend; a force that the rules allow beats it.",
  "freezes:",
  '  - { id: weekend, weekly: "fri 16:00 to mon 06:00", zone: UTC, match: { kind: deploy } }',
];

const keyRevokers: readonly string[] = [
  "",
  "# Who may revoke anybody's key.",
  "may_revoke: [security]",
];

/** Every preset; `solo` is what `init` writes where none is named. */
export const presets: Readonly<Record<PresetName, Preset>> = {
  solo: {
    about: [
      "One person, or a few who trust each other: short, signed, and on record. Nobody has to agree.",
    ],
    rules: [
      { kind: "quality", lines: soloQuality },
      { kind: "deploy", lines: soloDeploys },
    ],
    rest: [],
    otherRoles: [],
  },
  "small-team": {
    about: [
      "A team that sits together: gates of quality fall by one signature, deploys by two, and emergencies",
      "are reviewed on the next day.",
    ],
    rules: [
      { kind: "quality", lines: soloQuality },
      { kind: "deploy", lines: teamDeploys },
    ],
    rest: [
      "",
      "# A gate that is opted out of for more than a day a week is to be fixed or dropped.",
      "limits: { per_stage: { total: 24h, within: 7d } }",
    ],
    otherRoles: [],
  },
  enterprise: {
    about: [
      "Several teams and release managers: two of them for deploys, weekends are frozen, uses are recorded",
      "(jobs need a key of their own), and security may revoke keys.",
    ],
    rules: [
      { kind: "quality", lines: enterpriseQuality },
      { kind: "deploy", lines: enterpriseDeploys },
    ],
    rest: [
      ...freezes,
      "",
      "limits:",
      "  per_stage: { total: 24h, within: 7d, open: 3 }",
      "  per_person: { open: 5 }",
      "  extensions: { count: 2, total: 8h }",
      ...keyRevokers,
    ],
    otherRoles: ["release-manager", "security"],
  },
  regulated: {
    about: [
      "Under audit: nothing without a ticket and a second person, everything is used on record (jobs need a key",
      "of their own), and emergencies are short and reviewed within a day.",
    ],
    rules: [
      { kind: "quality", lines: regulatedQuality },
      { kind: "deploy", lines: regulatedDeploys },
    ],
    rest: [
      ...freezes,
      "",
      "limits:",
      "  per_stage: { total: 8h, within: 7d, open: 1 }",
      "  per_person: { open: 2 }",
      "  extensions: { count: 1, total: 4h }",
      ...keyRevokers,
    ],
    otherRoles: ["release-manager", "reviewer", "security"],
  },
};
