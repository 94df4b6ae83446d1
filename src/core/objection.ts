/**
 * Why an override is not in force, or may not be made: one closed list, as data. Words for people
 * are made of it in output/; the codes are stable and stand in JSON.
 */
import type { Action, ReasonCode, Rule, UnixSeconds } from "./policy.ts";

export type Objection =
  // the statement
  | { readonly code: "not-seen"; readonly seq: number }
  | { readonly code: "key-revoked"; readonly kid: string }
  // only in looking back: no decision sees what the policy of now does not read
  | {
      readonly code: "author-gone";
      readonly by: string;
      readonly kid: string;
      /** Whether the policy has the key, as somebody else's. */
      readonly isKeyKnown: boolean;
    }
  // the subject
  | { readonly code: "out-of-scope" }
  // the rule
  | { readonly code: "no-rule" }
  | { readonly code: "never"; readonly action: Action; readonly line: number }
  | { readonly code: "action"; readonly allowed: readonly Action[] }
  | { readonly code: "who"; readonly roles: readonly string[] }
  | { readonly code: "too-long"; readonly longest: number; readonly asked: number }
  | { readonly code: "reason-too-short"; readonly min: number }
  | { readonly code: "reason-code"; readonly allowed: readonly ReasonCode[] }
  | { readonly code: "ticket-missing"; readonly pattern: string }
  | { readonly code: "ticket-mismatch"; readonly pattern: string; readonly ticket: string }
  | { readonly code: "no-emergency" }
  | { readonly code: "irreversible"; readonly line: number }
  | { readonly code: "account"; readonly expected: string | null; readonly found: string | null }
  | {
      readonly code: "limit";
      readonly total: number;
      readonly within: number;
      readonly used: number;
    }
  // other overrides
  | {
      readonly code: "too-many-open";
      readonly per: "stage" | "person";
      readonly most: number;
      /** The positions of those that are open. */
      readonly open: readonly number[];
    }
  | {
      readonly code: "not-extendable";
      /** Not in the log; of another stage, action or scope; revoked or denied. */
      readonly why: "unknown" | "other" | "ended";
    }
  | { readonly code: "too-many-extensions"; readonly most: number; readonly made: number }
  | { readonly code: "extended-too-long"; readonly longest: number; readonly taken: number }
  // what others said
  | {
      readonly code: "approvals";
      readonly needed: number;
      readonly have: number;
      readonly from: readonly string[];
      /** What would suffice as well. */
      readonly or?: readonly {
        readonly needed: number;
        readonly have: number;
        readonly from: readonly string[];
      }[];
    }
  | { readonly code: "approvals-too-late"; readonly needed: number; readonly have: number }
  | { readonly code: "not-announced" }
  | { readonly code: "revoked"; readonly seq: number; readonly by: string }
  | { readonly code: "denied"; readonly seq: number; readonly by: string }
  | { readonly code: "doubt"; readonly seq: number }
  | { readonly code: "used-up"; readonly seq: number; readonly run: string }
  | { readonly code: "use-not-recorded"; readonly why: string }
  // the time
  | { readonly code: "frozen"; readonly freeze: string; readonly line: number }
  | { readonly code: "not-started"; readonly start: UnixSeconds }
  | { readonly code: "expired"; readonly end: UnixSeconds }
  | { readonly code: "clock" };

export type ObjectionCode = Objection["code"];

/** A rule's view of an override, existing or asked for. */
export interface RuleOpinion {
  readonly rule: Rule | null;
  readonly objections: readonly Objection[];
  /** The approvals it needs; null where none. */
  readonly approvals: Rule["approvals"];
}
