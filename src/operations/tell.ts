/**
 * Telling people what was done to overrides, and recording what became of it.
 *
 * Nothing here stands in the way of an override: what fails is told, recorded and tried again by
 * whoever can. Before anybody but the author's own command sends, it claims the delivery in the log,
 * as not delivered yet, so that of forty gates that hold the same secret one sends.
 */
import { asOptoutError } from "../core/errors.ts";
import {
  deliveryOf,
  isDue,
  noticesIn,
  tellWithinSeconds,
  undelivered,
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
  /** How long all deliveries together may take. */
  readonly limit: () => Limit;
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

/** Tells each channel of the statements at these positions, which this command has just recorded. */
export async function tellNew(
  teller: Teller,
  view: View,
  seqs: readonly number[],
): Promise<readonly Told[]> {
  const fresh = tellable(teller, view).filter(({ seq }) => seqs.includes(seq));
  const planned = teller.channels.map((opened) => ({
    opened,
    notices: undelivered(view, fresh, opened.channel, teller.defaultBranch).map(
      ({ notice }) => notice,
    ),
  }));
  const told = await deliverAll(teller, view, planned);
  return record(teller, view, told);
}

interface Planned {
  readonly opened: OpenedChannel;
  readonly notices: readonly Notice[];
}

/** What it is time for this writer to tell, through the channels that this machine can reach. */
export function dueNow(
  teller: Pick<Teller, "channels" | "defaultBranch"> & {
    readonly writer: {
      readonly principal: Pick<Writer["principal"], "kind" | "id">;
      now(): UnixSeconds;
    };
  },
  view: View,
  { isForced }: { readonly isForced: boolean },
): readonly Planned[] {
  const { writer } = teller;
  // the record of a delivery counts where its author or CI made it
  const mine = tellable(teller, view).filter(
    ({ by }) => writer.principal.kind === "ci" || by === writer.principal.id,
  );
  return teller.channels
    .filter(({ kind }) => kind === "ready")
    .map((opened) => ({
      opened,
      notices: undelivered(view, mine, opened.channel, teller.defaultBranch)
        .filter(({ notice, delivery }) => isForced || isDue(delivery, notice, writer.now()))
        .map(({ notice }) => notice),
    }))
    .filter(({ notices }) => notices.length > 0);
}

/** So many are claimed at once; the next one goes on. */
const mostClaims = 16;

/**
 * Tells what others could not, each claimed first.
 * @throws what keeps the log from being written to; then nothing was sent
 */
export async function tellDue(
  teller: Teller,
  first: View,
  options: { readonly isForced: boolean } = { isForced: false },
): Promise<readonly Told[]> {
  const claimed: Planned[] = [];
  let view = first;
  let left = mostClaims;
  for (const { opened, notices } of dueNow(teller, view, options)) {
    const mine: Notice[] = [];
    for (const notice of notices.slice(0, left)) {
      const after = await claim(teller, view, { opened, notice }, options);
      if (after.isMine) mine.push(notice);
      view = after.view;
    }
    left -= mine.length;
    if (mine.length > 0) claimed.push({ opened, notices: mine });
  }
  const told = await deliverAll(teller, view, claimed);
  // a failure is recorded already: by its claim
  return record(teller, view, told, ({ outcome }) => outcome.kind === "delivered");
}

async function claim(
  { writer, title }: Teller,
  view: View,
  { opened, notice }: { readonly opened: OpenedChannel; readonly notice: Notice },
  { isForced }: { readonly isForced: boolean },
): Promise<{ readonly isMine: boolean; readonly view: View }> {
  const before = deliveryOf(view, notice, opened.channel.name);
  const isOpen = (seen: View): boolean => {
    const delivery = deliveryOf(seen, notice, opened.channel.name);
    return isForced ? delivery.tries === before.tries : isDue(delivery, notice, writer.now());
  };
  if (!isOpen(view)) return { isMine: false, view };
  const written = await write(writer, view, {
    own: () => recordOf(opened, notice, "failed"),
    title,
    stillAllowed: isOpen,
  });
  return written.kind === "withdrawn"
    ? { isMine: false, view: written.view }
    : { isMine: true, view: await writer.read() };
}

type Own = Pick<NoticeSent, "kind" | "about" | "channel" | "target_hash" | "status">;

const noTarget = "A".repeat(43);

function recordOf(opened: OpenedChannel, { id }: Notice, status: NoticeSent["status"]): Own {
  return {
    kind: "notice.sent",
    about: id,
    channel: opened.channel.name,
    target_hash: opened.kind === "ready" ? opened.sink.targetHash : noTarget,
    status,
  };
}

interface Delivered extends Told {
  readonly opened: OpenedChannel;
}

/** All channels at once, each with one message. */
async function deliverAll(
  teller: Teller,
  view: View,
  planned: readonly Planned[],
): Promise<readonly Delivered[]> {
  const limit = teller.limit();
  const { source, defaultBranch, writer } = teller;
  return Promise.all(
    planned
      .filter(({ notices }) => notices.length > 0)
      .map(async ({ opened, notices }) => {
        const message = { notices, view, source, defaultBranch, now: writer.now() };
        const outcome = await deliver(opened, message, limit);
        return { opened, channel: opened.channel, notices, outcome, unrecorded: null };
      }),
  );
}

/** Delivers one message to one channel, and says how that went. Never throws. */
export async function deliver(
  opened: OpenedChannel,
  message: Message,
  limit: Limit,
): Promise<Outcome> {
  if (opened.kind === "elsewhere") return { kind: "elsewhere", missing: opened.missing };
  if (opened.kind === "broken") return { kind: "failed", why: opened.problem.message };
  try {
    await opened.sink.send(message, limit);
    return { kind: "delivered" };
  } catch (thrown) {
    return { kind: "failed", why: asOptoutError(thrown).message };
  }
}

/** Writes what became of each, one after the other. What cannot be written is told, and no more. */
async function record(
  { writer, title }: Teller,
  first: View,
  told: readonly Delivered[],
  isWanted: (told: Told) => boolean = ({ outcome }) => outcome.kind !== "elsewhere",
): Promise<readonly Told[]> {
  const done: Told[] = [];
  let view = first;
  for (const { opened, ...one } of told) {
    const status = one.outcome.kind === "delivered" ? "delivered" : "failed";
    let unrecorded: string | null = null;
    for (const notice of isWanted(one) ? one.notices : []) {
      try {
        await write(writer, view, {
          own: () => recordOf(opened, notice, status),
          title,
          stillAllowed: () => true,
        });
        view = await writer.read();
      } catch (thrown) {
        unrecorded = asOptoutError(thrown).message;
        break;
      }
    }
    done.push({ ...one, unrecorded });
  }
  return done;
}
