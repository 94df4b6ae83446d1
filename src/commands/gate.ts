/**
 * `optout gate STAGE…`: decides several stages with one reading of the log, and hands the answers to
 * the jobs behind it.
 *
 * It ends with 0 whenever it has an answer for every stage, in trouble too: a gate that fails would
 * have the jobs behind it skipped, and forges count a skipped job as a success.
 */
import { randomUUID } from "node:crypto";
import { appendFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";

import { OptoutError } from "../core/errors.ts";
import { exitStatus } from "../core/exit.ts";
import {
  childTrouble,
  dotenvTrouble,
  gateCommands,
  gateDotenv,
  gateJson,
  gateOutputs,
  gateSection,
  gateSummary,
  gateText,
  troubleLine,
  type GateResult,
} from "../output/gate-words.ts";
import { forJson } from "../output/escape.ts";
import type { Io } from "../output/io.ts";
import { systemErrorWord } from "../system/files.ts";
import type { Call } from "./command.ts";
import { decideStages, type Answers } from "./decide-stages.ts";
import { forgeOf } from "./job-talk.ts";
import type { Openers } from "./openers.ts";
import { recorderFor } from "./recorder.ts";
import { appendSummary } from "./step-summary.ts";

export async function gateCommand(call: Call, io: Io, open: Openers): Promise<number> {
  const twice = call.args.find((stage, index) => call.args.indexOf(stage) !== index);
  if (twice !== undefined) throw new OptoutError("usage", `${twice} is named twice`);
  if (call.text("output") === "") throw new OptoutError("usage", "--output names no file");
  const result = await decideStages({
    call,
    io,
    open,
    stages: call.args,
    recorder: (log, subject) => recorderFor({ open, log, io, subject }),
  });
  const trouble = troubleLine(result);
  if (trouble !== null) io.err(`${trouble}\n`);
  if (call.text("format") === "gitlab-child") await tellGitlabChild(call, io, result);
  else tell(call, io, result);
  if (result.trouble === null) await tellPeople(call, io, open);
  return exitStatus("ok");
}

/** What nobody could tell before is told by the gate, when its answers are given. */
async function tellPeople(call: Call, io: Io, open: Openers): Promise<void> {
  const { policy } = await open.log();
  if (policy.notify.length === 0) return;
  const { tellAsCi } = await import("./tell-as-ci.ts");
  await tellAsCi(call, io, open);
}

function tell(call: Call, io: Io, result: Answers): void {
  const format = call.has("json") ? "json" : (call.text("format") ?? forgeOf(io) ?? "table");
  switch (format) {
    case "json":
      return put(
        call,
        io,
        `${forJson(JSON.stringify(gateJson(result, result.decisions), null, 2))}\n`,
      );
    case "dotenv":
      return putDotenv(call, io, result);
    case "github":
      return tellGithub(io, result);
    case "gitlab":
      if (call.text("output") !== undefined) putDotenv(call, io, result);
      return io.out(gateSection(result, io.now()));
    default:
      return put(call, io, gateText(result));
  }
}

/** The child pipeline in a file, and the answers in the job's log. */
async function tellGitlabChild(call: Call, io: Io, result: Answers): Promise<void> {
  const [file, output] = [call.text("pipeline"), call.text("output")];
  if (file === undefined || output === undefined) {
    throw new OptoutError("usage", "gitlab-child needs the file with the jobs and one to write", {
      hint: "optout gate STAGE --format gitlab-child --pipeline stages.yml --output child.yml",
    });
  }
  const { childOf } = await import("./child-pipeline.ts");
  const path = resolve(io.cwd, call.text("chdir") ?? ".", file);
  const { text, doubts } = childOf(result, io, { file, path });
  put(call, io, text);
  for (const doubt of doubts) io.err(`${childTrouble(file, doubt)}\n`);
  io.out(gateSection(result, io.now()));
}

function put(call: Call, io: Io, text: string): void {
  const file = call.text("output");
  if (file === undefined) return io.out(text);
  try {
    writeFileSync(resolve(io.cwd, call.text("chdir") ?? ".", file), text);
  } catch (thrown) {
    const why = systemErrorWord(thrown);
    throw new OptoutError("usage", `--output ${file} cannot be written (${why})`, {
      hint: "name a file in a directory that is there",
      cause: thrown,
    });
  }
}

function putDotenv(call: Call, io: Io, result: GateResult): void {
  const report = gateDotenv(result);
  const trouble = dotenvTrouble(report);
  if (trouble !== null) io.err(`${trouble}\n`);
  put(call, io, report);
}

function tellGithub(io: Io, result: GateResult): void {
  const outputs = io.env["GITHUB_OUTPUT"];
  if (outputs === undefined || outputs === "") {
    throw new OptoutError("config-invalid", "GITHUB_OUTPUT names no file for the outputs", {
      hint: "optout gate STAGE --format json",
    });
  }
  appendFileSync(outputs, gateOutputs(result, `optout_${randomUUID()}`));
  io.out(gateCommands(result));
  appendSummary(io, gateSummary(result));
}
