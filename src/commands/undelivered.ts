/**
 * What nobody was told yet, as the log shows it, and who can tell it. Sends nothing; channels are opened
 * only where something is left to tell.
 */
import type { Principal } from "../core/policy.ts";
import type { View } from "../core/view.ts";
import type { Untold } from "../output/notify-words.ts";
import type { Io } from "../output/io.ts";
import type { Openers, OpenLog } from "./openers.ts";

interface Asking {
  readonly open: Openers;
  readonly io: Pick<Io, "now">;
  readonly defaultBranch: string | null;
  /** Who reads; null where nobody knows. */
  readonly reader: () => Promise<Principal | null>;
}

/** For each channel that lacks some, how many notices of the last day; none where no channel is. */
export async function undeliveredIn(
  log: OpenLog,
  view: View,
  { open, io, defaultBranch, reader }: Asking,
): Promise<readonly Untold[]> {
  const { policy } = log;
  if (policy.notify.length === 0) return [];
  const [{ channelsOf }, { undelivered }, { mayTell, tellable }] = await Promise.all([
    import("../core/channel-shape.ts"),
    import("../core/notice.ts"),
    import("../operations/tell.ts"),
  ]);
  const notices = tellable({ writer: io, defaultBranch }, view);
  const untold = channelsOf(policy)
    .map((channel) => ({ channel, left: undelivered(view, notices, channel, defaultBranch) }))
    .filter(({ left }) => left.length > 0);
  if (untold.length === 0) return [];
  const { openChannels } = await import("./telling.ts");
  const [opened, principal] = await Promise.all([openChannels(open, log), reader()]);
  return untold.map(({ channel: { name }, left }): Untold => {
    const here = opened.find(({ channel }) => channel.name === name);
    const isMine =
      principal === null || left.some(({ notice }) => mayTell({ writer: { principal } }, notice));
    const teller =
      here?.kind === "elsewhere"
        ? ({ kind: "elsewhere", missing: here.missing } as const)
        : ({ kind: isMine ? "here" : "others" } as const);
    return { channel: name, notices: left.length, teller };
  });
}
