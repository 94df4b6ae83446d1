/**
 * GitLab's REST API, by Gitbeaker: gitlab.com and self-managed.
 *
 * Source: "GitLab REST API" in GitLab's documentation. Gitbeaker repeats what failed, changes too, and
 * does not heed `retry-after`; so it is given the sending that both forges share.
 */
import { Projects } from "@gitbeaker/rest";
import { createRequesterFn } from "@gitbeaker/requester-utils";
import * as v from "valibot";
import { OptoutError } from "../core/errors.ts";
import { patientFetch } from "../system/patient-fetch.ts";
import {
  change,
  get,
  messageOf,
  numeric,
  pages,
  postIn,
  secondsOf,
  type Answer,
  type Ask,
} from "./answers.ts";
import type { ApiSetting, Comment, ForgeApi, ForgeCalls, Job, Run } from "./api.ts";
import { listPipelines, onePipeline, progressOf, type GitlabScene } from "./gitlab-pipelines.ts";

/** Opens the API; asks nothing yet. */
export function openGitlabApi(setting: ApiSetting): ForgeApi {
  const { host } = setting;
  const ask = askWith(setting);
  const base = projectPath(setting);
  const scene: GitlabScene = { host, ask, base };
  return {
    forge: "gitlab",
    host,
    whoAmI: async () => {
      const { username, id, bot } = await get(host, ask, "/user", userShape);
      return { forge: "gitlab", host, login: username, id, isBot: bot };
    },
    signingKeys: async (login) => {
      const path = `/users/${encodeURIComponent(login)}/keys?per_page=100`;
      const keys = await get(host, ask, path, v.array(keyShape));
      return keys
        .filter(({ usage_type: usage }) => usage !== "auth")
        .map(({ title, key }) => ({ title, line: key }));
    },
    runs: (wanted) => listPipelines(scene, wanted),
    run: (id) => onePipeline(scene, `${base()}/pipelines/${numeric(id)}`),
    jobs: (run) => listJobs(scene, run),
    awaited: (run) => blockedDeployments(scene, run),
    // it demands pipelines, and no statuses by name
    unreported: () => Promise.resolve([]),
    comments: async (pr) =>
      pages(
        async (page) => {
          const path = `${base()}/merge_requests/${pr}/notes?per_page=100&page=${page}`;
          return (await get(host, ask, path, v.array(noteShape))).map(commentOf);
        },
        { perPage: 100, most: 10 },
      ),
    createComment: async (pr, body) => {
      const path = `${base()}/merge_requests/${pr}/notes`;
      return commentOf(
        await change(host, ask, { method: "POST", path, body: { body } }, noteShape),
      );
    },
    editComment: async (pr, id, body) => {
      const path = `${base()}/merge_requests/${pr}/notes/${numeric(id)}`;
      return commentOf(await change(host, ask, { method: "PUT", path, body: { body } }, noteShape));
    },
    calls: callsIn(base),
    send: async ({ method, path, body }) => {
      const answer = await ask(method, path, body);
      return { status: answer.status, message: answer.status < 300 ? null : messageOf(answer) };
    },
  };
}

function askWith({ host, apiUrl, token, deadline }: ApiSetting): Ask {
  const send = patientFetch({ deadline, name: host });
  const requesterFn = createRequesterFn(
    (_resource, request) => Promise.resolve(request),
    async (endpoint, options = {}) => {
      const { prefixUrl, method, headers, body } = v.parse(requestShape, options);
      const response = await send(new URL(endpoint, `${prefixUrl.replace(/\/*$/, "")}/`), {
        method,
        headers: { ...headers, "user-agent": "optout" },
        ...(body === undefined ? {} : { body }),
      });
      return { status: response.status, headers: {}, body: { json: await jsonOf(response) } };
    },
  );
  const server = apiUrl.replace(/\/api\/v4$/, "");
  const { requester } = new Projects({ host: server, oauthToken: token, requesterFn });
  return async (method, path, body) => {
    const name = verbs[method];
    const given = body === undefined ? {} : { body: { ...body } };
    const answer = await requester[name](path.slice(1), given);
    const read = v.parse(answerShape, answer);
    return { status: read.status, body: read.body.json } satisfies Answer;
  };
}

/** What Gitbeaker makes of a call. */
const requestShape = v.object({
  prefixUrl: v.string(),
  method: v.string(),
  headers: v.record(v.string(), v.string()),
  body: v.optional(v.string()),
});
const verbs = { GET: "get", POST: "post", PUT: "put", PATCH: "patch" } as const;
const answerShape = v.object({ status: v.number(), body: v.object({ json: v.unknown() }) });

