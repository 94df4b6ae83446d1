/**
 * `optout rerun` and `skip … --rerun`: what is red, queued or hung where an override is in force is run
 * again. Without a sign-in it says where a person finds the runs.
 */
import { OptoutError } from "../core/errors.ts";
import { exitStatus } from "../core/exit.ts";
import { isFor, type Subject } from "../core/scope.ts";
import { standings, type Standing } from "../core/state.ts";
import type { View } from "../core/view.ts";
import type { ForgeApi } from "../forges/api.ts";
import { isFine, type Outcome } from "../operations/carry-out.ts";
import { planOne, planRerun, planStatuses, rerun, type Asker } from "../operations/rerun.ts";
import type { Reason, RunPlan } from "../operations/rerun-plan.ts";
import type { Io } from "../output/io.ts";
import { printJson } from "../output/json.ts";
import { askConfirm, canPrompt } from "../output/prompt.ts";
import { linkLines, outcomeLines, planLines, rerunJson } from "../output/rerun-words.ts";
import { effectOf } from "../output/words.ts";
import { isCommandLine, linesFor, talkFor } from "../output/wrap.ts";
import type { PlacedAsk } from "../wiring/asked.ts";
import type { Call } from "./command.ts";
import { readAsks } from "./effect.ts";
import { durationIn } from "./flag-value.ts";
import type { OpenLog, Openers } from "./openers.ts";
import { paintErr, paintOut } from "./paint.ts";
import { trustedView } from "./read-log.ts";
import { stageOf } from "./stage.ts";
import { openWriter, patience } from "./writer.ts";

/** Seconds. */
const minute = 60;
/** Of the command's time, what is left for writing down what became of it. */
const recordMilliseconds = 20_000;
const pollMilliseconds = 2000;

export async function rerunCommand(call: Call, io: Io, open: Openers): Promise<number> {
  const [log, defaultBranch] = await Promise.all([open.log(), open.defaultBranch()]);
  const view = await trustedView(log, io);
  const inForce = standings(view, io.now(), defaultBranch).filter(
    ({ state }) => state === "in-force",
  );
  return rerunFor(call, io, open, { log, view, chosen: chosenOf(call, log, inForce) });
}

/** Overrides with their stage, or one run. */
type Chosen =
  | { readonly kind: "stages"; readonly standings: readonly Standing[] }
  | { readonly kind: "run"; readonly id: string; readonly standings: readonly Standing[] };

interface RerunScene {
  readonly log: OpenLog;
  readonly view: View;
  readonly chosen: Chosen;
}

