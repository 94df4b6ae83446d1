/**
 * From flags to what is asked for: stage, scope, reason, time. Everything missing or contradictory
 * is told here, before anything is opened for writing.
 */
import { OptoutError } from "../core/errors.ts";
import { isBranchName } from "../core/ids.ts";
import {
  reasonCodes,
  type Action,
  type Policy,
  type ReasonCode,
  type Stage,
  type UnixSeconds,
} from "../core/policy.ts";
import type { Standing } from "../core/state.ts";
import { maxLeadSeconds, type Scope } from "../core/statement.ts";
import { parseTime } from "../core/time.ts";
import { usualSeconds } from "../operations/ask-policy.ts";
import type { IssueRequest } from "../operations/issue.ts";
import type { Call } from "./command.ts";
import { durationIn, flagValue } from "./flag-value.ts";
import type { Workplace } from "./openers.ts";
import { stageOf } from "./stage.ts";
import { typedLine } from "./typed.ts";

/** What flags are read against. */
export interface Setting {
  readonly policy: Policy;
  readonly workplace: Workplace;
  readonly defaultBranch: string | null;
  readonly now: UnixSeconds;
  readonly zone: string;
  readonly reason: string;
}

/** The requests of one command line, one for each stage. */
export function requestsOf(call: Call, action: Action, setting: Setting): readonly IssueRequest[] {
  const stages = [...new Set(call.args)].map((name) => stageOf(setting.policy, name));
  return stages.map((stage) => requestFor(call, action, stage, setting));
}

/** What one command line asks for one stage. */
export function requestFor(
  call: Call,
  action: Action,
  stage: Stage,
  setting: Setting,
): IssueRequest {
  const scope = scopeOf(call, stage, setting);
  const emergency = call.has("emergency");
  const start = startOf(call, setting);
  const asked = { stage: stage.id, scope, emergency };
  const { duration, until } = timeOf(call, { ...setting, now: start ?? setting.now }, () =>
    usualSeconds(setting.policy, asked, setting.defaultBranch),
  );
  return {
    action,
    stage: stage.id,
    scope,
    reason: { code: codeOf(call), text: setting.reason },
    tickets: call.texts("ticket"),
    duration,
    until,
    notBefore: start,
    once: call.has("once"),
    emergency,
    ...(stage.irreversible ? { irreversible: true } : {}),
  };
}

/**
 * What `extend` asks for: the same override for longer, from the end of the one that it names.
 * @throws `refused` where there is nothing to go on from
 */
export function extensionOf(
  call: Call,
  { judged, state }: Standing,
  setting: Setting,
): IssueRequest {
  const { statement, end, seq } = judged;
  const stage = stageOf(setting.policy, statement.target.name);
  if (state === "pending") {
    throw new OptoutError("refused", `#${seq} still waits for approval; extend it once it has it`, {
      hint: `optout show ${seq}`,
    });
  }
  if (state !== "in-force" && state !== "scheduled") {
    throw new OptoutError("refused", `#${seq} is ${state}, so there is nothing to extend`, {
      hint: `optout ${statement.action} ${stage.id} -m "why"`,
    });
  }
  if (end > setting.now + maxLeadSeconds) {
    throw new OptoutError("usage", `#${seq} ends in more than 7 days; extend it nearer to its end`);
  }
  const emergency = call.has("emergency");
  const asked = { stage: stage.id, scope: statement.scope, emergency };
  const { duration, until } = timeOf(call, { ...setting, now: end }, () =>
    usualSeconds(setting.policy, asked, setting.defaultBranch),
  );
  const tickets = call.texts("ticket");
  return {
    action: statement.action,
    stage: stage.id,
    scope: statement.scope,
    reason: {
      code: call.text("code") === undefined ? statement.reason.code : codeOf(call),
      text: setting.reason,
    },
    tickets: tickets.length === 0 ? statement.tickets : tickets,
    duration,
    until,
    notBefore: end,
    once: statement.once === true,
    emergency,
    ...(stage.irreversible ? { irreversible: true } : {}),
    supersedes: statement.id,
  };
}

function codeOf(call: Call): ReasonCode {
  const given = call.text("code") ?? "other";
  const code = reasonCodes.find((one) => one === given);
  if (code !== undefined) return code;
  throw new OptoutError("usage", `--code ${given} is not one of ${reasonCodes.join(", ")}`);
}

