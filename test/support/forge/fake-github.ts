/**
 * A small honest GitHub: runs with their jobs and attempts, pull requests, comments, statuses. Not
 * GitHub: what only the live service can show stands in docs/unproven.md.
 */
import {
  sampler,
  serveApi,
  type Answer,
  type FakeApi,
  type FakeOptions,
  type Graphql,
  type Operations,
} from "./fake-api.ts";

export interface FakeJob {
  id: number;
  name: string;
  status: string;
  conclusion: string | null;
}

export interface FakeRun {
  id: number;
  path: string;
  event: string;
  head_branch: string;
  head_sha: string;
  status: string;
  conclusion: string | null;
  run_started_at: string;
  run_attempt: number;
  jobs: FakeJob[];
  /** Whether a plain cancel does nothing, as with a job that ignores it. */
  deaf?: boolean;
  environments?: { id: number; name: string; mayApprove: boolean }[];
}

export interface FakePull {
  readonly number: number;
  readonly base: string;
  readonly head: string;
  readonly sha: string;
  readonly fork?: boolean;
}

/** What a branch demands before a merge. */
export interface FakeDemand {
  readonly branch: string;
  readonly context: string;
  /** The App that alone may report it. */
  readonly app?: number;
  /** Whether the older protection of branches says so, and no ruleset. */
  readonly isOld?: boolean;
}

export interface GithubWorld {
  readonly demands: FakeDemand[];
  /** Pull requests in the merge queue. */
  readonly queue: number[];
  readonly runs: FakeRun[];
  readonly pulls: FakePull[];
  /** Branches and tags with their commits. */
  readonly branches: Record<string, string>;
  readonly tags: Record<string, string>;
  readonly comments: { id: number; issue: number; body: string; by: string }[];
  readonly statuses: { sha: string; context: string; state: string }[];
  readonly users: Record<string, { id: number; type: string; keys: string[] }>;
}

export interface FakeGithub extends FakeApi {
  readonly world: GithubWorld;
}

const repositoryId = 4711;

const first = (mock: unknown): unknown => (Array.isArray(mock) ? mock[0] : mock);
const firstOf =
  (member: string) =>
  (mock: unknown): unknown => {
    const list: unknown = Object.entries(mock as object).find(([name]) => name === member)?.[1];
    return first(list);
  };

/** Serves as GitHub Enterprise Server does, below `/api/v3`. */
export async function serveGithub(
  world: GithubWorld,
  more: NonNullable<FakeOptions["more"]> = () => null,
): Promise<FakeGithub> {
  const sample = await sampler("github-openapi.json");
  const fake = await serveApi({
    description: "github-openapi.json",
    prefix: "/api/v3",
    more,
    graphql: {
      path: "/api/graphql",
      schema: "github-queue.graphql",
      mutations: queueMutations(world),
    },
    operations: {
      ...peopleOperations(world, sample),
      ...branchOperations(world, sample),
      ...runOperations(world, sample),
      ...commentOperations(world, sample),
    },
  });
  return { ...fake, world };
}

/** A world with one repository in which nothing happened yet. */
export function emptyGithub(): GithubWorld {
  return {
    demands: [],
    queue: [],
    runs: [],
    pulls: [],
    branches: { main: sha(1) },
    tags: {},
    comments: [],
    statuses: [],
    users: { alice: { id: 583_231, type: "User", keys: [] } },
  };
}

const nodeId = ({ number }: FakePull): string => `PR_${number}`;

/** A commit's name for tests. */
export const sha = (number: number): string => number.toString(16).padStart(40, "0");

const ok = (body: unknown): Answer => ({ status: 200, body });
const notFound: Answer = {
  status: 404,
  body: { message: "Not Found", documentation_url: "https://docs.github.com", status: "404" },
};
const conflict = (message: string): Answer => ({
  status: 409,
  body: { message, documentation_url: "https://docs.github.com" },
});

function paged<T>(all: readonly T[], query: Readonly<Record<string, string>>): readonly T[] {
  const size = Number(query["per_page"] ?? 30);
  const page = Number(query["page"] ?? 1);
  return all.slice((page - 1) * size, page * size);
}

function end(run: FakeRun, conclusion: string): void {
  run.status = "completed";
  run.conclusion = conclusion;
  for (const job of run.jobs) {
    if (job.status !== "completed") Object.assign(job, { status: "completed", conclusion });
  }
}

