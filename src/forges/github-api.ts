/**
 * GitHub's REST API, by Octokit: github.com, GHE.com and GitHub Enterprise Server.
 *
 * Source: "GitHub REST API documentation"; the tests hold every request against GitHub's OpenAPI file.
 */
import { Octokit } from "@octokit/rest";
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
import type {
  ApiSetting,
  CallResult,
  Comment,
  ForgeApi,
  ForgeCalls,
  Job,
  Progress,
  Run,
} from "./api.ts";
import { listRuns, oneRun, type GithubScene } from "./github-runs.ts";
import { listUnreported } from "./github-statuses.ts";

/** Opens the API; asks nothing yet. */
export function openGithubApi(setting: ApiSetting): ForgeApi {
  const { host } = setting;
  const ask = askWith(setting);
  const base = repositoryPath(setting);
  const scene: GithubScene = { host, ask, base };
  return {
    forge: "github",
    host,
    whoAmI: async () => {
      const { login, id, type } = await get(host, ask, "/user", userShape);
      return { forge: "github", host, login, id, isBot: type !== "User" };
    },
    signingKeys: async (login) => {
      const path = `/users/${encodeURIComponent(login)}/ssh_signing_keys?per_page=100`;
      const keys = await get(host, ask, path, v.array(keyShape));
      return keys.map(({ title, key }) => ({ title, line: key }));
    },
    runs: (wanted) => listRuns(scene, wanted),
    run: (id) => oneRun(scene, `${base()}/actions/runs/${numeric(id)}`),
    jobs: (run) => listJobs(scene, run),
    awaited: async (run) => {
      const path = `${base()}/actions/runs/${numeric(run.id)}/pending_deployments`;
      const all = await get(host, ask, path, v.array(awaitedShape));
      return all.map(({ environment, current_user_can_approve: mayReview }) => ({
        id: String(environment.id),
        environment: environment.name,
        mayReview,
      }));
    },
    unreported: (context, isWanted) => listUnreported(scene, context, isWanted),
    comments: async (pr) =>
      pages(
        async (page) => {
          const path = `${base()}/issues/${pr}/comments?per_page=100&page=${page}`;
          return (await get(host, ask, path, v.array(commentShape))).map(commentOf);
        },
        { perPage: 100, most: 10 },
      ),
    createComment: async (pr, body) => {
      const call = {
        method: "POST",
        path: `${base()}/issues/${pr}/comments`,
        body: { body },
      } as const;
      return commentOf(await change(host, ask, call, commentShape));
    },
    editComment: async (_pr, id, body) => {
      const path = `${base()}/issues/comments/${numeric(id)}`;
      return commentOf(
        await change(host, ask, { method: "PATCH", path, body: { body } }, commentShape),
      );
    },
    calls: callsIn(base),
    send: async ({ method, path, body }) => resultOf(await ask(method, path, body)),
  };
}

/** Octokit with our own `fetch`, so that deadlines and repeats are the same for both forges. */
function askWith({ host, apiUrl, token, deadline }: ApiSetting): Ask {
  const silent = (): void => undefined;
  const octokit = new Octokit({
    auth: token,
    baseUrl: apiUrl,
    userAgent: "optout",
    log: { debug: silent, info: silent, warn: silent, error: silent },
    request: { fetch: patientFetch({ deadline, name: host }) },
  });
  return async (method, path, body = {}) => {
    try {
      const url = path === graphqlPath ? graphqlUrl(apiUrl) : path;
      const response = await octokit.request({ method, url, ...body });
      return { status: response.status, body: response.data };
    } catch (error) {
      const answer = refusalIn(error);
      if (answer !== null) return answer;
      throw failureIn(error, host);
    }
  };
}

/** Beside REST: the only way into a merge queue. */
const graphqlPath = "/graphql";

/** GitHub Enterprise Server has it beside `/api/v3`, the others below the API's own host. */
function graphqlUrl(apiUrl: string): string {
  return `${apiUrl.replace(/\/v3\/?$/, "")}${graphqlPath}`;
}

/** GraphQL tells its refusals in an answer of status 200. */
function resultOf(answer: Answer): CallResult {
  if (answer.status >= 300) return { status: answer.status, message: messageOf(answer) };
  const errors = v.safeParse(errorsShape, answer.body);
  if (!errors.success) return { status: answer.status, message: null };
  return { status: 422, message: messageOf({ status: 422, body: errors.output.errors[0] }) };
}

const refusal = v.object({ response: v.object({ status: v.number(), data: v.unknown() }) });

