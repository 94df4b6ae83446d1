/**
 * Runs a workflow of GitHub Actions on this machine: GitHub's own parser and evaluator decide what
 * runs and with which values; only the order of jobs, the starting of steps and the file commands are
 * ours. It knows what our templates use, and throws at anything else.
 *
 * Limits: the jobs share one clone, which is the one that `actions/checkout` makes without a `path`,
 * `actions/setup-node` does nothing, and what `needs.X.result` says of a job with continue-on-error is not
 * known here, so that is refused.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import {
  convertWorkflowTemplate,
  isMapping,
  isSequence,
  NoOperationTraceWriter,
  parseWorkflow,
} from "@actions/workflow-parser";
import {
  convertActionTemplate,
  parseAction,
  type ActionTemplate,
} from "@actions/workflow-parser/actions/index";
import type { Job, Step, WorkflowJob } from "@actions/workflow-parser/model/workflow-template";

import type { JobResult } from "../../src/core/verdict.ts";
import { isTrue, textOf, textsOf, valueOf, type Contexts, type Status } from "./expressions.ts";
import { fileCommands } from "./runner.ts";
import { git, run, temporaryOf, type Place } from "./stage.ts";

export interface JobRun {
  readonly result: JobResult;
  readonly outputs: Readonly<Record<string, string>>;
  /** What its steps printed. */
  readonly log: string;
}

export interface WorkflowOptions {
  /** The clone that all jobs run in. */
  readonly place: Place;
  /** The context `github`, on top of a push to main. */
  readonly github?: Readonly<Record<string, unknown>>;
  readonly vars?: Readonly<Record<string, string>>;
  /** Of a workflow that is called. */
  readonly inputs?: Readonly<Record<string, string>>;
  /** Variables of the runner. */
  readonly env?: Readonly<Record<string, string>>;
  /** Directories of actions by what `uses` says, instead of those in the clone. */
  readonly actions?: Readonly<Record<string, string>>;
  /** Jobs that somebody cancels while they run. */
  readonly cancel?: readonly string[];
}

type Token = Parameters<typeof isMapping>[0];
type Jobs = Record<string, JobRun>;

/** Runs all jobs of a workflow; each by its id. */
export async function runWorkflow(
  content: string,
  options: WorkflowOptions,
): Promise<Readonly<Jobs>> {
  const parsed = parseWorkflow({ name: "workflow.yml", content }, new NoOperationTraceWriter());
  if (parsed.value === undefined) throw new Error("the workflow is empty");
  const template = await convertWorkflowTemplate(parsed.context, parsed.value);
  const problems = parsed.context.errors.getErrors().map(({ message }) => message);
  if (problems.length > 0) throw new Error(problems.join("\n"));
  const rawJobs = member(parsed.value, "jobs");
  const ran: Jobs = {};
  const waiting = [...template.jobs];
  while (waiting.length > 0) {
    const at = waiting.findIndex((job) => needsOf(job).every((id) => id in ran));
    const [job] = waiting.splice(at, 1);
    if (at < 0 || job === undefined) throw new Error("needs go in a circle");
    const raw = member(rawJobs, job.id.value);
    ran[job.id.value] = await runJob({ job, raw, ran, options, all: template.jobs });
  }
  return ran;
}

const needsOf = (job: WorkflowJob): readonly string[] =>
  (job.needs ?? []).map(({ value }) => value);

const member = (token: Token | undefined, name: string): Token | undefined =>
  token !== undefined && isMapping(token) ? token.find(name) : undefined;

interface Running {
  readonly job: WorkflowJob;
  /** Its tokens, for what the converter drops. */
  readonly raw: Token | undefined;
  readonly ran: Readonly<Jobs>;
  readonly options: WorkflowOptions;
  readonly all: readonly WorkflowJob[];
}

const nothing: JobRun = { result: "skipped", outputs: {}, log: "" };

async function runJob(running: Running): Promise<JobRun> {
  const { job, raw, ran, options } = running;
  if (member(raw, "continue-on-error") !== undefined) throw new Error("continue-on-error of a job");
  const contexts: Contexts = {
    github: githubOf(options),
    vars: options.vars ?? {},
    inputs: options.inputs ?? {},
    needs: Object.fromEntries(
      needsOf(job).map((id) => [id, { result: ran[id]?.result, outputs: ran[id]?.outputs }]),
    ),
  };
  if (!isTrue(job.if.expression, contexts, jobStatus(running))) return nothing;
  if (options.cancel?.includes(job.id.value) === true) return { ...nothing, result: "cancelled" };
  if (job.type !== "job") return callWorkflow(job.ref.value, raw, contexts, options);
  const legs: JobRun[] = [];
  for (const matrix of legsOf(valueOf(member(raw, "strategy"), contexts))) {
    legs.push(await runLeg({ ...running, job }, { ...contexts, matrix }));
  }
  return {
    result: legs.every(({ result }) => result === "success") ? "success" : "failure",
    outputs: Object.assign({}, ...legs.map(({ outputs }) => outputs)) as Record<string, string>,
    log: legs.map(({ log }) => log).join(""),
  };
}

