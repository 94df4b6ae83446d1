/**
 * Which workflow runs there are to look at: the newest of each change, with the place that a check in
 * one of its jobs would be told.
 */
import * as v from "valibot";
import { get, pages, secondsOf, type Ask } from "./answers.ts";
import type { Progress, Run, RunPlace, RunsWanted } from "./api.ts";

export interface GithubScene {
  readonly host: string;
  readonly ask: Ask;
  /** `/repos/OWNER/NAME`. @throws `usage` where there is no repository */
  readonly base: () => string;
}

/** GitHub's words for each progress, as the list of runs can be filtered by them. */
const filters: Readonly<Record<Progress, readonly string[]>> = {
  queued: ["queued"],
  running: ["in_progress"],
  locked: ["pending"],
  blocked: ["waiting"],
  manual: [],
  unapproved: ["action_required"],
  red: ["failure", "timed_out"],
  cancelled: ["cancelled"],
  green: ["success"],
};
const perPage = 100;
const mostPages = 3;
/** Branches whose last commit is asked for. */
const mostTips = 30;

export async function listRuns(scene: GithubScene, wanted: RunsWanted): Promise<readonly Run[]> {
  const words = new Set([...wanted.progress, "green" as const].flatMap((one) => filters[one]));
  const [pulls, ...lists] = await Promise.all([
    openPulls(scene),
    ...[...words].map((word) => runsWith(scene, word, wanted)),
  ]);
  const listed = lists.flat().toSorted((a, b) => b.id - a.id);
  const found = newestOfCommit(listed).filter((run) => wanted.progress.includes(progressOf(run)));
  const tips = await tipsFor(scene, found, wanted);
  const runs = found.flatMap((run) => {
    const placed = placedRun(run, pulls, tips);
    return placed !== null && wanted.isWanted(placed.place) ? [placed] : [];
  });
  return newestOfEach(runs);
}

/** One run; its place is told as far as the run itself tells it. */
export async function oneRun({ host, ask }: GithubScene, path: string): Promise<Run> {
  return runOf(await get(host, ask, path, runShape));
}

async function runsWith(
  { host, ask, base }: GithubScene,
  status: string,
  { since }: RunsWanted,
): Promise<readonly FoundRun[]> {
  const created = encodeURIComponent(`>=${new Date(since * 1000).toISOString().slice(0, 10)}`);
  return pages(
    async (page) => {
      const query = `status=${status}&created=${created}&per_page=${perPage}&page=${page}`;
      const shape = v.object({ workflow_runs: v.array(runShape) });
      return (await get(host, ask, `${base()}/actions/runs?${query}`, shape)).workflow_runs;
    },
    { perPage, most: mostPages },
  );
}

export function openPulls({ host, ask, base }: GithubScene): Promise<readonly Pull[]> {
  return pages(
    (page) =>
      get(
        host,
        ask,
        `${base()}/pulls?state=open&per_page=${perPage}&page=${page}`,
        v.array(pullShape),
      ),
    { perPage, most: 5 },
  );
}

// --- the place of a run

/** What a name of a branch or a tag points at now. */
interface Tip {
  readonly kind: "branch" | "tag";
  readonly sha: string;
}

/** A run's `head_branch` may be a tag's name as well: who has that commit now tells. */
async function tipsFor(
  scene: GithubScene,
  runs: readonly FoundRun[],
  wanted: RunsWanted,
): Promise<ReadonlyMap<string, readonly Tip[]>> {
  const names = runs
    .filter((run) => originOf(run) === "push")
    .flatMap((run) => {
      const { head_branch: name, head_sha: sha } = run;
      const isOf = (kind: Tip["kind"]): boolean => wanted.isWanted(pushPlace({ kind, sha }, name));
      return name !== null && (isOf("branch") || isOf("tag")) ? [name] : [];
    });
  const some = [...new Set(names)].slice(0, mostTips);
  const tips = await Promise.all(some.map((name) => tipsOf(scene, name)));
  return new Map(some.map((name, i) => [name, tips[i] ?? []]));
}

async function tipsOf({ ask, base }: GithubScene, name: string): Promise<readonly Tip[]> {
  const path = encodeURIComponent(name);
  const branch = await ask("GET", `${base()}/branches/${path}`);
  const parsed = v.safeParse(branchShape, branch.body);
  if (branch.status < 300 && parsed.success)
    return [{ kind: "branch", sha: parsed.output.commit.sha }];
  const refs = await ask("GET", `${base()}/commits/${encodeURIComponent(`tags/${name}`)}`);
  const tag = v.safeParse(v.object({ sha: v.string() }), refs.body);
  return refs.status < 300 && tag.success ? [{ kind: "tag", sha: tag.output.sha }] : [];
}

function pushPlace({ kind, sha }: Tip, name: string | null): RunPlace {
  const base = { branch: null, head: null, tag: null, sha, pr: null, fork: false };
  return kind === "tag" ? { ...base, tag: name } : { ...base, branch: name, head: name };
}