/** GitHub refuses while any job of the run is at work. */
function again(run: FakeRun, job: number | null): Answer {
  if (run.status !== "completed") {
    const message = "The workflow run containing this job is already running";
    return { status: 403, body: { message, documentation_url: "https://docs.github.com" } };
  }
  run.status = "queued";
  run.conclusion = null;
  run.run_attempt += 1;
  run.run_started_at = new Date().toISOString();
  for (const one of run.jobs) {
    if (job === null || one.id === job || one.conclusion !== "success") {
      Object.assign(one, { status: "queued", conclusion: null });
    }
  }
  return { status: 201, body: {} };
}

type Sample = Awaited<ReturnType<typeof sampler>>;

function pullJson(pull: FakePull, sample: Sample): object {
  const mock = sample("pulls/list", first, {});
  const part = (name: string): object =>
    Object.entries(mock).find(([member]) => member === name)?.[1] as object;
  const repository = (name: string): object =>
    Object.entries(part(name)).find(([member]) => member === "repo")?.[1] as object;
  return {
    ...mock,
    number: pull.number,
    node_id: nodeId(pull),
    html_url: `http://127.0.0.1/acme/shop/pull/${pull.number}`,
    head: {
      ...part("head"),
      ref: pull.head,
      sha: pull.sha,
      repo: { ...repository("head"), id: pull.fork === true ? 99 : repositoryId },
    },
    base: { ...part("base"), ref: pull.base, repo: { ...repository("base"), id: repositoryId } },
  };
}

function commitJson(commit: string, sample: Sample): object {
  return sample("repos/get-commit", first, { sha: commit });
}

// --- the merge queue

function queueMutations(world: GithubWorld): Graphql["mutations"] {
  return {
    enqueuePullRequest: ({ input }) => {
      const pull = world.pulls.find((one) => nodeId(one) === input["pullRequestId"]);
      if (pull === undefined) throw new Error("Could not resolve to a node");
      if (input["expectedHeadOid"] !== pull.sha) throw new Error("Head sha does not match");
      if (world.queue.includes(pull.number)) throw new Error("It is already in the queue");
      world.queue.push(pull.number);
      return {
        mergeQueueEntry: { id: "1", jump: false, solo: false, position: world.queue.length },
      };
    },
  };
}

// --- people

function userJson(world: GithubWorld, sample: Sample, login: string): object {
  return sample("users/get-authenticated", first, {
    login,
    id: world.users[login]?.id ?? 1,
    type: world.users[login]?.type ?? "User",
  });
}

function peopleOperations(world: GithubWorld, sample: Sample): Operations {
  return {
    "users/get-authenticated": () => ok(userJson(world, sample, "alice")),
    "users/list-ssh-signing-keys-for-user": ({ params }) => {
      const user = world.users[params["username"] ?? ""];
      if (user === undefined) return notFound;
      return ok(
        user.keys.map((key, i) => ({
          id: i,
          key,
          title: `key ${i}`,
          created_at: "2026-01-01T00:00:00Z",
        })),
      );
    },
  };
}

// --- branches, pull requests, statuses

