/**
 * `optout policy explain`: which rule judges a stage in each place of a scope, and all it asks for.
 */
import { exitStatus } from "../core/exit.ts";
import { placesOf, ruleFor } from "../core/scope.ts";
import { explainJson } from "../output/explain-json.ts";
import { explainLines, type Explained } from "../output/explain-words.ts";
import type { Io } from "../output/io.ts";
import { printJson } from "../output/json.ts";
import { isCommandLine, linesFor } from "../output/wrap.ts";
import type { Call } from "./command.ts";
import { scopeOf } from "./issue-request.ts";
import type { Openers } from "./openers.ts";
import { paintOut } from "./paint.ts";
import { stageOf } from "./stage.ts";

export async function explain(call: Call, io: Io, open: Openers): Promise<number> {
  const [workplace, defaultBranch, log] = await Promise.all([
    open.workplace(),
    open.defaultBranch(),
    open.log(),
  ]);
  const { policy, policySource } = log;
  const stage = stageOf(policy, call.args[0] ?? "");
  const scope = scopeOf(call, stage, { policy, workplace, defaultBranch });
  const places = placesOf(stage.id, scope, defaultBranch).flatMap(({ name, subjects }) =>
    subjects.map((subject) => ({ name, subject, rule: ruleFor(policy, subject) })),
  );
  const explained: Explained = { policy, policySource, stage, scope, places };
  if (call.has("json")) printJson(io, explainJson(explained));
  else {
    io.out(linesFor(io, explainLines(explained, await paintOut(call, io)), isCommandLine));
  }
  return exitStatus("ok");
}
