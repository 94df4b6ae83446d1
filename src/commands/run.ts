/**
 * `optout run STAGE -- COMMAND`: runs the command as far as overrides allow.
 *
 * Whatever trouble optout itself is in, the command runs and its exit status is passed on; only a
 * hold that was seen and verified stops it, and a stage that must not run unseen.
 */
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { asOptoutError, OptoutError } from "../core/errors.ts";
import { exitStatus } from "../core/exit.ts";
import type { Judged } from "../core/judge.ts";
import { hasUse, writeUse } from "../operations/check.ts";
import type { Io } from "../output/io.ts";
import { runLine } from "../output/words.ts";
import { forTerminal } from "../output/escape.ts";
import { decideFor, type Decided } from "./check.ts";
import type { Call } from "./command.ts";
import type { Openers } from "./openers.ts";
import { bestEffort, recorderFor } from "./recorder.ts";

export async function runCommand(call: Call, io: Io, open: Openers): Promise<number> {
  const plan = await planFor(call, io, open);
  switch (plan.kind) {
    case "stop":
      throw plan.error;
    case "run":
      return execute(call.rest, io);
    case "overridden":
      return overridden(call, io, open, plan);
  }
}

type Plan =
  | { readonly kind: "run" }
  | { readonly kind: "stop"; readonly error: OptoutError }
  | { readonly kind: "overridden"; readonly decided: Decided; readonly winner: Judged };

async function planFor(call: Call, io: Io, open: Openers): Promise<Plan> {
  let decided: Decided;
  try {
    decided = await decideFor(call, io, open);
  } catch (thrown) {
    return inTrouble(call, io, open, asOptoutError(thrown));
  }
  const [winner] = decided.decision.inForce;
  return winner === undefined ? { kind: "run" } : { kind: "overridden", decided, winner };
}

/** Says loudly what is wrong; then the stage runs, unless it must not run unseen. */
async function inTrouble(call: Call, io: Io, open: Openers, error: OptoutError): Promise<Plan> {
  const stage = call.args[0] ?? "";
  const stops =
    call.text("when-unreachable") === "stop" || (await open.stopsWhenUnreachable(stage));
  const effect = stops ? "is stopped" : "runs normally";
  io.err(
    `! optout could not decide about ${forTerminal(stage)}, so it ${effect}: ${forTerminal(error.message)}\n`,
  );
  if (!stops) return { kind: "run" };
  const why = `${stage} must not run while the log cannot be read or trusted`;
  const held = new OptoutError("held", why, { cause: error, hint: error.hint ?? "optout status" });
  return { kind: "stop", error: held };
}

async function overridden(
  call: Call,
  io: Io,
  open: Openers,
  { decided, winner }: Extract<Plan, { kind: "overridden" }>,
): Promise<number> {
  const { log } = decided;
  const { action } = winner.statement;
  io.err(`${runLine(winner, log.policyCommit)}\n`);
  if (action === "hold") return exitStatus("refused");
  await recordAtBest(io, open, decided, winner);
  if (action === "skip") return exitStatus("ok");
  const status = await execute(call.rest, io);
  if (action === "force" || status === 0) return status;
  io.err(
    `! ${winner.statement.target.name} failed with exit ${status}; override #${winner.seq} accepts it\n`,
  );
  return exitStatus("ok");
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

const signalNumbers: Readonly<Record<string, number>> = constants.signals;

/** Runs the command with this process's streams; 127 when it is not found, as a shell does. */
function execute([file = "", ...args]: readonly string[], io: Io): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(file, args, { stdio: "inherit" });
    child.on("error", (error: NodeJS.ErrnoException) => {
      const missing = error.code === "ENOENT";
      io.err(
        `✗ cannot run ${forTerminal(file)}: ${missing ? "not found" : forTerminal(error.message)}\n`,
      );
      resolve(missing ? 127 : 126);
    });
    child.on("close", (code, signal) => {
      resolve(code ?? 128 + (signalNumbers[signal ?? ""] ?? 0));
    });
  });
}
