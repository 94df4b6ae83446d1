/**
 * GitHub Actions: a job's facts from its variables and event file.
 * Source: "Variables reference" and "Webhook events and payloads" in GitHub's documentation.
 */
import { readFileSync } from "node:fs";
import type { Environment, Forge, JobFacts } from "./forge.ts";

export const github: Forge = {
  name: "github",
  isHere: (env) => env["GITHUB_ACTIONS"] === "true",
  facts: (env) => {
    const ref = env["GITHUB_REF"] ?? "";
    const event = readEvent(env["GITHUB_EVENT_PATH"]);
    const host = (env["GITHUB_SERVER_URL"] ?? "https://github.com").replace(/^https?:\/\//, "");
    const repository = env["GITHUB_REPOSITORY"];
    return {
      forge: "github",
      subject: { ...placeOf(env, ref, event), sha: env["GITHUB_SHA"] ?? null, ...runOf(env) },
      ref,
      attempt: Number(env["GITHUB_RUN_ATTEMPT"] ?? "1") || 1,
      job: env["GITHUB_JOB"] ?? "unknown",
      repository: repository === undefined ? null : `${host}/${repository}`,
      repositoryId: env["GITHUB_REPOSITORY_ID"] ?? null,
    };
  },
};

type PlaceFacts = Pick<JobFacts["subject"], "branch" | "head" | "tag" | "pr" | "fork">;

function runOf(env: Environment): Pick<JobFacts["subject"], "environment" | "forge" | "run"> {
  return { environment: null, forge: "github", run: env["GITHUB_RUN_ID"] ?? null };
}

function placeOf(env: Environment, ref: string, event: unknown): PlaceFacts {
  const base = { branch: null, head: null, tag: null, pr: null, fork: false };
  const kind = env["GITHUB_EVENT_NAME"] ?? "";
  if (kind.startsWith("pull_request")) return placeOfPull(env, event);
  if (kind === "merge_group") {
    const target = textAt(event, "merge_group", "base_ref");
    return { ...base, branch: target?.replace(/^refs\/heads\//, "") ?? null };
  }
  if (ref.startsWith("refs/tags/")) return { ...base, tag: ref.slice("refs/tags/".length) };
  if (!ref.startsWith("refs/heads/")) return base;
  const branch = ref.slice("refs/heads/".length);
  return { ...base, branch, head: branch };
}

/** A pull request counts as a fork's unless both its repositories are known to be the same. */
function placeOfPull(env: Environment, event: unknown): PlaceFacts {
  const from = valueAt(event, "pull_request", "head", "repo", "id");
  const into = valueAt(event, "pull_request", "base", "repo", "id");
  const fork = typeof from !== "number" || from !== into;
  const pr = valueAt(event, "pull_request", "number");
  return {
    branch: env["GITHUB_BASE_REF"] || null,
    head: fork ? null : env["GITHUB_HEAD_REF"] || null,
    tag: null,
    pr: typeof pr === "number" ? pr : null,
    fork,
  };
}

function readEvent(path: string | undefined): unknown {
  if (path === undefined) return null;
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return null;
  }
}

function valueAt(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, name) =>
      typeof inner === "object" && inner !== null
        ? Object.getOwnPropertyDescriptor(inner, name)?.value
        : undefined,
    value,
  );
}

function textAt(value: unknown, ...path: readonly string[]): string | null {
  const found = valueAt(value, ...path);
  return typeof found === "string" ? found : null;
}
