/**
 * The GitHub templates, run by GitHub's own parser and evaluator over a real remote: what becomes of
 * a workflow under each override, and when its gate breaks, lies or is cancelled.
 */
import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { serveGit, type HttpGit } from "../support/http-git.ts";
import {
  git,
  makeClone,
  makeTeam,
  must,
  push,
  ROOT,
  run,
  writeFiles,
  type Place,
  type Result,
  type Team,
} from "../support/stage.ts";
import { runWorkflow, type JobRun, type WorkflowOptions } from "../support/workflow.ts";

const template = readFileSync(join(ROOT, "templates", "github", "workflows", "ci.yml"), "utf8");
const release = join(ROOT, "release");
const actionPath = ".github/actions/optout";
const trusted = `./.optout-trusted/${actionPath}`;

let team: Team;
let place: Place;
let host: HttpGit;

beforeAll(async () => {
  team = await makeTeam();
  const { laptop } = team.stage;
  const action = join(laptop.directory, actionPath);
  cpSync(join(release, "action"), action, { recursive: true });
  const npm = (script: string): string =>
    `node -e "require('fs').writeFileSync('${script}.ran','')"`;
  writeFiles(laptop, {
    "package.json": JSON.stringify({
      scripts: { lint: `${npm("lint")} && exit $LINT`, test: `${npm("test")} && exit $TEST` },
    }),
    "deploy.sh": "#!/bin/sh\n: > deploy.ran\n",
    ".gitignore": "*.ran\n",
    ".github/workflows/ci.yml": template,
    ".github/workflows/optout-gate.yml": readFileSync(
      join(ROOT, "templates", "github", "workflows", "optout-gate.yml"),
      "utf8",
    ),
  });
  execFileSync("chmod", ["+x", join(laptop.directory, "deploy.sh")]);
  await push(laptop, "Ask optout in the workflow");
  // a job's origin is the repository that GitHub names, at GitHub's server
  const { folder, remote } = team.stage;
  mkdirSync(join(folder, "acme"));
  symlinkSync(remote, join(folder, "acme", "shop.git"));
  host = await serveGit(folder);
  const url = `${host.origin.replace("//", "//alice:s3cret@")}/acme/shop.git`;
  place = await makeClone(team.stage, "actions-runner", { url });
});

afterAll(async () => {
  await host.close();
  team.stage.remove();
});

const marks = ["lint", "test", "deploy"] as const;
beforeEach(() => {
  for (const mark of marks) rmSync(join(place.directory, `${mark}.ran`), { force: true });
});

/** What each job came to, and which commands were really started. */
async function play(
  options: Partial<WorkflowOptions> & { readonly results?: Readonly<Record<string, string>> } = {},
  workflow = template,
): Promise<{
  readonly results: object;
  readonly ran: readonly string[];
  readonly jobs: Readonly<Record<string, JobRun>>;
}> {
  const jobs = await runWorkflow(workflow, {
    place,
    ...options,
    github: { server_url: host.origin, ...options.github },
    env: { LINT: "0", TEST: "0", ...options.results },
  });
  const results = Object.fromEntries(Object.entries(jobs).map(([id, { result }]) => [id, result]));
  return {
    jobs,
    results,
    ran: marks.filter((mark) => existsSync(join(place.directory, `${mark}.ran`))),
  };
}

const repository = { id: 1 };
const pullRequest = (from: number): Readonly<Record<string, unknown>> => ({
  event_name: "pull_request",
  ref: "refs/pull/7/merge",
  base_ref: "main",
  head_ref: "fix",
  event: {
    pull_request: {
      number: 7,
      base: { ref: "main", repo: repository },
      head: { ref: "fix", repo: { id: from } },
    },
  },
});
const queued = "refs/heads/gh-readonly-queue/main/pr-7-0123456789";
const mergeGroup = {
  event_name: "merge_group",
  ref: queued,
  event: { merge_group: { base_ref: "refs/heads/main", head_ref: queued } },
};

const success = "success";
const allGreen = {
  gate: success,
  lint: success,
  "unit-tests": success,
  verdict: success,
  "deploy-prod": success,
};

describe("without an override the workflow", () => {
  it("runs everything", async () => {
    const { results, ran } = await play();

    expect(results).toEqual(allGreen);
    expect(ran).toEqual(["lint", "test", "deploy"]);
  });

  it("refuses a stage that failed, and deploys nothing", async () => {
    const { results, ran } = await play({ results: { LINT: "1" } });

    expect(results).toEqual({ ...allGreen, lint: "failure", verdict: "failure" });
    expect(ran).toEqual(["lint", "test"]);
  });

  it("refuses a stage that somebody cancelled", async () => {
    expect((await play({ cancel: ["lint"] })).results).toMatchObject({ verdict: "failure" });
  });
});

