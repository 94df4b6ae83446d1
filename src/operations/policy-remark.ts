/**
 * A difference between two policies that asking for overrides does not show.
 */
export type Direction = "loosens" | "tightens";

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
