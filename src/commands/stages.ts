/**
 * `optout stages`: each stage of the policy, where the work tree's CI files ask about it and how,
 * under which rule it falls, and what is in force.
 */
import { exitStatus } from "../core/exit.ts";
import type { Policy } from "../core/policy.ts";
import { rulesAbout } from "../core/scope.ts";
import { standings } from "../core/state.ts";
import type { Io } from "../output/io.ts";
import { printJson } from "../output/json.ts";
import {
  findingLines,
  stagesText,
  stagesTsv,
  type StageRow,
  type StagesJson,
} from "../output/stages-words.ts";
import { linesFor } from "../output/wrap.ts";
import type { Call } from "./command.ts";
import type { Openers } from "./openers.ts";
import { paintOut } from "./paint.ts";
import { trustedView } from "./read-log.ts";
import { asksAt, wiringAt, type AskAt } from "./wiring.ts";

export async function stages(call: Call, io: Io, open: Openers): Promise<number> {
  const [log, defaultBranch] = await Promise.all([open.log(), open.defaultBranch()]);
  const [view, found] = await Promise.all([
    trustedView(log, io),
    wiringAt(open, log, call.text("ref")),
  ]);
  const inForce = standings(view, io.now(), defaultBranch).filter(
    ({ state }) => state === "in-force",
  );
  const branch = call.text("ref") ?? defaultBranch;
  const rows = rowsOf(log.policy, asksAt(found, { branch, defaultBranch })).map((row) => ({
    ...row,
    inForce: inForce
      .filter(({ judged }) => judged.statement.target.name === row.stage)
      .map(({ judged }) => `#${judged.seq} ${judged.statement.action}`),
  }));
  if (call.has("json")) {
    const { files, unseen } = found.wiring;
    const { findings } = found;
    const json: StagesJson = {
      kind: "optout/stages",
      v: 1,
      stages: rows,
      findings,
      files,
      branch,
      unseen,
    };
    printJson(io, json);
    return exitStatus("ok");
  }
  const paint = await paintOut(call, io);
  const table = { rows, branch };
  io.out(io.stdoutIsTerminal ? stagesText(table, io.columns, paint) : stagesTsv(table));
  const lines = findingLines(found.findings, paint);
  if (lines.length > 0 && !call.has("quiet")) {
    const { stderrIsTerminal: stdoutIsTerminal, columns } = io;
    io.err(linesFor({ stdoutIsTerminal, columns }, lines));
  }
  return exitStatus("ok");
}

/** The stages of the policy in its order, then those that only CI files name. */
function rowsOf(policy: Policy, asks: readonly AskAt[]): readonly StageRow[] {
  const asked = (id: string): StageRow["asks"] =>
    asks
      .filter(({ stage }) => stage === id)
      .map(({ file, line, job, form, runs }) => ({ file, line, job, form, runs }));
  const unknown = new Set(asks.flatMap(({ stage }) => stage ?? []));
  for (const id of policy.stages.keys()) unknown.delete(id);
  return [
    ...[...policy.stages.values()].map((stage) => ({
      stage: stage.id,
      kind: stage.kind,
      rules: rulesAbout(policy, stage).map(({ id }) => id),
      inForce: [],
      asks: asked(stage.id),
    })),
    ...[...unknown].map((stage) => ({
      stage,
      kind: null,
      rules: [],
      inForce: [],
      asks: asked(stage),
    })),
  ];
}
