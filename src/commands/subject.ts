/**
 * The subject of a check: the job's facts as the forge tells them, or flags; never the checkout's
 * word where a forge is at hand.
 */
import { OptoutError } from "../core/errors.ts";
import type { Stage } from "../core/policy.ts";
import type { Subject } from "../core/scope.ts";
import type { Call } from "./command.ts";
import type { Openers } from "./openers.ts";

/** The subject that the call asks about. A flag replaces what the forge or the clone says. */
export async function subjectOf(call: Call, stage: Stage, open: Openers): Promise<Subject> {
  const base = (await open.job())?.subject ?? (await localSubject(call, open));
  const pr = said(call, "pr");
  return {
    ...base,
    ...placeOf(call, base),
    stage: stage.id,
    sha: said(call, "sha") ?? base.sha,
    pr: pr === undefined ? base.pr : pullNumber(pr),
    environment: said(call, "env") ?? base.environment ?? stage.environment,
    fork: call.has("fork") || base.fork,
  };
}

/**
 * What a flag says. One that says nothing is not given, as with the forges' variables: in
 * `--env "$CI_ENVIRONMENT_NAME"` the variable may be unset, and no hold is for an environment "".
 */
function said(call: Call, flag: string): string | undefined {
  return call.text(flag) || undefined;
}

/** Another branch or a tag moves the head too, as a push to it would, unless it is a pull request. */
function placeOf(
  call: Call,
  base: Omit<Subject, "stage">,
): Pick<Subject, "branch" | "head" | "tag"> {
  const [branch, tag, head] = [said(call, "branch"), said(call, "tag"), said(call, "head")];
  if (branch === undefined && tag === undefined) return { ...base, head: head ?? base.head };
  const receiving = branch ?? null;
  const isPull = said(call, "pr") !== undefined || base.pr !== null;
  return {
    branch: receiving,
    head: head ?? (isPull ? base.head : receiving),
    tag: tag ?? (branch === undefined ? base.tag : null),
  };
}

/** Outside of a forge's job: the clone as it is. */
async function localSubject(call: Call, open: Openers): Promise<Omit<Subject, "stage">> {
  if (call.has("repo") && said(call, "branch") === undefined && said(call, "tag") === undefined) {
    throw new OptoutError("usage", "with --repo nothing tells which branch is asked about", {
      hint: "add --branch NAME or --tag NAME",
    });
  }
  const { branch, sha } = await open.workplace();
  return {
    branch,
    head: branch,
    tag: null,
    sha,
    pr: null,
    environment: null,
    fork: false,
    forge: null,
    run: null,
  };
}

function pullNumber(text: string): number {
  const number = Number(text.replace(/^[#!]/, ""));
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw new OptoutError("usage", `--pr ${JSON.stringify(text)} is not a number`);
}
