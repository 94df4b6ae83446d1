/**
 * Runs `.gitlab-ci.yml` on this machine with gitlab-ci-local: includes, inputs, rules and child
 * pipelines are its work, and it holds the file against GitLab's own JSON Schema.
 *
 * It is not GitLab: jobs run in the shell of this machine without an image, a child that failed does
 * not fail its trigger, and `allow_failure: exit_codes` of other codes is not looked at.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";

import { ROOT, run, type Place } from "./stage.ts";

const modules = join(ROOT, "test", "nodes", "node_modules");
const node = join(modules, "node24", "bin", "node");
const program = join(modules, "gitlab-ci-local", "dist", "index.js");

/** Why it cannot run here; null when it can. */
export function gitlabMissing(): string | null {
  if (!existsSync(node) || !existsSync(program)) return "npm ci in test/nodes";
  return existsSync("/usr/bin/rsync") ? null : "rsync";
}

export type JobState = "passed" | "warning" | "failed";

export interface PipelineRun {
  /** Each job that ran, those of a child pipeline too. */
  readonly jobs: Readonly<Record<string, JobState>>;
  readonly log: string;
}

/** Runs all jobs of the pipeline for the branch of the clone, unless the variables say otherwise. */
export async function runPipeline(
  place: Place,
  variables: Readonly<Record<string, string>> = {},
): Promise<PipelineRun> {
  // of a remote that is a path it makes up a project, which GitLab never does
  const given = Object.entries({ GITLAB_CI: "true", CI_PROJECT_PATH: "", ...variables });
  const flags = ["--color=false", "--force-shell-executor", "--home", place.home];
  const { stdout, stderr } = await run(
    place,
    node,
    [program, ...flags, ...given.flatMap(([name, value]) => ["--variable", `${name}=${value}`])],
    { env: { FORCE_COLOR: "0" } },
  );
  const log = stdout + stderr;
  const ended = log.matchAll(
    /^\s*(?:\[[^\]]+\] -> )?(\S+)\s+finished in .*?(?:(FAIL|WARN) (\d+)\s*)?$/gm,
  );
  const jobs = [...ended].map(([, job = "", mark]) => [job, stateOf(mark)] as const);
  return { jobs: Object.fromEntries(jobs), log };
}

function stateOf(mark: string | undefined): JobState {
  if (mark === undefined) return "passed";
  return mark === "WARN" ? "warning" : "failed";
}
