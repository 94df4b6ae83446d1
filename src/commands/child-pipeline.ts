/**
 * `optout gate --format gitlab-child`: the child pipeline that a later job of GitLab triggers.
 */
import { readFileSync } from "node:fs";

import { OptoutError } from "../core/errors.ts";
import type { GateAnswer, GateResult } from "../output/gate-words.ts";
import type { Io } from "../output/io.ts";
import {
  childPipeline,
  type ChildPipeline,
  type StageOutcome,
  type StubPlace,
} from "../wiring/child-pipeline.ts";

/** @param file of the jobs, as the user named it; @param path where it is */
export function childOf(
  { answers }: GateResult,
  { env }: Pick<Io, "env">,
  { file, path }: { readonly file: string; readonly path: string },
): ChildPipeline {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    throw new OptoutError("config-invalid", `${file} cannot be read`, { cause });
  }
  return childPipeline(file, text, answers.map(outcomeOf), stubPlace(env));
}

function outcomeOf({ stage, outcome }: GateAnswer): StageOutcome {
  // what a freeze stops is stopped as by a hold
  const told = outcome === "frozen" ? "hold" : outcome;
  const done = told === "hold" ? "must not run now" : "is left out by an override";
  return { stage, outcome: told, note: `${stage} ${done}: see the job of the gate` };
}

/** Where this very job was able to run: its image, and the tags of its runner. */
function stubPlace(env: Io["env"]): StubPlace {
  return { image: env["CI_JOB_IMAGE"] || null, tags: tagsOf(env["CI_RUNNER_TAGS"] ?? "") };
}

/** `["docker", "linux"]`, or without the brackets in older versions. */
function tagsOf(text: string): readonly string[] {
  return text
    .replace(/^\[|\]$/g, "")
    .split(",")
    .map((tag) => tag.trim().replace(/^"|"$/g, ""))
    .filter((tag) => tag !== "");
}
