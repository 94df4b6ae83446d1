/**
 * Who may do what to a stage, by the policy alone.
 */
import type { Action, Approvals, Rule } from "./policy.ts";

/** What one person may do where one rule judges. */
export interface PersonsAccess {
  readonly id: string;
  readonly name: string | null;
  readonly line: number;
  /** What they may record, and what it has to wait for. */
  readonly actions: readonly Action[];
  readonly approvals: Approvals | null;
  readonly emergency: readonly Action[];
  readonly approves: boolean;
  readonly revokes: boolean;
}

export interface PlaceAccess {
  /** Branches and globs of them, `other branches`, `tags`; or `everywhere`. */
  readonly places: readonly string[];
  readonly rule: Rule | null;
  /** Those who may do anything; nobody else may. */
  readonly people: readonly PersonsAccess[];
}
