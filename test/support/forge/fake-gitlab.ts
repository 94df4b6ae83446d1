/**
 * A small honest GitLab: pipelines with their jobs, merge requests, notes, statuses. Not GitLab: what
 * only the live service can show stands in docs/unproven.md.
 */
import { serveApi, type Answer, type FakeApi } from "./fake-api.ts";

export interface FakePipeline {
  readonly id: number;
  readonly ref: string;
  readonly sha: string;
  status: string;
  readonly source: string;
  readonly jobs: { id: number; name: string; status: string; failure_reason?: string }[];
  readonly bridges?: { id: number; name: string; status: string }[];
}

export interface GitlabWorld {
  readonly pipelines: FakePipeline[];
  readonly requests: { iid: number; from: string; into: string; sha: string; fork?: boolean }[];
  readonly tags: string[];
  readonly branches: string[];
  readonly notes: { id: number; iid: number; body: string; by?: string }[];
  readonly keys: { title: string; key: string; usage_type: string }[];
  readonly statuses: Readonly<Record<string, unknown>>[];
  /** Merge requests on the train. */
  readonly train: number[];
  readonly deployments: { id: number; environment: string; pipeline: number }[];
}

export interface FakeGitlab extends FakeApi {
  readonly world: GitlabWorld;
}

export const emptyGitlab = (): GitlabWorld => ({
  pipelines: [],
  requests: [],
  tags: [],
  branches: ["main"],
  notes: [],
  keys: [],
  statuses: [],
  train: [],
  deployments: [],
});

const time = "2026-11-21T15:00:00.000Z";
const ok = (body: unknown, status = 200): Answer => ({ status, body });
const notFound: Answer = { status: 404, body: { message: "404 Not found" } };

