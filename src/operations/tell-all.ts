/**
 * Telling everything that can be told from here, and saying what is left.
 */
import { asOptoutError, type OptoutError } from "../core/errors.ts";
import { undelivered, type Left, type Notice, type Told } from "../core/notice.ts";
import type { View } from "../core/view.ts";
import type { OpenedChannel } from "../sinks/sink.ts";
import { mayTell, tellable, tellSome, untoldIn, type Task, type Teller } from "./tell.ts";

/** What was told, a message each, and what is left. */
export interface Flushed {
  readonly told: readonly Told[];
  readonly left: readonly Left[];
}

/**
 * Tells it however often it was tried, each claimed first. A channel that fails is left alone then.
 * @throws what keeps the log from being written to; then nothing was sent
 */
export async function tellAll(teller: Teller, first: View): Promise<Flushed> {
  // what another process tries meanwhile is left to it
  const isOpen: Task["isOpen"] = ({ delivery }, now) => now.tries === delivery.tries;
  const told: Told[] = [];
  const failed = new Map<string, OptoutError>();
  let stopped: OptoutError | null = null;
  let view = first;
  let untold = untoldIn(teller, first);
  while (untold.length > 0) {
    try {
      const some = await tellSome(teller, view, { untold, isOpen });
      told.push(...some.told);
      for (const [name, problem] of some.told.flatMap(problemIn)) failed.set(name, problem);
      untold = some.rest.filter(({ opened }) => !failed.has(opened.channel.name));
      view = await teller.writer.read();
    } catch (thrown) {
      if (told.length === 0) throw thrown;
      stopped = asOptoutError(thrown);
      break;
    }
  }
  const notices = tellable(teller, first);
  const left = teller.channels.flatMap((opened) => {
    const problem = failed.get(opened.channel.name) ?? stopped;
    return leftOf(teller, view, { opened, notices, problem });
  });
  return { told, left };
}

function problemIn({ channel, outcome, unrecorded }: Told): readonly [string, OptoutError][] {
  const problem = outcome.kind === "failed" ? outcome.problem : unrecorded;
  return problem === null ? [] : [[channel.name, problem]];
}

interface Tried {
  readonly opened: OpenedChannel;
  readonly notices: readonly Notice[];
  readonly problem: OptoutError | null;
}

function leftOf(teller: Teller, view: View, { opened, notices, problem }: Tried): readonly Left[] {
  const { channel } = opened;
  const all = undelivered(view, notices, channel, teller.defaultBranch);
  const mine = all.filter(({ notice }) => mayTell(teller, notice)).length;
  const left: readonly Left[] = [
    { channel, notices: mine, why: whyOf(opened, problem) },
    { channel, notices: all.length - mine, why: { kind: "others" } },
  ];
  return left.filter((one) => one.notices > 0);
}

function whyOf(opened: OpenedChannel, problem: OptoutError | null): Left["why"] {
  if (opened.kind === "elsewhere") return { kind: "elsewhere", missing: opened.missing };
  if (opened.kind === "broken") return { kind: "failed", problem: opened.problem };
  return problem === null ? { kind: "claimed" } : { kind: "failed", problem };
}
