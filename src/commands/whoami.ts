/**
 * `optout whoami`: which principal the trusted policy takes this key for, and what its rules allow.
 */
import { exitStatus } from "../core/exit.ts";
import { actions, hasRole, type Policy, type Principal, type Stage } from "../core/policy.ts";
import { placesOf, ruleFor } from "../core/scope.ts";
import { openPaint } from "../output/color.ts";
import type { Io } from "../output/io.ts";
import { printJson } from "../output/json.ts";
import { whoamiJson, whoamiText, type Permission, type Whoami } from "../output/whoami-words.ts";
import { authorOf } from "./author.ts";
import type { Call } from "./command.ts";
import type { Openers } from "./openers.ts";

/** Ends with `no-key` or `key-unknown` (exit 4), and the line to add, when nobody is meant. */
export async function whoami(call: Call, io: Io, open: Openers): Promise<number> {
  const [log, keys, branch] = await Promise.all([
    open.log(),
    open.keys(call.text("key")),
    open.defaultBranch(),
  ]);
  const { principal, signer } = authorOf(log, keys);
  const { kid, fingerprint, ssh } = signer.key;
  const { policy, policySource: source, policyCommit: commit } = log;
  const who: Whoami = {
    principal,
    key: { kid, fingerprint, ssh, source: signer.source },
    policy: { source, commit, digest: policy.digest },
    branch,
    permissions: permissionsOf(policy, principal, branch),
  };
  if (call.has("json")) printJson(io, whoamiJson(who));
  else if (call.has("quiet")) io.out(`${principal.id}\n`);
  else {
    const color = { flag: call.text("color"), env: io.env, isTerminal: io.stdoutIsTerminal };
    // nothing is cut where no terminal is too narrow for it
    const width = io.stdoutIsTerminal ? io.columns : Infinity;
    io.out(whoamiText(who, width, await openPaint(color)));
  }
  return exitStatus("ok");
}

/** For every stage, as the rule that decides on that receiving branch says. */
export function permissionsOf(
  policy: Policy,
  principal: Principal,
  branch: string | null,
): readonly Permission[] {
  return [...policy.stages.values()].map((stage) => permissionOf(policy, principal, stage, branch));
}

function permissionOf(
  policy: Policy,
  principal: Principal,
  stage: Stage,
  branch: string | null,
): Permission {
  const { id, environment, never } = stage;
  const scope = { branches: "*", ...(environment === null ? {} : { environment }) } as const;
  const [subject] = placesOf(id, scope, branch).flatMap((place) => place.subjects);
  const rule = subject === undefined ? null : ruleFor(policy, subject);
  if (rule === null || principal.kind === "ci") {
    const none = { longestSeconds: null, approvals: null, emergency: false };
    return { stage: id, rule: rule?.id ?? null, actions: [], ...none };
  }
  const mayAct = hasRole(principal, rule.who);
  const allowed = actions.filter((one) => rule.actions.includes(one) && !never.includes(one));
  return {
    stage: id,
    rule: rule.id,
    actions: mayAct ? allowed : [],
    longestSeconds: mayAct ? rule.longestSeconds : null,
    approvals: mayAct ? rule.approvals : null,
    emergency: rule.emergency !== null && hasRole(principal, rule.emergency.who),
  };
}