function branchOperations(world: GithubWorld, sample: Sample): Operations {
  const demandsOf = (branch: string | undefined): readonly FakeDemand[] =>
    world.demands.filter((one) => one.branch === branch);
  return {
    "pulls/list": ({ query }) =>
      ok(paged(world.pulls, query).map((pull) => pullJson(pull, sample))),
    "repos/get-branch": ({ params }) => {
      const commit = world.branches[params["branch"] ?? ""];
      if (commit === undefined) return notFound;
      const contexts = demandsOf(params["branch"])
        .filter(({ isOld }) => isOld === true)
        .map(({ context }) => context);
      const required = { url: "", contexts, checks: [], contexts_url: "" };
      return ok(
        sample("repos/get-branch", first, {
          commit: commitJson(commit, sample),
          protection: { url: "", enabled: true, required_status_checks: required },
        }),
      );
    },
    "repos/get-branch-rules": ({ params }) =>
      ok(
        demandsOf(params["branch"])
          .filter(({ isOld }) => isOld !== true)
          .map(({ context, app }) => ({
            type: "required_status_checks",
            ruleset_source_type: "Repository",
            ruleset_source: "acme/shop",
            ruleset_id: 1,
            parameters: {
              strict_required_status_checks_policy: false,
              required_status_checks: [
                { context, ...(app === undefined ? {} : { integration_id: app }) },
              ],
            },
          })),
      ),
    "repos/get-combined-status-for-ref": ({ params }) => {
      const all = world.statuses.filter((one) => one.sha === params["ref"]);
      const statuses = all.map(({ context, state }) =>
        sample("repos/get-combined-status-for-ref", firstOf("statuses"), { context, state }),
      );
      return ok(
        sample("repos/get-combined-status-for-ref", first, {
          sha: params["ref"],
          total_count: all.length,
          statuses,
        }),
      );
    },
    "repos/get-commit": ({ params }) => {
      const commit = world.tags[params["ref"]?.replace(/^tags\//, "") ?? ""];
      return commit === undefined ? notFound : ok(commitJson(commit, sample));
    },
    "repos/create-commit-status": ({ params, body }) => {
      const status = {
        sha: params["sha"] ?? "",
        context: String(body["context"]),
        state: String(body["state"]),
      };
      world.statuses.push(status);
      return {
        status: 201,
        body: sample("repos/create-commit-status", first, {
          context: status.context,
          state: status.state,
        }),
      };
    },
  };
}

// --- runs and their jobs

function runOperations(world: GithubWorld, sample: Sample): Operations {
  const runJson = (run: FakeRun): object => {
    const { jobs: _jobs, deaf: _deaf, environments: _environments, ...own } = run;
    return sample("actions/list-workflow-runs-for-repo", firstOf("workflow_runs"), {
      ...own,
      name: "CI",
      run_number: run.id % 1000,
      html_url: `http://127.0.0.1/runs/${run.id}`,
      created_at: run.run_started_at,
    });
  };
  const runFor = (id: string | undefined): FakeRun | undefined =>
    world.runs.find((run) => String(run.id) === id);
  const onRun = (id: string | undefined, act: (run: FakeRun) => Answer): Answer => {
    const run = runFor(id);
    return run === undefined ? notFound : act(run);
  };
  return {
    "actions/list-workflow-runs-for-repo": ({ query }) => {
      const wanted = query["status"];
      const runs = world.runs.filter(
        (run) => (run.status === "completed" ? run.conclusion : run.status) === wanted,
      );
      return ok({
        total_count: runs.length,
        workflow_runs: paged(runs, query).map(runJson),
      });
    },
    "actions/get-workflow-run": ({ params }) => onRun(params["run_id"], (run) => ok(runJson(run))),
    "actions/list-jobs-for-workflow-run": ({ params, query }) =>
      onRun(params["run_id"], ({ jobs }) =>
        ok({
          total_count: jobs.length,
          jobs: paged(jobs, query).map((job) =>
            sample("actions/list-jobs-for-workflow-run", firstOf("jobs"), { ...job }),
          ),
        }),
      ),
    "actions/cancel-workflow-run": ({ params }) =>
      onRun(params["run_id"], (run) => {
        if (run.status === "completed") return conflict("Cannot cancel a completed run");
        if (run.deaf !== true) end(run, "cancelled");
        return { status: 202, body: {} };
      }),
    "actions/force-cancel-workflow-run": ({ params }) =>
      onRun(params["run_id"], (run) => {
        end(run, "cancelled");
        return { status: 202, body: {} };
      }),
    "actions/re-run-workflow": ({ params }) => onRun(params["run_id"], (run) => again(run, null)),
    "actions/re-run-job-for-workflow-run": ({ params }) => {
      const id = Number(params["job_id"]);
      const run = world.runs.find(({ jobs }) => jobs.some((job) => job.id === id));
      return run === undefined ? notFound : again(run, id);
    },
    "actions/get-pending-deployments-for-run": ({ params }) =>
      onRun(params["run_id"], ({ environments = [] }) =>
        ok(
          environments.map(({ id, name, mayApprove }) =>
            sample("actions/get-pending-deployments-for-run", first, {
              environment: { id, name },
              current_user_can_approve: mayApprove,
              reviewers: [],
            }),
          ),
        ),
      ),
    "actions/review-pending-deployments-for-run": ({ params }) =>
      onRun(params["run_id"], (run) => {
        run.environments = [];
        run.status = "in_progress";
        return ok([]);
      }),
  };
}

// --- comments

function commentOperations(world: GithubWorld, sample: Sample): Operations {
  const commentJson = ({ id, body, by }: GithubWorld["comments"][number]): object =>
    sample("issues/list-comments", first, { id, body, user: { ...userJson(world, sample, by) } });
  return {
    "issues/list-comments": ({ params, query }) =>
      ok(
        paged(
          world.comments.filter(({ issue }) => String(issue) === params["issue_number"]),
          query,
        ).map(commentJson),
      ),
    "issues/create-comment": ({ params, body }) => {
      const comment = {
        id: world.comments.length + 1,
        issue: Number(params["issue_number"]),
        body: String(body["body"]),
        by: "alice",
      };
      world.comments.push(comment);
      return { status: 201, body: commentJson(comment) };
    },
    "issues/update-comment": ({ params, body }) => {
      const comment = world.comments.find(({ id }) => String(id) === params["comment_id"]);
      if (comment === undefined) return notFound;
      comment.body = String(body["body"]);
      return ok(commentJson(comment));
    },
  };
}
