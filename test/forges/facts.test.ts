/**
 * A job's facts from what each forge tells it. The examples have the form, and the values, of the
 * forges' own documentation: "Webhook events and payloads" and "Variables reference" of GitHub,
 * "Predefined CI/CD variables reference" and "Downstream pipelines" of GitLab.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, describe, expect, it } from "vitest";

import { github } from "../../src/forges/github.ts";
import { gitlab } from "../../src/forges/gitlab.ts";
import { assertOfJob } from "../../src/forges/job.ts";
import { parseRepositoryUrl } from "../../src/system/repository-url.ts";

const folder = mkdtempSync(join(tmpdir(), "optout-forges-"));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;

type Variables = Readonly<Record<string, string>>;

function eventFile(event: unknown): string {
  files += 1;
  const path = join(folder, `${files}.json`);
  writeFileSync(path, JSON.stringify(event));
  return path;
}

const sha = "ec26c3e57ca3a959ca5aad62de7213c562f8c821";
const ofBase = "f95f852bd8fca8fcc58a9a2d6c842781e32a215e";
const own = { id: 186853002, full_name: "Codertocat/Hello-World" };
const foreign = { id: 300029405, full_name: "octo-org/Hello-World" };

const actions = (more: Variables, event?: unknown): Variables => ({
  GITHUB_ACTIONS: "true",
  GITHUB_REPOSITORY: "Codertocat/Hello-World",
  GITHUB_REPOSITORY_ID: "186853002",
  GITHUB_RUN_ID: "1658821493",
  GITHUB_SHA: ofBase,
  ...(event === undefined ? {} : { GITHUB_EVENT_PATH: eventFile(event) }),
  ...more,
});

const pull = (from: object | null): object => ({
  pull_request: {
    number: 2,
    head: { ref: "changes", sha, repo: from },
    base: { ref: "master", sha: ofBase, repo: own },
  },
  repository: own,
});
const pullVariables = {
  GITHUB_EVENT_NAME: "pull_request",
  GITHUB_REF: "refs/pull/2/merge",
  GITHUB_BASE_REF: "master",
  GITHUB_HEAD_REF: "changes",
};
const target = {
  ...pullVariables,
  GITHUB_EVENT_NAME: "pull_request_target",
  GITHUB_REF: "refs/heads/master",
};
const queue = "refs/heads/gh-readonly-queue/main/pr-104-929f8209d40f77f4abc622a499c93a83babdbe64";
const group = { merge_group: { head_sha: sha, head_ref: queue, base_ref: "refs/heads/main" } };
const following = (run: object): object => ({
  workflow_run: { head_branch: "master", head_sha: ofBase, head_repository: own, ...run },
  repository: own,
});
const followed = { GITHUB_EVENT_NAME: "workflow_run", GITHUB_REF: "refs/heads/master" };
const onRef = (event: string, ref: string): Variables => ({
  GITHUB_EVENT_NAME: event,
  GITHUB_REF: ref,
});

const nowhere = { branch: null, head: null, tag: null, pr: null, fork: false, sha: ofBase };
const onMaster = { ...nowhere, branch: "master", head: "master" };
const inPull = { ...nowhere, branch: "master", head: "changes", pr: 2, sha };
const fromFork = { ...inPull, head: null, fork: true };

describe("a job of GitHub Actions", () => {
  it.each([
    ["a push", actions(onRef("push", "refs/heads/master")), onMaster, "refs/heads/master"],
    [
      "a tag",
      actions(onRef("push", "refs/tags/v1.0")),
      { ...nowhere, tag: "v1.0" },
      "refs/tags/v1.0",
    ],
    ["a schedule", actions(onRef("schedule", "refs/heads/master")), onMaster, "refs/heads/master"],
    [
      "one started by hand",
      actions(onRef("workflow_dispatch", "refs/heads/master")),
      onMaster,
      "refs/heads/master",
    ],
    ["a pull request", actions(pullVariables, pull(own)), inPull, "refs/pull/2/merge"],
    ["a fork's pull request", actions(pullVariables, pull(foreign)), fromFork, "refs/pull/2/merge"],
    ["a deleted fork's", actions(pullVariables, pull(null)), fromFork, "refs/pull/2/merge"],
    [
      "a review",
      actions({ ...onRef("pull_request_review", "refs/pull/2/merge") }, pull(own)),
      inPull,
      "refs/pull/2/merge",
    ],
    ["pull_request_target", actions(target, pull(own)), inPull, "refs/pull/2/merge"],
    ["a fork's pull_request_target", actions(target, pull(foreign)), fromFork, "refs/pull/2/merge"],
    [
      "a merge queue",
      actions({ ...onRef("merge_group", queue) }, group),
      { ...nowhere, branch: "main" },
      queue,
    ],
    [
      "workflow_run after a push",
      actions(followed, following({ event: "push" })),
      onMaster,
      "refs/heads/master",
    ],
    [
      "workflow_run after a pull request",
      actions(
        followed,
        following({
          event: "pull_request",
          head_branch: "changes",
          head_sha: sha,
          pull_requests: [{ number: 2, base: { ref: "master" } }],
        }),
      ),
      inPull,
      "refs/pull/2/merge",
    ],
    [
      "a push of the merge queue",
      actions(onRef("push", queue)),
      { ...nowhere, branch: "main" },
      queue,
    ],
    [
      "a push of the merge queue of a branch with a slash",
      actions(onRef("push", queue.replace("/main/", "/release/1.4/"))),
      { ...nowhere, branch: "release/1.4" },
      queue.replace("/main/", "/release/1.4/"),
    ],
    ["a deployment of a commit", actions({ GITHUB_EVENT_NAME: "deployment" }), nowhere, "none"],
  ])("is what it tests: %s", (_what, env, subject, ref) => {
    const facts = github.facts(env);

    expect(facts.subject).toEqual({
      ...subject,
      environment: null,
      forge: "github",
      run: "1658821493",
    });
    expect(facts.ref).toBe(ref);
  });

  it("counts its attempts", () => {
    const again = actions({ ...onRef("push", "refs/heads/master"), GITHUB_RUN_ATTEMPT: "3" });

    expect([github.facts(again).attempt, github.facts(again).subject.run]).toEqual([
      3,
      "1658821493",
    ]);
  });

  it.each([
    ["no event", actions({ GITHUB_REF: "refs/heads/master" })],
    ["no ref", actions({ GITHUB_EVENT_NAME: "push" })],
    ["a ref of another family", actions(onRef("push", "refs/notes/x"))],
    ["no event file", actions(pullVariables)],
    [
      "an event file that is not there",
      actions({ ...pullVariables, GITHUB_EVENT_PATH: join(folder, "none") }),
    ],
    ["an event of another kind", actions(pullVariables, group)],
    ["two base branches", actions({ ...pullVariables, GITHUB_BASE_REF: "release" }, pull(own))],
    ["two source branches", actions({ ...pullVariables, GITHUB_HEAD_REF: "other" }, pull(own))],
    [
      "a base in another repository",
      actions({ ...pullVariables, GITHUB_REPOSITORY_ID: "7" }, pull(own)),
    ],
    [
      "a merge group of another branch",
      actions(onRef("merge_group", queue.replace("/main/", "/other/")), group),
    ],
    [
      "a workflow that ran for a tag or another branch",
      actions(followed, following({ event: "push", head_branch: "v1" })),
    ],
    [
      "a workflow that ran for an older commit",
      actions(followed, following({ event: "push", head_sha: sha })),
    ],
    [
      "a workflow that ran in a fork",
      actions(followed, following({ event: "push", head_repository: foreign })),
    ],
    [
      "a workflow of a fork's pull request",
      actions(
        followed,
        following({ event: "pull_request", pull_requests: [], head_repository: foreign }),
      ),
    ],
    [
      "a comment on a pull request",
      actions(onRef("issue_comment", "refs/heads/master"), { issue: { pull_request: {} } }),
    ],
    ["a check of some commit", actions(onRef("check_suite", "refs/heads/master"))],
    ["an event that is not known", actions(onRef("pull_requests", "refs/heads/master"))],
    [
      "a branch of the merge queue that no group is named like",
      actions(onRef("push", "refs/heads/gh-readonly-queue/main/x")),
    ],
    [
      "a workflow that followed another, which may have run for a fork",
      actions(followed, following({ event: "workflow_run" })),
    ],
    ["a workflow that ran for a comment", actions(followed, following({ event: "issue_comment" }))],
    [
      "an attempt that is no number",
      actions({ ...onRef("push", "refs/heads/master"), GITHUB_RUN_ATTEMPT: "x" }),
    ],
  ])("has no facts in doubt: %s", (_what, env) => {
    expect(() => github.facts(env)).toThrow(expect.objectContaining({ code: "config-invalid" }));
  });
});

const ci = (more: Variables): Variables => ({
  GITLAB_CI: "true",
  CI_COMMIT_SHA: ofBase,
  CI_PIPELINE_ID: "4711",
  CI_JOB_NAME: "lint",
  ...more,
});
const request = (more: Variables = {}): Variables =>
  ci({
    CI_COMMIT_SHA: sha,
    CI_PIPELINE_SOURCE: "merge_request_event",
    CI_MERGE_REQUEST_EVENT_TYPE: "detached",
    CI_MERGE_REQUEST_IID: "2",
    CI_MERGE_REQUEST_PROJECT_ID: "1",
    CI_MERGE_REQUEST_SOURCE_PROJECT_ID: "1",
    CI_MERGE_REQUEST_SOURCE_BRANCH_NAME: "changes",
    CI_MERGE_REQUEST_TARGET_BRANCH_NAME: "master",
    CI_MERGE_REQUEST_REF_PATH: "refs/merge-requests/2/head",
    ...more,
  });
/** Of a pull request on GitHub, in the project that mirrors the repository. */
const external = (more: Variables = {}): Variables =>
  ci({
    CI_COMMIT_SHA: sha,
    CI_PIPELINE_SOURCE: "external_pull_request_event",
    CI_COMMIT_BRANCH: "changes",
    CI_COMMIT_REF_NAME: "changes",
    CI_EXTERNAL_PULL_REQUEST_IID: "2",
    CI_EXTERNAL_PULL_REQUEST_SOURCE_REPOSITORY: "acme/shop",
    CI_EXTERNAL_PULL_REQUEST_TARGET_REPOSITORY: "acme/shop",
    CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_NAME: "changes",
    CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_NAME: "master",
    ...more,
  });
