/**
 * The pull request that an override names: one comment, written anew in its place whenever something
 * happens, so that it always says how things stand; and, where the policy asks for it, a status of
 * the commit, which says overridden and never passed.
 */
import type { ForgeChannel } from "../core/channel.ts";
import { sha256Base64url } from "../core/crypto.ts";
import { asOptoutError, OptoutError } from "../core/errors.ts";
import type { Message } from "../core/notice.ts";
import { withDeadline } from "../system/with-deadline.ts";
import type { Limit, OpenedChannel, SinkSetting } from "./sink.ts";

type Forge = Awaited<ReturnType<SinkSetting["forge"]>>;

/** What stands in the places of a pull request. */
export interface Rendering {
  /** The comment, which begins with `marker`. */
  readonly comment: (message: Message, pr: number, forge: Forge["forge"]) => string;
  /** A status for each stage that the message is about. */
  readonly statuses: (
    message: Message,
    pr: number,
    forge: Forge["forge"],
  ) => readonly {
    readonly context: string;
    readonly state: "success" | "pending";
    readonly description: string;
  }[];
}

/** The first line of our comment, by which it is found again. It is not shown. */
const marker = "<!-- optout: one comment, written anew in its place -->";

export async function openPullRequest(
  channel: ForgeChannel,
  setting: SinkSetting,
  rendering: Rendering,
): Promise<OpenedChannel> {
  try {
    const forge = await setting.forge();
    const targetHash = sha256Base64url(Buffer.from(`${forge.forge}:${forge.host}`, "utf8"));
    // the forge's own deadline is the command's; this one is shorter
    const send = (message: Message, { signal }: Limit): Promise<void> =>
      withDeadline(signal, `telling ${forge.host}`, tell({ forge, channel, rendering }, message));
    return { kind: "ready", channel, sink: { targetHash, send } };
  } catch (thrown) {
    const problem = asOptoutError(thrown);
    return problem.code === "not-signed-in"
      ? { kind: "elsewhere", channel, missing: ["a token for the forge"] }
      : { kind: "broken", channel, problem };
  }
}

interface Scene {
  readonly forge: Forge;
  readonly channel: ForgeChannel;
  readonly rendering: Rendering;
}

/** A pull request that was not run for longer has nothing that waits for a status. */
const runsWithinSeconds = 7 * 86_400;

async function tell({ forge, channel, rendering }: Scene, message: Message): Promise<void> {
  // a test writes nothing: that the token is known must do
  if (message.notices.length === 0) return void (await forge.whoAmI());
  const numbers = message.notices.flatMap(
    ({ standing }) => standing.judged.statement.scope.pr ?? [],
  );
  for (const pr of new Set(numbers)) {
    await comment(forge, pr, `${marker}\n${rendering.comment(message, pr, forge.forge)}`);
    if (!channel.status) continue;
    const since = message.now - runsWithinSeconds;
    await setStatuses(forge, { pr, since }, rendering.statuses(message, pr, forge.forge));
  }
}

async function comment(forge: Forge, pr: number, text: string): Promise<void> {
  const marked = (await forge.comments(pr)).filter((one) => one.text.startsWith(marker));
  // the token of a workflow may not ask who it is; then it is a bot
  const login = await forge.whoAmI().then(
    (account) => account.login,
    () => null,
  );
  // anybody may write the marker, and nobody else's comment is touched
  const own = marked.find(({ by }) => (login === null ? by.endsWith("[bot]") : by === login));
  if (own === undefined) await forge.createComment(pr, text);
  else await forge.editComment(pr, own.id, text);
}

const anyProgress: Parameters<Forge["runs"]>[0]["progress"] = [
  "queued",
  "running",
  "locked",
  "blocked",
  "manual",
  "unapproved",
  "red",
  "cancelled",
  "green",
];

/** On the commit of the newest run of the pull request, green or not; without a run there is nothing to mark. */
async function setStatuses(
  forge: Forge,
  { pr, since }: { readonly pr: number; readonly since: number },
  statuses: ReturnType<Rendering["statuses"]>,
): Promise<void> {
  const [run] = await forge.runs({
    isWanted: (place) => place.pr === pr,
    progress: anyProgress,
    since,
  });
  const sha = run?.place.sha ?? null;
  if (run === undefined || sha === null) return;
  for (const status of statuses) {
    const call = forge.calls.status({
      ...status,
      sha,
      url: run.url,
      pipeline: run.id,
      ref: run.ref,
    });
    const answer = await forge.send(call);
    if (answer.status >= 300) {
      const what = `${forge.host} answered ${answer.status} to the status of a commit`;
      throw new OptoutError("unreachable", what);
    }
  }
}
