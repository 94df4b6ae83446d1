/**
 * The policy, version 1: who may do what to which stage, for how long, with whose approval.
 *
 * These are the fresh, frozen values that `parsePolicy` makes of the bytes on the trusted ref.
 */
import type { PublicKey } from "./keys.ts";

/** Seconds since 1970-01-01T00:00:00Z. */
export type UnixSeconds = number;

export const actions = ["skip", "allow-failure", "force", "hold"] as const;
export type Action = (typeof actions)[number];

export const reasonCodes = [
  "broken-gate",
  "flaky",
  "upstream-outage",
  "hotfix",
  "minor-change",
  "maintenance",
  "forensics",
  "drill",
  "other",
] as const;
export type ReasonCode = (typeof reasonCodes)[number];

export interface Principal {
  readonly id: string;
  readonly name: string | null;
  readonly kind: "person" | "ci";
  readonly roles: readonly string[];
  readonly keys: readonly PublicKey[];
  readonly github: string | null;
  readonly gitlab: string | null;
  /** The forges' own numbers of the accounts, which outlive a rename; null where none is given. */
  readonly githubId: number | null;
  readonly gitlabId: number | null;
  /** Line in the policy file, 1-based. */
  readonly line: number;
}

export interface Stage {
  readonly id: string;
  readonly kind: string;
  readonly environment: string | null;
  /** Actions that no one can take, by any way at all. */
  readonly never: readonly Action[];
  readonly prefer: Action | null;
  /** What `run` does when the log cannot be read or trusted; `stop` by default for kind `deploy`. */
  readonly whenUnreachable: "run" | "stop";
  /** What it does cannot be undone: no emergency, and its name is typed to confirm. */
  readonly irreversible: boolean;
  /** The command that people are told to go back with. */
  readonly rollback: string | null;
  readonly line: number;
}

export interface RuleMatch {
  /** Each list: null means "any". Kinds are exact, the others are globs. */
  readonly kinds: readonly string[] | null;
  readonly stages: readonly string[] | null;
  readonly branches: readonly string[] | null;
  readonly environments: readonly string[] | null;
}

/** How many people of these roles, beside the author. */
export interface Alternative {
  readonly count: number;
  readonly from: readonly string[];
  /** For which overrides it suffices; for all where it is absent. */
  readonly when?: ApprovalCondition;
}

export interface ApprovalCondition {
  /** Codes of the reason; null means any. */
  readonly codes: readonly ReasonCode[] | null;
  /** Whether a ticket must be named. */
  readonly ticket: boolean;
}

export interface Approvals extends Alternative {
  /** Others of which one suffices as well; absent where there is none. */
  readonly or?: readonly Alternative[];
  /** How long after its creation an override waits for approvals. */
  readonly pendingSeconds: number;
}

export interface Emergency {
  readonly who: readonly string[];
  readonly longestSeconds: number;
  readonly reviewWithinSeconds: number | null;
}

export interface Rule {
  readonly id: string;
  readonly match: RuleMatch;
  readonly actions: readonly Action[];
  /** Roles. */
  readonly who: readonly string[];
  readonly longestSeconds: number;
  readonly defaultSeconds: number | null;
  readonly reason: {
    /** Fewest code points of the reason's text. */
    readonly min: number;
    /** Codes that are accepted; null means any. */
    readonly codes: readonly ReasonCode[] | null;
    /** A ticket is needed, and each must match this as a whole. */
    readonly ticket: TicketPattern | null;
  };
  readonly approvals: Approvals | null;
  readonly emergency: Emergency | null;
  readonly mayRevoke: readonly string[];
  readonly recordUse: boolean;
  readonly announce: boolean;
  /** A writer must be signed in to the forge as the account that the policy gives the principal. */
  readonly forgeAccount: boolean;
  readonly line: number;
}

export interface TicketPattern {
  readonly source: string;
  /** Whether the whole of `ticket` matches; takes bounded time for every input. */
  matches(ticket: string): boolean;
}