function chosenOf(call: Call, { policy }: OpenLog, inForce: readonly Standing[]): Chosen {
  const [name] = call.args;
  if (name === undefined) {
    if (inForce.length > 0) return { kind: "stages", standings: inForce };
    throw new OptoutError("not-found", "nothing is in force, so nothing would change", {
      hint: "optout rerun RUN   (the number or the URL of a run)",
    });
  }
  const [, id] =
    /^(?:https:\/\/\S*\/(?:runs|pipelines)\/)?([0-9]{1,20})(?:[/?#].*)?$/.exec(name) ?? [];
  if (id !== undefined && !policy.stages.has(name)) {
    return { kind: "run", id, standings: inForce };
  }
  const stage = stageOf(policy, name);
  const found = inForce.filter(({ judged }) => judged.statement.target.name === stage.id);
  if (found.length > 0) return { kind: "stages", standings: found };
  throw new OptoutError("not-found", `no override of ${stage.id} is in force`, {
    hint: `optout skip ${stage.id} -m "why" --rerun`,
  });
}

/** Plans, shows, asks, does. @throws `not-signed-in` is told with links instead */
export async function rerunFor(
  call: Call,
  io: Io,
  open: Openers,
  scene: RerunScene,
): Promise<number> {
  let api: ForgeApi;
  try {
    api = await open.forge();
  } catch (error) {
    if (!(error instanceof OptoutError) || error.code !== "not-signed-in") throw error;
    if (call.has("json")) throw error;
    const { repository } = await open.workplace();
    const scopes = scene.chosen.standings.map(({ judged }) => judged.statement.scope);
    const lines = linkLines({ repository, scopes, why: error }, await paintErr(call, io));
    io.err(talkFor(io, lines, isCommandLine));
    return error.exit;
  }
  const plans = await plansOf(call, io, open, { ...scene, api });
  if (call.has("dry-run") || plans.length === 0) return tellPlans(call, io, plans);
  if (!call.has("json") && !call.has("quiet")) {
    io.err(talkFor(io, planLines(plans, await paintErr(call, io)), isCommandLine));
  }
  if (!(await isConfirmed(call, io, open))) return exitStatus("ok");
  const outcome = await carryOut(call, io, open, { ...scene, api, plans });
  return tellOutcome(call, io, plans, outcome);
}

async function isConfirmed(call: Call, io: Io, open: Openers): Promise<boolean> {
  if (call.has("yes") || !canPrompt(io, { noInput: call.has("no-input") })) return true;
  return open.paused(() => askConfirm(io, "Do that?"));
}

// --- planning

interface Planning extends RerunScene {
  readonly api: ForgeApi;
}

async function plansOf(
  call: Call,
  io: Io,
  open: Openers,
  { log, chosen, api }: Planning,
): Promise<readonly RunPlan[]> {
  const stuck = {
    queued: durationIn(call, "queued-for") ?? 10 * minute,
    running: durationIn(call, "running-for") ?? 60 * minute,
  };
  const askers = await askersOf(chosen.standings, log, open);
  if (chosen.kind === "run") {
    const reason = reasonOf(chosen.standings, log);
    const request = { askers: [...askers.values()].flat(), patience: stuck, reason };
    const plan = await planOne(api, await api.run(chosen.id), request, io.now());
    return plan === null ? [] : [plan];
  }
  const stages = [...new Set(chosen.standings.map(stageName))];
  const plans: RunPlan[] = [];
  for (const stage of stages) {
    const some = chosen.standings.filter((one) => stageName(one) === stage);
    const scopes = some.map(({ judged }) => judged.statement.scope);
    const reason = reasonOf(some, log);
    const request = { askers: askers.get(stage) ?? [], patience: stuck, scopes, reason };
    const known = new Set(plans.map(({ run }) => run.id));
    const found = await planRerun(api, request, io.now());
    plans.push(...found.filter(({ run }) => !known.has(run.id)));
    plans.push(...(await statusPlans(api, some, log)));
  }
  return plans;
}

/** For each skip, where nothing more protective than it is in force. */
async function statusPlans(
  api: ForgeApi,
  some: readonly Standing[],
  log: OpenLog,
): Promise<readonly RunPlan[]> {
  const others = some.filter(({ judged }) => judged.statement.action !== "skip");
  const isOverruled = (subject: Subject): boolean =>
    others.some(({ judged }) => isFor(judged.statement, subject));
  const plans: RunPlan[] = [];
  for (const one of some.filter((each) => !others.includes(each))) {
    const request = { scopes: [one.judged.statement.scope], reason: reasonOf([one], log) };
    const known = new Set(plans.map(({ run }) => run.id));
    const found = await planStatuses(api, request, isOverruled);
    plans.push(...found.filter(({ run }) => !known.has(run.id)));
  }
  return plans;
}

const stageName = ({ judged }: Standing): string => judged.statement.target.name;

/** The jobs that ask about each stage, as the CI files on the branches of the scopes say. */
async function askersOf(
  chosen: readonly Standing[],
  log: OpenLog,
  open: Openers,
): Promise<ReadonlyMap<string, readonly Asker[]>> {
  const wanted = chosen.map((one) => ({
    stage: stageName(one),
    scope: one.judged.statement.scope,
  }));
  const asks = await readAsks(wanted, log, open);
  const askerOf = (stage: string, ask: PlacedAsk): Asker => ({
    files: ask.runFiles,
    job: ask.job,
    label: ask.label,
    isGate: isGate(stage, ask),
    isBehind: ask.isBehind,
  });
  return new Map([...asks].map(([stage, all]) => [stage, all.map((ask) => askerOf(stage, ask))]));
}

/** The component of one job is named like its stage; the other one decides for others. */
function isGate(stage: string, { form, job }: PlacedAsk): boolean {
  return form === "gate" || form === "action" || (form === "component" && job !== stage);
}

function reasonOf(overrides: readonly Standing[], { policy }: OpenLog): Reason {
  const [standing] = overrides;
  const logBranch = policy.log.store === "git" ? policy.log.branch : null;
  if (standing === undefined) {
    return { stage: "", environment: null, words: "optout rerun", isSkip: false, logBranch };
  }
  const { seq, statement } = standing.judged;
  const stage = stageName(standing);
  return {
    stage,
    environment: policy.stages.get(stage)?.environment ?? null,
    words: `overridden: #${seq} ${effectOf(standing.judged)} ${stage} (${statement.by})`,
    isSkip: overrides.every(({ judged }) => judged.statement.action === "skip"),
    logBranch,
  };
}

// --- doing and telling

async function carryOut(
  call: Call,
  io: Io,
  open: Openers,
  { log, view, chosen, api, plans }: Planning & { readonly plans: readonly RunPlan[] },
): Promise<Outcome> {
  const writer = await openWriter(open, log, io, { keyName: call.text("key") });
  const total = (durationIn(call, "timeout") ?? 10 * minute) * 1000;
  const clock = patience({ maxMilliseconds: total, maxTries: Infinity });
  return rerun(api, plans, {
    writer,
    view,
    about: { overrides: chosen.standings.map(({ judged }) => judged.statement.id) },
    waiting: {
      ...clock,
      budgetMilliseconds: Math.max(0, total - recordMilliseconds),
      forceMilliseconds: (durationIn(call, "force-after") ?? 5 * minute) * 1000,
      pollMilliseconds,
    },
  });
}

async function tellPlans(call: Call, io: Io, plans: readonly RunPlan[]): Promise<number> {
  if (call.has("json")) printJson(io, rerunJson(plans, null));
  else
    io.out(
      linesFor(io, planLines(plans, await paintOut(call, io), { withCalls: true }), isCommandLine),
    );
  return exitStatus("ok");
}

/** Exit 0 where all was done or done already, 124 where some had not ended, else 1. */
async function tellOutcome(
  call: Call,
  io: Io,
  plans: readonly RunPlan[],
  outcome: Outcome,
): Promise<number> {
  if (call.has("json")) printJson(io, rerunJson(plans, outcome));
  else io.out(linesFor(io, outcomeLines(plans, outcome, await paintOut(call, io)), isCommandLine));
  if (outcome.results.some((result) => !isFine(result))) return exitStatus("failure");
  return exitStatus(outcome.unfinished.length > 0 ? "timeout" : "ok");
}