/** Null for what is no JSON: a page of a proxy, an empty answer. */
async function jsonOf(response: Response): Promise<unknown> {
  try {
    return JSON.parse(await response.text());
  } catch {
    return null;
  }
}

function projectPath({ host, repository }: ApiSetting): () => string {
  return () => {
    if (repository?.includes("/") === true) return `/projects/${encodeURIComponent(repository)}`;
    throw new OptoutError("usage", `there is no project of ${host} here`, {
      hint: "cd into a clone of it",
    });
  };
}

// --- calls

function callsIn(base: () => string): ForgeCalls {
  const post = postIn(base);
  return {
    cancel: (run, job, force) => {
      const what = job === null ? `/pipelines/${numeric(run.id)}` : `/jobs/${numeric(job.id)}`;
      return post(`${what}/cancel`, force && job !== null ? { force: true } : undefined);
    },
    rerunJob: (job) => post(`/jobs/${numeric(job.id)}/retry`),
    rerunRun: ({ place: { pr }, ref }) =>
      pr === null ? post("/pipeline", { ref }) : post(`/merge_requests/${pr}/pipelines`),
    play: (job) => post(`/jobs/${numeric(job.id)}/play`),
    enqueue: ({ id, sha }) =>
      post(`/merge_trains/merge_requests/${numeric(id)}`, sha === null ? undefined : { sha }),
    review: (_run, awaited, comment) =>
      post(`/deployments/${numeric(awaited.id)}/approval`, { status: "approved", comment }),
    status: ({ sha, context, state, description, url, pipeline, ref }) =>
      post(`/statuses/${sha}`, {
        state: state === "failure" ? "failed" : state,
        name: context,
        description,
        target_url: url,
        ...(pipeline === undefined ? {} : { pipeline_id: Number(pipeline) }),
        ...(ref === undefined ? {} : { ref }),
      }),
  };
}

// --- jobs

async function listJobs({ host, ask, base }: GitlabScene, run: Run): Promise<readonly Job[]> {
  const under = `${base()}/pipelines/${numeric(run.id)}`;
  const list = (what: "jobs" | "bridges"): Promise<readonly FoundJob[]> =>
    pages(
      (page) => get(host, ask, `${under}/${what}?per_page=100&page=${page}`, v.array(jobShape)),
      { perPage: 100, most: 5 },
    );
  const [jobs, triggers] = await Promise.all([list("jobs"), list("bridges")]);
  return [...jobs.map((job) => jobOf(job, false)), ...triggers.map((job) => jobOf(job, true))];
}

function jobOf(job: FoundJob, isTrigger: boolean): Job {
  return {
    id: String(job.id),
    name: job.name,
    url: job.web_url,
    progress: progressOf(job.status),
    since: secondsOf(job.started_at ?? job.created_at),
    isTrigger,
    lacksImage: job.failure_reason === "image_pull_failure",
  };
}

async function blockedDeployments(
  { host, ask, base }: GitlabScene,
  run: Run,
): ReturnType<ForgeApi["awaited"]> {
  const path = `${base()}/deployments?status=blocked&order_by=id&sort=desc&per_page=100`;
  const all = await get(host, ask, path, v.array(deploymentShape));
  return all
    .filter(({ deployable }) => String(deployable?.pipeline?.id) === run.id)
    .map(({ id, environment: { name } }) => ({
      id: String(id),
      environment: name,
      // the forge refuses those who may not
      mayReview: true,
    }));
}

// --- shapes

const userShape = v.object({
  username: v.string(),
  id: v.number(),
  bot: v.optional(v.boolean(), false),
});
const keyShape = v.object({
  title: v.string(),
  key: v.string(),
  usage_type: v.optional(v.string(), "auth_and_signing"),
});
const jobShape = v.object({
  id: v.number(),
  name: v.string(),
  status: v.string(),
  web_url: v.string(),
  created_at: v.string(),
  started_at: v.nullish(v.string()),
  failure_reason: v.nullish(v.string()),
});
type FoundJob = v.InferOutput<typeof jobShape>;
const deploymentShape = v.object({
  id: v.number(),
  environment: v.object({ name: v.string() }),
  deployable: v.nullish(v.object({ pipeline: v.nullish(v.object({ id: v.number() })) })),
});
const noteShape = v.object({
  id: v.number(),
  body: v.string(),
  author: v.object({ username: v.string() }),
});

function commentOf({ id, body, author }: v.InferOutput<typeof noteShape>): Comment {
  return { id: String(id), text: body, by: author.username };
}