function refusalIn(error: unknown): { readonly status: number; readonly body: unknown } | null {
  const result = v.safeParse(refusal, error);
  if (!result.success) return null;
  const { status, data } = result.output.response;
  return { status, body: data };
}

/** Octokit wraps what `fetch` threw; its own error holds the request, and is not passed on. */
function failureIn(error: unknown, host: string): OptoutError {
  const cause: unknown = error instanceof Error ? error.cause : null;
  for (const one of [error, cause]) if (one instanceof OptoutError) return one;
  return new OptoutError("unreachable", `${host} answered what cannot be read`);
}

function repositoryPath({ host, repository }: ApiSetting): () => string {
  return () => {
    const parts = repository?.split("/") ?? [];
    if (parts.length === 2) return `/repos/${parts.map(encodeURIComponent).join("/")}`;
    throw new OptoutError("usage", `there is no repository of ${host} here`, {
      hint: "cd into a clone of it",
    });
  };
}

// --- calls

function callsIn(base: () => string): ForgeCalls {
  const post = postIn(base);
  return {
    cancel: (run, _job, force) =>
      post(`/actions/runs/${numeric(run.id)}/${force ? "force-cancel" : "cancel"}`),
    rerunJob: (job) => post(`/actions/jobs/${numeric(job.id)}/rerun`),
    rerunRun: (run) => post(`/actions/runs/${numeric(run.id)}/rerun`),
    play: () => null,
    enqueue: ({ id, sha }) => ({
      method: "POST",
      path: graphqlPath,
      body: { query: enqueueMutation, variables: { pull: id, head: sha } },
    }),
    review: (run, awaited, comment) =>
      post(`/actions/runs/${numeric(run.id)}/pending_deployments`, {
        environment_ids: [Number(awaited.id)],
        state: "approved",
        comment,
      }),
    status: ({ sha, context, state, description, url }) =>
      post(`/statuses/${sha}`, { context, state, description, target_url: url }),
  };
}

const enqueueMutation =
  "mutation($pull: ID!, $head: GitObjectID) { enqueuePullRequest(input: { pullRequestId: $pull, expectedHeadOid: $head }) { mergeQueueEntry { position } } }";

// --- jobs

async function listJobs({ host, ask, base }: GithubScene, run: Run): Promise<readonly Job[]> {
  const jobs = await pages(
    async (page) => {
      const query = `filter=latest&per_page=100&page=${page}`;
      const path = `${base()}/actions/runs/${numeric(run.id)}/jobs?${query}`;
      return (await get(host, ask, path, v.object({ jobs: v.array(jobShape) }))).jobs;
    },
    { perPage: 100, most: 5 },
  );
  return jobs.map((job) => ({
    id: String(job.id),
    name: job.name,
    url: job.html_url ?? run.url,
    progress: progressOf(job),
    since: secondsOf(job.started_at),
    isTrigger: false,
    lacksImage: false,
  }));
}

const jobProgress: Readonly<Record<string, Progress>> = {
  queued: "queued",
  requested: "queued",
  pending: "locked",
  waiting: "blocked",
  in_progress: "running",
};
const greenConclusions = ["success", "neutral", "skipped"];

function progressOf(job: v.InferOutput<typeof jobShape>): Progress {
  if (job.status !== "completed") return jobProgress[job.status] ?? "queued";
  if (job.conclusion === "cancelled") return "cancelled";
  return greenConclusions.includes(job.conclusion ?? "") ? "green" : "red";
}

// --- shapes: what is read of the answers

const userShape = v.object({ login: v.string(), id: v.number(), type: v.string() });
const errorsShape = v.object({ errors: v.tupleWithRest([v.unknown()], v.unknown()) });
const keyShape = v.object({ title: v.string(), key: v.string() });
const jobShape = v.object({
  id: v.number(),
  name: v.string(),
  html_url: v.nullable(v.string()),
  status: v.string(),
  conclusion: v.nullable(v.string()),
  started_at: v.nullish(v.string()),
});
const awaitedShape = v.object({
  environment: v.object({ id: v.number(), name: v.string() }),
  current_user_can_approve: v.boolean(),
});
const commentShape = v.object({
  id: v.number(),
  body: v.nullish(v.string(), ""),
  user: v.nullable(v.object({ login: v.string() })),
});

function commentOf({ id, body, user }: v.InferOutput<typeof commentShape>): Comment {
  return { id: String(id), text: body ?? "", by: user?.login ?? "" };
}
