/**
 * `optout policy who STAGE --at DATE`: an access review, by the policy of now or by the one that the
 * log says was in force then.
 */
import { OptoutError } from "../core/errors.ts";
import { exitStatus } from "../core/exit.ts";
import { hasRole, type Policy, type UnixSeconds } from "../core/policy.ts";
import { formatUtc } from "../core/time.ts";
import { accessTo, policyAt } from "../operations/policy-access.ts";
import { forTerminal } from "../output/escape.ts";
import type { Io } from "../output/io.ts";
import { printJson } from "../output/json.ts";
import { accessJson, accessLines, type AccessReview } from "../output/policy-who-words.ts";
import { linesFor } from "../output/wrap.ts";
import type { Call } from "./command.ts";
import { momentOf, wholeView } from "./history.ts";
import type { Openers, OpenLog } from "./openers.ts";
import { paintOut } from "./paint.ts";
import { stageOf } from "./stage.ts";

export async function policyWho(call: Call, io: Io, open: Openers): Promise<number> {
  const at = momentOf(call, "at", io);
  const [log, defaultBranch] = await Promise.all([open.log(), open.defaultBranch()]);
  const found = at === null ? policyOfNow(log) : await policyOfThen(log, at, io, open);
  const { policy } = found;
  const stage = stageOf(policy, call.args[0] ?? "");
  const review: AccessReview = {
    stage,
    at,
    policy: found.read,
    places: accessTo(policy, stage.id, defaultBranch ?? "main"),
    keyRevokers: [...policy.principals.values()]
      .filter((one) => one.kind === "person" && hasRole(one, policy.mayRevoke))
      .map(({ id }) => id),
  };
  if (call.has("json")) printJson(io, accessJson(review));
  else io.out(linesFor(io, accessLines(review, await paintOut(call, io))));
  return exitStatus("ok");
}

interface Found {
  readonly policy: Policy;
  readonly read: AccessReview["policy"];
}

function policyOfNow({ policy, policyCommit: commit, policySource: source }: OpenLog): Found {
  const { digest } = policy;
  return { policy, read: { digest, commit, source, seq: null, by: null, recordedAt: null } };
}

async function policyOfThen(log: OpenLog, at: UnixSeconds, io: Io, open: Openers): Promise<Found> {
  const view = await wholeView(log);
  const doubt = (seq: number, what: string): void =>
    io.err(`#${seq} is no proof of the policy that it records (${forTerminal(what)})\n`);
  const recorded = await policyAt(view, await open.history(log), at, doubt);
  if (recorded === null) {
    throw new OptoutError("not-found", `the log holds no policy of ${formatUtc(at)} or before`, {
      hint: "optout policy who STAGE   (by the policy of now)",
    });
  }
  const { policy, seq, by, at: recordedAt, commit } = recorded;
  const source = `the policy of #${seq}`;
  return { policy, read: { digest: policy.digest, commit, source, seq, by, recordedAt } };
}
