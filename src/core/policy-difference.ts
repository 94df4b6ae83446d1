/**
 * What differs between two policies: what people may record, and what asking for overrides does not
 * show.
 */
import type { Objection } from "./objection.ts";
import type { Action, Approvals, ReasonCode, Rule } from "./policy.ts";

export type Direction = "loosens" | "tightens";

/** What somebody may record at all. */
export interface Terms {
  readonly rule: Pick<Rule, "id" | "line">;
  readonly longestSeconds: number;
  /** Fewest characters of the reason. */
  readonly reason: number;
  /** Null: any. */
  readonly codes: readonly ReasonCode[] | null;
  /** The pattern, where a ticket is needed. */
  readonly ticket: string | null;
  readonly approvals: Approvals | null;
  readonly signedIn: boolean;
  readonly recordUse: boolean;
  readonly announce: boolean;
  /** Of an emergency; null where none is due. */
  readonly reviewWithinSeconds: number | null;
}

/** One policy's side of a difference. */
export interface Side {
  /** Null: refused in every circumstance, for these reasons. */
  readonly terms: Terms | null;
  readonly objections: readonly Objection[];
}

/** What some people may do to a stage in some places, and could not before, or the reverse. */
export interface Difference {
  readonly direction: Direction;
  readonly stage: string;
  readonly people: readonly string[];
  readonly actions: readonly Action[];
  readonly emergency: boolean;
  /** Branches and globs of them, `other branches`, `tags`; or `everywhere`. */
  readonly places: readonly string[];
  readonly was: Side;
  readonly now: Side;
}

export type RemarkCode =
  | "may-end"
  | "may-lift"
  | "freeze"
  | "kind"
  | "when-unreachable"
  | "stage"
  | "rule"
  | "limits"
  | "policy"
  | "log"
  | "key-added"
  | "key-removed"
  | "principal-kind"
  | "account"
  | "ci"
  | "key-revoker";

export interface Remark {
  readonly direction: Direction;
  readonly code: RemarkCode;
  /** Null: it is about all of them. */
  readonly stage: string | null;
  readonly people: readonly string[];
  /** As written before and now, where there is something to write. */
  readonly was: string | null;
  readonly now: string | null;
  /** In the policy of now, else of before. */
  readonly line: number | null;
}

/** About everything, with nothing to write. */
export const nothing: Omit<Remark, "direction" | "code"> = {
  stage: null,
  people: [],
  was: null,
  now: null,
  line: null,
};
