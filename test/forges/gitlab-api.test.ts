/** What optout asks of GitLab, held against a description made after GitLab's documentation. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ForgeApi, Run } from "../../src/forges/api.ts";
import { openGitlabApi } from "../../src/forges/gitlab-api.ts";
import { carryOut } from "../../src/operations/carry-out.ts";
import { planOne } from "../../src/operations/rerun.ts";
import type { RunPlan } from "../../src/operations/rerun-plan.ts";
import {
  emptyGitlab,
  serveGitlab,
  type FakeGitlab,
  type FakePipeline,
} from "../support/forge/fake-gitlab.ts";
import { problemOf } from "../support/problem.ts";

const token = "token-of-alice";
let gitlab: FakeGitlab;

beforeEach(async () => {
  gitlab = await serveGitlab(emptyGitlab());
});

afterEach(async () => {
  await gitlab.close();
  if (gitlab.violations.length > 0) throw new Error(gitlab.violations.join("\n"));
});

const open = (given = token): ForgeApi =>
  openGitlabApi({
    host: "gitlab.example.com",
    apiUrl: `${gitlab.url}/api/v4`,
    token: given,
    repository: "acme/tools/shop",
    deadline: AbortSignal.timeout(20_000),
  });

const project = "/projects/acme%2Ftools%2Fshop";
let nextId = 100;
function pipeline(own: Partial<FakePipeline> = {}): FakePipeline {
  nextId += 1;
  const jobs = [{ id: nextId * 10, name: "lint", status: "failed" }];
  const made = {
    id: nextId,
    ref: "main",
    sha: "a1",
    status: "failed",
    source: "push",
    jobs,
    ...own,
  };
  gitlab.world.pipelines.push(made);
  return made;
}

const all = {
  isWanted: (): boolean => true,
  progress: ["red", "cancelled", "queued", "running", "locked", "manual"],
  since: 0,
} as const;

async function only(): Promise<Run> {
  const [run, second] = await open().runs(all);
  if (run === undefined || second !== undefined) throw new Error("there is not one run");
  return run;
}

describe("the account", () => {
  it("is told with its number", async () => {
    expect(await open().whoAmI()).toEqual({
      forge: "gitlab",
      host: "gitlab.example.com",
      login: "alice",
      id: 42,
      isBot: false,
    });
  });

  it("is nobody's with a token that is not accepted", async () => {
    expect(await problemOf(open("other").whoAmI())).toMatchObject({ code: "not-signed-in" });
  });

  it("has those keys for signatures that are not for logging in alone", async () => {
    gitlab.world.keys.push(
      { title: "laptop", key: "ssh-ed25519 AAAA", usage_type: "auth_and_signing" },
      { title: "server", key: "ssh-ed25519 BBBB", usage_type: "auth" },
    );

    expect(await open().signingKeys("alice")).toEqual([
      { title: "laptop", line: "ssh-ed25519 AAAA" },
    ]);
  });
});

describe("pipelines", () => {
  it("are the newest of each branch, and none where that is green", async () => {
    gitlab.world.branches.push("dev");
    pipeline();
    const newer = pipeline();
    pipeline({ ref: "dev" });
    pipeline({ ref: "dev", status: "success" });

    expect((await only()).id).toBe(String(newer.id));
  });

  it("of a tag are not a branch's", async () => {
    gitlab.world.tags.push("v1");
    pipeline({ ref: "v1" });

    expect((await only()).place).toMatchObject({ branch: null, tag: "v1" });
  });

  it("of a merge request go into its target", async () => {
    gitlab.world.requests.push({ iid: 7, from: "fix", into: "main", sha: "b2" });
    const own = { sha: "b2", source: "merge_request_event" };
    pipeline({ ref: "refs/merge-requests/7/head", ...own });
    pipeline({ ref: "refs/merge-requests/8/head", ...own });

    expect((await only()).place).toEqual({
      branch: "main",
      head: "fix",
      tag: null,
      sha: "b2",
      pr: 7,
      fork: false,
    });
  });

  it.each(["merge", "train"])(
    "of a merged result are of its commit, not the head's: %s",
    async (kind) => {
      gitlab.world.requests.push({ iid: 7, from: "fix", into: "main", sha: "b2" });
      pipeline({ ref: `refs/merge-requests/7/${kind}`, sha: "m1", source: "merge_request_event" });

      const run = await only();

      expect(run.place).toMatchObject({ branch: "main", head: "fix", sha: "m1", pr: 7 });
      expect(run.queued?.sha).toBe(kind === "train" ? "b2" : undefined);
    },
  );

  it("that a parent started are left to it", async () => {
    pipeline({ source: "parent_pipeline" });

    expect(await open().runs(all)).toEqual([]);
  });
});

describe("what is done about a pipeline", () => {
  const reason = {
    stage: "lint",
    environment: null,
    words: "skipped by #412",
    isSkip: true,
    logBranch: null,
  };
  const askers = [
    { files: [".gitlab-ci.yml"], job: "lint", label: null, isGate: false, isBehind: false },
  ];
  const patience = { queued: 600, running: 3600 };

  async function planned(): Promise<RunPlan | null> {
    return planOne(open(), await only(), { askers, patience, reason }, 4_000_000_000);
  }
  async function sent(plan: RunPlan | null): Promise<readonly string[]> {
    const api = open();
    for (const call of plan?.steps.flatMap((step) => step.calls) ?? []) {
      expect((await api.send(call)).status).toBeLessThan(300);
    }
    return gitlab.changes.map(({ call }) => call.replace(project, ""));
  }

  it("retries the job that asks when it is red", async () => {
    const { id } = pipeline();

    expect(await sent(await planned())).toEqual([`POST /jobs/${id * 10}/retry`]);
  });

  it("retries what was cancelled, which is no success there", async () => {
    const { id } = pipeline({ status: "canceled" });

    expect(await sent(await planned())).toEqual([`POST /jobs/${id * 10}/retry`]);
  });

  it("plays a manual job", async () => {
    pipeline({ status: "manual", jobs: [{ id: 5, name: "lint", status: "manual" }] });

    expect(await sent(await planned())).toEqual(["POST /jobs/5/play"]);
  });

  it("makes a new pipeline where the image could not be had", async () => {
    const lint = { id: 5, name: "lint", status: "failed", failure_reason: "image_pull_failure" };
    pipeline({ jobs: [lint] });

    const plan = await planned();

    expect(plan?.state).toBe("lacks-image");
    expect(await sent(plan)).toEqual(["POST /pipeline"]);
  });

  const redChild = (): { id: number; name: string; status: string } => ({
    id: 9,
    name: "stages",
    status: "failed",
  });

  it("retries the parent's gate where a child is red, and its trigger once that has ended", async () => {
    const gate = { id: 8, name: "lint", status: "success" };
    pipeline({ jobs: [gate], bridges: [redChild()] });
    const gates = [
      { files: [".gitlab-ci.yml"], job: "lint", label: null, isGate: true, isBehind: false },
    ];
    const request = { askers: gates, patience, reason };
    const plan = await planOne(open(), await only(), request, 4_000_000_000);
    let looks = 0;
    const waiting = {
      elapsed: () => 0,
      sleep: () => {
        looks += 1;
        if (looks === 2) gate.status = "success";
        return Promise.resolve();
      },
      budgetMilliseconds: 1,
      forceMilliseconds: 1,
      pollMilliseconds: 0,
    };
    if (plan === null) throw new Error("nothing is planned");

    const outcome = await carryOut(open(), [plan], waiting);

    expect(plan.state).toBe("child-red");
    expect(gitlab.changes.map(({ call }) => call.replace(project, ""))).toEqual([
      "POST /jobs/8/retry",
      "POST /jobs/9/retry",
    ]);
    expect([looks, outcome.unfinished]).toEqual([2, []]);
  });

  it("retries the trigger alone where only the child asks", async () => {
    pipeline({ jobs: [], bridges: [redChild()] });

    expect(await sent(await planned())).toEqual(["POST /jobs/9/retry"]);
  });

  it("puts a merge request on the train again that it has dropped", async () => {
    gitlab.world.requests.push({ iid: 7, from: "fix", into: "main", sha: "b2" });
    pipeline({ ref: "refs/merge-requests/7/train", source: "merge_request_event" });

    expect(await sent(await planned())).toEqual(["POST /merge_trains/merge_requests/7"]);
    expect(gitlab.world.train).toEqual([7]);
  });

  it("cancels a job that no runner takes and sets its status, with pipeline and ref", async () => {
    const { id } = pipeline({
      status: "pending",
      jobs: [{ id: 5, name: "lint", status: "pending" }],
    });

    const plan = await planned();

    expect(plan?.steps.map(({ verb }) => verb)).toEqual(["cancel", "await-end", "status"]);
    expect(await sent(plan)).toEqual(["POST /jobs/5/cancel", "POST /statuses/a1"]);
    expect(gitlab.world.statuses).toMatchObject([
      { state: "success", name: "lint", pipeline_id: id, ref: "main" },
    ]);
  });

  it("sets the status of a merged result on the commit that its pipeline runs on", async () => {
    gitlab.world.requests.push({ iid: 7, from: "fix", into: "main", sha: "b2" });
    pipeline({
      ref: "refs/merge-requests/7/merge",
      sha: "m1",
      source: "merge_request_event",
      status: "pending",
      jobs: [{ id: 5, name: "lint", status: "pending" }],
    });

    expect(await sent(await planned())).toEqual(["POST /jobs/5/cancel", "POST /statuses/m1"]);
  });

  it("leaves one alone that waits for another's lock", async () => {
    pipeline({
      status: "waiting_for_resource",
      jobs: [{ id: 5, name: "lint", status: "waiting_for_resource" }],
    });

    expect(await sent(await planned())).toEqual([]);
  });
});

describe("comments", () => {
  it("are written once and edited in place", async () => {
    const api = open();

    const written = await api.createComment(7, "lint is skipped");
    await api.editComment(7, written.id, "lint runs again");

    expect(await api.comments(7)).toEqual([{ id: "1", text: "lint runs again", by: "alice" }]);
  });
});

describe("when GitLab is in trouble", () => {
  it("a read is repeated, and a change is not where it may have been carried out", async () => {
    gitlab.faults.push({ status: 502 });
    const { login } = await open().whoAmI();
    gitlab.faults.push("cut");
    const problem = await problemOf(open().createComment(7, "text"));

    expect(login).toBe("alice");
    expect(problem.code).toBe("unreachable");
    expect(gitlab.world.notes).toEqual([]);
  });
});
