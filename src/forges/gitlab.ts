/**
 * GitLab CI: a job's facts from its variables.
 * Source: "Predefined CI/CD variables reference" in GitLab's documentation.
 */
import type { Environment, Forge, JobFacts } from "./forge.ts";

export const gitlab: Forge = {
  name: "gitlab",
  isHere: (env) => env["GITLAB_CI"] === "true",
  facts: (env) => {
    const path = env["CI_PROJECT_PATH"];
    return {
      forge: "gitlab",
      subject: {
        ...placeOf(env),
        sha: env["CI_COMMIT_SHA"] ?? null,
        environment: env["CI_ENVIRONMENT_NAME"] || null,
        forge: "gitlab",
        run: env["CI_PIPELINE_ID"] ?? null,
      },
      ref: refOf(env),
      attempt: 1,
      job: env["CI_JOB_NAME"] ?? "unknown",
      repository: path === undefined ? null : `${env["CI_SERVER_HOST"] ?? "gitlab.com"}/${path}`,
      repositoryId: env["CI_PROJECT_ID"] ?? null,
    };
  },
};

type PlaceFacts = Pick<JobFacts["subject"], "branch" | "head" | "tag" | "pr" | "fork">;

function placeOf(env: Environment): PlaceFacts {
  const request = env["CI_MERGE_REQUEST_IID"];
  if (request !== undefined) return placeOfRequest(env, Number(request));
  const tag = env["CI_COMMIT_TAG"];
  if (tag !== undefined) return { branch: null, head: null, tag, pr: null, fork: false };
  const branch = env["CI_COMMIT_BRANCH"] || null;
  return { branch, head: branch, tag: null, pr: null, fork: false };
}

/** A merge request counts as a fork's unless both its projects are known to be the same. */
function placeOfRequest(env: Environment, pr: number): PlaceFacts {
  const from = env["CI_MERGE_REQUEST_SOURCE_PROJECT_ID"];
  const fork = from === undefined || from !== env["CI_MERGE_REQUEST_PROJECT_ID"];
  return {
    branch: env["CI_MERGE_REQUEST_TARGET_BRANCH_NAME"] || null,
    head: fork ? null : env["CI_MERGE_REQUEST_SOURCE_BRANCH_NAME"] || null,
    tag: null,
    pr: Number.isSafeInteger(pr) ? pr : null,
    fork,
  };
}

function refOf(env: Environment): string {
  const tag = env["CI_COMMIT_TAG"];
  if (tag !== undefined) return `refs/tags/${tag}`;
  const request = env["CI_MERGE_REQUEST_REF_PATH"];
  return request ?? `refs/heads/${env["CI_COMMIT_REF_NAME"] ?? ""}`;
}