// --- scope

/** What a scope is read against. */
export type Where = Pick<Setting, "policy" | "workplace" | "defaultBranch">;

export function scopeOf(call: Call, stage: Stage, setting: Where): Scope {
  const environment = call.text("env") ?? stage.environment;
  const sha = call.text("sha");
  const pr = call.text("pr");
  return {
    ...placesGiven(call, setting),
    ...(sha === undefined ? {} : { sha: fullSha(sha) }),
    ...(pr === undefined ? {} : { pr: pullNumber(pr) }),
    ...(environment === null ? {} : { environment }),
    ...(call.has("forks") ? { forks: true } : {}),
  };
}

function placesGiven(call: Call, setting: Where): Scope {
  const branches = names(call, "branch");
  const heads = names(call, "head");
  const tags = names(call, "tag");
  if (call.has("all-branches") && branches.length > 0) {
    throw new OptoutError("usage", "--branch and --all-branches contradict each other");
  }
  if (branches.length + heads.length + tags.length === 0 && !call.has("all-branches")) {
    return defaultPlace(call, setting);
  }
  return {
    ...(call.has("all-branches") ? { branches: "*" } : {}),
    ...(branches.length > 0 ? { branches } : {}),
    ...(heads.length > 0 ? { heads } : {}),
    ...(tags.length > 0 ? { tags } : {}),
  };
}

function names(call: Call, flag: string): readonly string[] {
  const given = [...new Set(call.texts(flag))];
  for (const name of given) {
    if (isBranchName(name)) continue;
    const hint = /[*?[]/.test(name)
      ? "a scope has exact names, no globs; for all: --all-branches"
      : "a name such as main or release/1.4";
    throw new OptoutError("usage", `--${flag} ${JSON.stringify(name)} is not a name of git's`, {
      hint,
    });
  }
  return given;
}

/** Never "everywhere": the branch that one is on, as what receives or as where a change comes from. */
function defaultPlace(call: Call, { workplace, defaultBranch, policy }: Where): Scope {
  const { branch } = workplace;
  if (branch === null) {
    const why = call.has("repo") ? "with --repo no branch is known" : "no branch is checked out";
    throw new OptoutError("usage", `${why}: say where the override applies`, {
      hint: `${typedLine(call, [`--branch ${defaultBranch ?? "main"}`])}   (or --head B, --tag T, --all-branches)`,
    });
  }
  return branch === defaultBranch || isReleaseBranch(branch, policy)
    ? { branches: [branch] }
    : { heads: [branch] };
}

/** A branch that a rule names, or that is named like a release. */
function isReleaseBranch(branch: string, policy: Policy): boolean {
  const named = policy.rules.some((rule) => rule.match.branches?.includes(branch) === true);
  return named || /^(release|releases)[/-]/.test(branch);
}

function fullSha(sha: string): string {
  if (/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(sha)) return sha;
  throw new OptoutError("usage", `--sha ${JSON.stringify(sha)} is not a full commit hash`, {
    hint: "git rev-parse HEAD",
  });
}

function pullNumber(text: string): number {
  const [, digits] = /^[#!]?([1-9][0-9]{0,14})$/.exec(text) ?? [];
  if (digits !== undefined) return Number(digits);
  throw new OptoutError("usage", `--pr ${JSON.stringify(text)} is not a number`);
}

// --- time

function startOf(call: Call, { now, zone }: Setting): UnixSeconds | null {
  const start = flagValue(call, "from", (text) => parseTime(text, now, zone));
  if (start === undefined) return null;
  if (start < now || start > now + maxLeadSeconds) {
    throw new OptoutError("usage", `--from ${call.text("from")} is not within the next 7 days`);
  }
  return start;
}

function timeOf(
  call: Call,
  setting: Setting,
  byRule: () => number,
): { readonly duration: number; readonly until: UnixSeconds | null } {
  const duration = durationIn(call, "for");
  const until = flagValue(call, "until", (text) => parseTime(text, setting.now, setting.zone));
  if (duration !== undefined && until !== undefined) {
    throw new OptoutError("usage", "--for and --until exclude each other");
  }
  if (until === undefined) return { duration: duration ?? byRule(), until: null };
  if (until <= setting.now) {
    throw new OptoutError("usage", `--until ${call.text("until")} is in the past`);
  }
  return { duration: until - setting.now, until };
}