/** A job that calls a workflow of the same repository. */
async function callWorkflow(
  ref: string,
  raw: Token | undefined,
  contexts: Contexts,
  options: WorkflowOptions,
): Promise<JobRun> {
  const content = readFileSync(join(options.place.directory, ref), "utf8");
  const inputs = textsOf(member(raw, "with"), contexts);
  const jobs = await runWorkflow(content, { ...options, inputs });
  const { value } = parseWorkflow({ name: ref, content }, new NoOperationTraceWriter());
  const told = member(member(member(value, "on"), "workflow_call"), "outputs");
  const outputs = told !== undefined && isMapping(told) ? [...told] : [];
  const results = Object.values(jobs).map(({ result }) => result);
  return {
    result: results.every((result) => result === "success") ? "success" : "failure",
    outputs: Object.fromEntries(
      outputs.map(({ key, value: output }) => [
        textOf(valueOf(key, contexts)),
        textOf(valueOf(member(output, "value"), { ...contexts, jobs })),
      ]),
    ),
    log: Object.values(jobs)
      .map(({ log }) => log)
      .join(""),
  };
}

/** The runner's service looks at all jobs before it, not only at those it names. */
function jobStatus({ job, ran, all }: Running): Status {
  const before = new Set<string>();
  const walk = (one: WorkflowJob | undefined): void => {
    for (const id of one === undefined ? [] : needsOf(one)) {
      if (before.has(id)) continue;
      before.add(id);
      walk(all.find((other) => other.id.value === id));
    }
  };
  walk(job);
  const results = [...before].map((id) => ran[id]?.result);
  return {
    success: results.every((result) => result === "success"),
    failure: results.includes("failure"),
    always: true,
    // of the whole run; a single job that was cancelled does not make it so
    cancelled: false,
  };
}

/** The combinations of a matrix of plain lists; one leg without a matrix. */
function legsOf(strategy: unknown): readonly Readonly<Record<string, unknown>>[] {
  if (typeof strategy !== "object" || strategy === null || !("matrix" in strategy)) return [{}];
  const axes: readonly (readonly [string, unknown])[] = Object.entries(strategy.matrix as object);
  return axes.reduce<readonly Readonly<Record<string, unknown>>[]>(
    (legs, [name, values]) =>
      legs.flatMap((leg) => (values as unknown[]).map((value) => ({ ...leg, [name]: value }))),
    [{}],
  );
}

interface Leg {
  readonly steps: Record<string, { outputs: Record<string, string>; outcome: string }>;
  readonly env: Record<string, string>;
  failed: boolean;
  log: string;
}

type RunningJob = Running & { readonly job: Job };

async function runLeg(running: RunningJob, contexts: Contexts): Promise<JobRun> {
  const { job, raw } = running;
  const leg: Leg = { steps: {}, env: textsOf(job.env, contexts), failed: false, log: "" };
  const rawSteps = member(raw, "steps");
  for (const [at, step] of job.steps.entries()) {
    const tokens = rawSteps !== undefined && isSequence(rawSteps) ? rawSteps.get(at) : undefined;
    await runStep(running, { step, tokens, leg, contexts });
  }
  const outputs = textsOf(job.outputs, { ...contexts, steps: leg.steps });
  return { result: leg.failed ? "failure" : "success", outputs, log: leg.log };
}

interface StepAt {
  readonly step: Step;
  readonly tokens: Token | undefined;
  readonly leg: Leg;
  readonly contexts: Contexts;
}

async function runStep(running: Running, { step, tokens, leg, contexts }: StepAt): Promise<void> {
  const all: Contexts = { ...contexts, steps: leg.steps, env: leg.env };
  const status = { success: !leg.failed, failure: leg.failed, always: true, cancelled: false };
  if (step.if === undefined || !isTrue(step.if.expression, all, status)) {
    leg.steps[step.id] = { outputs: {}, outcome: "skipped" };
    return;
  }
  if (isCheckout(step))
    return checkOut(running.options.place, textsOf(member(tokens, "with"), all));
  const [file, args, inputs] = commandOf(running.options, step, tokens, all);
  if (file === "") return;
  const { place } = running.options;
  const folder = mkdtempSync(join(temporaryOf(place), "step-"));
  const [output, summary] = [join(folder, "output"), join(folder, "summary.md")];
  writeFileSync(output, "");
  writeFileSync(summary, "");
  const env = {
    ...running.options.env,
    ...variablesOf(all, running.job.id.value, folder),
    GITHUB_OUTPUT: output,
    GITHUB_STEP_SUMMARY: summary,
    ...leg.env,
    ...textsOf(member(tokens, "env"), all),
    ...inputs,
  };
  const { status: exit, stdout, stderr } = await run(place, file, args, { env });
  leg.log += stdout + stderr;
  const outcome = exit === 0 ? "success" : "failure";
  const outputs = Object.fromEntries(fileCommands(readFileSync(output, "utf8")));
  leg.steps[step.id] = { outputs, outcome };
  leg.failed ||= exit !== 0 && step["continue-on-error"] !== true;
}

