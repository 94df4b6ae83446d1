/**
 * The JSON of the commands that look back: `status`, `history` and `verify`. Members may be added,
 * never changed; `schemas.ts` says what they are.
 */
import type { AuditSummary } from "./audit-words.ts";
import type { OverrideJson } from "./override-json.ts";
import type { RepeatJson } from "./repeat-words.ts";

/** A channel that was not told of all that it is for. */
export interface UndeliveredJson {
  readonly channel: string;
  readonly notices: number;
}

/** With `--fields` each override holds those members alone, in the order asked for. */
type ChosenJson = {
  readonly [Member in keyof OverrideJson]?: OverrideJson[Member] | undefined;
};

export interface StatusJson {
  readonly kind: "optout/status";
  readonly v: 1;
  readonly overrides: readonly ChosenJson[];
  /** Numbers of those that wait for the reader's approval. */
  readonly forMe: readonly number[];
  readonly reviews: readonly {
    readonly seq: number;
    readonly id: string;
    readonly due: string;
    readonly overdue: boolean;
  }[];
  /** On the default branch. */
  readonly frozen: readonly {
    readonly stage: string;
    readonly freeze: string;
    readonly line: number;
  }[];
  /** Stages that are opted out of again and again. */
  readonly repeats: readonly RepeatJson[];
  readonly revokedKeys: readonly { readonly kid: string; readonly owner: string }[];
  /** They would be open, had the policy still the keys of their authors. */
  readonly voided: readonly {
    readonly seq: number;
    readonly id: string;
    readonly stage: string;
    readonly by: string;
  }[];
  readonly undelivered: readonly UndeliveredJson[];
  readonly policy: { readonly digest: string; readonly commit: string; readonly source: string };
  readonly log: {
    readonly store: string;
    readonly head: { readonly seq: number; readonly hash: string } | null;
  };
}

export interface HistoryJson {
  readonly kind: "optout/history";
  readonly v: 1;
  readonly overrides: readonly ChosenJson[];
}

export interface VerifyJson extends AuditSummary {
  readonly kind: "optout/verify";
  readonly v: 1;
}

export function statusJson(members: Omit<StatusJson, "kind" | "v">): StatusJson {
  return { kind: "optout/status", v: 1, ...members };
}

export function historyJson(overrides: HistoryJson["overrides"]): HistoryJson {
  return { kind: "optout/history", v: 1, overrides };
}

export function verifyJson(summary: AuditSummary): VerifyJson {
  return { kind: "optout/verify", v: 1, ...summary };
}
