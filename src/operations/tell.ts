/**
 * Telling people what was done to overrides, and recording what became of it.
 *
 * Nothing here stands in the way of an override: what fails is told, and tried again by whoever can.
 * Before anybody but the author's own command sends, it claims the delivery in the log, as not
 * delivered yet, so that of forty gates that hold the same secret one sends.
 */
import { asOptoutError, type OptoutError } from "../core/errors.ts";
import {
  deliveryOf,
  isDue,
  mostShown,
  noticesIn,
  tellWithinSeconds,
  undelivered,
  type Delivery,
  type Message,
  type Notice,
  type Outcome,
  type Told,
} from "../core/notice.ts";
import type { UnixSeconds } from "../core/policy.ts";
import { standings } from "../core/state.ts";
import type { NoticeSent, Statement } from "../core/statement.ts";
import type { View } from "../core/view.ts";
import type { Limit, OpenedChannel } from "../sinks/sink.ts";
import { write, type Writer } from "./write.ts";

/** Who tells. */
export interface Teller {
  readonly writer: Writer;
  readonly channels: readonly OpenedChannel[];
  readonly source: Message["source"];
  readonly defaultBranch: string | null;
  /** The line for people about a statement. */
  readonly title: (statement: Statement) => string;
  /** How long telling of these may take, on all channels together. */
  readonly limit: (notices: readonly Notice[]) => Limit;
}

/** Everything in view that may be told of, as it stands now. */
export function tellable(
  {
    writer,
    defaultBranch,
  }: Pick<Teller, "defaultBranch"> & {
    readonly writer: Pick<Writer, "now">;
  },
  view: View,
): readonly Notice[] {
  const now = writer.now();
  return noticesIn(view, standings(view, now, defaultBranch), now - tellWithinSeconds);
}

/**
 * Tells of the statements at these positions, which this command has just recorded, and then of what
 * earlier ones could not deliver; not where a channel fails now, for the author waits.
 */
export async function tellNewAndDue(
  teller: Teller,
  view: View,
  seqs: readonly number[],
): Promise<readonly Told[]> {
  const told = await tellNew(teller, view, seqs);
  const failed = new Set(
    told.flatMap(({ channel, outcome }) => (outcome.kind === "failed" ? [channel.name] : [])),
  );
  const channels = teller.channels.filter(({ channel }) => !failed.has(channel.name));
  const later = await teller.writer
    .read()
    .then((seen) => tellDue({ ...teller, channels }, seen))
    .catch(() => []);
  return [...told, ...later];
}

/** Tells each channel of the statements at these positions. */
function tellNew(teller: Teller, view: View, seqs: readonly number[]): Promise<readonly Told[]> {
  const fresh = tellable(teller, view).filter(({ seq }) => seqs.includes(seq));
  const planned = teller.channels.map((opened) => ({
    opened,
    notices: undelivered(view, fresh, opened.channel, teller.defaultBranch).map(
      ({ notice }) => notice,
    ),
  }));
  const some = planned.filter(({ notices }) => notices.length > 0);
  return tell(teller, view, some, { isClaimed: false });
}

/** One thing that a channel of this machine was not told. */
export interface Untold {
  readonly opened: Extract<OpenedChannel, { kind: "ready" }>;
  readonly notice: Notice;
  readonly delivery: Delivery;
}

/** Who asks what there is to tell. */
type Asker = Pick<Teller, "channels" | "defaultBranch"> & {
  readonly writer: {
    readonly principal: Pick<Writer["principal"], "kind" | "id">;
    now(): UnixSeconds;
  };
};

/** Whether its record of a delivery counts: where its author or CI makes it. */
export const mayTell = (
  {
    writer: { principal },
  }: { readonly writer: { readonly principal: Pick<Writer["principal"], "kind" | "id"> } },
  { by }: Notice,
): boolean => principal.kind === "ci" || by === principal.id;

/** What this writer may tell through the channels that this machine can reach. */
export function untoldIn(asker: Asker, view: View): readonly Untold[] {
  const mine = tellable(asker, view).filter((notice) => mayTell(asker, notice));
  return asker.channels.flatMap((opened) =>
    opened.kind === "ready"
      ? undelivered(view, mine, opened.channel, asker.defaultBranch).map((one) => ({
          opened,
          ...one,
        }))
      : [],
  );
}

/** That of it for which it is time. */
export function dueNow(asker: Asker, view: View): readonly Untold[] {
  const now = asker.writer.now();
  return untoldIn(asker, view).filter(({ delivery, notice }) => isDue(delivery, notice, now));
}

/**
 * Tells what others could not, each claimed first, as far as one message goes.
 * @throws what keeps the log from being written to; then nothing was sent
 */
export async function tellDue(teller: Teller, view: View): Promise<readonly Told[]> {
  const { told } = await tellSome(teller, view, {
    untold: dueNow(teller, view),
    isOpen: ({ notice }, delivery) => isDue(delivery, notice, teller.writer.now()),
  });
  return told;
}

