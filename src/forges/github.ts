/**
 * GitHub Actions: a job's facts from its variables and event file.
 *
 * Source: "Variables reference", "Events that trigger workflows" and "Webhook events and payloads" in
 * GitHub's documentation. Most events run on the default branch whatever they are about, so its ref is
 * believed only of events that build what it names.
 */
import { readFileSync } from "node:fs";
import { parseRepositoryUrl } from "../system/repository-url.ts";
import { agreed, given, inDoubt, needed, positive, textAt, valueAt } from "./facts.ts";
import type { Environment, Forge, JobFacts } from "./forge.ts";

export const github: Forge = {
  name: "github",
  mark: "GITHUB_ACTIONS",
  facts: (env) => {
    const server = given(env, "GITHUB_SERVER_URL") ?? "https://github.com";
    const repository = given(env, "GITHUB_REPOSITORY");
    const { ref, ...place } = placeOf(env);
    return {
      forge: "github",
      subject: { ...place, environment: null, forge: "github", run: given(env, "GITHUB_RUN_ID") },
      ref,
      attempt: positive("GITHUB_RUN_ATTEMPT", given(env, "GITHUB_RUN_ATTEMPT") ?? 1),
      job: given(env, "GITHUB_JOB") ?? "unknown",
      repositories: repository === null ? [] : [parseRepositoryUrl(`${server}/${repository}`)],
      repositoryId: given(env, "GITHUB_REPOSITORY_ID"),
    };
  },
};

type Place = Pick<JobFacts["subject"], "branch" | "head" | "tag" | "sha" | "pr" | "fork"> &
  Pick<JobFacts, "ref">;

/** They build the branch or tag of their ref; comments, checks and the like are about something else. */
const ofTheirRef: ReadonlySet<string> = new Set([
  "create",
  "deployment",
  "deployment_status",
  "push",
  "release",
  "repository_dispatch",
  "schedule",
  "workflow_dispatch",
]);
const ofPulls: ReadonlySet<string> = new Set([
  "pull_request",
  "pull_request_review",
  "pull_request_review_comment",
  "pull_request_target",
]);

function placeOf(env: Environment): Place {
  const kind = needed(env, "GITHUB_EVENT_NAME");
  if (ofPulls.has(kind)) return pullPlace(env, readEvent(env));
  if (kind === "merge_group") return queuePlace(env, readEvent(env));
  if (kind === "workflow_run") return followingPlace(env, readEvent(env));
  return refPlace(given(env, "GITHUB_REF"), kind, given(env, "GITHUB_SHA"));
}

/** A job of a ref: a push, a tag, a schedule, one that was started by hand. */
function refPlace(ref: string | null, kind: string, sha: string | null): Place {
  if (!ofTheirRef.has(kind)) {
    throw inDoubt(`the event ${JSON.stringify(kind)} does not tell which change it is about`);
  }
  const base = { branch: null, head: null, tag: null, sha, pr: null, fork: false };
  // a deployment of a bare commit has no ref
  if (ref === null && kind.startsWith("deployment")) return { ...base, ref: "none" };
  const [, family, name] = /^refs\/(heads|tags)\/(.+)$/.exec(ref ?? "") ?? [];
  if (ref === null || name === undefined) throw inDoubt("GITHUB_REF names no branch and no tag");
  if (family === "tags") return { ...base, tag: name, ref };
  const queued = name.startsWith(queuePrefix);
  return queued
    ? { ...base, branch: baseOfQueue(name), ref }
    : { ...base, branch: name, head: name, ref };
}

/** What GitHub's merge queue pushes: a branch with this prefix, made for the one that receives. */
const queuePrefix = "gh-readonly-queue/";

function baseOfQueue(name: string): string {
  const [, base] = /^gh-readonly-queue\/(.+)\/pr-\d+-[0-9a-f]{40}$/.exec(name) ?? [];
  if (base === undefined) throw inDoubt("GITHUB_REF names no group of the merge queue");
  return base;
}