/** The run with its place; null where its change has moved on. */
function placedRun(
  run: FoundRun,
  pulls: readonly Pull[],
  tips: ReadonlyMap<string, readonly Tip[]>,
): Run | null {
  const origin = originOf(run);
  if (origin === "pull") {
    const pull = pulls.find(
      ({ head }) => head.sha === run.head_sha && head.ref === run.head_branch,
    );
    return pull === undefined ? null : { ...runOf(run), place: pullPlace(pull) };
  }
  if (origin === "queue") {
    const place = queuePlace(run);
    const pull = pulls.find(({ number }) => number === place?.pr);
    if (pull === undefined || place === null) return null;
    const queued = { pr: pull.number, id: pull.node_id, sha: pull.head.sha };
    return { ...runOf(run), place: { ...place, pr: null }, queued };
  }
  const name = run.head_branch;
  const tip = tips.get(name ?? "")?.find(({ sha }) => sha === run.head_sha);
  return tip === undefined ? null : { ...runOf(run), place: pushPlace(tip, name) };
}

export function pullPlace({ number, head, base }: Pull): RunPlace {
  const fork = head.repo?.id !== base.repo.id;
  return {
    branch: base.ref,
    head: fork ? null : head.ref,
    tag: null,
    sha: head.sha,
    pr: number,
    fork,
  };
}

/** `gh-readonly-queue/main/pr-981-SHA`. */
function queuePlace({ head_branch: name, head_sha: sha }: FoundRun): RunPlace | null {
  const [, branch, pr] = /^gh-readonly-queue\/(.+)\/pr-(\d+)-[0-9a-f]+$/.exec(name ?? "") ?? [];
  if (branch === undefined) return null;
  return { branch, head: null, tag: null, sha, pr: Number(pr), fork: false };
}

function originOf({ event }: FoundRun): Run["origin"] {
  if (event.startsWith("pull_request")) return "pull";
  return event === "merge_group" ? "queue" : "push";
}

/** What a newer run of the same workflow passed needs nothing. */
function newestOfCommit(runs: readonly FoundRun[]): readonly FoundRun[] {
  const seen = new Set<string>();
  return runs.filter(({ path, event, head_branch: branch, head_sha: sha }) => {
    const key = JSON.stringify([path, event, branch, sha]);
    return seen.size < seen.add(key).size;
  });
}

/** A change may have several runs of one workflow; only the last says how it stands. */
function newestOfEach(runs: readonly Run[]): readonly Run[] {
  const seen = new Set<string>();
  return runs.filter(({ file, origin, queued, place: { pr, branch, tag } }) => {
    const key = JSON.stringify([file, origin, pr ?? queued?.pr, branch, tag]);
    return seen.size < seen.add(key).size;
  });
}

// --- shapes

/** A run as the API tells it; its place is where it was pushed, as far as that is known here. */
function runOf(run: FoundRun): Run {
  return {
    id: String(run.id),
    name: `${run.name ?? "workflow"} #${run.run_number}`,
    url: run.html_url,
    file: run.path.split("@")[0] ?? null,
    place: pushPlace({ kind: "branch", sha: run.head_sha }, run.head_branch),
    origin: originOf(run),
    queued: null,
    progress: progressOf(run),
    since: secondsOf(run.run_started_at ?? run.created_at),
    ref: run.head_branch ?? run.head_sha,
  };
}

function progressOf({ status, conclusion }: FoundRun): Progress {
  const word = status === "completed" ? conclusion : status;
  if (word === "requested") return "queued";
  // the list cannot be filtered by it
  if (word === "startup_failure") return "red";
  for (const progress of progresses) if (filters[progress].includes(word ?? "")) return progress;
  return "green";
}
const progresses = [
  "queued",
  "running",
  "locked",
  "blocked",
  "unapproved",
  "red",
  "cancelled",
] as const;

const runShape = v.object({
  id: v.number(),
  name: v.nullish(v.string()),
  path: v.string(),
  head_branch: v.nullable(v.string()),
  head_sha: v.string(),
  run_number: v.number(),
  event: v.string(),
  status: v.nullable(v.string()),
  conclusion: v.nullable(v.string()),
  html_url: v.string(),
  created_at: v.string(),
  run_started_at: v.nullish(v.string()),
});
type FoundRun = v.InferOutput<typeof runShape>;

const repositoryShape = v.object({ id: v.number() });
// spelled out, for other files read it too
export interface Pull {
  readonly number: number;
  readonly node_id: string;
  readonly html_url: string;
  readonly head: {
    readonly ref: string;
    readonly sha: string;
    readonly repo?: { readonly id: number } | null | undefined;
  };
  readonly base: { readonly ref: string; readonly repo: { readonly id: number } };
}
const pullShape: v.GenericSchema<unknown, Pull> = v.object({
  number: v.number(),
  node_id: v.string(),
  html_url: v.string(),
  head: v.object({ ref: v.string(), sha: v.string(), repo: v.nullish(repositoryShape) }),
  base: v.object({ ref: v.string(), repo: repositoryShape }),
});
const branchShape = v.object({ commit: v.object({ sha: v.string() }) });
