/**
 * Where a recorded use can have been. A use tells the ref of its job, not the branch that received
 * the change, so a pull request's use may have been at any place that the override's scope names.
 */
import { placesOf, type Subject } from "../core/scope.ts";
import type { OverrideCreated, OverrideUsed } from "../core/statement.ts";

/** The subjects that the job can have been; none when its scope names no such place at all. */
export function subjectsOfUse(
  { context }: OverrideUsed,
  { scope, target }: OverrideCreated,
  defaultBranch: string | null,
): readonly Subject[] {
  const job = {
    stage: target.name,
    sha: context.sha,
    environment: context.environment ?? null,
    forge: context.forge,
    run: context.run,
    fork: false,
  };
  const place = placeOf(context.ref);
  if (place !== null) return [{ ...job, ...place, pr: null }];
  return placesOf(target.name, scope, defaultBranch)
    .flatMap(({ subjects }) => subjects)
    .filter(({ tag }) => tag === null)
    .map((subject) => ({ ...subject, ...job, pr: numberIn(context.ref) ?? subject.pr }));
}

/** What the ref says of the receiving branch; null where it says nothing. */
function placeOf(ref: string): Pick<Subject, "branch" | "head" | "tag"> | null {
  const [, queued] = /^refs\/heads\/gh-readonly-queue\/(.+)\/pr-[0-9]+-[0-9a-f]+$/.exec(ref) ?? [];
  if (queued !== undefined) return { branch: queued, head: null, tag: null };
  const [, kind, name = null] = /^refs\/(heads|tags)\/(.+)$/.exec(ref) ?? [];
  if (kind === "heads") return { branch: name, head: name, tag: null };
  return kind === "tags" ? { branch: null, head: null, tag: name } : null;
}

/** The number of the pull or merge request that the ref belongs to. */
function numberIn(ref: string): number | null {
  const [, digits] = /^refs\/(?:pull|merge-requests)\/([0-9]{1,15})\//.exec(ref) ?? [];
  return digits === undefined ? null : Number(digits);
}