/** Runs the test under an override that is revoked afterwards. */
async function under(args: readonly string[], test: () => Promise<void>): Promise<void> {
  const { laptop } = team.stage;
  const [id = ""] = (await must(laptop, [...args, "-m", "for the test of it", "-q"])).split("\n");
  try {
    await test();
  } finally {
    await must(laptop, ["revoke", id, "-m", "tested"]);
  }
}

describe("under a skip the workflow", () => {
  it("leaves the job out, accepts that, and deploys", () =>
    under(["skip", "lint"], async () => {
      const { results, ran, jobs } = await play({ results: { LINT: "1" } });

      expect(results).toEqual({ ...allGreen, lint: "skipped" });
      expect(ran).toEqual(["test", "deploy"]);
      expect(jobs["verdict"]?.log).toContain("! lint: skipped, overridden");
    }));

  it("leaves out every leg of a matrix, and no leg reports nothing", () =>
    under(["skip", "unit-tests"], async () => {
      const { results, ran, jobs } = await play({ results: { TEST: "1" } });

      expect(results).toEqual(allGreen);
      expect(ran).toEqual(["lint", "deploy"]);
      expect(jobs["unit-tests"]?.log.match(/unit-tests skipped by override/g)).toHaveLength(4);
    }));

  it("refuses another stage that failed", () =>
    under(["skip", "lint"], async () => {
      expect((await play({ results: { TEST: "1" } })).results).toMatchObject({
        "unit-tests": "failure",
        verdict: "failure",
      });
    }));

  it("covers the pull requests into the branch, and its merge queue", () =>
    under(["skip", "lint", "--branch", "main"], async () => {
      expect((await play({ github: pullRequest(1) })).results).toMatchObject({
        lint: "skipped",
        verdict: success,
      });
      expect((await play({ github: mergeGroup })).results).toMatchObject({
        lint: "skipped",
        verdict: success,
      });
    }));

  it("does not cover a pull request of a fork", () =>
    under(["skip", "lint", "--branch", "main"], async () => {
      const { results } = await play({ github: pullRequest(2), results: { LINT: "1" } });

      expect(results).toMatchObject({ lint: "failure", verdict: "failure" });
    }));
});

describe("under another override the workflow", () => {
  it("accepts a failure where that is allowed", () =>
    under(["allow-failure", "lint"], async () => {
      const { results, ran } = await play({ results: { LINT: "1" } });

      expect(results).toEqual(allGreen);
      expect(ran).toEqual(["lint", "test", "deploy"]);
    }));

  it("deploys by force although the verdict refused", () =>
    under(["force", "deploy-prod"], async () => {
      const { results, ran } = await play({ results: { LINT: "1" } });

      expect(results).toEqual({ ...allGreen, lint: "failure", verdict: "failure" });
      expect(ran).toContain("deploy");
    }));

  it("deploys nothing under a hold, and is red", () =>
    under(["hold", "deploy-prod"], async () => {
      const { results, ran } = await play();

      expect(results).toEqual({ ...allGreen, "deploy-prod": "failure" });
      expect(ran).toEqual(["lint", "test"]);
    }));
});

describe("with a gate that cannot be trusted the workflow", () => {
  /** The workflow with another action in the gate. */
  const withGate = (main: string): readonly [string, Partial<WorkflowOptions>] => {
    const directory = join(place.home, "another-action");
    cpSync(join(release, "action"), directory, { recursive: true });
    writeFileSync(join(directory, "main.cjs"), main);
    const actions = { "./another": directory };
    return [template.replace(`uses: ${trusted}`, "uses: ./another"), { actions }];
  };
  const says = (outputs: string): string =>
    `require("node:fs").appendFileSync(process.env.GITHUB_OUTPUT, ${JSON.stringify(outputs)})`;

  it("runs every stage when it crashes", async () => {
    const [workflow, options] = withGate("process.exit(1)");
    const { results, ran } = await play(options, workflow);

    expect(results).toEqual({ ...allGreen, gate: "failure" });
    expect(ran).toEqual(["lint", "test", "deploy"]);
  });

  it("runs every stage when it answers nonsense", async () => {
    const [workflow, options] = withGate(says("lint=perhaps\n"));

    expect((await play(options, workflow)).ran).toEqual(["lint", "test", "deploy"]);
  });

  it("refuses what a gate left out on its own word, and deploys nothing", async () => {
    const [workflow, options] = withGate(says("lint=skip\n"));
    const { results, ran } = await play(options, workflow);

    expect(results).toEqual({ ...allGreen, lint: "skipped", verdict: "failure" });
    expect(ran).toEqual(["test"]);
  });

  it("runs every stage when somebody cancels it", async () => {
    expect((await play({ cancel: ["gate"] })).ran).toEqual(["lint", "test", "deploy"]);
  });
});

