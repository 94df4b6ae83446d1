/**
 * The whole story on GitLab: a broken image turns forty merge requests red, one command skips the
 * stage, their gates write new child pipelines, people are told, it ends by itself, and an auditor
 * verifies it all.
 *
 * The pipeline is the component, run by gitlab-ci-local; the repository is a real one over http; the
 * API knows what GitLab's documentation knows.
 */
import { cpSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { emptyGitlab, serveGitlab, type FakeGitlab } from "../support/forge/fake-gitlab.ts";
import { makeForgeStage, type ForgeStage } from "../support/forge/forge-stage.ts";
import { gitlabMissing, runPipeline, type PipelineRun } from "../support/gitlab.ts";
import { faketime } from "../support/programs.ts";
import { startReceiver, type Receiver } from "../support/receiver.ts";
import { BIN, git, lines, makeClone, must, optout, push, ROOT } from "../support/stage.ts";
import type { Place } from "../support/stage.ts";

const missing = gitlabMissing();
const why = "the lint image does not start";
const many = 40;

const pipeline = `
include:
  - component: $CI_SERVER_FQDN/$CI_PROJECT_PATH/optout-gate@$CI_COMMIT_SHA
    inputs: { stages: lint, optout: '"${process.execPath}" "${BIN}"' }
`;
// the broken image: whatever runs in it fails
const stages = "lint:\n  script: [echo linting, exit 125]\n";

describe.skipIf(missing !== null)(
  `a broken image on GitLab (needs ${missing ?? "nothing more"})`,
  () => {
    let gitlab: FakeGitlab;
    let chat: Receiver;
    let stage: ForgeStage;
    let laptop: Place;
    let runner: Place;

    beforeAll(async () => {
      [gitlab, chat] = await Promise.all([serveGitlab(emptyGitlab()), startReceiver()]);
      stage = await makeForgeStage({
        forge: "gitlab",
        url: gitlab.url,
        files: {
          ".gitlab-ci.yml": pipeline,
          ".gitlab/stages.yml": stages,
          ".gitignore": ".gitlab-ci-local\n",
        },
        policy: (text) =>
          text +
          lines(
            "notify:",
            `  - { to: slack, name: shop-oncall, url_env: CHAT, hosts: ["${chat.host}"] }`,
          ),
      });
      ({ laptop } = stage);
      cpSync(
        join(ROOT, "templates", "optout-gate"),
        join(laptop.directory, "templates", "optout-gate"),
        { recursive: true },
      );
      await push(laptop, "Ask optout in the pipeline");
      const url = `${stage.git.origin.replace("//", "//bob:r0@")}/${stage.repository}.git`;
      runner = await makeClone(stage, "gitlab-runner", { url });
    });

    afterAll(async () => {
      await Promise.all([gitlab.close(), chat.close(), stage.git.close()]);
      stage.remove();
      if (gitlab.violations.length > 0) throw new Error(gitlab.violations.join("\n"));
    });

    /** What GitLab shows of a merge request whose gate let the stage run, in the broken image. */
    function show(number: number): void {
      gitlab.world.requests.push({ iid: number, from: `fix-${number}`, into: "main", sha: "b2" });
      gitlab.world.pipelines.push({
        id: 5000 + number,
        ref: `refs/merge-requests/${number}/head`,
        sha: "b2",
        status: "failed",
        source: "merge_request_event",
        jobs: [{ id: number * 100, name: "optout-gate", status: "success" }],
        bridges: [{ id: number * 100 + 1, name: "optout-stages", status: "failed" }],
      });
    }

    /** What a runner does about the gates that are to run again. */
    async function runGates(): Promise<PipelineRun> {
      const run = await runPipeline(runner, { CI_PROJECT_PATH: stage.repository });
      const isPassed = run.jobs["optout-gate"] === "passed";
      for (const { jobs } of gitlab.world.pipelines) {
        for (const job of jobs) job.status = isPassed ? "success" : "failed";
      }
      return run;
    }

    it("turns forty merge requests red", async () => {
      const { jobs } = await runPipeline(runner, { CI_PROJECT_PATH: stage.repository });
      for (let number = 1; number <= many; number += 1) show(number);

      expect(jobs).toMatchObject({ "optout-gate": "passed", lint: "failed" });
    });

    it("is skipped by one command, which tells people and has gates and children run again", async () => {
      const runs: Promise<PipelineRun>[] = [];
      gitlab.watchers.push((call) => {
        // the last of the gates: by then all are waiting for a runner
        if (call.endsWith("/jobs/100/retry")) runs.push(runGates());
      });
      const args = ["skip", "lint", "-m", why, "--for", "2h", "--rerun"];
      const { status, stdout, stderr } = await optout(laptop, args, {
        env: { CHAT: chat.address },
      });
      const [child] = await Promise.all(runs);

      expect(status).toBe(0);
      expect(stdout).toContain(`runs that go on: ${many} of ${many}`);
      expect(stderr).toContain("✓ told      shop-oncall (Slack)");
      expect(chat.received.map(({ body }) => body.includes(why))).toEqual([true]);
      const retried = gitlab.changes.map(({ call }) => /jobs\/(\d+)\/retry$/.exec(call)?.[1]);
      const numbers = Array.from({ length: many }, (_, i) => many - i);
      expect(retried).toEqual([
        ...numbers.map((number) => String(number * 100)),
        ...numbers.map((number) => String(number * 100 + 1)),
      ]);
      expect(child?.jobs).toMatchObject({ "optout-gate": "passed", lint: "warning" });
      expect(child?.log).toContain("lint is left out by an override");
      expect(child?.log).not.toContain("> linting");
    });

    it.skipIf(faketime === "")(
      "is stopped again once the time is over (needs faketime)",
      async () => {
        const later = {
          LD_PRELOAD: faketime,
          FAKETIME: "+7260",
          DONT_FAKE_MONOTONIC: "1",
          FAKETIME_DONT_FAKE_MONOTONIC: "1",
          NO_FAKE_STAT: "1",
        };
        const { jobs, log } = await runPipeline(
          { ...runner, env: later },
          { CI_PROJECT_PATH: stage.repository },
        );

        expect(jobs).toMatchObject({ lint: "failed" });
        expect(log).toContain("expired");
      },
    );

    it("is a story that an auditor verifies on a machine of her own", async () => {
      const url = `${stage.git.origin.replace("//", "//bob:r0@")}/${stage.repository}.git`;
      const auditor = await makeClone(stage, "auditor", { url });

      expect(await must(auditor, ["verify"])).toContain("intact");
      expect(await must(auditor, ["history", "lint"])).toContain(why);
      const titles = await git(auditor, ["log", "--format=%s", "origin/optout-log"]);
      expect(titles).toMatch(/rerun done: 80 requests \(alice\)/);
      expect(titles).toMatch(/rerun of 40 runs planned \(alice\)/);
      expect(titles).toMatch(/notice of \S+ to shop-oncall delivered \(alice\)/);
    });
  },
);
