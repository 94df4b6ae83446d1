/**
 * What an audit can find: stable codes, each with its weight and its meaning, in one table.
 */

export type Weight =
  /** The log, or something in it that would permit, is not what it should be: exit 5. */
  | "violation"
  /** Somebody tried what has no effect, or owes something: reported, exit 0. */
  | "warning";

export interface FindingRow {
  readonly weight: Weight;
  readonly meaning: string;
}

export type FindingCode =
  | "LOG_EMPTY"
  | "LOG_ID"
  | "LOG_ORDER"
  | "STORE_STRAY"
  | "STORE_SECOND_VERSION"
  | "STORE_DELETED"
  | "STORE_UNPROVEN"
  | "HEAD_MISSING"
  | "HEAD_MISMATCH"
  | "POSITION_FORM"
  | "POSITION_SEQ"
  | "POSITION_PREV"
  | "STATEMENT_FORM"
  | "STATEMENT_SIZE"
  | "KEY_UNKNOWN"
  | "ALGORITHM"
  | "SIGNATURE"
  | "JSON"
  | "SCHEMA"
  | "OWNER"
  | "OTHER_LOG"
  | "UNKNOWN_KIND"
  | "CI_KIND"
  | "SECOND_BEGINNING"
  | "ID_REPEATED"
  | "SAW_CONTRADICTED"
  | "TIME_BEFORE_SEEN"
  | "TIME_AHEAD"
  | "POLICY_NOT_ON_REF"
  | "POLICY_OUTDATED"
  | "POLICY_UNPROVEN"
  | "OVERRIDE_NOT_ALLOWED"
  | "LIMIT_EXCEEDED"
  | "OPEN_EXCEEDED"
  | "EXTENSION_INVALID"
  | "EXTENSIONS_EXCEEDED"
  | "USE_NOT_IN_FORCE"
  | "USE_OF_UNKNOWN"
  | "USE_REPEATED"
  | "KEY_REVOKED"
  | "APPROVAL_NOT_ENTITLED"
  | "END_NOT_ENTITLED"
  | "KEY_REVOCATION_NOT_ENTITLED"
  | "OVERRIDE_UNKNOWN"
  | "REVIEW_BY_AUTHOR"
  | "REVIEW_OVERDUE"
  | "APPROVALS_NOT_RAISED";