/** A workflow that calls the reusable gate. */
const called = `
on: push
jobs:
  gate:
    uses: ./.github/workflows/optout-gate.yml
    with: { stages: lint unit-tests }
  lint:
    needs: gate
    if: \${{ !cancelled() && fromJSON(needs.gate.outputs.decisions || '{}').lint != 'skip' }}
    runs-on: ubuntu-latest
    steps: [{ run: npm run lint }]
  unit-tests:
    needs: gate
    if: \${{ !cancelled() && fromJSON(needs.gate.outputs.decisions || '{}').unit-tests != 'skip' }}
    runs-on: ubuntu-latest
    steps: [{ run: npm test }]
`;

describe("in a pull request that brings another action the workflow", () => {
  /** What the pull request has in place of the action. */
  const lies = `
    const { appendFileSync } = require("node:fs");
    appendFileSync(process.env.GITHUB_OUTPUT, "lint=skip\\nall_decisions={\\"lint\\":\\"skip\\"}\\n");
  `;

  beforeEach(() => {
    for (const where of [actionPath, trusted]) {
      writeFiles(place, { [join(where, "main.cjs")]: lies });
      cpSync(join(release, "action", "action.yml"), join(place.directory, where, "action.yml"));
    }
  });

  afterEach(async () => {
    await git(place, ["checkout", "-q", "."]);
  });

  it("decides and judges by the one of the default branch", async () => {
    const { results, ran } = await play({ github: pullRequest(1), results: { LINT: "1" } });

    expect(ran).toEqual(["lint", "test"]);
    expect(results).toMatchObject({ gate: success, lint: "failure", verdict: "failure" });
  });

  it("decides by it in the reusable gate too", async () => {
    expect((await play({ github: pullRequest(1) }, called)).ran).toEqual(["lint", "test"]);
  });
});

describe("the reusable gate", () => {
  it("hands its decisions to the workflow that calls it", () =>
    under(["skip", "lint"], async () => {
      const { results, ran } = await play({}, called);

      expect(results).toEqual({ gate: success, lint: "skipped", "unit-tests": success });
      expect(ran).toEqual(["test"]);
    }));

  it("lets every stage run when it breaks", async () => {
    const broken = join(place.home, "broken-action");
    cpSync(join(release, "action"), broken, { recursive: true });
    writeFileSync(join(broken, "main.cjs"), "process.exit(1)");
    const { results, ran } = await play({ actions: { [trusted]: broken } }, called);

    expect(results).toEqual({ gate: "failure", lint: success, "unit-tests": success });
    expect(ran).toEqual(["lint", "test"]);
  });
});

describe("the action", () => {
  const start = (env: Readonly<Record<string, string>>): Promise<Result> =>
    run(place, process.execPath, [join(release, "action", "main.cjs")], { env });

  it("reads no stage as a flag", async () => {
    const { status, stderr } = await start({ INPUT_MODE: "gate", INPUT_STAGES: "lint --json" });

    expect([status, stderr]).toEqual([1, expect.stringContaining('"--json" is no stage')]);
  });

  it("knows two modes", async () => {
    const { status, stderr } = await start({ INPUT_MODE: "allow", INPUT_STAGES: "lint" });

    expect([status, stderr]).toEqual([1, expect.stringContaining('not "allow"')]);
  });

  it("stands in the release's sums", async () => {
    const sums = await run(place, "sha256sum", ["--check", "--quiet", "SHA256SUMS"], {
      cwd: release,
    });

    expect(sums.status).toBe(0);
    expect(readFileSync(join(release, "SHA256SUMS"), "utf8")).toContain("  action/optout.cjs\n");
  });

  it("reads its second file for nothing that a job asks", () =>
    under(["skip", "lint"], async () => {
      const directory = join(place.home, "without-the-rest");
      cpSync(join(release, "action"), directory, { recursive: true });
      rmSync(join(directory, "optout-rest.cjs"));
      const workflow = template.replaceAll(`node ${actionPath}/`, `node ${directory}/`);
      const { results, ran } = await play({ actions: { [trusted]: directory } }, workflow);

      expect(workflow).not.toBe(template);
      expect(results).toEqual({ ...allGreen, lint: "skipped" });
      expect(ran).toEqual(["test", "deploy"]);
    }));
});
