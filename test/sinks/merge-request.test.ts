/** The note on a merge request, and the status of its commit, on a GitLab that knows its own API. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { Message } from "../../src/core/notice.ts";
import { openGitlabApi } from "../../src/forges/gitlab-api.ts";
import { commentOf, statusesOf } from "../../src/output/notice-comment.ts";
import { openPullRequest } from "../../src/sinks/pull-request.ts";
import { emptyGitlab, serveGitlab, type FakeGitlab } from "../support/forge/fake-gitlab.ts";
import { messageOf, messageWith } from "../support/message.ts";
import { problemOf } from "../support/problem.ts";
import { World } from "../support/world.ts";

let gitlab: FakeGitlab;
beforeEach(async () => {
  gitlab = await serveGitlab(emptyGitlab());
});
afterEach(async () => {
  await gitlab.close();
  if (gitlab.violations.length > 0) throw new Error(gitlab.violations.join("\n"));
});

async function send(message: Message, status = false): Promise<void> {
  const api = openGitlabApi({
    host: "gitlab.example.com",
    apiUrl: `${gitlab.url}/api/v4`,
    token: "token-of-alice",
    repository: "acme/shop",
    deadline: AbortSignal.timeout(20_000),
  });
  const any = { name: "forge", match: null, rules: null, events: null, line: 1 };
  const opened = await openPullRequest(
    { to: "forge", status, ...any },
    { env: {}, home: null, forge: () => Promise.resolve(api) },
    { comment: commentOf, statuses: statusesOf },
  );
  if (opened.kind !== "ready") throw new Error(`the channel is ${opened.kind}`);
  await opened.sink.send(message, { signal: AbortSignal.timeout(15_000), left: () => 15_000 });
}

const onRequest = { scope: { branches: ["main"], pr: 7 } };

describe("a note", () => {
  it("is written once, and then anew in its place", async () => {
    const world = new World();
    const skip = world.created("alice", onRequest);
    await send(messageOf(world));
    const [first] = gitlab.world.notes.map(({ body }) => body);
    world.revoked("alice", skip);
    await send(messageOf(world));

    expect(first).toContain("lint is skipped on main");
    expect(gitlab.world.notes).toHaveLength(1);
    expect(gitlab.world.notes[0]?.iid).toBe(7);
    expect(gitlab.world.notes[0]?.body).toContain("alice revokes &#35;2");
  });

  it("is never that of somebody else, who may write what he likes", async () => {
    const message = messageWith("linter image answers 500", onRequest);
    await send(message);
    const [ours] = gitlab.world.notes;
    if (ours === undefined) throw new Error("there is no note");
    ours.by = "mallory";
    await send(message);

    expect(gitlab.world.notes.map(({ by = "alice" }) => by)).toEqual(["mallory", "alice"]);
  });

  it("calls those by their accounts who may approve what waits", async () => {
    const world = new World({
      policy: (text) => text.replace("bob: {", "bob: { gitlab: bob-gl,"),
    });
    world.created("alice", {
      action: "force",
      target: { type: "stage", name: "deploy-prod" },
      scope: { branches: ["main"], pr: 7, environment: "production" },
      pending_until: 1_893_456_000 + 3600,
    });
    await send(messageOf(world));

    expect(gitlab.world.notes[0]?.body).toContain(": @bob-gl\n");
  });
});

describe("a status", () => {
  const pipeline = {
    id: 71,
    ref: "refs/merge-requests/7/head",
    sha: "b2",
    status: "failed",
    source: "merge_request_event",
    jobs: [],
  };
  const message = (): Message => messageWith("linter image answers 500", onRequest);
  beforeEach(() => {
    gitlab.world.requests.push({ iid: 7, from: "fix", into: "main", sha: "b2" });
  });

  it("names the pipeline and the ref, for else GitLab would make a green one", async () => {
    gitlab.world.pipelines.push(pipeline);
    await send(message(), true);

    expect(gitlab.world.statuses).toMatchObject([
      {
        sha: "b2",
        name: "optout / lint",
        state: "success",
        pipeline_id: 71,
        ref: "refs/merge-requests/7/head",
      },
    ]);
    expect(gitlab.world.statuses[0]?.["description"]).toMatch(/^overridden: skip by alice/);
  });

  it("is set where the newest pipeline is green too", async () => {
    gitlab.world.pipelines.push({ ...pipeline, status: "success" });
    await send(message(), true);

    expect(gitlab.world.statuses).toMatchObject([{ sha: "b2", pipeline_id: 71 }]);
  });

  it("of a merged result is of its commit", async () => {
    const ref = "refs/merge-requests/7/merge";
    gitlab.world.pipelines.push({ ...pipeline, ref, sha: "m1" });
    await send(message(), true);

    expect(gitlab.world.statuses).toMatchObject([{ sha: "m1", ref, pipeline_id: 71 }]);
  });

  it("says in a status that has ended that the override is over", async () => {
    gitlab.world.pipelines.push(pipeline);
    const world = new World();
    world.revoked("alice", world.created("alice", onRequest));
    await send(messageOf(world), true);

    expect(gitlab.world.statuses).toMatchObject([{ state: "success" }]);
    expect(gitlab.world.statuses[0]?.["description"]).toMatch(
      /^no longer overridden: skip by alice \(revoked\)/,
    );
  });

  it("is none where it would have to wait, for the pipeline would wait with it", async () => {
    gitlab.world.pipelines.push(pipeline);
    const world = new World();
    world.created("alice", {
      action: "force",
      target: { type: "stage", name: "deploy-prod" },
      scope: { branches: ["main"], pr: 7, environment: "production" },
      pending_until: 1_893_456_000 + 3600,
    });
    world.created("alice", { action: "force", ...onRequest });
    await send(messageOf(world), true);

    expect(gitlab.world.statuses).toEqual([]);
    expect(gitlab.world.notes).toHaveLength(1);
  });

  it("is left out where nothing ran", async () => {
    await send(message(), true);

    expect(gitlab.world.statuses).toEqual([]);
    expect(gitlab.world.notes).toHaveLength(1);
  });

  it("that GitLab refuses is a delivery that failed", async () => {
    gitlab.world.pipelines.push(pipeline);
    gitlab.refusals.set("POST /projects/acme%2Fshop/statuses/b2", { status: 403 });

    expect(await problemOf(send(message(), true))).toMatchObject({
      code: "unreachable",
      message: "gitlab.example.com answered 403 to the status of a commit",
    });
  });
});