/** What is to be told, and whether the log, as it is when one is claimed, leaves it to be. */
export interface Task {
  readonly untold: readonly Untold[];
  readonly isOpen: (one: Untold, now: Delivery) => boolean;
}

/**
 * Claims and tells the first of them, as many as a message shows.
 * @returns what became of it, and what was not looked at
 * @throws what keeps the log from being written to; then nothing was sent
 */
export async function tellSome(
  teller: Teller,
  first: View,
  { untold, isOpen }: Task,
): Promise<{ readonly told: readonly Told[]; readonly rest: readonly Untold[] }> {
  const claimed = new Map<OpenedChannel, Notice[]>();
  let view = first;
  let claims = 0;
  let looked = 0;
  for (const one of untold) {
    if (claims === mostShown) break;
    looked += 1;
    const after = await claim(teller, view, one, isOpen);
    view = after.view;
    if (!after.isMine) continue;
    claims += 1;
    const notices = claimed.get(one.opened) ?? [];
    claimed.set(one.opened, [...notices, one.notice]);
  }
  const planned = [...claimed].map(([opened, notices]) => ({ opened, notices }));
  return {
    told: await tell(teller, view, planned, { isClaimed: true }),
    rest: untold.slice(looked),
  };
}

async function claim(
  { writer, title }: Teller,
  view: View,
  one: Untold,
  isOpen: Task["isOpen"],
): Promise<{ readonly isMine: boolean; readonly view: View }> {
  const { opened, notice } = one;
  const isStillOpen = (seen: View): boolean =>
    isOpen(one, deliveryOf(seen, notice, opened.channel.name));
  if (!isStillOpen(view)) return { isMine: false, view };
  const written = await write(writer, view, {
    own: () => recordOf(opened, notice, "failed"),
    title,
    stillAllowed: isStillOpen,
  });
  return written.kind === "withdrawn"
    ? { isMine: false, view: written.view }
    : { isMine: true, view: await writer.read() };
}

type Own = Pick<NoticeSent, "kind" | "about" | "channel" | "target_hash" | "status">;

/** Of a channel that is set up wrongly, whose target is not known. */
const noTarget = "A".repeat(43);

function recordOf(opened: OpenedChannel, { id }: Notice, status: NoticeSent["status"]): Own {
  const target_hash = opened.kind === "ready" ? opened.sink.targetHash : noTarget;
  return { kind: "notice.sent", about: id, channel: opened.channel.name, target_hash, status };
}

interface Planned {
  readonly opened: OpenedChannel;
  readonly notices: readonly Notice[];
}

/** Tells all channels at once, each with one message, and records what became of it: a claim says "failed". */
async function tell(
  teller: Teller,
  first: View,
  planned: readonly Planned[],
  { isClaimed }: { readonly isClaimed: boolean },
): Promise<readonly Told[]> {
  const limit = teller.limit(planned.flatMap(({ notices }) => notices));
  const { source, defaultBranch, writer } = teller;
  const outcomes = await Promise.all(
    planned.map(async ({ opened, notices }) => {
      const message = { notices, view: first, source, defaultBranch, now: writer.now() };
      return { opened, notices, outcome: await deliver(opened, message, limit) };
    }),
  );
  const told: Told[] = [];
  let view = first;
  for (const { opened, notices, outcome } of outcomes) {
    const isToRecord = outcome.kind === "delivered" || (outcome.kind === "failed" && !isClaimed);
    const status = outcome.kind === "delivered" ? "delivered" : "failed";
    const recorded = isToRecord
      ? await record(teller, view, notices, (notice) => recordOf(opened, notice, status))
      : { view, problem: null };
    view = recorded.view;
    told.push({ channel: opened.channel, notices, outcome, unrecorded: recorded.problem });
  }
  return told;
}

/** Delivers one message to one channel, and says how that went. Never throws. */
export async function deliver(
  opened: OpenedChannel,
  message: Message,
  limit: Limit,
): Promise<Outcome> {
  if (opened.kind === "elsewhere") return { kind: "elsewhere", missing: opened.missing };
  if (opened.kind === "broken") return { kind: "failed", problem: opened.problem };
  try {
    await opened.sink.send(message, limit);
    return { kind: "delivered" };
  } catch (thrown) {
    return { kind: "failed", problem: asOptoutError(thrown) };
  }
}

/** Writes a record of each, one after the other. What cannot be written is told, and no more. */
async function record(
  { writer, title }: Teller,
  first: View,
  notices: readonly Notice[],
  ownOf: (notice: Notice) => Own,
): Promise<{ readonly view: View; readonly problem: OptoutError | null }> {
  let view = first;
  try {
    for (const notice of notices) {
      const own = (): Own => ownOf(notice);
      await write(writer, view, { own, title, stillAllowed: () => true });
      view = await writer.read();
    }
    return { view, problem: null };
  } catch (thrown) {
    return { view, problem: asOptoutError(thrown) };
  }
}
