/**
 * `--wait`: stays until what was recorded is approved, or can no longer be.
 */
import { exitStatus } from "../core/exit.ts";
import { isOpen } from "../core/state.ts";
import type { View } from "../core/view.ts";
import { awaitApproval, type Awaited } from "../operations/await-approval.ts";
import type { Writer } from "../operations/write.ts";
import type { Io } from "../output/io.ts";
import { waitedLine } from "../output/answer-words.ts";
import type { Call } from "./command.ts";
import { durationIn } from "./flag-value.ts";
import type { Openers } from "./openers.ts";
import { paintErr } from "./paint.ts";

interface Wait {
  readonly open: Openers;
  readonly writer: Writer;
  readonly view: View;
  readonly seqs: readonly number[];
  readonly defaultBranch: string | null;
}

/** Exit 0: all are in force or will start; 3: one was denied or ended; 124: the time ran out. */
export async function waitUntilDecided(
  call: Call,
  io: Io,
  { open, writer, view, seqs, defaultBranch }: Wait,
): Promise<Awaited & { readonly exit: number }> {
  const given = durationIn(call, "timeout");
  const patience = writer.patience();
  const ended = await awaitApproval(view, {
    seqs,
    defaultBranch,
    maxMilliseconds: given === undefined ? Infinity : given * 1000,
    read: () => writer.read(),
    now: () => io.now(),
    elapsed: () => patience.elapsed(),
    sleep: (milliseconds) => open.sleep(milliseconds),
    random: () => patience.random(),
  });
  if (!call.has("json")) {
    const context = { now: io.now(), zone: io.zone, paint: await paintErr(call, io) };
    for (const standing of ended.standings) io.err(`${waitedLine(standing, context)}\n`);
  }
  return { ...ended, exit: exitStatus(exitNameOf(ended)) };
}

function exitNameOf({ kind, standings }: Awaited): "ok" | "refused" | "timeout" {
  const isLost = standings.some(({ state }) => !isOpen(state));
  if (isLost) return "refused";
  return kind === "timeout" ? "timeout" : "ok";
}