/** Of the merge that GitLab made on trial. */
const merged = (type: string): Variables =>
  request({
    CI_MERGE_REQUEST_EVENT_TYPE: type,
    CI_COMMIT_SHA: ofBase,
    CI_MERGE_REQUEST_SOURCE_BRANCH_SHA: sha,
  });
const without = (env: Variables, name: string): Variables => ({ ...env, [name]: "" });

describe("the repository of a job", () => {
  const shop = { GITHUB_SERVER_URL: "https://GHE.example:8443", GITHUB_REPOSITORY: "Acme/Shop" };
  const project = {
    CI_COMMIT_BRANCH: "main",
    CI_PROJECT_PATH: "Group/sub/shop",
    CI_SERVER_HOST: "example.com",
    CI_SERVER_URL: "https://example.com:8443/gitlab",
    CI_SERVER_SHELL_SSH_HOST: "ssh.example.com",
    CI_REPOSITORY_URL: "https://gitlab-ci-token:t@clone.example.com/group/sub/shop.git",
  };
  const onGithub = github.facts(actions({ ...onRef("push", "refs/heads/main"), ...shop }));
  const onGitlab = gitlab.facts(ci(project));
  const remote = (url: string): Parameters<typeof assertOfJob>[1] => ({
    name: "origin",
    repository: parseRepositoryUrl(url),
  });

  it.each([
    ["https://ghe.example:8443/acme/shop", onGithub],
    ["https://x-access-token:t@ghe.example:8443/acme/shop.git", onGithub],
    ["git@ghe.example:acme/shop.git", onGithub],
    ["ssh://git@ghe.example:22/acme/shop", onGithub],
    ["https://gitlab-ci-token:t@example.com:8443/gitlab/group/sub/shop.git", onGitlab],
    ["https://example.com/group/sub/shop", onGitlab],
    ["git@example.com:group/sub/shop.git", onGitlab],
    ["ssh://git@ssh.example.com:2222/group/sub/shop.git", onGitlab],
    ["https://gitlab-ci-token:t@clone.example.com/group/sub/shop.git", onGitlab],
  ])("is reached by %s", (url, facts) => {
    expect(() => assertOfJob(facts, remote(url))).not.toThrow();
  });

  it.each([
    ["https://ghe.example:8443/mallory/shop", onGithub],
    ["https://github.com/acme/shop", onGithub],
    ["https://ghe.example/acme/shop/x", onGithub],
    ["https://mallory.example?@ghe.example/acme/shop", onGithub],
    ["/srv/ghe.example/acme/shop.git", onGithub],
    ["file://ghe.example/acme/shop.git", onGithub],
    ["https://example.com/other/group/sub/shop", onGitlab],
    ["https://clone.example.com/gitlab/group/sub/shop", onGitlab],
  ])("is not reached by %s", (url, facts) => {
    expect(() => assertOfJob(facts, remote(url))).toThrow(
      expect.objectContaining({ code: "config-invalid", hint: "git remote get-url origin" }),
    );
  });

  it("is not that of a clone without a remote, whose policy would be the work tree's", () => {
    expect(() => assertOfJob(onGithub, null)).toThrow(
      expect.objectContaining({ code: "config-invalid" }),
    );
  });

  it("is not told by every runner, and then nothing is compared", () => {
    const facts = github.facts({
      ...actions(onRef("push", "refs/heads/main")),
      GITHUB_REPOSITORY: "",
    });

    expect(() => assertOfJob(facts, remote("/srv/shop.git"))).not.toThrow();
  });
});

