/**
 * `optout notify list`, `test` and `flush`: where people are told, whether that works from here, and
 * what nobody was told yet.
 */
import { OptoutError } from "../core/errors.ts";
import { exitStatus } from "../core/exit.ts";
import { undelivered, type Message, type Told } from "../core/notice.ts";
import { deliver, tellable, tellDue } from "../operations/tell.ts";
import type { Io } from "../output/io.ts";
import { printJson } from "../output/json.ts";
import {
  notifyJson,
  notifyLines,
  notifyTsv,
  type ChannelRow,
  type NotifyToldJson,
} from "../output/notify-words.ts";
import { toldJson, toldLines } from "../output/told-words.ts";
import { linesFor, talkFor } from "../output/wrap.ts";
import type { OpenedChannel } from "../sinks/sink.ts";
import type { Call } from "./command.ts";
import type { Openers, OpenLog } from "./openers.ts";
import { paintErr, paintOut } from "./paint.ts";
import { trustedView } from "./read-log.ts";
import { sourceOf } from "./source.ts";
import { limitOf, openChannels, openTeller } from "./telling.ts";
import { openWriter } from "./writer.ts";

export async function notifyList(call: Call, io: Io, open: Openers): Promise<number> {
  const [log, defaultBranch] = await Promise.all([open.log(), open.defaultBranch()]);
  const [view, opened] = await Promise.all([trustedView(log, io), openChannels(open, log)]);
  const notices = tellable({ writer: io, defaultBranch }, view);
  const rows = opened.map((one): ChannelRow => ({
    channel: one.channel,
    here: one.kind,
    missing: one.kind === "elsewhere" ? one.missing : [],
    problem: one.kind === "broken" ? one.problem.message : null,
    undelivered: undelivered(view, notices, one.channel, defaultBranch),
  }));
  if (call.has("json")) printJson(io, notifyJson(rows));
  else if (!io.stdoutIsTerminal) io.out(notifyTsv(rows));
  else {
    const context = { now: io.now(), columns: io.columns, paint: await paintOut(call, io) };
    io.out(linesFor(io, notifyLines(rows, context).trimEnd().split("\n")));
  }
  return exitStatus("ok");
}

/** Milliseconds: somebody waits for exactly this. */
const patience = 20_000;

/** Exit 0: delivered; 4: the secret is not here; 6: it could not be delivered. Nothing is recorded. */
export async function notifyTest(call: Call, io: Io, open: Openers): Promise<number> {
  const log = await open.log();
  const [opened, source, view, defaultBranch] = await Promise.all([
    openChannels(open, log),
    sourceOf(log, open),
    trustedView(log, io),
    open.defaultBranch(),
  ]);
  const chosen = choose(call.args, opened, log);
  const message: Message = { notices: [], view, source, defaultBranch, now: io.now() };
  const limit = limitOf(patience);
  const told = await Promise.all(
    chosen.map(async (one): Promise<Told> => {
      const outcome = await deliver(one, message, limit);
      return { channel: one.channel, notices: [], outcome, unrecorded: null };
    }),
  );
  await printOutcome(call, io, "optout/notify-test", told);
  return exitOf(told, call.args.length > 0);
}

function choose(
  names: readonly string[],
  opened: readonly OpenedChannel[],
  { policySource }: OpenLog,
): readonly OpenedChannel[] {
  const unknown = names.find((name) => opened.every(({ channel }) => channel.name !== name));
  if (unknown !== undefined || opened.length === 0) {
    const what =
      unknown === undefined ? "notify names no channel" : `there is no channel ${unknown}`;
    throw new OptoutError("not-found", `${what} in ${policySource}`, {
      hint: "optout notify list",
    });
  }
  return names.length === 0 ? opened : opened.filter(({ channel }) => names.includes(channel.name));
}

/** Exit 0: nothing is left that could be told from here; 6: something is. */
export async function notifyFlush(call: Call, io: Io, open: Openers): Promise<number> {
  const log = await open.log();
  const [writer, view] = await Promise.all([
    openWriter(open, log, io, { keyName: call.text("key") }),
    trustedView(log, io),
  ]);
  const teller = await openTeller({ open, log, io, writer }, patience);
  const told = await tellDue(teller, view, { isForced: true });
  await printOutcome(call, io, "optout/notify-flush", told);
  return exitOf(told, false);
}

async function printOutcome(
  call: Call,
  io: Io,
  kind: NotifyToldJson["kind"],
  told: readonly Told[],
): Promise<void> {
  if (call.has("json")) {
    return printJson(io, { kind, v: 1, told: toldJson(told) } satisfies NotifyToldJson);
  }
  if (call.has("quiet")) return;
  const lines = toldLines({ told, problem: null }, await paintErr(call, io));
  io.err(talkFor(io, lines.length === 0 ? ["nothing is left to tell from here"] : lines));
}

function exitOf(told: readonly Told[], isNamed: boolean): number {
  const has = (kind: Told["outcome"]["kind"]): boolean =>
    told.some(({ outcome }) => outcome.kind === kind);
  if (has("failed") || told.some(({ unrecorded }) => unrecorded !== null)) {
    return exitStatus("unavailable");
  }
  const isAbsent = has("elsewhere") && (isNamed || !has("delivered"));
  return exitStatus(isAbsent ? "auth" : "ok");
}
