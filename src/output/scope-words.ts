/**
 * Where an override applies, and what a job is, in words. Light: the check path loads it.
 */
import type { Subject } from "../core/scope.ts";
import type { Scope } from "../core/statement.ts";
import { forTerminal } from "./escape.ts";

/** `main and pull requests into it`, `branch fix/x (its pushes and pull requests), forks too`. */
export function scopeWords(scope: Scope): string {
  const places = [
    branchesWords(scope.branches),
    headsWords(scope.heads ?? []),
    namesWords("tag", scope.tags ?? []),
  ];
  const narrowed = [
    ...(scope.pr === undefined ? [] : [`pull request ${scope.pr}`]),
    ...(scope.sha === undefined ? [] : [`commit ${shortSha(scope.sha)}`]),
  ];
  const only = narrowed.length === 0 ? "" : ` (only ${narrowed.join(", ")})`;
  const environment =
    scope.environment === undefined ? "" : ` in environment ${forTerminal(scope.environment)}`;
  const where = places.filter((words) => words !== "").join(", and ");
  return `${where}${only}${environment}${scope.forks === true ? ", forks too" : ""}`;
}

/** The same as names only, for a title: `main`, `all branches and tags`, `main, fix/x (pull request 981)`. */
export function scopeTitle(scope: Scope): string {
  const { branches = [], heads = [], tags = [], pr, sha, environment, forks } = scope;
  const names = [
    ...(branches === "*" ? ["all branches and tags"] : branches),
    ...heads,
    ...tags.map((tag) => `tag ${tag}`),
  ].map(forTerminal);
  const narrowed = [
    ...(pr === undefined ? [] : [`pull request ${pr}`]),
    ...(sha === undefined ? [] : [`commit ${shortSha(sha)}`]),
    ...(environment === undefined ? [] : [`environment ${forTerminal(environment)}`]),
  ];
  const only = narrowed.length === 0 ? "" : ` (${narrowed.join(", ")})`;
  return `${names.join(", ")}${only}${forks === true ? ", forks too" : ""}`;
}

/** ` on main`, ` on pull request 981 into main in environment production`; nothing when unknown. */
export function subjectWords(subject: Subject): string {
  const { branch, tag, pr, environment, fork } = subject;
  const into = branch === null ? "" : forTerminal(branch);
  const place = tag === null ? into : `tag ${forTerminal(tag)}`;
  const pull = pr === null ? place : `pull request ${pr}${into === "" ? "" : ` into ${into}`}`;
  const on = pull === "" ? "" : ` on ${pull}`;
  const within = environment === null ? "" : ` in environment ${forTerminal(environment)}`;
  return `${on}${within}${fork ? " from a fork" : ""}`;
}

/** As git abbreviates a commit. */
export function shortSha(sha: string): string {
  return forTerminal(sha.slice(0, 7));
}

function branchesWords(branches: Scope["branches"] = []): string {
  if (branches === "*") return "all branches and tags";
  if (branches.length === 0) return "";
  const them = branches.length === 1 ? "it" : "them";
  return `${branches.map(forTerminal).join(", ")} and pull requests into ${them}`;
}

function headsWords(heads: readonly string[]): string {
  if (heads.length === 0) return "";
  const their = heads.length === 1 ? "its" : "their";
  return `${namesWords("branch", heads)} (${their} pushes and pull requests)`;
}

function namesWords(noun: "branch" | "tag", names: readonly string[]): string {
  if (names.length === 0) return "";
  const plural = noun === "branch" ? "branches" : "tags";
  return `${names.length === 1 ? noun : plural} ${names.map(forTerminal).join(", ")}`;
}