export async function serveGitlab(world: GitlabWorld): Promise<FakeGitlab> {
  const onPipeline = (id: string | undefined, act: (found: FakePipeline) => Answer): Answer => {
    const found = world.pipelines.find((one) => String(one.id) === id);
    return found === undefined ? notFound : act(found);
  };
  const onJob = (id: string | undefined, from: readonly string[], to: string): Answer => {
    for (const pipeline of world.pipelines) {
      const job = pipeline.jobs.find((one) => String(one.id) === id);
      if (job === undefined) continue;
      if (!from.includes(job.status)) return ok({ message: "403 Forbidden" }, 403);
      job.status = to;
      pipeline.status = to === "canceled" ? to : "running";
      return ok(jobJson(job), 201);
    }
    return notFound;
  };
  // the old job is not listed any more; a trigger is retried in the same way (GitLab 17)
  const retry = (id: string | undefined): Answer => {
    for (const pipeline of world.pipelines) {
      for (const list of [pipeline.jobs, pipeline.bridges ?? []]) {
        const job = list.find((one) => String(one.id) === id);
        if (job === undefined) continue;
        if (!["failed", "canceled", "success"].includes(job.status)) {
          return ok({ message: "403 Forbidden - Job is not retryable" }, 403);
        }
        Object.assign(job, { id: job.id + 1_000_000, status: "pending" });
        pipeline.status = "running";
        return ok(jobJson(job), 201);
      }
    }
    return notFound;
  };
  const create = (ref: string, sha: string, source: string, status: number): Answer => {
    const id = Math.max(0, ...world.pipelines.map((one) => one.id)) + 1;
    const made = { id, ref, sha, status: "created", source, jobs: [] };
    world.pipelines.push(made);
    return ok(pipelineJson(made), status);
  };
  const fake = await serveApi({
    description: "gitlab-openapi.json",
    prefix: "/api/v4",
    operations: {
      user: () => ok({ id: 42, username: "alice", bot: false }),
      keys: () => ok(world.keys.map((key, id) => ({ id, ...key }))),
      pipelines: () => ok(world.pipelines.toSorted((a, b) => b.id - a.id).map(pipelineJson)),
      pipeline: ({ params }) => onPipeline(params["pipeline_id"], (one) => ok(pipelineJson(one))),
      "cancel-pipeline": ({ params }) =>
        onPipeline(params["pipeline_id"], (one) => {
          one.status = "canceled";
          return ok(pipelineJson(one));
        }),
      jobs: ({ params }) => onPipeline(params["pipeline_id"], (one) => ok(one.jobs.map(jobJson))),
      bridges: ({ params }) =>
        onPipeline(params["pipeline_id"], (one) => ok((one.bridges ?? []).map(jobJson))),
      "create-pipeline": ({ body }) => create(String(body["ref"]), "1", "api", 201),
      "create-request-pipeline": ({ params }) =>
        create(`refs/merge-requests/${params["iid"]}/head`, "1", "merge_request_event", 200),
      "cancel-job": ({ params }) => onJob(params["job_id"], ["pending", "running"], "canceled"),
      "retry-job": ({ params }) => retry(params["job_id"]),
      "play-job": ({ params }) => {
        const answer = onJob(params["job_id"], ["manual"], "pending");
        return answer.status === 201 ? { ...answer, status: 200 } : answer;
      },
      "merge-requests": () =>
        ok(
          world.requests.map(({ iid, from, into, sha, fork }) => ({
            iid,
            sha,
            source_branch: from,
            target_branch: into,
            source_project_id: fork === true ? 2 : 1,
            target_project_id: 1,
            state: "opened",
          })),
        ),
      notes: ({ params }) =>
        ok(world.notes.filter(({ iid }) => String(iid) === params["iid"]).map(noteJson)),
      "create-note": ({ params, body }) => {
        const note = {
          id: world.notes.length + 1,
          iid: Number(params["iid"]),
          body: String(body["body"]),
        };
        world.notes.push(note);
        return ok(noteJson(note), 201);
      },
      "edit-note": ({ params, body }) => {
        const note = world.notes.find(({ id }) => String(id) === params["note_id"]);
        if (note === undefined) return notFound;
        note.body = String(body["body"]);
        return ok(noteJson(note));
      },
      branch: ({ params }) => named(world.branches, params["branch"]),
      tag: ({ params }) => named(world.tags, params["tag"]),
      deployments: () =>
        ok(
          world.deployments.map(({ id, environment, pipeline }) => ({
            id,
            environment: { id, name: environment },
            deployable: { id, pipeline: { id: pipeline } },
          })),
        ),
      "approve-deployment": ({ body }) => ok({ status: body["status"] }, 201),
      enqueue: ({ params, body }) => {
        const request = world.requests.find(({ iid }) => String(iid) === params["iid"]);
        if (request === undefined) return notFound;
        if (body["sha"] !== undefined && body["sha"] !== request.sha) {
          return ok({ message: "SHA does not match HEAD of source branch" }, 409);
        }
        world.train.push(request.iid);
        const car = { id: 1, target_branch: request.into, status: "fresh" };
        return ok([{ ...car, merge_request: { iid: request.iid } }], 201);
      },
      status: ({ params, body }) => {
        // GitLab's service for it, ci/create_commit_status_service.rb
        const isOfOne = world.pipelines.some(
          ({ id, ref, sha }) =>
            id === body["pipeline_id"] && ref === body["ref"] && sha === params["sha"],
        );
        if (body["pipeline_id"] !== undefined && !isOfOne) {
          return ok({ message: "404 Pipeline for pipeline_id, sha and ref Not Found" }, 404);
        }
        world.statuses.push({ sha: params["sha"], ...body });
        const told = { id: 1, sha: params["sha"], status: body["state"], name: body["name"] };
        return ok(told, 201);
      },
    },
  });
  return { ...fake, world };
}

function named(names: readonly string[], name: string | undefined): Answer {
  return name !== undefined && names.includes(name) ? ok({ name }) : notFound;
}

function pipelineJson({ id, ref, sha, status, source }: FakePipeline): object {
  const web = `http://127.0.0.1/-/pipelines/${id}`;
  const times = { created_at: time, updated_at: time };
  return { id, iid: id, project_id: 1, sha, ref, status, source, ...times, web_url: web };
}

function jobJson(job: { readonly id: number; readonly name: string }): object {
  return {
    ...job,
    stage: "test",
    web_url: `http://127.0.0.1/-/jobs/${job.id}`,
    created_at: time,
    started_at: time,
  };
}

function noteJson({ id, body, by = "alice" }: GitlabWorld["notes"][number]): object {
  return { id, body, system: false, author: { id: 42, username: by } };
}
