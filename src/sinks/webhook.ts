/**
 * Any receiver: one CloudEvent for each notice (CloudEvents 1.0, structured JSON), signed as
 * Standard Webhooks says where the channel has a key, so that the receiver can tell a forged or a
 * replayed one. The id is the statement's, so whatever is sent twice is seen to be the same.
 */
import { createHmac } from "node:crypto";

import type { UrlChannel } from "../core/channel.ts";
import { OptoutError } from "../core/errors.ts";
import type { Message } from "../core/notice.ts";
import { nameOf, readSecret } from "./secret.ts";
import type { OpenedChannel, SinkSetting } from "./sink.ts";
import { openWeb } from "./web.ts";

/** An event as it is sent. */
export interface WebhookEvent {
  readonly id: string;
  /** JSON. */
  readonly body: string;
}

/** @param render one event for each notice, or the one of a test */
export function openWebhook(
  channel: UrlChannel,
  setting: SinkSetting,
  render: (message: Message) => readonly WebhookEvent[],
): OpenedChannel {
  const keys = signingKeys(channel, setting);
  if ("kind" in keys) return keys;
  const contentType = { "content-type": "application/cloudevents+json; charset=utf-8" };
  return openWeb(channel, setting, (message) =>
    render(message).map(({ id, body }) => ({
      headers: () => ({ ...contentType, ...signatures(keys, { id, body }) }),
      body,
    })),
  );
}

/** Several keys, parted by blanks, sign side by side while one takes the place of another. */
function signingKeys(
  channel: UrlChannel,
  setting: SinkSetting,
): readonly Uint8Array[] | OpenedChannel {
  if (channel.secret === null) return [];
  const name = nameOf(channel.secret);
  const text = readSecret(channel.secret, setting);
  if (text === null) return { kind: "elsewhere", channel, missing: [name] };
  const keys = text.split(/\s+/).map(keyOf);
  if (keys.every((key) => key !== null)) return keys;
  const problem = new OptoutError("config-invalid", `${name} holds no key of 24 to 64 bytes`, {
    hint: 'echo "whsec_$(openssl rand -base64 32)"',
  });
  return { kind: "broken", channel, problem };
}

/** `whsec_` and base64; the prefix may be left out. */
function keyOf(text: string): Uint8Array | null {
  const written = text.replace(/^whsec_/, "");
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(written)) return null;
  const key = Buffer.from(written, "base64");
  return key.length >= 24 && key.length <= 64 ? key : null;
}

function signatures(
  keys: readonly Uint8Array[],
  { id, body }: WebhookEvent,
): Record<string, string> {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const signed = keys.map(
    (key) =>
      `v1,${createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64")}`,
  );
  return {
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    ...(signed.length === 0 ? {} : { "webhook-signature": signed.join(" ") }),
  };
}
