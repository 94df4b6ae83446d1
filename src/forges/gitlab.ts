/**
 * GitLab CI: a job's facts from its variables. A child pipeline has those of its parent, a merge
 * train those of its merge request; a schedule and a pipeline made by hand are those of their ref.
 *
 * Source: "Predefined CI/CD variables reference" and "Downstream pipelines" in GitLab's documentation.
 */
import { parseRepositoryUrl, type RepositoryName } from "../system/repository-url.ts";
import { given, inDoubt, needed, positive } from "./facts.ts";
import type { Environment, Forge, JobFacts } from "./forge.ts";

export const gitlab: Forge = {
  name: "gitlab",
  mark: "GITLAB_CI",
  facts: (env) => {
    const { ref, ...place } = placeOf(env);
    return {
      forge: "gitlab",
      subject: {
        ...place,
        // of merged results the commit is one that GitLab made, which nobody knows
        sha: given(env, "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA") ?? given(env, "CI_COMMIT_SHA"),
        environment: given(env, "CI_ENVIRONMENT_NAME"),
        forge: "gitlab",
        run: given(env, "CI_PIPELINE_ID"),
      },
      ref,
      // GitLab counts no attempts; a job that is retried stays in its pipeline
      attempt: 1,
      job: given(env, "CI_JOB_NAME") ?? "unknown",
      repositories: repositoriesOf(env),
      repositoryId: given(env, "CI_PROJECT_ID"),
    };
  },
};

/**
 * Over https a server may stand under a path, over ssh it may have another host, and an administrator may
 * set another one for cloning, which CI_REPOSITORY_URL names.
 */
function repositoriesOf(env: Environment): readonly RepositoryName[] {
  const path = given(env, "CI_PROJECT_PATH");
  if (path === null) return [];
  const host = given(env, "CI_SERVER_HOST") ?? "gitlab.com";
  const servers = [
    `https://${host}`,
    given(env, "CI_SERVER_URL"),
    `ssh://${given(env, "CI_SERVER_SHELL_SSH_HOST") ?? host}`,
  ].filter((server) => server !== null);
  const clone = given(env, "CI_REPOSITORY_URL");
  const urls = servers.map((server) => `${server}/${path}`);
  return [...urls, ...(clone === null ? [] : [clone])].map((url) => parseRepositoryUrl(url));
}

type Place = Pick<JobFacts["subject"], "branch" | "head" | "tag" | "pr" | "fork"> &
  Pick<JobFacts, "ref">;

function placeOf(env: Environment): Place {
  const [request, tag, branch] = [
    given(env, "CI_MERGE_REQUEST_IID"),
    given(env, "CI_COMMIT_TAG"),
    given(env, "CI_COMMIT_BRANCH"),
  ];
  if ([request, tag, branch].filter((one) => one !== null).length > 1) {
    throw inDoubt("it is told to be of more than one of a merge request, a tag and a branch");
  }
  const base = { branch: null, head: null, tag: null, pr: null, fork: false };
  const external = given(env, "CI_EXTERNAL_PULL_REQUEST_IID");
  if (external !== null) return placeOfExternal(env, external, branch);
  if (request !== null) return placeOfRequest(env, request);
  const name = given(env, "CI_COMMIT_REF_NAME");
  if (name !== null && name !== (tag ?? branch)) {
    throw inDoubt("two names of its branch or tag are told");
  }
  if (tag !== null) return { ...base, tag, ref: `refs/tags/${tag}` };
  if (branch !== null) return { ...base, branch, head: branch, ref: `refs/heads/${branch}` };
  throw inDoubt("nothing tells its branch, its tag or its merge request");
}

/**
 * A pull request of the repository that this project mirrors. Its pipeline is of the source branch, so
 * GitLab tells that branch too; taken for a push it would miss what is said of the one that receives.
 */
function placeOfExternal(env: Environment, iid: string, branch: string | null): Place {
  if (given(env, "CI_MERGE_REQUEST_IID") !== null || given(env, "CI_COMMIT_TAG") !== null) {
    throw inDoubt("it is told to be of an external pull request and of something else");
  }
  const pr = positive("CI_EXTERNAL_PULL_REQUEST_IID", iid);
  const source = needed(env, "CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_NAME");
  if (branch !== null && branch !== source) throw inDoubt("two source branches are told");
  const from = needed(env, "CI_EXTERNAL_PULL_REQUEST_SOURCE_REPOSITORY");
  const fork = from !== needed(env, "CI_EXTERNAL_PULL_REQUEST_TARGET_REPOSITORY");
  return {
    branch: needed(env, "CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_NAME"),
    head: fork ? null : source,
    tag: null,
    pr,
    fork,
    ref: `refs/pull/${pr}/head`,
  };
}

/** A merge request is a fork's unless both its projects are the same. */
function placeOfRequest(env: Environment, iid: string): Place {
  const pr = positive("CI_MERGE_REQUEST_IID", iid);
  const from = needed(env, "CI_MERGE_REQUEST_SOURCE_PROJECT_ID");
  const fork = from !== needed(env, "CI_MERGE_REQUEST_PROJECT_ID");
  return {
    branch: needed(env, "CI_MERGE_REQUEST_TARGET_BRANCH_NAME"),
    head: fork ? null : needed(env, "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME"),
    tag: null,
    pr,
    fork,
    ref: given(env, "CI_MERGE_REQUEST_REF_PATH") ?? `refs/merge-requests/${pr}/head`,
  };
}
