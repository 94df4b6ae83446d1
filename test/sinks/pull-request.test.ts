/** The comment on a pull request, and the status of its commit, on a GitHub that knows its own API. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { ForgeChannel } from "../../src/core/channel.ts";
import { OptoutError } from "../../src/core/errors.ts";
import type { Message } from "../../src/core/notice.ts";
import { openGithubApi } from "../../src/forges/github-api.ts";
import { commentOf, statusesOf } from "../../src/output/notice-comment.ts";
import { openPullRequest } from "../../src/sinks/pull-request.ts";
import type { OpenedChannel, SinkSetting } from "../../src/sinks/sink.ts";
import { emptyGithub, serveGithub, sha, type FakeGithub } from "../support/forge/fake-github.ts";
import { hostileTexts } from "../support/hostile.ts";
import { messageOf, messageWith } from "../support/message.ts";
import { World } from "../support/world.ts";

let github: FakeGithub;
beforeEach(async () => {
  github = await serveGithub(emptyGithub());
});
afterEach(async () => {
  await github.close();
  if (github.violations.length > 0) throw new Error(github.violations.join("\n"));
});

const forge: SinkSetting["forge"] = () =>
  Promise.resolve(
    openGithubApi({
      host: "github.com",
      apiUrl: `${github.url}/api/v3`,
      token: "token-of-alice",
      repository: "acme/shop",
      deadline: AbortSignal.timeout(20_000),
    }),
  );

function open(
  more: Partial<ForgeChannel> = {},
  from: SinkSetting["forge"] = forge,
): Promise<OpenedChannel> {
  const channel: ForgeChannel = {
    to: "forge",
    name: "forge",
    match: null,
    rules: null,
    events: null,
    line: 1,
    status: false,
    ...more,
  };
  const setting = { env: {}, home: null, forge: from };
  return openPullRequest(channel, setting, { comment: commentOf, statuses: statusesOf });
}

async function send(message: Message, more: Partial<ForgeChannel> = {}): Promise<void> {
  const opened = await open(more);
  if (opened.kind !== "ready") throw new Error(`the channel is ${opened.kind}`);
  await opened.sink.send(message, { signal: AbortSignal.timeout(15_000), left: () => 15_000 });
}

const onPull = { scope: { branches: ["main"], pr: 981 } };

describe("a comment", () => {
  it("is written once, and then anew in its place", async () => {
    const world = new World();
    const skip = world.created("alice", onPull);
    await send(messageOf(world));
    const [first] = github.world.comments.map(({ body }) => body);
    world.revoked("alice", skip);
    await send(messageOf(world));

    expect(first).toContain("lint is skipped on main");
    expect(github.world.comments).toHaveLength(1);
    expect(github.world.comments[0]?.issue).toBe(981);
    expect(github.world.comments[0]?.body).toContain("alice revokes &#35;2");
  });

  it("is never that of somebody else, who may write what he likes", async () => {
    const world = new World();
    world.created("alice", onPull);
    await send(messageOf(world));
    const [ours] = github.world.comments;
    if (ours === undefined) throw new Error("there is no comment");
    github.world.comments.splice(0, 1, { ...ours, by: "mallory" });
    await send(messageOf(world));

    expect(github.world.comments.map(({ by }) => by)).toEqual(["mallory", "alice"]);
  });

  it("calls nobody and shows no picture, whatever a reason says", () => {
    const outside = (text: string): string => text.replace(/<code>[^<>]*<\/code>/g, "");
    const bodies = hostileTexts
      .map(({ text }) => messageWith(text, onPull))
      .filter(({ notices }) => notices.length > 0)
      .map((message) => outside(commentOf(message, 981, "github")));

    expect(bodies.length).toBeGreaterThan(25);
    for (const body of bodies) expect(body).not.toMatch(/[<>@[\]!`]/);
  });

  it("calls those by their accounts who may approve what waits", () => {
    const world = new World({
      policy: (text) => text.replace("bob: {", "bob: { github: bob-gh,"),
    });
    world.created("alice", {
      action: "force",
      target: { type: "stage", name: "deploy-prod" },
      scope: { branches: ["main"], pr: 981, environment: "production" },
      pending_until: 1_893_456_000 + 3600,
    });

    expect(commentOf(messageOf(world), 981, "github")).toContain(": @bob-gh\n");
  });
});

describe("a status", () => {
  const run = {
    id: 71,
    path: ".github/workflows/ci.yml",
    event: "pull_request",
    head_branch: "fix/x",
    head_sha: sha(9),
    status: "completed",
    conclusion: "failure",
    run_started_at: "2030-01-01T00:00:00Z",
    run_attempt: 1,
    jobs: [],
  };

  it("says on the commit of the newest run that the stage is overridden", async () => {
    github.world.pulls.push({ number: 981, base: "main", head: "fix/x", sha: sha(9) });
    github.world.runs.push(run);
    await send(messageWith("linter image answers 500", onPull), { status: true });

    expect(github.world.statuses).toEqual([
      { sha: sha(9), context: "optout / lint", state: "success" },
    ]);
  });

  it("is set where the newest run is green too", async () => {
    github.world.pulls.push({ number: 981, base: "main", head: "fix/x", sha: sha(9) });
    github.world.runs.push({ ...run, conclusion: "success" });
    await send(messageWith("linter image answers 500", onPull), { status: true });

    expect(github.world.statuses).toMatchObject([{ sha: sha(9), context: "optout / lint" }]);
  });

  it("is not passed once the override has ended", () => {
    const world = new World();
    const skip = world.created("alice", onPull);
    world.revoked("alice", skip);

    expect(statusesOf(messageOf(world), 981, "github")).toMatchObject([
      {
        context: "optout / lint",
        state: "pending",
        description: expect.stringContaining("(revoked)") as unknown,
      },
    ]);
  });

  it("is left out where nothing ran", async () => {
    await send(messageWith("linter image answers 500", onPull), { status: true });

    expect(github.world.statuses).toEqual([]);
    expect(github.world.comments).toHaveLength(1);
  });
});

describe("the forge", () => {
  it("is told from elsewhere where nobody is signed in", async () => {
    const opened = await open({}, () =>
      Promise.reject(new OptoutError("not-signed-in", "there is no token")),
    );

    expect(opened).toMatchObject({ kind: "elsewhere", missing: ["a token for the forge"] });
  });

  it("is asked by a test who we are, and gets nothing written", async () => {
    const world = new World();
    await send({ ...messageOf(world), notices: [] });

    expect(github.world.comments).toEqual([]);
  });
});
