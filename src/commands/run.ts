/**
 * `optout run STAGE -- COMMAND`: runs the command as far as overrides allow.
 *
 * Whatever trouble optout itself is in, the command runs and its exit status is passed on; only a
 * hold that was seen and verified stops it, and a stage that must not run unseen.
 */
import { asOptoutError, OptoutError } from "../core/errors.ts";
import { exitStatus } from "../core/exit.ts";
import type { Judged } from "../core/judge.ts";
import type { View } from "../core/view.ts";
import { hasResult, hasUse, writeUse } from "../operations/check.ts";
import type { Io } from "../output/io.ts";
import { decisionLines } from "../output/words.ts";
import { forTerminal } from "../output/escape.ts";
import { decideFor, type Decided } from "./check.ts";
import { runChild } from "./child.ts";
import type { Call } from "./command.ts";
import { forgeOf, talk } from "./job-talk.ts";
import type { Openers } from "./openers.ts";
import { bestEffort, recorderFor } from "./recorder.ts";

export async function runCommand(call: Call, io: Io, open: Openers): Promise<number> {
  const skipStatus = skipStatusOf(call);
  const plan = await planFor(call, io, open);
  switch (plan.kind) {
    case "stop":
      throw plan.error;
    case "frozen":
      return exitStatus("refused");
    case "run":
      if (!(await isWanted(call, io, open))) return exitStatus("ok");
      return told(await runChild(call.rest, io), skipStatus, call, io);
    case "overridden":
      return overridden({ call, io, open, skipStatus }, plan);
  }
}

type Plan =
  | { readonly kind: "run" }
  | { readonly kind: "frozen" }
  | { readonly kind: "stop"; readonly error: OptoutError }
  | { readonly kind: "overridden"; readonly decided: Decided; readonly winner: Judged };

async function planFor(call: Call, io: Io, open: Openers): Promise<Plan> {
  let decided: Decided;
  try {
    decided = await decideFor(call, io, open);
  } catch (thrown) {
    return inTrouble(call, io, open, asOptoutError(thrown));
  }
  if (decided.decision.outcome === "frozen") {
    await sayDecided(call, io, decided);
    return { kind: "frozen" };
  }
  const [winner] = decided.decision.inForce;
  if (winner !== undefined) {
    await sayDecided(call, io, decided);
    return { kind: "overridden", decided, winner };
  }
  // that nothing applies is worth its details where they can be folded away, and no failure
  if (forgeOf(io) !== null && decided.decision.rejected.length > 0) {
    await sayDecided(call, io, decided).catch(() => undefined);
  }
  return { kind: "run" };
}

async function sayDecided(
  call: Call,
  io: Io,
  { decision, subject, log, view }: Decided,
): Promise<void> {
  const all = decisionLines(decision, subject, log.policyCommit);
  // all that are in force are named; the others only where they can be folded away
  const shown = Math.max(1, decision.inForce.length);
  const lines = forgeOf(io) === null ? all.slice(0, shown) : all;
  await talk(call, io, "err", {
    stage: subject.stage,
    outcome: decision.outcome,
    lines,
    view,
  });
}

/** Says loudly what is wrong; then the stage runs, unless it must not run unseen. */
async function inTrouble(call: Call, io: Io, open: Openers, error: OptoutError): Promise<Plan> {
  const stage = call.args[0] ?? "";
  const stops =
    call.text("when-unreachable") === "stop" || (await open.stopsWhenUnreachable(stage, error));
  const effect = stops ? "is stopped" : "runs normally";
  const line = `! optout could not decide about ${forTerminal(stage)}, so it ${effect}: ${forTerminal(error.message)}`;
  const outcome = stops ? "hold" : "enforced";
  await talk(call, io, "err", { stage, outcome, lines: [line], trouble: error });
  if (!stops) return { kind: "run" };
  const why = `${stage} must not run while the log cannot be read or trusted`;
  const held = new OptoutError("held", why, { cause: error, hint: error.hint ?? "optout status" });
  return { kind: "stop", error: held };
}

