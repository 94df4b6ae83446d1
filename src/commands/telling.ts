/**
 * Telling people, as every writing command does when it has recorded something: first what is new,
 * then what an earlier command of the same person could not deliver.
 */
import { asOptoutError } from "../core/errors.ts";
import type { Channel } from "../core/channel.ts";
import type { Judged } from "../core/judge.ts";
import type { Notice, Told } from "../core/notice.ts";
import type { Policy, Rule } from "../core/policy.ts";
import type { Statement } from "../core/statement.ts";
import type { View } from "../core/view.ts";
import type { Writer } from "../operations/write.ts";
import type { Io } from "../output/io.ts";
import { titleOf } from "../output/title.ts";
import { toldLines } from "../output/told-words.ts";
import { talkFor } from "../output/wrap.ts";
import type { Limit, OpenedChannel } from "../sinks/sink.ts";
import type { Teller } from "../operations/tell.ts";
import type { Call } from "./command.ts";
import type { Openers, OpenLog } from "./openers.ts";
import { paintErr } from "./paint.ts";
import { sourceOf } from "./source.ts";

/** What was told, and what kept all of it from being told. */
export interface Announced {
  readonly told: readonly Told[];
  readonly problem: string | null;
}

/** Where nothing was recorded that anybody is told of. */
const nothingTold: Announced = { told: [], problem: null };

/** Milliseconds: a person waits for it at night, and what fails is tried again. */
const briefly = 4000;
/** Where the override is not in force before somebody was told. */
const atLength = 15_000;

const patienceFor = (notices: readonly Notice[]): number =>
  notices.some(({ standing }) => standing.judged.rule?.announce === true) ? atLength : briefly;

export interface Announcing {
  readonly open: Openers;
  readonly log: OpenLog;
  readonly io: Pick<Io, "now">;
  readonly writer: Writer;
}

/**
 * Tells of the statements that were just recorded. Never throws, for they are recorded.
 * @param seqs where they stand
 */
export async function announce(
  announcing: Announcing,
  view: View,
  seqs: readonly number[],
): Promise<Announced> {
  const { policy } = announcing.log;
  if (policy.notify.length === 0 || seqs.length === 0) return nothingTold;
  try {
    const teller = await openTeller(announcing, patienceFor);
    const { tellNewAndDue } = await import("../operations/tell.ts");
    return { told: await tellNewAndDue(teller, view, seqs), problem: null };
  } catch (thrown) {
    return { told: [], problem: asOptoutError(thrown).message };
  }
}

/** The channels that would be told of what is only tried out. */
export async function wouldTell(
  policy: Policy,
  previews: readonly {
    readonly statement: Statement;
    readonly authorization: { readonly rule: Rule };
  }[],
  defaultBranch: string | null,
): Promise<readonly Channel[]> {
  if (policy.notify.length === 0) return [];
  const { channelsOf } = await import("../core/channel-shape.ts");
  const { eventOf, isTold } = await import("../core/notice.ts");
  return channelsOf(policy).filter((channel) =>
    previews.some(({ statement, authorization: { rule } }) => {
      const event = eventOf(statement);
      return (
        statement.kind === "override.created" &&
        event !== null &&
        isTold(channel, { event, statement, rule }, policy, defaultBranch)
      );
    }),
  );
}

/** The channels that would be told of a statement about the override. */
export async function wouldHear(
  policy: Policy,
  statement: Statement,
  about: Pick<Judged, "statement" | "rule">,
  defaultBranch: string | null,
): Promise<readonly Channel[]> {
  if (policy.notify.length === 0) return [];
  const { channelsOf } = await import("../core/channel-shape.ts");
  const { eventOf, isTold } = await import("../core/notice.ts");
  const event = eventOf(statement);
  if (event === null) return [];
  const happening = { event, statement: about.statement, rule: about.rule };
  return channelsOf(policy).filter((channel) => isTold(channel, happening, policy, defaultBranch));
}

/** Says on stderr who was told. */
export async function printTold(call: Call, io: Io, announced: Announced): Promise<void> {
  if (call.has("quiet") || call.has("json")) return;
  const lines = toldLines(announced, await paintErr(call, io));
  if (lines.length > 0) io.err(talkFor(io, lines));
}

/**
 * The channels of the policy as they are here, and what telling needs beside.
 * @param patience milliseconds for telling of these
 */
export async function openTeller(
  { open, log, writer }: Announcing,
  patience: (notices: readonly Notice[]) => number,
): Promise<Teller> {
  const [channels, source, defaultBranch] = await Promise.all([
    openChannels(open, log),
    sourceOf(log, open),
    open.defaultBranch(),
  ]);
  return {
    writer,
    channels,
    source,
    defaultBranch,
    title: (statement) => titleOf(statement),
    limit: (notices) => limitOf(patience(notices)),
  };
}

/** @throws `policy-invalid` */
export async function openChannels(
  open: Openers,
  { policy }: OpenLog,
): Promise<readonly OpenedChannel[]> {
  const { channelsOf } = await import("../core/channel-shape.ts");
  return open.sinks(channelsOf(policy));
}

export function limitOf(milliseconds: number): Limit {
  const end = performance.now() + milliseconds;
  return {
    signal: AbortSignal.timeout(milliseconds),
    left: () => Math.max(0, end - performance.now()),
  };
}
