/**
 * Channels: where people are told, as the policy's `notify` declares them. Values only; what reads
 * them is `channel-shape.ts`, what sends is in `sinks/`. Off the check path.
 */
import type { RuleMatch } from "./policy.ts";

/** What may have happened to an override. */
export const noticeEvents = [
  "created",
  "requested",
  "emergency",
  "extended",
  "approved",
  "denied",
  "revoked",
  "reviewed",
] as const;
export type NoticeEvent = (typeof noticeEvents)[number];

/** Where a secret is: the policy names the variable or the file, and never holds the secret. */
export type SecretSource = { readonly env: string } | { readonly file: string };

interface Common {
  /** Of this channel alone; records name it. */
  readonly name: string;
  /** What it is told of: overrides that this fits in some place of their scope. */
  readonly match: RuleMatch | null;
  /** Ids of rules; null means any. */
  readonly rules: readonly string[] | null;
  readonly events: readonly NoticeEvent[] | null;
  readonly line: number;
}

/** A channel that is an address on the web. */
export interface UrlChannel extends Common {
  readonly to: "slack" | "teams" | "webhook";
  readonly url: string | SecretSource;
  /** Hosts that it may send to: `hooks.example.com`, with `:8443`, or `*.example.com`. */
  readonly hosts: readonly string[];
  /** The key that signs (Standard Webhooks); webhooks only. */
  readonly secret: SecretSource | null;
}

export interface EmailChannel extends Common {
  readonly to: "email";
  readonly server: { readonly host: string; readonly port: number };
  /** `none` is for a server on this very machine. */
  readonly tls: "starttls" | "implicit" | "none";
  readonly sender: string;
  readonly recipients: readonly string[];
  readonly user: SecretSource | null;
  readonly password: SecretSource | null;
}

export interface ExecChannel extends Common {
  readonly to: "exec";
  /** A program, by its absolute path or a name on PATH, and its arguments. There is no shell. */
  readonly command: readonly string[];
  /** Variables that it gets, beside PATH, HOME, LANG and TZ. All must be set. */
  readonly env: readonly string[];
  readonly timeoutSeconds: number;
}

/** A comment on the pull request that an override names, and a status of its commit. */
export interface ForgeChannel extends Common {
  readonly to: "forge";
  /** Whether the status `optout / STAGE` is set too. */
  readonly status: boolean;
}

export type Channel = UrlChannel | EmailChannel | ExecChannel | ForgeChannel;

export type ChannelKind = Channel["to"];
