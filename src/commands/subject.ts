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
  const base = open.job()?.subject ?? (await localSubject(open));
  const pr = call.text("pr");
  const tag = call.text("tag");
  const branch = call.text("branch") ?? (tag === undefined ? base.branch : null);
  const movesBranch = call.text("branch") !== undefined || tag !== undefined;
  return {
    ...base,
    stage: stage.id,
    branch,
    head: call.text("head") ?? (movesBranch && pr === undefined ? branch : base.head),
    tag: tag ?? base.tag,
    sha: call.text("sha") ?? base.sha,
    pr: pr === undefined ? base.pr : pullNumber(pr),
    environment: call.text("env") ?? base.environment ?? stage.environment,
    fork: call.has("fork") || base.fork,
  };
}

/** Outside of a forge's job: the clone as it is. */
async function localSubject(open: Openers): Promise<Omit<Subject, "stage">> {
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