export type LogPlace =
  | {
      readonly store: "git";
      readonly branch: string;
      readonly id: string | null;
      /** What the subject of every commit begins with, for hosts that demand a form of messages. */
      readonly subjectPrefix: string | null;
      /** Sent with every push (`git push -o`); null leaves it to what the host is known to be. */
      readonly pushOptions: readonly string[] | null;
    }
  | { readonly store: "dir"; readonly path: string; readonly id: string | null }
  | {
      readonly store: "s3";
      readonly bucket: string;
      /** Without a slash at its end; empty where the log has the bucket to itself. */
      readonly prefix: string;
      readonly region: string | null;
      /** Null: AWS. */
      readonly endpoint: string | null;
      /** How requests name the bucket; null: as AWS or the other servers usually have it. */
      readonly addressing: "path" | "virtual" | null;
      /** What the server is to encrypt with; null: as the bucket says. */
      readonly sse: "AES256" | "aws:kms" | null;
      /** With `aws:kms`. */
      readonly kmsKey: string | null;
      readonly id: string | null;
    };

/** A channel to announce to, as declared; `channel-shape.ts` checks what it holds. */
export interface NotifyChannel {
  readonly to: string;
  /** By which records name it; what it is `to` where the policy gives none. */
  readonly name: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly line: number;
}

/** When a freeze holds: both ends as of the zone's clocks, the end exclusive. */
export type FreezeTime =
  | { readonly kind: "span"; readonly from: UnixSeconds; readonly until: UnixSeconds }
  /** Minutes since Monday 00:00; it may reach over the week's end. */
  | {
      readonly kind: "weekly";
      readonly from: number;
      readonly until: number;
      /** As it is written. */
      readonly text: string;
    };

/** A time at which a stage runs only by force. */
export interface Freeze {
  readonly id: string;
  readonly times: readonly FreezeTime[];
  /** IANA name. */
  readonly zone: string;
  readonly match: RuleMatch;
  /** What it is not for although it matches. */
  readonly except: RuleMatch | null;
  readonly line: number;
}

/** Limits over several overrides; null: none. Kept by those who write, and found by audits. */
export interface Limits {
  readonly perStage: { readonly totalSeconds: number; readonly withinSeconds: number } | null;
  /** So many overrides of a stage, or by a person, are open at the same time at most. */
  readonly openPerStage: number | null;
  readonly openPerPerson: number | null;
  readonly extensions: ExtensionLimit | null;
}

/** How often, and to how long in all, an override may be extended; null: any number. */
export interface ExtensionLimit {
  readonly most: number | null;
  readonly totalSeconds: number | null;
}

export interface Policy {
  readonly version: 1;
  readonly log: LogPlace;
  readonly principals: ReadonlyMap<string, Principal>;
  /** Every key of every principal, by its thumbprint. */
  readonly keys: ReadonlyMap<string, { readonly key: PublicKey; readonly owner: Principal }>;
  readonly stages: ReadonlyMap<string, Stage>;
  /** In file order: the first that matches decides. */
  readonly rules: readonly Rule[];
  /** Roles that may revoke any key. */
  readonly mayRevoke: readonly string[];
  readonly limits: Limits;
  /** The forge's application that `optout login` asks in the name of; null where none is named. */
  readonly signInClientId: string | null;
  readonly notify: readonly NotifyChannel[];
  readonly freezes: readonly Freeze[];
  /** SHA-256 of the bytes, base64url. */
  readonly digest: string;
  /** The bytes as text, as `policy.recorded` carries them. */
  readonly text: string;
  /** What is allowed but probably not meant; one sentence each, with its line. */
  readonly warnings: readonly { readonly line: number; readonly message: string }[];
}

/** Whether the principal holds one of the roles. */
export function hasRole(principal: Principal, roles: readonly string[]): boolean {
  return principal.roles.some((role) => roles.includes(role));
}