const isCheckout = (step: Step): boolean =>
  "uses" in step && /^actions\/checkout@[0-9a-f]{40}$/.test(step.uses.value);

/** A branch once more beside the clone, in place of whatever stood there. */
async function checkOut(place: Place, given: Readonly<Record<string, string>>): Promise<void> {
  const { path, ref = "", ...others } = given;
  const known = ["sparse-checkout", "persist-credentials"];
  const unknown = Object.keys(others).find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Error(`this checkout has no input ${unknown}`);
  if (path === undefined) return;
  const directory = join(place.directory, path);
  rmSync(directory, { recursive: true, force: true });
  const origin = await git(place, ["remote", "get-url", "origin"]);
  await git(place, ["clone", "-q", ...(ref === "" ? [] : ["--branch", ref]), origin, directory]);
}

type Command = readonly [string, readonly string[], Readonly<Record<string, string>>];

/** What a step starts, and with which inputs; an empty name where it starts nothing. */
function commandOf(
  options: WorkflowOptions,
  step: Step,
  tokens: Token | undefined,
  contexts: Contexts,
): Command {
  if ("run" in step) {
    const script = valueOf(step.run, contexts);
    return ["bash", ["-e", "-c", String(script)], {}];
  }
  if (!("uses" in step)) throw new Error(`a step of another kind: ${step.id}`);
  const used = step.uses.value;
  const given = textsOf(member(tokens, "with"), contexts);
  if (isSetupNode(used, given)) return ["", [], {}];
  const directory = directoryOf(used, options);
  const { inputs = [], runs } = readAction(directory);
  if (runs.using !== "node24") throw new Error(`${used} runs on ${runs.using}`);
  const unknown = Object.keys(given).find((name) => !inputs.some(({ id }) => id === name));
  if (unknown !== undefined) throw new Error(`${used} has no input ${unknown}`);
  const values = inputs.map(({ id, default: byDefault }) => [
    `INPUT_${id.replaceAll(" ", "_").toUpperCase()}`,
    given[id] ?? byDefault?.toString() ?? "",
  ]);
  return [
    process.execPath,
    [join(directory, runs.main)],
    Object.fromEntries(values) as Record<string, string>,
  ];
}

function isSetupNode(used: string, given: Readonly<Record<string, string>>): boolean {
  if (!/^actions\/setup-node@[0-9a-f]{40}$/.test(used)) return false;
  const version = given["node-version"] ?? "";
  if (!/^\d+$/.test(version)) throw new Error(`setup-node of the version "${version}"`);
  return true;
}

function directoryOf(used: string, { actions, place }: WorkflowOptions): string {
  const found = actions?.[used] ?? (used.startsWith("./") ? join(place.directory, used) : null);
  if (found === null) throw new Error(`the action ${used} is not here`);
  return found;
}

/** The manifest as the runner reads it, which evaluates expressions wherever they stand. */
function readAction(directory: string): ActionTemplate {
  const name = join(directory, "action.yml");
  const file = { name, content: readFileSync(name, "utf8") };
  const { context, value } = parseAction(file, new NoOperationTraceWriter());
  const [error] = context.errors.getErrors();
  if (error !== undefined) throw new Error(error.message);
  if (value === undefined) throw new Error(`${name} is empty`);
  return convertActionTemplate(context, value);
}

function githubOf({ place, github }: WorkflowOptions): Readonly<Record<string, unknown>> {
  const own = {
    event_name: "push",
    ref: "refs/heads/main",
    sha: "0".repeat(40),
    repository: "acme/shop",
    repository_id: "1",
    run_id: "1",
    run_attempt: "1",
    server_url: "https://github.com",
    workspace: place.directory,
  };
  const event = { repository: { default_branch: "main" }, ...(github?.["event"] as object) };
  return { ...own, ...github, event };
}

/** The variables of a job, as the runner makes them from the context `github`. */
function variablesOf(contexts: Contexts, job: string, folder: string): Record<string, string> {
  const github = contexts["github"] as Readonly<Record<string, unknown>>;
  const event = join(folder, "event.json");
  writeFileSync(event, JSON.stringify(github["event"]));
  const told = Object.entries(github).filter(([, value]) => typeof value === "string");
  return {
    CI: "true",
    GITHUB_ACTIONS: "true",
    ...Object.fromEntries(
      told.map(([name, value]) => [`GITHUB_${name.toUpperCase()}`, String(value)]),
    ),
    GITHUB_EVENT_PATH: event,
    GITHUB_JOB: job,
    RUNNER_TEMP: folder,
  };
}
