/**
 * Opens the channels of the policy as they are on this machine. With `open.ts` the only file that
 * knows the sinks; nothing of it is loaded before there is something to tell.
 */
import type { Channel } from "./core/channel.ts";
import type { OpenedChannel, SinkSetting } from "./sinks/sink.ts";

/** Every sink; a new one is its file and its case here, for which the compiler asks. */
async function openSink(channel: Channel, setting: SinkSetting): Promise<OpenedChannel> {
  switch (channel.to) {
    case "slack": {
      const { openSlack } = await import("./sinks/slack.ts");
      const { slackBody } = await import("./output/notice-chat.ts");
      return openSlack(channel, setting, slackBody);
    }
    case "teams": {
      const { openTeams } = await import("./sinks/teams.ts");
      const { teamsBody } = await import("./output/notice-chat.ts");
      return openTeams(channel, setting, teamsBody);
    }
    case "webhook": {
      const { openWebhook } = await import("./sinks/webhook.ts");
      const { cloudEvents } = await import("./output/notice-json.ts");
      return openWebhook(channel, setting, cloudEvents);
    }
    case "email": {
      const { openEmail } = await import("./sinks/email.ts");
      const { mailOf } = await import("./output/notice-mail.ts");
      return openEmail(channel, setting, mailOf);
    }
    case "forge": {
      const { openPullRequest } = await import("./sinks/pull-request.ts");
      const { commentOf, statusesOf } = await import("./output/notice-comment.ts");
      return openPullRequest(channel, setting, { comment: commentOf, statuses: statusesOf });
    }
    case "exec": {
      const { openExec } = await import("./sinks/exec.ts");
      const { execInput } = await import("./output/notice-json.ts");
      return openExec(channel, setting, execInput);
    }
  }
}

/** Opens them all, in the policy's order. Nothing is sent. */
export function openSinks(
  channels: readonly Channel[],
  env: SinkSetting["env"],
  forge: SinkSetting["forge"],
): Promise<readonly OpenedChannel[]> {
  const setting = { env, home: env["HOME"] || null, forge };
  return Promise.all(channels.map((channel) => openSink(channel, setting)));
}
