/**
 * What `optout rerun` says. Names of runs and messages of the forge are other people's text.
 */
import type { OptoutError } from "../core/errors.ts";
import type { Scope } from "../core/statement.ts";
import { forTerminal } from "./escape.ts";
import { marked, type Paint } from "./paint.ts";

interface Call {
  readonly method: string;
  readonly path: string;
  readonly body?: Readonly<Record<string, unknown>>;
}

/** A run and what is to be done about it. */
export interface ToldPlan {
  readonly run: { readonly id: string; readonly name: string; readonly url: string };
  readonly state: string;
  readonly steps: readonly { readonly verb: string; readonly calls: readonly Call[] }[];
}

export interface ToldOutcome {
  readonly results: readonly {
    readonly run: string;
    readonly call: Call;
    readonly status: number;
    readonly message: string | null;
  }[];
  readonly unfinished: readonly string[];
}

const verbWords: Readonly<Record<string, string>> = {
  cancel: "cancel",
  "await-end": "wait for its end",
  rerun: "run again",
  "new-run": "a new run",
  play: "start the manual job",
  review: "approve the environment",
  status: "set the status",
  "await-jobs": "wait for the gate",
  restart: "start its pipelines anew",
  enqueue: "into the merge queue again",
  link: "by hand",
  leave: "goes on by itself once the run before it ends",
};

const maxRuns = 40;

export function planLines(
  plans: readonly ToldPlan[],
  paint: Paint,
  { withCalls = false }: { readonly withCalls?: boolean } = {},
): readonly string[] {
  if (plans.length === 0) return ["nothing in scope is red, queued or hung"];
  const shown = withCalls ? plans : plans.slice(0, maxRuns);
  const lines = shown.flatMap((plan) => planned(plan, paint, withCalls));
  const more = plans.length - shown.length;
  return more === 0 ? lines : [...lines, `  and ${more} more`];
}

function planned({ run, state, steps }: ToldPlan, paint: Paint, withCalls: boolean): string[] {
  const what = steps.map(({ verb }) => verbWords[verb] ?? verb).join(", then ");
  const head = `${forTerminal(run.name)} is ${state}: ${what}`;
  const isByHand = steps.some(({ verb }) => verb === "link");
  const calls = withCalls ? steps.flatMap((step) => step.calls.map(callLine)) : [];
  return [
    marked(paint, "waiting", head),
    ...(isByHand || withCalls ? [`  ${forTerminal(run.url)}`] : []),
    ...calls,
  ];
}

function callLine({ method, path, body }: Call): string {
  const given = body === undefined ? "" : ` ${JSON.stringify(body)}`;
  return `  ${forTerminal(`${method} ${path}${given}`)}`;
}

export function outcomeLines(
  plans: readonly ToldPlan[],
  { results, unfinished }: ToldOutcome,
  paint: Paint,
): readonly string[] {
  const refused = results.filter(({ status }) => status === 0 || status >= 400);
  const again = plans.filter(({ steps }) => steps.some(({ calls }) => calls.length > 0)).length;
  const done = again - new Set([...refused.map(({ run }) => run), ...unfinished]).size;
  return [
    marked(paint, "restored", `runs that go on: ${done} of ${plans.length}`),
    ...refused.map(({ run, call, status, message }) =>
      marked(
        paint,
        "violation",
        `${nameIn(plans, run)}: ${forTerminal(`${call.method} ${call.path}`)} ${status === 0 ? "brought no answer" : status} ${forTerminal(message ?? "")}`.trimEnd(),
      ),
    ),
    ...unfinished.map((run) =>
      marked(paint, "waiting", `${nameIn(plans, run)} has not ended yet: optout rerun ${run}`),
    ),
    ...plans
      .filter(({ steps }) => steps.some(({ verb }) => verb === "link"))
      .map(({ run }) => marked(paint, "waiting", `by hand: ${forTerminal(run.url)}`)),
  ];
}

function nameIn(plans: readonly ToldPlan[], id: string): string {
  return forTerminal(plans.find(({ run }) => run.id === id)?.run.name ?? id);
}

export interface Links {
  readonly repository: { readonly host: string; readonly name: string };
  readonly scopes: readonly Scope[];
  readonly why: OptoutError;
}

/** Where a person finds the red runs of each place. */
export function linkLines({ repository, scopes, why }: Links, paint: Paint): readonly string[] {
  const { host, name } = repository;
  const head = [
    marked(paint, "suspended", `nothing was run again: ${forTerminal(why.message)}`),
    ...(why.hint === undefined ? [] : [`  ${forTerminal(why.hint)}`]),
  ];
  if (host === "local") return head;
  const names = scopes.flatMap(({ branches, heads = [], tags = [] }) =>
    branches === "*" ? [""] : [...(branches ?? []), ...heads, ...tags],
  );
  const links = [...new Set(names)].map((ref) => linkFor(host, name, ref));
  return [...head, ...links.map((link) => `  ${forTerminal(link)}`)];
}

function linkFor(host: string, name: string, ref: string): string {
  if (/(^|\.)gitlab\./.test(host)) {
    const place = ref === "" ? "" : `&ref=${encodeURIComponent(ref)}`;
    return `https://${host}/${name}/-/pipelines?status=failed${place}`;
  }
  const query = ref === "" ? "is:failure" : `is:failure branch:${ref}`;
  return `https://${host}/${name}/actions?query=${encodeURIComponent(query)}`;
}

export interface RerunJson {
  readonly kind: "optout/rerun";
  readonly v: 1;
  readonly runs: readonly {
    readonly run: string;
    readonly name: string;
    readonly url: string;
    readonly state: string;
    readonly steps: ToldPlan["steps"];
  }[];
  /** Null where nothing was done. */
  readonly results: ToldOutcome["results"] | null;
  readonly unfinished: readonly string[];
}

export function rerunJson(plans: readonly ToldPlan[], outcome: ToldOutcome | null): RerunJson {
  return {
    kind: "optout/rerun",
    v: 1,
    runs: plans.map(({ run, state, steps }) => ({
      run: run.id,
      name: run.name,
      url: run.url,
      state,
      steps: steps.map(({ verb, calls }) => ({ verb, calls })),
    })),
    results: outcome?.results ?? null,
    unfinished: outcome?.unfinished ?? [],
  };
}
