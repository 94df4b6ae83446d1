/**
 * What nobody was told yet, as the log shows it. Opens no channel and sends nothing.
 */
import type { View } from "../core/view.ts";
import type { UndeliveredJson } from "../output/look-back-json.ts";
import type { Io } from "../output/io.ts";
import type { OpenLog } from "./openers.ts";

/** For each channel that lacks some, how many notices of the last day; none where no channel is. */
export async function undeliveredIn(
  { policy }: OpenLog,
  view: View,
  { io, defaultBranch }: { readonly io: Pick<Io, "now">; readonly defaultBranch: string | null },
): Promise<readonly UndeliveredJson[]> {
  if (policy.notify.length === 0) return [];
  const [{ channelsOf }, { undelivered }, { tellable }] = await Promise.all([
    import("../core/channel-shape.ts"),
    import("../core/notice.ts"),
    import("../operations/tell.ts"),
  ]);
  const notices = tellable({ writer: io, defaultBranch }, view);
  return channelsOf(policy)
    .map((channel) => ({
      channel: channel.name,
      notices: undelivered(view, notices, channel, defaultBranch).length,
    }))
    .filter((one) => one.notices > 0);
}
