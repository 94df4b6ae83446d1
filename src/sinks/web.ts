/**
 * What channels on the web share: an address, which is a secret more often than not, the hosts that
 * it may lead to, and requests that are answered.
 */
import type { UrlChannel } from "../core/channel.ts";
import { sha256Base64url } from "../core/crypto.ts";
import { asOptoutError, OptoutError } from "../core/errors.ts";
import type { Message } from "../core/notice.ts";
import { allowedUrl, post } from "../system/post.ts";
import { nameOf, readSecret } from "./secret.ts";
import type { OpenedChannel, SinkSetting } from "./sink.ts";

export interface WebRequest {
  readonly headers: () => Readonly<Record<string, string>>;
  readonly body: string;
}

/** Opens a channel that sends a message as these requests, one after the other. */
export function openWeb(
  channel: UrlChannel,
  setting: SinkSetting,
  requestsOf: (message: Message) => readonly WebRequest[],
): OpenedChannel {
  const { url, hosts } = channel;
  const address = typeof url === "string" ? url : readSecret(url, setting);
  if (address === null) {
    return { kind: "elsewhere", channel, missing: typeof url === "string" ? [] : [nameOf(url)] };
  }
  try {
    allowedUrl(address, hosts);
  } catch (thrown) {
    return { kind: "broken", channel, problem: misplaced(channel, asOptoutError(thrown)) };
  }
  return {
    kind: "ready",
    channel,
    sink: {
      targetHash: sha256Base64url(Buffer.from(address, "utf8")),
      send: async (message, { signal, left }) => {
        for (const request of requestsOf(message)) {
          await post({ address, hosts, ...request, signal, left });
        }
      },
    },
  };
}

/** An address that cannot be used, by where it stands. */
function misplaced({ url, line }: UrlChannel, cause: OptoutError): OptoutError {
  return typeof url === "string"
    ? new OptoutError("policy-invalid", `the policy's line ${line}: ${cause.message}`, { cause })
    : new OptoutError("config-invalid", `${nameOf(url)}: ${cause.message}`, { cause });
}
