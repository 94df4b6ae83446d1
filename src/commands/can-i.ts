/**
 * `optout policy can-i`: what the policy says to an override, without making it. The same question
 * that the writing commands ask, so that the same is answered.
 */
import { OptoutError } from "../core/errors.ts";
import { exitStatus } from "../core/exit.ts";
import { isKeyRevoked } from "../core/permitting.ts";
import { actions, type Action, type Principal } from "../core/policy.ts";
import { rulesFor } from "../core/scope.ts";
import { closest } from "../core/suggest.ts";
import type { View } from "../core/view.ts";
import { authorize, type Asker, type IssueRequest } from "../operations/issue.ts";
import { freezeAbove } from "../operations/ask-policy.ts";
import { nearby, reasonToFill } from "../operations/nearby.ts";
import { canIJson, canILines, type CanI } from "../output/can-i-words.ts";
import type { Io } from "../output/io.ts";
import { printJson } from "../output/json.ts";
import { isCommandLine, linesFor } from "../output/wrap.ts";
import { accountFor } from "./account.ts";
import { authorOf } from "./author.ts";
import type { Call } from "./command.ts";
import { placeWords } from "./issue-flags.ts";
import { requestFor, type Setting } from "./issue-request.ts";
import type { Openers, OpenLog } from "./openers.ts";
import { paintOut } from "./paint.ts";
import { limitSeconds, trustedView } from "./read-log.ts";
import { reasonOf } from "./reason.ts";
import { stageOf } from "./stage.ts";

/** Exit 0 for yes, 3 for no, 8 for yes once it is approved. */
export async function canI(call: Call, io: Io, open: Openers): Promise<number> {
  const action = actionOf(call);
  if (call.text("as") !== undefined && call.text("key") !== undefined) {
    throw new OptoutError("usage", "--as and --key exclude each other");
  }
  const reason = call.text("reason") === undefined ? null : await reasonOf(call, io, open);
  const [workplace, defaultBranch, log] = await Promise.all([
    open.workplace(),
    open.defaultBranch(),
    open.log(),
  ]);
  const { policy } = log;
  const now = io.now();
  const request = requestIn(call, action, reason, {
    policy,
    workplace,
    defaultBranch,
    now,
    zone: io.zone,
    reason: reason ?? "",
  });
  const view = await trustedView(log, io, { atLeastSeconds: limitSeconds(policy) });
  const { principal, kid } = await whoAsks(call, log, view, open);
  const asker: Asker = {
    writer: { principal, signer: { key: { kid } }, now: () => now },
    defaultBranch,
    account:
      call.text("as") === undefined
        ? await accountFor(open, [request], { policy, defaultBranch })
        : "unasked",
  };
  const answer: CanI = {
    request,
    authorization: authorize(asker, view, request),
    nearby: nearby(asker, view, request),
    principal: principal.id,
    policySource: log.policySource,
    place: placeWords(call),
    freeze: freezeAbove(policy, request, request.notBefore ?? now, defaultBranch),
  };
  await tell(call, io, answer);
  return exitStatus(exits[answer.authorization.kind]);
}

const exits = { allowed: "ok", pending: "pending", refused: "refused" } as const;

function actionOf({ args }: Call): Action {
  const [name = ""] = args;
  const action = actions.find((one) => one === name);
  if (action !== undefined) return action;
  const near = closest(name, actions);
  throw new OptoutError("usage", `${JSON.stringify(name)} is not one of ${actions.join(", ")}`, {
    hint: near === null ? "optout help policy can-i" : `did you mean ${near}?`,
  });
}

/** Without a reason the question is asked as if a sufficient one were given. */
function requestIn(
  call: Call,
  action: Action,
  reason: string | null,
  setting: Setting,
): IssueRequest {
  const { policy, defaultBranch } = setting;
  const request = requestFor(call, action, stageOf(policy, call.args[1] ?? ""), setting);
  if (reason !== null) return request;
  const least = rulesFor(policy, request, defaultBranch).map((rule) => rule.reason.min);
  const text = reasonToFill(Math.max(0, ...least));
  return { ...request, reason: { ...request.reason, text } };
}

/** For somebody else by any key of hers that was not revoked. */
async function whoAsks(
  call: Call,
  log: OpenLog,
  view: View,
  open: Openers,
): Promise<{ readonly principal: Principal; readonly kid: string }> {
  const name = call.text("as");
  if (name === undefined) {
    const { principal, signer } = authorOf(log, await open.keys(call.text("key")));
    return { principal, kid: signer.key.kid };
  }
  const principal = log.policy.principals.get(name);
  if (principal === undefined) throw nobodyCalled(name, [...log.policy.principals.keys()]);
  const kids = principal.keys.map(({ kid }) => kid);
  return { principal, kid: kids.find((kid) => !isKeyRevoked(view, kid)) ?? kids[0] ?? "" };
}

function nobodyCalled(name: string, known: readonly string[]): OptoutError {
  const near = closest(name, known);
  const message = `the policy knows nobody called ${JSON.stringify(name)}; it knows ${known.join(", ") || "none"}`;
  return new OptoutError("usage", message, {
    hint: near === null ? "optout whoami" : `did you mean ${near}?`,
  });
}

async function tell(call: Call, io: Io, answer: CanI): Promise<void> {
  if (call.has("json")) printJson(io, canIJson(answer));
  else if (!call.has("quiet")) {
    io.out(linesFor(io, canILines(answer, await paintOut(call, io)), isCommandLine));
  }
}
