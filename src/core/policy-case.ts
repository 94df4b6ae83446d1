/**
 * Tests of a policy as values: cases that say what it must answer to whom, and what it answered.
 */
import type { Authorization } from "./authorize.ts";
import type { ObjectionCode } from "./objection.ts";
import type { Action, Freeze, ReasonCode, UnixSeconds } from "./policy.ts";
import type { Scope } from "./statement.ts";
import type { Place } from "./yaml-text.ts";

/** What writers are told, or that a freeze would be above it for as long as it lasts. */
export type PolicyAnswer =
  | Authorization
  | {
      readonly kind: "frozen";
      readonly freeze: Freeze;
      /** What it would be without the freeze. */
      readonly otherwise: Exclude<Authorization, { kind: "refused" }>;
    };

export const expectations = ["allowed", "pending", "refused", "frozen"] as const;
export type Expectation = (typeof expectations)[number];

/** Why a policy may refuse, as `because` names it. */
export const refusals: readonly ObjectionCode[] = [
  "no-rule",
  "never",
  "action",
  "who",
  "too-long",
  "reason-too-short",
  "reason-code",
  "ticket-missing",
  "ticket-mismatch",
  "no-emergency",
  "irreversible",
  "limit",
];

/** One case, as the file has it. */
export interface PolicyCase {
  /** Where it begins, counted from 1. */
  readonly place: Place;
  readonly name: string | null;
  /** Somebody of the policy; or a person who has these roles and no others. */
  readonly who: string | null;
  readonly roles: readonly string[] | null;
  readonly action: Action;
  readonly stage: string;
  readonly scope: Scope;
  /** Seconds; null: what the rule gives where nobody says how long. */
  readonly duration: number | null;
  readonly code: ReasonCode;
  /** Null: one that is long enough. */
  readonly reason: string | null;
  readonly tickets: readonly string[];
  readonly emergency: boolean;
  readonly when: UnixSeconds | null;
  readonly expect: Expectation;
  /** What is further expected of the answer; null: nothing. */
  readonly rule: string | null;
  readonly because: readonly string[] | null;
  readonly approvals: number | null;
}

export interface PolicyCases {
  /** What a head's pull requests go into. */
  readonly defaultBranch: string;
  readonly cases: readonly PolicyCase[];
}

/** In what a case was wrong, or its policy. */
export type CaseFault = "stage" | "who" | "answer" | "rule" | "because" | "approvals";

export interface CaseResult {
  readonly tested: PolicyCase;
  /** None: it passed. */
  readonly faults: readonly CaseFault[];
  /** Null where there was nobody or nothing to ask about. */
  readonly answer: PolicyAnswer | null;
}
