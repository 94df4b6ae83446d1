/**
 * Where people are told. A sink knows how to deliver a message to one channel, and nothing of
 * overrides, of retrying later or of records.
 *
 * Its contract: `send` resolves only when the other side has acknowledged the whole message, and in
 * bounded time; it throws an `OptoutError` whose message holds neither the address nor any secret;
 * it goes nowhere but where the policy lets it; all foreign text is escaped for the place where it
 * is shown. Sending twice is allowed, and is seen as one by receivers that can tell.
 */
import type { Channel } from "../core/channel.ts";
import type { OptoutError } from "../core/errors.ts";
import type { Message } from "../core/notice.ts";
import type { ForgeApi } from "../forges/api.ts";

/** How long a delivery may take. */
export interface Limit {
  readonly signal: AbortSignal;
  /** Milliseconds until the signal fires. */
  readonly left: () => number;
}

export interface Sink {
  /** SHA-256 of the address, base64url: records tell by it that the same place was meant. */
  readonly targetHash: string;
  /** @throws `unreachable`, `timeout`, `refused`, `limit` */
  send(message: Message, limit: Limit): Promise<void>;
}

/** What a channel is opened with. */
export interface SinkSetting {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The home directory, for files that begin with `~/`; null where there is none. */
  readonly home: string | null;
  /** The repository on its forge. @throws `not-signed-in` where there is no token for it */
  readonly forge: () => Promise<ForgeApi>;
}

/** A channel as it is on this machine. */
export type OpenedChannel =
  | { readonly kind: "ready"; readonly channel: Channel; readonly sink: Sink }
  /** A secret is not here: the names of the variables and files that would hold it. */
  | { readonly kind: "elsewhere"; readonly channel: Channel; readonly missing: readonly string[] }
  /** What is here cannot be used. */
  | { readonly kind: "broken"; readonly channel: Channel; readonly problem: OptoutError };
