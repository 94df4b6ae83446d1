/**
 * The GitLab components over a real remote, run by gitlab-ci-local: a wrapped job, and the child
 * pipeline that a gate writes.
 */
import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { gitlabMissing, runPipeline } from "../support/gitlab.ts";
import {
  BIN,
  git,
  makeClone,
  makeTeam,
  must,
  optout,
  push,
  ROOT,
  writeFiles,
  type Place,
  type Team,
} from "../support/stage.ts";

const missing = gitlabMissing();
const optoutHere = `'"${process.execPath}" "${BIN}"'`;
const pipeline = `
include:
  - local: templates/optout-run/template.yml
    inputs: { optout_stage: lint, command: 'echo "linting $((1 + 1))" && exit 1' }
  - local: templates/optout-gate/template.yml
    inputs: { stages: unit-tests deploy-prod, optout: ${optoutHere} }
`;
/** What GitLab tells a job of a merge request. */
const mergeRequest = { CI_PIPELINE_SOURCE: "merge_request_event", CI_COMMIT_BRANCH: "" };
const stages = `
include: [{ local: .gitlab/more.yml }]
.base:
  before_script: ["echo base"]
  environment: production
unit-tests: &unit-tests
  script: [echo testing, exit 1]
slow-tests:
  variables: { OPTOUT_STAGE: unit-tests }
  script: [echo slowly]
deploy-prod:
  extends: .base
  rules: [{ if: '$CI_COMMIT_TAG' }]
  script: [echo deploying]
deploy-canary:
  variables: { OPTOUT_STAGE: deploy-prod }
  rules: [{ if: '$CI_COMMIT_BRANCH', when: manual, allow_failure: true }]
  script: [echo going to the canary]
extended-tests:
  extends: unit-tests
  before_script: [echo extended]
referred-tests:
  script: [echo referred, !reference [unit-tests, script]]
merged-tests:
  <<: *unit-tests
  before_script: [echo merged]
deploy-dry:
  extends: deploy-prod
  script: [echo dry]
`;
/** An included file is not read: a job of it that extends one which is left out fails. */
const more = "late-tests: { extends: slow-tests }\n";
/** They take from unit-tests what it does, and are stages of their own. */
const kin = {
  "extended-tests": "failed",
  "referred-tests": "failed",
  "merged-tests": "failed",
};

