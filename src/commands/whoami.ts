/**
 * `optout whoami`: which principal the trusted policy takes this key for, and what its rules allow.
 */
import { asOptoutError, OptoutError } from "../core/errors.ts";
import { exitStatus } from "../core/exit.ts";
import { actions, hasRole, type Policy, type Principal, type Stage } from "../core/policy.ts";
import { placesOf, ruleFor } from "../core/scope.ts";
import { readyToSkip } from "../operations/ready.ts";
import type { Io } from "../output/io.ts";
import { printJson } from "../output/json.ts";
import { isAllReady, readyJson, readyLines, type ReadyReport } from "../output/ready-words.ts";
import {
  whoamiHead,
  whoamiJson,
  whoamiText,
  type Permission,
  type Whoami,
  type WhoamiJson,
} from "../output/whoami-words.ts";
import { linesFor } from "../output/wrap.ts";
import { authorOf, type Author } from "./author.ts";
import type { Call } from "./command.ts";
import type { OpenLog, Openers } from "./openers.ts";
import { paintOut } from "./paint.ts";
import { trustedView } from "./read-log.ts";
import { stageOf } from "./stage.ts";

/**
 * Ends with `no-key` or `key-unknown` (exit 4), and the line to add, when nobody is meant; with
 * exit 3 when `--ready` was asked for and the answer is no for a stage.
 */
export async function whoami(call: Call, io: Io, open: Openers): Promise<number> {
  const asksReady = call.has("ready");
  if (call.args.length > 0 && !asksReady) {
    throw new OptoutError("usage", "whoami takes stages with --ready only", {
      hint: `optout whoami --ready ${call.args.join(" ")}`,
    });
  }
  const [log, keys, branch] = await Promise.all([
    open.log(),
    open.keys(call.text("key")),
    open.defaultBranch(),
  ]);
  const author = authorOf(log, keys);
  const ready = asksReady ? await readinessOf(call, io, open, { log, author, branch }) : null;
  const account = call.has("quiet") ? noAccount : await accountOf(open);
  await tell(call, io, { ...whoIs(log, author, branch), account }, ready);
  return exitStatus(ready === null || isAllReady(ready) ? "ok" : "refused");
}

const noAccount: Whoami["account"] = { is: null, problem: null };
/** Milliseconds that the forge is waited for: the rest of the answer is here. */
const briefly = 5000;

/** Never throws: what the policy says of a key does not hang on the forge. */
async function accountOf(open: Openers): Promise<Whoami["account"]> {
  const { host } = (await open.workplace()).repository;
  if (host === "local") return noAccount;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Whoami["account"]>((resolve) => {
    const problem = `${host} does not answer in time`;
    timer = setTimeout(() => resolve({ is: null, problem }), briefly);
  });
  try {
    return await Promise.race([askAccount(open, host), late]);
  } finally {
    clearTimeout(timer);
  }
}

async function askAccount(open: Openers, host: string): Promise<Whoami["account"]> {
  try {
    const account = await open.account();
    if (account === null) return { is: null, problem: `not signed in to ${host}: optout login` };
    const { forge, login, id } = account;
    return { is: { forge, host: account.host, login, id }, problem: null };
  } catch (thrown) {
    const { code, message } = asOptoutError(thrown);
    // a host of which nobody said what forge it is
    return code === "usage" ? noAccount : { is: null, problem: message };
  }
}

function whoIs(
  log: OpenLog,
  { principal, signer }: Author,
  branch: string | null,
): Omit<Whoami, "account"> {
  const { kid, fingerprint, ssh } = signer.key;
  const { policy, policySource: source, policyCommit: commit } = log;
  return {
    principal,
    key: { kid, fingerprint, ssh, source: signer.source },
    policy: { source, commit, digest: policy.digest },
    branch,
    permissions: permissionsOf(policy, principal, branch),
  };
}

async function tell(call: Call, io: Io, who: Whoami, ready: ReadyReport | null): Promise<void> {
  if (call.has("json")) {
    const more = ready === null ? {} : { ready: readyJson(ready) };
    printJson(io, { ...whoamiJson(who), ...more } satisfies WhoamiJson);
    return;
  }
  if (call.has("quiet")) {
    io.out(`${who.principal.id}\n`);
    return;
  }
  const paint = await paintOut(call, io);
  if (ready !== null) {
    io.out(linesFor(io, [...whoamiHead(who, paint), ...readyLines(ready, paint)]));
    return;
  }
  // nothing is cut where no terminal is too narrow for it
  const text = whoamiText(who, io.stdoutIsTerminal ? io.columns : Infinity, paint);
  io.out(linesFor(io, text.trimEnd().split("\n")));
}

interface Asked {
  readonly log: OpenLog;
  readonly author: Author;
  readonly branch: string | null;
}

/** The log is read and rehearsed as for a skip, on the branch that receives changes. */
async function readinessOf(
  call: Call,
  io: Io,
  open: Openers,
  { log, author, branch: defaultBranch }: Asked,
): Promise<ReadyReport> {
  const { policy, store } = log;
  const wanted = [...new Set(call.args)].map((name) => stageOf(policy, name));
  const stages = wanted.length > 0 ? wanted : [...policy.stages.values()];
  const view = await trustedView(log, io);
  const branch = defaultBranch ?? (await open.workplace()).branch ?? "main";
  const { readable, appendable, detail } = await store.probe();
  const question = {
    author: author.principal,
    kid: author.signer.key.kid,
    now: io.now(),
    branch,
  };
  return {
    log: { store: store.name, appendable: readable && appendable, detail },
    branch,
    stages: stages.map((stage) => ({
      stage: stage.id,
      ...readyToSkip(view, stage, question),
    })),
  };
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