describe("a job of GitLab CI", () => {
  const mergeRef = "refs/merge-requests/2/head";
  it.each([
    [
      "a push",
      ci({ CI_PIPELINE_SOURCE: "push", CI_COMMIT_BRANCH: "master" }),
      onMaster,
      "refs/heads/master",
    ],
    [
      "a schedule",
      ci({ CI_PIPELINE_SOURCE: "schedule", CI_COMMIT_BRANCH: "master" }),
      onMaster,
      "refs/heads/master",
    ],
    [
      "a tag",
      ci({ CI_PIPELINE_SOURCE: "push", CI_COMMIT_TAG: "v1.0" }),
      { ...nowhere, tag: "v1.0" },
      "refs/tags/v1.0",
    ],
    ["a merge request", request(), inPull, mergeRef],
    ["a merged result", merged("merged_result"), inPull, mergeRef],
    ["a merge train", merged("merge_train"), inPull, mergeRef],
    [
      "a fork's merge request",
      request({ CI_MERGE_REQUEST_SOURCE_PROJECT_ID: "9" }),
      fromFork,
      mergeRef,
    ],
    ["an external pull request", external(), inPull, "refs/pull/2/head"],
    [
      "an external pull request without a branch of its own",
      external({ CI_COMMIT_BRANCH: "" }),
      inPull,
      "refs/pull/2/head",
    ],
    [
      "a fork's external pull request",
      external({ CI_EXTERNAL_PULL_REQUEST_SOURCE_REPOSITORY: "mallory/shop" }),
      fromFork,
      "refs/pull/2/head",
    ],
    [
      "a child pipeline of a merge request",
      request({ CI_PIPELINE_SOURCE: "parent_pipeline" }),
      inPull,
      mergeRef,
    ],
    [
      "a child pipeline of a push",
      ci({ CI_PIPELINE_SOURCE: "parent_pipeline", CI_COMMIT_BRANCH: "master" }),
      onMaster,
      "refs/heads/master",
    ],
  ])("is what it tests: %s", (_what, env, subject, ref) => {
    const facts = gitlab.facts(env);

    expect(facts.subject).toEqual({ ...subject, environment: null, forge: "gitlab", run: "4711" });
    expect(facts.ref).toBe(ref);
  });

  it.each([
    ["nothing that tells its place", ci({})],
    ["two branches", ci({ CI_COMMIT_BRANCH: "master", CI_COMMIT_REF_NAME: "changes" })],
    ["a branch and a tag", ci({ CI_COMMIT_BRANCH: "master", CI_COMMIT_TAG: "v1.0" })],
    ["a branch and a merge request", request({ CI_COMMIT_BRANCH: "master" })],
    ["no source project", without(request(), "CI_MERGE_REQUEST_SOURCE_PROJECT_ID")],
    ["no project", without(request(), "CI_MERGE_REQUEST_PROJECT_ID")],
    ["no target", without(request(), "CI_MERGE_REQUEST_TARGET_BRANCH_NAME")],
    [
      "an external pull request into nowhere",
      without(external(), "CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_NAME"),
    ],
    ["one from nowhere", without(external(), "CI_EXTERNAL_PULL_REQUEST_SOURCE_REPOSITORY")],
    ["one of another branch", external({ CI_COMMIT_BRANCH: "master" })],
    ["one that is a merge request too", external({ CI_MERGE_REQUEST_IID: "2" })],
    ["a merge request without a number", request({ CI_MERGE_REQUEST_IID: "x" })],
  ])("has no facts in doubt: %s", (_what, env) => {
    expect(() => gitlab.facts(env)).toThrow(expect.objectContaining({ code: "config-invalid" }));
  });
});
