/**
 * Which pipelines there are to look at: the newest of each branch, tag and merge request, with the
 * place that a check in one of its jobs would be told.
 */
import * as v from "valibot";
import { get, pages, secondsOf, type Ask } from "./answers.ts";
import type { Progress, Run, RunPlace, RunsWanted } from "./api.ts";

export interface GitlabScene {
  readonly host: string;
  readonly ask: Ask;
  /** `/projects/ID`. @throws `usage` where there is no project */
  readonly base: () => string;
}

const perPage = 100;
/** Refs whose kind is asked for. */
const mostRefs = 30;

const progresses: Readonly<Record<string, Progress>> = {
  created: "queued",
  preparing: "queued",
  pending: "queued",
  waiting_for_callback: "queued",
  waiting_for_resource: "locked",
  running: "running",
  manual: "manual",
  failed: "red",
  canceling: "cancelled",
  canceled: "cancelled",
};

/** A pipeline's or a job's status; one that is unknown here needs nothing done. */
export function progressOf(status: string): Progress {
  return progresses[status] ?? "green";
}

export async function listPipelines(
  scene: GitlabScene,
  wanted: RunsWanted,
): Promise<readonly Run[]> {
  const [requests, all] = await Promise.all([openRequests(scene), pipelinesSince(scene, wanted)]);
  const newest = newestOfEach(all).filter(({ status }) =>
    wanted.progress.includes(progressOf(status)),
  );
  const placed = await placesOf(scene, newest, { requests, wanted });
  return newest.flatMap((pipeline) => {
    const found = placed(pipeline);
    return found !== null && wanted.isWanted(found.place) ? [runAt(pipeline, found)] : [];
  });
}

interface Placed {
  readonly place: RunPlace;
  /** The head of the merge request; what its pipeline runs on may be a commit of the merge. */
  readonly headSha: string | null;
}

/** A train takes the head that it is told, and no commit of its own. */
function runAt(pipeline: Pipeline, { place, headSha }: Placed): Run {
  const run = runOf(pipeline);
  const { pr } = place;
  const isQueued = run.origin === "queue" && pr !== null;
  return { ...run, place, queued: isQueued ? { pr, id: String(pr), sha: headSha } : null };
}

/** One pipeline; its place is told as far as the pipeline itself tells it. */
export async function onePipeline({ host, ask }: GitlabScene, path: string): Promise<Run> {
  return runOf(await get(host, ask, path, pipelineShape));
}

function pipelinesSince(
  { host, ask, base }: GitlabScene,
  { since }: RunsWanted,
): Promise<readonly Pipeline[]> {
  const after = encodeURIComponent(new Date(since * 1000).toISOString());
  const query = `order_by=id&sort=desc&updated_after=${after}&per_page=${perPage}`;
  return pages(
    (page) => get(host, ask, `${base()}/pipelines?${query}&page=${page}`, v.array(pipelineShape)),
    { perPage, most: 5 },
  );
}

function openRequests({ host, ask, base }: GitlabScene): Promise<readonly MergeRequest[]> {
  const query = `state=opened&per_page=${perPage}`;
  return pages(
    (page) =>
      get(host, ask, `${base()}/merge_requests?${query}&page=${page}`, v.array(requestShape)),
    { perPage, most: 5 },
  );
}

/** Green ones too: what a newer pipeline passed needs nothing. Children belong to their parents. */
function newestOfEach(pipelines: readonly Pipeline[]): readonly Pipeline[] {
  const seen = new Set<string>();
  return pipelines.filter(({ source, ref }) => {
    if (source === "parent_pipeline" || source === "external") return false;
    const request = requestOf(ref);
    const key = request === null ? ref : `!${request.iid}`;
    return seen.size < seen.add(key).size;
  });
}

