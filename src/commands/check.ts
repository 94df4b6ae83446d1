/**
 * `optout check STAGE`: exit 0 only when an override with the action asked for is in force.
 */
import { checkExit, type Decision } from "../core/decide.ts";
import { OptoutError } from "../core/errors.ts";
import { exitStatus } from "../core/exit.ts";
import { actions, type Action } from "../core/policy.ts";
import type { Subject } from "../core/scope.ts";
import { distrust } from "../log/read.ts";
import { check } from "../operations/check.ts";
import { decisionJson } from "../output/decision-json.ts";
import { decisionLines } from "../output/words.ts";
import { printJson } from "../output/json.ts";
import type { Io } from "../output/io.ts";
import type { Call } from "./command.ts";
import { talk } from "./job-talk.ts";
import { firstView } from "./read-log.ts";
import { sourceOf } from "./source.ts";
import { stageOf } from "./stage.ts";
import type { Openers, OpenLog } from "./openers.ts";
import { recorderFor } from "./recorder.ts";
import { subjectOf } from "./subject.ts";
import type { View } from "../core/view.ts";

export async function checkCommand(call: Call, io: Io, open: Openers): Promise<number> {
  const wanted = wantedAction(call);
  const { decision, log, view, subject } = await decideFor(call, io, open);
  const exit = exitStatus(checkExit(decision, wanted));
  if (call.has("json")) {
    const source = await sourceOf(log, open);
    printJson(io, decisionJson({ decision, view, subject, exit, source }));
  } else if (!call.has("quiet")) {
    const lines = decisionLines(decision, subject, log.policyCommit);
    await talk(call, io, "out", {
      stage: subject.stage,
      outcome: decision.outcome,
      lines,
      view,
    });
  }
  return exit;
}

/** The decision for the job that this is, with what it was made of. */
export interface Decided {
  readonly decision: Extract<Decision, { kind: "decided" }>;
  readonly log: OpenLog;
  readonly view: View;
  readonly subject: Subject;
}

/**
 * Decides for a stage as `check`, `run` and the gate do.
 * @throws what the log or its reading throws, and the decision's own code when the log contradicts
 *   itself
 */
export async function decideFor(call: Call, io: Io, open: Openers): Promise<Decided> {
  const log = await open.log();
  const stage = stageOf(log.policy, call.args[0] ?? "");
  const subject = await subjectOf(call, stage, open);
  const view = await firstView(log, io);
  const decision = await check({
    view,
    subject,
    now: () => io.now(),
    storeTime: () => log.store.time(),
    recorder: () => recorderFor({ open, log, io, subject }),
  });
  if (decision.kind === "integrity") throw distrust(log.store, decision);
  return { decision, log, view, subject };
}

function wantedAction(call: Call): Action {
  const given = call.text("action") ?? "skip";
  const action = actions.find((one) => one === given);
  if (action !== undefined) return action;
  throw new OptoutError("usage", `--action ${given} is not one of ${actions.join(", ")}`);
}