export const findingCodes: Readonly<Record<FindingCode, FindingRow>> = {
  LOG_EMPTY: { weight: "violation", meaning: "the log is missing or empty" },
  LOG_ID: { weight: "violation", meaning: "the log does not begin as the policy's log.id says" },
  LOG_ORDER: { weight: "violation", meaning: "the store's line of positions is not a single line" },
  STORE_STRAY: {
    weight: "warning",
    meaning: "the store holds an object that is none of the positions; it is passed over",
  },
  STORE_SECOND_VERSION: {
    weight: "violation",
    meaning: "the store remembers that a position was written a second time",
  },
  STORE_DELETED: {
    weight: "violation",
    meaning: "the store remembers that a position was deleted",
  },
  STORE_UNPROVEN: {
    weight: "warning",
    meaning: "the store does not tell whether positions were overwritten or deleted",
  },
  HEAD_MISSING: {
    weight: "violation",
    meaning: "the log is shorter than an anchor that was seen before",
  },
  HEAD_MISMATCH: {
    weight: "violation",
    meaning: "the log differs from an anchor that was seen before",
  },
  POSITION_FORM: { weight: "violation", meaning: "the bytes are not of a position's form" },
  POSITION_SEQ: { weight: "violation", meaning: "the position names another number than its own" },
  POSITION_PREV: {
    weight: "violation",
    meaning: "the position does not name the hash of the one before it",
  },
  STATEMENT_FORM: {
    weight: "violation",
    meaning: "the statement is not a canonical JWS with the one accepted header",
  },
  STATEMENT_SIZE: { weight: "violation", meaning: "the statement is larger than its kind may be" },
  KEY_UNKNOWN: {
    weight: "violation",
    meaning: "the key was not in the policy that the statement names",
  },
  ALGORITHM: { weight: "violation", meaning: "the algorithm is not the key's" },
  SIGNATURE: { weight: "violation", meaning: "the signature is wrong" },
  JSON: { weight: "violation", meaning: "the payload is not strict JSON" },
  SCHEMA: { weight: "violation", meaning: "the payload is not what its kind holds" },
  OWNER: { weight: "violation", meaning: "the statement is not by the owner of its key" },
  OTHER_LOG: { weight: "violation", meaning: "the statement belongs to another log" },
  UNKNOWN_KIND: {
    weight: "violation",
    meaning: "the version or kind is not known to this version of optout",
  },
  CI_KIND: { weight: "violation", meaning: "a ci key signed what a ci key may not sign" },
  SECOND_BEGINNING: { weight: "violation", meaning: "the log begins a second time" },
  ID_REPEATED: { weight: "violation", meaning: "the id was used before" },
  SAW_CONTRADICTED: {
    weight: "violation",
    meaning: "the author saw another history than the log holds",
  },
  TIME_BEFORE_SEEN: {
    weight: "violation",
    meaning: "the statement claims a time before that of what its author saw",
  },
  TIME_AHEAD: {
    weight: "violation",
    meaning: "the statement claims a time ahead of those of most that come right after it",
  },
  POLICY_NOT_ON_REF: {
    weight: "violation",
    meaning: "the recorded policy is not the file at its commit on the trusted ref",
  },
  POLICY_OUTDATED: {
    weight: "violation",
    meaning: "the author went by another policy than the last one recorded",
  },
  POLICY_UNPROVEN: {
    weight: "warning",
    meaning: "no history at hand to prove the recorded policy by",
  },
  OVERRIDE_NOT_ALLOWED: {
    weight: "violation",
    meaning: "the policy of then did not allow the override",
  },
  LIMIT_EXCEEDED: {
    weight: "violation",
    meaning: "the stage was overridden for longer than the policy's limit",
  },
  OPEN_EXCEEDED: {
    weight: "violation",
    meaning: "more overrides of the stage, or by the person, were open than the policy allows",
  },
  EXTENSION_INVALID: {
    weight: "violation",
    meaning: "extends what is not in the log, is of another kind, or had been ended",
  },
  EXTENSIONS_EXCEEDED: {
    weight: "violation",
    meaning: "extended more often, or to a longer time in all, than the policy allows",
  },
  USE_NOT_IN_FORCE: {
    weight: "violation",
    meaning: "a job used an override that was not in force for it",
  },
  USE_OF_UNKNOWN: {
    weight: "violation",
    meaning: "a job used an override that the log does not hold",
  },
  USE_REPEATED: {
    weight: "violation",
    meaning: "an override for one use was used by a second run",
  },
  KEY_REVOKED: { weight: "violation", meaning: "a revoked key is still in the policy" },
  APPROVAL_NOT_ENTITLED: {
    weight: "warning",
    meaning: "an approval by someone who may not approve; it does not count",
  },
  END_NOT_ENTITLED: {
    weight: "warning",
    meaning: "a revocation or denial by someone who may not; it has no effect",
  },
  KEY_REVOCATION_NOT_ENTITLED: {
    weight: "warning",
    meaning: "a key revoked by someone who may not; it has no effect",
  },
  OVERRIDE_UNKNOWN: {
    weight: "warning",
    meaning: "an approval, denial, revocation or review of an override that the log does not hold",
  },
  REVIEW_BY_AUTHOR: {
    weight: "warning",
    meaning: "a review by the override's own author; it does not count",
  },
  REVIEW_OVERDUE: {
    weight: "warning",
    meaning: "nobody else reviewed an emergency within the time that its rule gives",
  },
  APPROVALS_NOT_RAISED: {
    weight: "violation",
    meaning: "made without the approval more that an overdue review asks for",
  },
};

export interface Finding {
  readonly code: FindingCode;
  readonly seq: number;
  /** What exactly, in a few words. */
  readonly detail: string;
}

/** Whether the finding makes a log "not intact". */
export function isViolation(finding: Finding): boolean {
  return findingCodes[finding.code].weight === "violation";
}

/** Takes note of a finding. */
export type Report = (code: FindingCode, seq: number, detail: string) => void;
