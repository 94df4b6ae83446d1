/**
 * `optout gate STAGE…`: decides several stages with one reading of the log, and hands the answers to
 * the jobs behind it.
 *
 * It ends with 0 whenever it has an answer for every stage, in trouble too: a gate that fails would
 * have the jobs behind it skipped, and forges count a skipped job as a success.
 */
import { randomUUID } from "node:crypto";
import { appendFileSync, statSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";

import { asOptoutError, OptoutError } from "../core/errors.ts";
import { exitStatus } from "../core/exit.ts";
import { checkExit } from "../core/decide.ts";
import { check } from "../operations/check.ts";
import { decisionJson, type DecisionJson } from "../output/decision-json.ts";
import {
  gateCommands,
  gateDotenv,
  gateJson,
  gateOutputs,
  gateSection,
  gateSummary,
  gateText,
  troubleLine,
  type GateAnswer,
  type GateResult,
} from "../output/gate-words.ts";
import { forJson } from "../output/escape.ts";
import type { Io } from "../output/io.ts";
import { decisionLines } from "../output/words.ts";
import type { Call } from "./command.ts";
import { distrust } from "./distrust.ts";
import type { Openers } from "./openers.ts";
import { recorderFor } from "./recorder.ts";
import { sourceOf } from "./source.ts";
import { stageOf } from "./stage.ts";
import { subjectOf } from "./subject.ts";
import { firstView } from "./writer.ts";

interface Gate extends GateResult {
  readonly decisions: readonly DecisionJson[];
}

export async function gateCommand(call: Call, io: Io, open: Openers): Promise<number> {
  const twice = call.args.find((stage, index) => call.args.indexOf(stage) !== index);
  if (twice !== undefined) throw new OptoutError("usage", `${twice} is named twice`);
  const result = await answerAll(call, io, open);
  const trouble = troubleLine(result);
  if (trouble !== null) io.err(`${trouble}\n`);
  tell(call, io, result);
  return exitStatus("ok");
}

/** @throws `unknown-stage`: a gate that is written wrongly must not look like one that works */
async function answerAll(call: Call, io: Io, open: Openers): Promise<Gate> {
  try {
    return await decideAll(call, io, open);
  } catch (thrown) {
    const trouble = asOptoutError(thrown);
    if (trouble.code === "unknown-stage" || trouble.code === "interrupted") throw trouble;
    const answers: GateAnswer[] = [];
    for (const stage of call.args) answers.push(await withoutLog(call, stage, open));
    return { answers, trouble, decisions: [] };
  }
}

async function decideAll(call: Call, io: Io, open: Openers): Promise<Gate> {
  const log = await open.log();
  const stages = call.args.map((name) => stageOf(log.policy, name));
  const view = await firstView(log, io);
  const source = await sourceOf(log, open);
  const answers: GateAnswer[] = [];
  const decisions: DecisionJson[] = [];
  for (const stage of stages) {
    const subject = await subjectOf(call, stage, open);
    const recorder = (): ReturnType<typeof recorderFor> => recorderFor({ open, log, io, subject });
    const decision = await check({ view, subject, now: () => io.now(), recorder });
    if (decision.kind === "integrity") throw distrust(log, decision);
    const exit = exitStatus(checkExit(decision, "skip"));
    const lines = decisionLines(decision, subject, log.policyCommit);
    answers.push({ stage: stage.id, outcome: decision.outcome, lines });
    decisions.push(decisionJson({ decision, view, subject, exit, source }));
  }
  return { answers, trouble: null, decisions };
}

async function withoutLog(call: Call, stage: string, open: Openers): Promise<GateAnswer> {
  const stops =
    call.text("when-unreachable") === "stop" || (await open.stopsWhenUnreachable(stage));
  return stops
    ? { stage, outcome: "hold", lines: [`✗ ${stage} must not run while the log cannot be read`] }
    : { stage, outcome: "enforced", lines: [`✓ ${stage} runs normally`] };
}

function tell(call: Call, io: Io, result: Gate): void {
  const format = call.has("json") ? "json" : (call.text("format") ?? formatOf(io));
  switch (format) {
    case "json":
      return put(
        call,
        io,
        `${forJson(JSON.stringify(gateJson(result, result.decisions), null, 2))}\n`,
      );
    case "dotenv":
      return put(call, io, gateDotenv(result));
    case "github":
      return tellGithub(io, result);
    case "gitlab":
      if (call.text("output") !== undefined) put(call, io, gateDotenv(result));
      return io.out(gateSection(result, io.now()));
    default:
      return put(call, io, gateText(result));
  }
}

/** By the place that it runs in. */
function formatOf({ env }: Io): string {
  if (env["GITHUB_ACTIONS"] === "true") return "github";
  return env["GITLAB_CI"] === "true" ? "gitlab" : "table";
}

function put(call: Call, io: Io, text: string): void {
  const file = call.text("output");
  if (file === undefined) return io.out(text);
  writeFileSync(resolve(io.cwd, call.text("chdir") ?? ".", file), text);
}

/** GitHub refuses a larger summary as a whole, and fails nothing for it. */
const mostSummaryBytes = 1024 * 1024;

function tellGithub(io: Io, result: GateResult): void {
  const outputs = io.env["GITHUB_OUTPUT"];
  if (outputs === undefined || outputs === "") {
    throw new OptoutError("config-invalid", "GITHUB_OUTPUT names no file for the outputs", {
      hint: "optout gate STAGE --format json",
    });
  }
  appendFileSync(outputs, gateOutputs(result, `optout_${randomUUID()}`));
  io.out(gateCommands(result));
  const summary = io.env["GITHUB_STEP_SUMMARY"];
  if (summary === undefined || summary === "") return;
  try {
    const text = gateSummary(result);
    const before = statSync(summary, { throwIfNoEntry: false })?.size ?? 0;
    if (before + Buffer.byteLength(text) <= mostSummaryBytes) appendFileSync(summary, text);
  } catch {
    // the outputs and the log say the same
  }
}