/** What `--skip-exit-code` says; 0 without it. */
function skipStatusOf(call: Call): number {
  const given = call.text("skip-exit-code") ?? "0";
  if (/^[0-9]{1,3}$/.test(given) && Number(given) <= 255) return Number(given);
  throw new OptoutError("usage", `--skip-exit-code ${given} is not a number from 0 to 255`);
}

/**
 * The status of a command that ran. What `--skip-exit-code` says stands for a skip alone: GitLab shows it as
 * passed with warnings.
 */
function told(status: number, skipStatus: number, { args }: Call, io: Io): number {
  if (status === 0 || status !== skipStatus) return status;
  const stage = forTerminal(args[0] ?? "");
  io.err(`! ${stage} ended with ${status}, which stands for a skip, and was not skipped: exit 1\n`);
  return exitStatus("failure");
}

/**
 * Whether the condition of `--when` is met. One that cannot be run is in doubt: then the stage runs,
 * unless it must not run unseen.
 */
async function isWanted(call: Call, io: Io, open: Openers): Promise<boolean> {
  const condition = call.text("when");
  if (condition === undefined) return true;
  const stage = call.args[0] ?? "";
  const status = await runChild(["sh", "-c", condition], io);
  if (status === 0) return true;
  const shown = `${forTerminal(condition)} ended with ${status}`;
  if (status < 126) {
    io.err(`✓ ${forTerminal(stage)} is not run: ${shown}\n`);
    return false;
  }
  if (await open.stopsWhenUnreachable(stage, null)) {
    throw new OptoutError(
      "held",
      `${stage} must not run while its condition is in doubt: ${shown}`,
    );
  }
  io.err(`! ${forTerminal(stage)} runs although its condition is in doubt: ${shown}\n`);
  return true;
}

interface Job {
  readonly call: Call;
  readonly io: Io;
  readonly open: Openers;
  readonly skipStatus: number;
}

async function overridden(
  { call, io, open, skipStatus }: Job,
  { decided, winner }: Extract<Plan, { kind: "overridden" }>,
): Promise<number> {
  const { action, target } = winner.statement;
  if (action === "hold") return exitStatus("refused");
  if (action === "allow-failure" && !(await isWanted(call, io, open))) return exitStatus("ok");
  await recordAtBest(io, open, decided, winner);
  if (action === "skip") return skipStatus;
  // the time that optout may take is not the command's
  const status = await open.paused(() => runChild(call.rest, io));
  if (call.has("record-result")) await recordResult(io, open, decided, { winner, status });
  if (action === "force" || status === 0) return told(status, skipStatus, call, io);
  io.err(`! ${target.name} failed with exit ${status}; override #${winner.seq} accepts it\n`);
  return exitStatus("ok");
}

/** Records how the command ended, beside the use by this run; best effort: it says what failed. */
async function recordResult(
  io: Io,
  open: Openers,
  { log, subject }: Decided,
  { winner, status }: { readonly winner: Judged; readonly status: number },
): Promise<void> {
  const unrecorded = (why: string): void =>
    io.err(`! the result is not recorded: ${forTerminal(why)}\n`);
  if (subject.run === null) return unrecorded("this is no job of GitHub or GitLab");
  const isOpen = (seen: View): boolean =>
    hasUse(seen, winner, subject) && !hasResult(seen, winner, subject);
  try {
    const recorder = await recorderFor({ open, log, io, subject }, bestEffort);
    const view = await recorder.writer.read();
    if (isOpen(view)) await writeUse({ ...recorder, result: status }, view, winner, isOpen);
  } catch (thrown) {
    unrecorded(asOptoutError(thrown).message);
  }
}

/** Records the use where this job can, though nothing depends on it; never fails. */
async function recordAtBest(
  io: Io,
  open: Openers,
  { view, log, subject }: Decided,
  winner: Judged,
): Promise<void> {
  if (winner.needsUse || subject.run === null || hasUse(view, winner, subject)) return;
  try {
    const recorder = await recorderFor({ open, log, io, subject }, bestEffort);
    await writeUse(recorder, view, winner, (seen) => !hasUse(seen, winner, subject));
  } catch {
    // the override stands without a record of its use; the job's own log tells of it
  }
}