/** A pull request is a fork's unless both its repositories are known to be the same. */
function pullPlace(env: Environment, event: unknown): Place {
  const pull = valueAt(event, "pull_request");
  const pr = positive("the pull request", valueAt(pull, "number"));
  const into = valueAt(pull, "base", "repo", "id");
  const own = given(env, "GITHUB_REPOSITORY_ID");
  if (typeof into !== "number") throw inDoubt("the event tells no repository of the base");
  if (own !== null && own !== String(into)) throw inDoubt("the base is in another repository");
  const fork = valueAt(pull, "head", "repo", "id") !== into;
  const source = agreed(
    "the source branch",
    textAt(pull, "head", "ref"),
    given(env, "GITHUB_HEAD_REF"),
  );
  return {
    branch: agreed("the base branch", textAt(pull, "base", "ref"), given(env, "GITHUB_BASE_REF")),
    head: fork ? null : source,
    tag: null,
    // not GITHUB_SHA: nobody knows the commit that GitHub made to merge this one on trial
    sha: textAt(pull, "head", "sha"),
    pr,
    fork,
    ref: `refs/pull/${pr}/merge`,
  };
}

/** A group of the merge queue; it may hold several pull requests, so it is none of them. */
function queuePlace(env: Environment, event: unknown): Place {
  const [, branch] =
    /^refs\/heads\/(.+)$/.exec(textAt(event, "merge_group", "base_ref") ?? "") ?? [];
  if (branch === undefined) throw inDoubt("the event tells no base of the merge group");
  const queued = textAt(event, "merge_group", "head_ref");
  const ref = agreed("the merge group", queued, given(env, "GITHUB_REF"));
  if (!ref.startsWith(`refs/heads/${queuePrefix}${branch}/`)) {
    throw inDoubt("the merge group is another branch's");
  }
  const sha = given(env, "GITHUB_SHA");
  return { branch, head: null, tag: null, sha, pr: null, fork: false, ref };
}

/**
 * A job that follows another workflow stands for what that one ran for. `head_branch` may be a tag's
 * name as well, so it is believed only where it is the default branch at its last commit.
 */
function followingPlace(env: Environment, event: unknown): Place {
  const run = valueAt(event, "workflow_run");
  const sha = textAt(run, "head_sha");
  const own = valueAt(event, "repository", "id");
  const isOwn = typeof own === "number" && valueAt(run, "head_repository", "id") === own;
  const kind = textAt(run, "event") ?? "";
  // one that itself followed another may stand at the end of a fork's pull request: refPlace refuses it
  if (ofPulls.has(kind)) return followingPull(run, { sha, isOwn });
  const place = refPlace(given(env, "GITHUB_REF"), kind, sha);
  if (!isOwn || place.branch !== textAt(run, "head_branch") || sha !== given(env, "GITHUB_SHA")) {
    throw inDoubt("the event does not tell for sure which branch or tag the workflow ran for");
  }
  return place;
}

function followingPull(
  run: unknown,
  { sha, isOwn }: { readonly sha: string | null; readonly isOwn: boolean },
): Place {
  const listed = valueAt(run, "pull_requests");
  const pulls: readonly unknown[] = Array.isArray(listed) ? listed : [];
  const branch = textAt(pulls[0], "base", "ref");
  if (pulls.length !== 1 || branch === null) {
    throw inDoubt("the event does not tell which pull request the workflow ran for");
  }
  const pr = positive("the pull request", valueAt(pulls[0], "number"));
  const head = isOwn ? textAt(run, "head_branch") : null;
  return { branch, head, tag: null, sha, pr, fork: !isOwn, ref: `refs/pull/${pr}/merge` };
}

function readEvent(env: Environment): unknown {
  const path = needed(env, "GITHUB_EVENT_PATH");
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    throw inDoubt("the file that GITHUB_EVENT_PATH names cannot be read");
  }
}
