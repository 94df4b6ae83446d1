/**
 * What `gate` and `verdict` share: the decision about several stages with one reading of the log, or
 * what becomes of them when it cannot be read.
 */
import { asOptoutError, type OptoutError } from "../core/errors.ts";
import { exitStatus } from "../core/exit.ts";
import { checkExit } from "../core/decide.ts";
import type { Subject } from "../core/scope.ts";
import { headOf } from "../core/view.ts";
import { distrust } from "../log/read.ts";
import { check, type Recorder } from "../operations/check.ts";
import { decisionJson, type DecisionJson } from "../output/decision-json.ts";
import type { GateAnswer, GateResult } from "../output/gate-words.ts";
import type { Io } from "../output/io.ts";
import { decisionLines } from "../output/words.ts";
import type { Call } from "./command.ts";
import type { Openers, OpenLog } from "./openers.ts";
import { firstView } from "./read-log.ts";
import { sourceOf } from "./source.ts";
import { stageOf } from "./stage.ts";
import { subjectOf } from "./subject.ts";

export interface Answers extends GateResult {
  /** As `check --json` prints them; none in trouble. */
  readonly decisions: readonly DecisionJson[];
}

export interface Question {
  readonly call: Call;
  readonly io: Io;
  readonly open: Openers;
  /** Names of stages, each once. */
  readonly stages: readonly string[];
  /** How a use is recorded, where an override needs one. */
  readonly recorder: (log: OpenLog, subject: Subject) => Promise<Recorder>;
}

/** @throws `unknown-stage`: a job that asks wrongly must not look like one that works */
export async function decideStages(question: Question): Promise<Answers> {
  try {
    return await decideAll(question);
  } catch (thrown) {
    const trouble = asOptoutError(thrown);
    if (trouble.code === "unknown-stage" || trouble.code === "interrupted") throw trouble;
    const answers: GateAnswer[] = [];
    for (const stage of question.stages) answers.push(await withoutLog(question, stage, trouble));
    return { answers, trouble, head: null, decisions: [] };
  }
}

async function decideAll({ call, io, open, stages, recorder }: Question): Promise<Answers> {
  const log = await open.log();
  const known = stages.map((name) => stageOf(log.policy, name));
  const view = await firstView(log, io);
  const source = await sourceOf(log, open);
  const answers: GateAnswer[] = [];
  const decisions: DecisionJson[] = [];
  for (const stage of known) {
    const subject = await subjectOf(call, stage, open);
    const decision = await check({
      view,
      subject,
      now: () => io.now(),
      storeTime: () => log.store.time(),
      recorder: () => recorder(log, subject),
    });
    if (decision.kind === "integrity") throw distrust(log.store, decision);
    const exit = exitStatus(checkExit(decision, "skip"));
    const lines = decisionLines(decision, subject, log.policyCommit);
    answers.push({ stage: stage.id, outcome: decision.outcome, lines });
    decisions.push(decisionJson({ decision, view, subject, exit, source }));
  }
  return { answers, trouble: null, head: headOf(view), decisions };
}

async function withoutLog(
  { call, open }: Question,
  stage: string,
  trouble: OptoutError,
): Promise<GateAnswer> {
  const stops =
    call.text("when-unreachable") === "stop" || (await open.stopsWhenUnreachable(stage, trouble));
  return stops
    ? { stage, outcome: "hold", lines: [`✗ ${stage} must not run while the log cannot be read`] }
    : { stage, outcome: "enforced", lines: [`✓ ${stage} runs normally`] };
}
