/**
 * `optout notify list`, `test` and `flush`: where people are told, whether that works from here, and
 * what nobody was told yet.
 */
import { errorCodes, OptoutError } from "../core/errors.ts";
import { exitStatus } from "../core/exit.ts";
import { undelivered, type Left, type Message, type Outcome, type Told } from "../core/notice.ts";
import { deliver, tellable } from "../operations/tell.ts";
import { tellAll } from "../operations/tell-all.ts";
import type { Io } from "../output/io.ts";
import { printJson } from "../output/json.ts";
import {
  flushJson,
  flushLines,
  notifyJson,
  notifyLines,
  notifyTsv,
  type ChannelRow,
  type NotifyTestJson,
} from "../output/notify-words.ts";
import { toldJson } from "../output/told-words.ts";
import { linesFor, talkFor } from "../output/wrap.ts";
import type { OpenedChannel } from "../sinks/sink.ts";
import type { Call } from "./command.ts";
import type { Openers, OpenLog } from "./openers.ts";
import { paintErr, paintOut } from "./paint.ts";
import { trustedView } from "./read-log.ts";
import { sourceOf } from "./source.ts";
import { limitOf, openChannels, openTeller, printTold } from "./telling.ts";
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

/** Exit 0: delivered; 4: the secret is not here; else as `exitOf` says. Nothing is recorded. */
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
  if (call.has("json")) {
    printJson(io, {
      kind: "optout/notify-test",
      v: 1,
      told: toldJson(told),
    } satisfies NotifyTestJson);
  } else await printTold(call, io, { told, problem: null });
  const has = (kind: Told["outcome"]["kind"]): boolean =>
    told.some(({ outcome }) => outcome.kind === kind);
  if (has("failed")) return exitOf(told.map(({ outcome }) => outcome));
  const isAbsent = has("elsewhere") && (call.args.length > 0 || !has("delivered"));
  return exitStatus(isAbsent ? "auth" : "ok");
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

/** Exit 0: nothing is left that could be told from here; otherwise as `exitOf` says. */
export async function notifyFlush(call: Call, io: Io, open: Openers): Promise<number> {
  const log = await open.log();
  const [writer, view] = await Promise.all([
    openWriter(open, log, io, { keyName: call.text("key") }),
    trustedView(log, io),
  ]);
  const teller = await openTeller({ open, log, io, writer }, () => patience);
  const flushed = await tellAll(teller, view);
  if (call.has("json")) printJson(io, flushJson(flushed));
  else if (!call.has("quiet")) io.err(talkFor(io, flushLines(flushed, await paintErr(call, io))));
  const here = flushed.left
    .map(({ why }) => why)
    .filter(({ kind }) => kind === "failed" || kind === "claimed");
  return here.length === 0 ? exitStatus("ok") : exitOf(here);
}

/** What is set up wrongly comes first, for no later try mends it. */
function exitOf(outcomes: readonly (Outcome | Left["why"])[]): number {
  const names = outcomes.flatMap((one) =>
    one.kind === "failed" ? [errorCodes[one.problem.code].exit] : [],
  );
  const first = (["usage", "auth"] as const).find((name) => names.includes(name));
  return exitStatus(first ?? "unavailable");
}
