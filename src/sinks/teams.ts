/**
 * Microsoft Teams: a workflow that begins "when a Teams webhook request is received", whose address
 * is the secret. It takes an adaptive card, and refuses what is larger than 28 KB.
 */
import type { UrlChannel } from "../core/channel.ts";
import type { Message } from "../core/notice.ts";
import type { OpenedChannel, SinkSetting } from "./sink.ts";
import { openWeb } from "./web.ts";

/** @param render the body of the request, as JSON */
export function openTeams(
  channel: UrlChannel,
  setting: SinkSetting,
  render: (message: Message) => string,
): OpenedChannel {
  const headers = (): Record<string, string> => ({ "content-type": "application/json" });
  return openWeb(channel, setting, (message) => [{ headers, body: render(message) }]);
}
