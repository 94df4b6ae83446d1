/**
 * A job that tells what nobody could tell before: it holds the channel's secret, and a key of CI by
 * which it claims the delivery, so that of many jobs one does it. It never fails for it.
 */
import { asOptoutError } from "../core/errors.ts";
import { dueNow, tellDue } from "../operations/tell.ts";
import { forTerminal } from "../output/escape.ts";
import type { Io } from "../output/io.ts";
import { glyphs } from "../output/paint.ts";
import type { Call } from "./command.ts";
import type { Openers } from "./openers.ts";
import { firstView } from "./read-log.ts";
import { bestEffort } from "./recorder.ts";
import { openChannels, openTeller, printTold } from "./telling.ts";
import { openWriter } from "./writer.ts";

/** Milliseconds: jobs wait for the gate. */
const patience = 5000;

export async function tellAsCi(call: Call, io: Io, open: Openers): Promise<void> {
  try {
    const [log, defaultBranch] = await Promise.all([open.log(), open.defaultBranch()]);
    const [view, channels] = await Promise.all([firstView(log, io), openChannels(open, log)]);
    const ci = { principal: { kind: "ci", id: "" }, now: () => io.now() } as const;
    const due = dueNow({ channels, defaultBranch, writer: ci }, view);
    if (due.length === 0) return;
    const writer = await openWriter(open, log, io, { limits: bestEffort });
    // a person's own commands tell of what she did
    if (writer.principal.kind !== "ci") return;
    const teller = await openTeller({ open, log, io, writer }, () => patience);
    await printTold(call, io, { told: await tellDue(teller, view), problem: null });
  } catch (thrown) {
    const why = forTerminal(asOptoutError(thrown).message);
    io.err(`${glyphs.violation} not told  ${why}\n`);
  }
}
