/**
 * Slack: an incoming webhook, whose address is the secret. It takes text blocks.
 */
import type { UrlChannel } from "../core/channel.ts";
import type { Message } from "../core/notice.ts";
import type { OpenedChannel, SinkSetting } from "./sink.ts";
import { openWeb } from "./web.ts";

/** @param render the body of the request, as JSON */
export function openSlack(
  channel: UrlChannel,
  setting: SinkSetting,
  render: (message: Message) => string,
): OpenedChannel {
  const headers = (): Record<string, string> => ({
    "content-type": "application/json; charset=utf-8",
  });
  return openWeb(channel, setting, (message) => [{ headers, body: render(message) }]);
}
