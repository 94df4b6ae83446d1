/** What optout asks of GitHub, held against GitHub's own description of its API. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ForgeApi, RunPlace } from "../../src/forges/api.ts";
import { openGithubApi } from "../../src/forges/github-api.ts";
import {
  emptyGithub,
  serveGithub,
  sha,
  type FakeGithub,
  type FakeRun,
} from "../support/forge/fake-github.ts";
import { problemOf } from "../support/problem.ts";

const token = "token-of-alice";
let github: FakeGithub;

beforeEach(async () => {
  github = await serveGithub(emptyGithub());
});

afterEach(async () => {
  await github.close();
  if (github.violations.length > 0) throw new Error(github.violations.join("\n"));
});

function open(given = token, seconds = 20): ForgeApi {
  return openGithubApi({
    host: "ghe.example.com",
    apiUrl: `${github.url}/api/v3`,
    token: given,
    repository: "acme/shop",
    deadline: AbortSignal.timeout(seconds * 1000),
  });
}

let nextId = 100;
function run(own: Partial<FakeRun> = {}): FakeRun {
  nextId += 1;
  return {
    id: nextId,
    path: ".github/workflows/ci.yml",
    event: "push",
    head_branch: "main",
    head_sha: sha(1),
    status: "completed",
    conclusion: "failure",
    run_started_at: "2026-11-21T15:00:00Z",
    run_attempt: 1,
    jobs: [{ id: nextId * 10, name: "lint", status: "completed", conclusion: "failure" }],
    ...own,
  };
}

const all = {
  isWanted: (): boolean => true,
  progress: ["red", "cancelled", "queued", "running", "locked", "blocked"],
  since: 0,
} as const;

const placesOf = async (): Promise<readonly RunPlace[]> =>
  (await open().runs(all)).map(({ place }) => place);

describe("the account", () => {
  it("is told with its number, which outlives a rename", async () => {
    expect(await open().whoAmI()).toEqual({
      forge: "github",
      host: "ghe.example.com",
      login: "alice",
      id: 583_231,
      isBot: false,
    });
  });

  it("is nobody's with a token that is not accepted", async () => {
    expect(await problemOf(open("another-token").whoAmI())).toMatchObject({
      code: "not-signed-in",
      message: "ghe.example.com does not accept the token",
    });
  });

  it("of a machine is a bot's", async () => {
    github.world.users["alice"] = { id: 1, type: "Bot", keys: [] };

    expect((await open().whoAmI()).isBot).toBe(true);
  });

  it("has keys for signatures", async () => {
    github.world.users["bob"] = { id: 2, type: "User", keys: ["ssh-ed25519 AAAA"] };

    expect(await open().signingKeys("bob")).toEqual([{ title: "key 0", line: "ssh-ed25519 AAAA" }]);
  });

  it("that does not exist has no keys to ask for", async () => {
    expect(await problemOf(open().signingKeys("nobody"))).toMatchObject({
      code: "forge-refused",
      message: "ghe.example.com refuses GET /users/nobody/ssh_signing_keys: 404 (Not Found)",
    });
  });
});

describe("runs", () => {
  it("of a branch are those of its last commit", async () => {
    github.world.runs.push(run(), run({ head_sha: sha(7) }));

    expect(await placesOf()).toEqual([
      { branch: "main", head: "main", tag: null, sha: sha(1), pr: null, fork: false },
    ]);
  });

  it("of a tag are not a branch's of the same name", async () => {
    github.world.tags["v1"] = sha(3);
    github.world.runs.push(run({ head_branch: "v1", head_sha: sha(3) }));

    expect(await placesOf()).toMatchObject([{ branch: null, tag: "v1", sha: sha(3) }]);
  });

  it("of a pull request are those of its head, and go into its base", async () => {
    github.world.pulls.push({ number: 981, base: "main", head: "fix", sha: sha(5) });
    github.world.runs.push(
      run({ event: "pull_request", head_branch: "fix", head_sha: sha(5) }),
      run({ event: "pull_request", head_branch: "fix", head_sha: sha(4) }),
      run({ event: "pull_request", head_branch: "merged", head_sha: sha(6) }),
    );

    expect(await placesOf()).toEqual([
      { branch: "main", head: "fix", tag: null, sha: sha(5), pr: 981, fork: false },
    ]);
  });

  it("of a fork's pull request have no head here", async () => {
    github.world.pulls.push({ number: 7, base: "main", head: "main", sha: sha(5), fork: true });
    github.world.runs.push(run({ event: "pull_request", head_branch: "main", head_sha: sha(5) }));

    expect(await placesOf()).toMatchObject([{ branch: "main", head: null, pr: 7, fork: true }]);
  });

  it("are the newest of each workflow", async () => {
    const [older, newer] = [run({ conclusion: "cancelled" }), run()];
    github.world.runs.push(older, newer, run({ path: ".github/workflows/other.yml" }));

    const found = await open().runs(all);

    expect(found.map(({ file }) => file)).toEqual([
      ".github/workflows/other.yml",
      ".github/workflows/ci.yml",
    ]);
    expect(found[1]?.id).toBe(String(newer.id));
  });

  it("are none where a newer one of the same commit is green", async () => {
    github.world.runs.push(run(), run({ conclusion: "success" }));

    expect(await placesOf()).toEqual([]);
  });

  it("are found on further pages", async () => {
    for (let number = 1; number <= 130; number += 1) {
      const pull = { number, base: "main", head: `fix-${number}`, sha: sha(1000 + number) };
      github.world.pulls.push(pull);
      github.world.runs.push(
        run({ event: "pull_request", head_branch: pull.head, head_sha: pull.sha }),
      );
    }

    expect(await open().runs(all)).toHaveLength(130);
  });

  it.each([
    ["queued", null, "queued"],
    ["in_progress", null, "running"],
    ["pending", null, "locked"],
    ["waiting", null, "blocked"],
    ["completed", "timed_out", "red"],
    ["completed", "cancelled", "cancelled"],
  ])("that are %s %s are %s", async (status, conclusion, progress) => {
    github.world.runs.push(run({ status, conclusion }));

    expect((await open().runs(all)).map((one) => one.progress)).toEqual([progress]);
  });
});

describe("changes", () => {
  it("cancel a run, by force where it is deaf, and start its job again", async () => {
    const hung = run({ status: "in_progress", conclusion: null, deaf: true });
    github.world.runs.push(hung);
    const api = open();
    const found = await api.run(String(hung.id));
    const [job] = await api.jobs(found);
    if (job === undefined) throw new Error("the run has no job");

    const results = [
      await api.send(api.calls.cancel(found, null, false)),
      await api.send(api.calls.rerunJob(job)),
      await api.send(api.calls.cancel(found, null, true)),
      await api.send(api.calls.rerunJob(job)),
    ];

    expect(results).toEqual([
      { status: 202, message: null },
      { status: 403, message: "The workflow run containing this job is already running" },
      { status: 202, message: null },
      { status: 201, message: null },
    ]);
    expect(hung).toMatchObject({ status: "queued", run_attempt: 2 });
  });

  it("run the whole run again", async () => {
    github.world.runs.push(run());
    const api = open();
    const [found] = await api.runs(all);
    if (found === undefined) throw new Error("there is no run");

    expect(await api.send(api.calls.rerunRun(found))).toEqual({ status: 201, message: null });
  });

  it("review the environment that a run waits for", async () => {
    const environments = [{ id: 3, name: "production", mayApprove: true }];
    const waiting = run({ status: "waiting", conclusion: null, environments });
    github.world.runs.push(waiting);
    const api = open();
    const [found] = await api.runs(all);
    if (found === undefined) throw new Error("there is no run");
    const [awaited] = await api.awaited(found);
    if (awaited === undefined) throw new Error("nothing is awaited");

    const result = await api.send(api.calls.review(found, awaited, "forced by #412"));

    expect(awaited).toEqual({ id: "3", environment: "production", mayReview: true });
    expect(result.status).toBe(200);
    expect(github.changes.at(-1)?.body).toEqual({
      environment_ids: [3],
      state: "approved",
      comment: "forced by #412",
    });
  });

  it("set a commit's status", async () => {
    const api = open();
    const status = {
      sha: sha(1),
      context: "optout / lint",
      state: "success",
      description: "skipped by #412",
      url: "https://example.com/log",
    } as const;

    expect((await api.send(api.calls.status(status))).status).toBe(201);
    expect(github.world.statuses).toEqual([
      { sha: sha(1), context: "optout / lint", state: "success" },
    ]);
  });

  it("write one comment and edit it in place", async () => {
    const api = open();

    const written = await api.createComment(981, "lint is skipped");
    const edited = await api.editComment(981, written.id, "lint runs again");

    expect(edited.id).toBe(written.id);
    expect(await api.comments(981)).toEqual([
      { id: written.id, text: "lint runs again", by: "alice" },
    ]);
  });

  it("are not sent for an id that is no number", () => {
    const api = open();

    expect(() => api.run("1/../../user")).toThrow(/is not the number of a run/);
  });
});

describe("when GitHub is in trouble", () => {
  it.each([
    ["a fault of the server", { status: 502 }],
    ["an answer that is cut", "cut"],
    ["a limit that ends soon", { status: 429, headers: { "retry-after": "1" } }],
    [
      "a limit that is told as refusal",
      { status: 403, headers: { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1" } },
    ],
  ] as const)("a read is repeated after %s", async (_what, fault) => {
    github.faults.push(fault);

    expect((await open().whoAmI()).login).toBe("alice");
  });

  it("a limit that lasts is told, and not waited for", async () => {
    github.faults.push({ status: 429, headers: { "retry-after": "900" } });

    expect(await problemOf(open().whoAmI())).toMatchObject({
      code: "unreachable",
      message: "ghe.example.com limits requests and asks to wait 15 min",
      hint: "try again in 15 min",
    });
  });

  it("a change is not repeated where it may have been carried out", async () => {
    github.world.runs.push(run());
    const api = open();
    const [found] = await api.runs(all);
    if (found === undefined) throw new Error("there is no run");
    github.faults.push("cut");

    const problem = await problemOf(api.send(api.calls.rerunRun(found)));

    expect(problem).toMatchObject({ code: "unreachable" });
    expect(github.changes).toEqual([]);
  });

  it("a change is repeated where GitHub says that it was not carried out", async () => {
    github.world.runs.push(run());
    const api = open();
    const [found] = await api.runs(all);
    if (found === undefined) throw new Error("there is no run");
    github.faults.push({ status: 429, headers: { "retry-after": "1" } });

    expect((await api.send(api.calls.rerunRun(found))).status).toBe(201);
  });

  it("waiting ends with the time given", async () => {
    github.faults.push("silent");

    expect(await problemOf(open(token, 0.3).whoAmI())).toMatchObject({
      code: "timeout",
      message: "the time given ran out while waiting for ghe.example.com",
    });
  });

  it("no error holds the token", async () => {
    github.faults.push({ status: 422, body: { message: "no" } });
    const refused = await problemOf(open().createComment(1, "text"));
    github.faults.push("cut", "cut", "cut", "cut");
    const cut = await problemOf(open().whoAmI());

    for (const problem of [refused, cut]) {
      expect(JSON.stringify([problem, Object.entries(problem)])).not.toContain(token);
    }
    expect(cut.message).toBe("ghe.example.com cannot be reached (the answer was cut)");
  });
});