/** `refs/merge-requests/17/head`, `/merge` or `/train`. */
function requestOf(ref: string): { readonly iid: number; readonly isTrain: boolean } | null {
  const [, iid, kind] = /^refs\/merge-requests\/(\d+)\/(head|merge|train)$/.exec(ref) ?? [];
  return iid === undefined ? null : { iid: Number(iid), isTrain: kind === "train" };
}

// --- the place of a pipeline

async function placesOf(
  scene: GitlabScene,
  pipelines: readonly Pipeline[],
  { requests, wanted }: { readonly requests: readonly MergeRequest[]; readonly wanted: RunsWanted },
): Promise<(pipeline: Pipeline) => Placed | null> {
  const refs = pipelines
    .filter(({ ref }) => requestOf(ref) === null)
    .filter((one) => kinds.some((kind) => wanted.isWanted(refPlace(one, kind))))
    .map(({ ref }) => ref)
    .slice(0, mostRefs);
  const found = await Promise.all(refs.map((ref) => kindOf(scene, ref)));
  const kindOfRef = new Map(refs.map((ref, i) => [ref, found[i] ?? null]));
  return (pipeline) => {
    const named = requestOf(pipeline.ref);
    if (named === null) {
      const kind = kindOfRef.get(pipeline.ref) ?? null;
      return kind === null ? null : { place: refPlace(pipeline, kind), headSha: null };
    }
    const request = requests.find(({ iid }) => iid === named.iid);
    if (request === undefined) return null;
    return { place: requestPlace(request, pipeline), headSha: request.sha };
  };
}

const kinds = ["branch", "tag"] as const;
type RefKind = (typeof kinds)[number];

async function kindOf({ ask, base }: GitlabScene, ref: string): Promise<RefKind | null> {
  const name = encodeURIComponent(ref);
  for (const [kind, list] of [
    ["branch", "branches"],
    ["tag", "tags"],
  ] as const) {
    const { status } = await ask("GET", `${base()}/repository/${list}/${name}`);
    if (status < 300) return kind;
  }
  return null;
}

function refPlace({ ref, sha }: Pipeline, kind: RefKind): RunPlace {
  const base = { branch: null, head: null, tag: null, sha, pr: null, fork: false };
  return kind === "tag" ? { ...base, tag: ref } : { ...base, branch: ref, head: ref };
}

/** The commit is the pipeline's own, as its jobs are told in `CI_COMMIT_SHA`. */
function requestPlace(request: MergeRequest, { sha }: Pipeline): RunPlace {
  const fork = request.source_project_id !== request.target_project_id;
  return {
    branch: request.target_branch,
    head: fork ? null : request.source_branch,
    tag: null,
    sha,
    pr: request.iid,
    fork,
  };
}

/** A pipeline as the API tells it; its place is its ref, taken for a branch where nothing tells. */
function runOf(pipeline: Pipeline): Run {
  const { id, ref, sha, status, web_url: url } = pipeline;
  const request = requestOf(ref);
  const place =
    request === null
      ? refPlace(pipeline, "branch")
      : { branch: null, head: null, tag: null, sha, pr: request.iid, fork: false };
  return {
    id: String(id),
    name: `pipeline #${id}`,
    url,
    file: null,
    place,
    origin: request === null ? "push" : request.isTrain ? "queue" : "pull",
    queued: null,
    progress: progressOf(status),
    since: secondsOf(pipeline.updated_at ?? pipeline.created_at),
    ref,
  };
}

// --- shapes

const pipelineShape = v.object({
  id: v.number(),
  sha: v.string(),
  ref: v.string(),
  status: v.string(),
  source: v.nullish(v.string()),
  web_url: v.string(),
  created_at: v.string(),
  updated_at: v.nullish(v.string()),
});
type Pipeline = v.InferOutput<typeof pipelineShape>;
const requestShape = v.object({
  iid: v.number(),
  sha: v.nullable(v.string()),
  source_branch: v.string(),
  target_branch: v.string(),
  source_project_id: v.nullable(v.number()),
  target_project_id: v.number(),
});
type MergeRequest = v.InferOutput<typeof requestShape>;