describe.skipIf(missing !== null)(
  `the GitLab components (needs ${missing ?? "nothing more"})`,
  () => {
    let team: Team;
    let place: Place;

    beforeAll(async () => {
      team = await makeTeam();
      const { laptop } = team.stage;
      for (const name of ["optout-run", "optout-gate"]) {
        cpSync(join(ROOT, "templates", name), join(laptop.directory, "templates", name), {
          recursive: true,
        });
      }
      cpSync(join(ROOT, "release", "optout.cjs"), join(laptop.directory, ".optout", "optout.cjs"));
      writeFiles(laptop, {
        ".gitlab-ci.yml": pipeline,
        ".gitlab/stages.yml": stages,
        ".gitlab/more.yml": more,
        ".gitignore": ".gitlab-ci-local\n",
      });
      await push(laptop, "Ask optout in the pipeline");
      place = await makeClone(team.stage, "gitlab-runner");
      await git(place, ["remote", "set-head", "origin", "main"]);
    });

    afterAll(() => team.stage.remove());

    it("run everything without an override", async () => {
      const { jobs, log } = await runPipeline(place);

      expect(jobs).toMatchObject({
        lint: "failed",
        "optout-gate": "passed",
        "unit-tests": "failed",
        "slow-tests": "passed",
        "late-tests": "passed",
        ...kin,
      });
      expect(jobs).not.toHaveProperty("deploy-prod");
      expect(jobs).not.toHaveProperty("deploy-canary");
      expect(log).toContain("linting 2");
    });

    it("are in the pipelines of merge requests and tags too", async () => {
      const tag = { CI_COMMIT_TAG: "v1", CI_COMMIT_BRANCH: "" };
      for (const variables of [mergeRequest, tag]) {
        const { jobs } = await runPipeline(place, variables);
        expect(jobs).toMatchObject({ lint: "failed", "unit-tests": "failed" });
      }
      const { jobs } = await runPipeline(place, { CI_COMMIT_BRANCH: "" });
      for (const job of ["lint", "optout-gate"]) expect(jobs).not.toHaveProperty(job);
    });

    it("are where the input says that they are", async () => {
      const file = join(place.directory, ".gitlab-ci.yml");
      const rules = "rules: [{ if: '$CI_COMMIT_TAG' }, { if: '$NIGHTLY' }] }";
      writeFileSync(file, pipeline.replaceAll(" }\n", `, ${rules}\n`));
      const [none, nightly] = [
        await runPipeline(place),
        await runPipeline(place, { NIGHTLY: "yes" }),
      ];
      writeFileSync(file, pipeline);

      for (const job of ["lint", "optout-gate"]) expect(none.jobs).not.toHaveProperty(job);
      expect(nightly.jobs).toMatchObject({ lint: "failed", "optout-gate": "passed" });
    });

    it("show what is left out, and force what a rule would drop", async () => {
      const { laptop } = team.stage;
      await must(laptop, ["skip", "lint", "unit-tests", "-m", "the registry is down"]);
      await must(laptop, ["force", "deploy-prod", "-m", "hotfix INC-4312"]);
      const { jobs, log } = await runPipeline(place);

      expect(jobs).toMatchObject({
        lint: "warning",
        "unit-tests": "warning",
        "slow-tests": "warning",
        "late-tests": "failed",
        "deploy-prod": "passed",
        "deploy-canary": "passed",
        ...kin,
      });
      expect(jobs).not.toHaveProperty("deploy-dry");
      expect(log).not.toMatch(/> (?:linting|slowly)|unit-tests +> testing/);
      for (const name of Object.keys(kin)) expect(log).toMatch(new RegExp(`${name} +> testing`));
      expect(log).toContain("unit-tests is left out by an override");
      expect(log).toContain("> deploying");
    });

    it("stop what is held", async () => {
      await must(team.stage.laptop, ["hold", "deploy-prod", "-m", "a migration is running"]);
      const { jobs, log } = await runPipeline(place);

      expect(jobs).not.toHaveProperty("deploy-prod", "passed");
      // a rule of it would let it fail, and wait for a click
      expect(jobs).toHaveProperty("deploy-canary", "failed");
      expect(log).not.toMatch(/> (?:deploying|going)/);
      expect(jobs).toMatchObject(kin);
    });

    it("let a failure of one job pass, and not those of its kin", async () => {
      const { laptop } = team.stage;
      await must(laptop, ["revoke", "unit-tests", "-m", "the registry is back"]);
      await must(laptop, ["allow-failure", "unit-tests", "-m", "they are flaky today"]);
      const { jobs, log } = await runPipeline(place);

      expect(jobs).toMatchObject({ "unit-tests": "warning", ...kin });
      expect(log).toMatch(/unit-tests +> testing/);
    });

    it("say what they could not read of a job that is changed", async () => {
      const { laptop } = team.stage;
      writeFiles(laptop, {
        "stages.yml":
          "include: more.yml\ndeploy-prod: { script: [echo x], rules: [!reference [.elsewhere, rules]] }\nlint: { script: x }\n",
      });
      const flags = ["--format", "gitlab-child", "--pipeline", "stages.yml", "--output", "out.yml"];
      const { stderr } = await optout(laptop, ["gate", "deploy-prod", "lint", ...flags]);

      expect(stderr).toBe(
        "! stages.yml includes other files: jobs of theirs that extend deploy-prod share its hold, and what they say of deploy-prod is not read\n" +
          "! the rules of deploy-prod cannot be read from stages.yml alone: its stub is in every pipeline\n" +
          "! stages.yml includes other files: jobs of theirs that extend lint fail, and what they say of lint is not read\n",
      );
    });
  },
);
