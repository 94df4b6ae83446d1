/**
 * What overrides would come to that are asked for, as `--dry-run` and questions show it.
 */
import { hasRole, type Approvals } from "../core/policy.ts";
import { alternativesOf } from "../core/rule.ts";
import { isOpen, standings } from "../core/state.ts";
import { formatDuration } from "../core/duration.ts";
import { authorize, preview, type IssueRequest } from "../operations/issue.ts";
import { shellWord } from "../output/command-words.ts";
import type { Io } from "../output/io.ts";
import { intentLines } from "../output/issue-words.ts";
import type { WouldBe } from "../output/preview-words.ts";
import { clockWords } from "../output/times.ts";
import type { Effects, Scene } from "./issue-scene.ts";
import { wouldTell } from "./telling.ts";

/** One for each request that the policy allows. */
export async function wouldBeIssued(
  { call, issuer, view, requests, log }: Scene,
  effects: Effects,
  io: Io,
): Promise<readonly WouldBe[]> {
  const { writer, defaultBranch } = issuer;
  const live = standings(view, io.now(), defaultBranch).filter(({ state }) => isOpen(state));
  const all: WouldBe[] = [];
  for (const request of requests) {
    const authorization = authorize(issuer, view, request);
    if (authorization.kind === "refused") continue;
    const { stage } = request;
    const statement = preview(writer, view, request, authorization);
    const approvals = authorization.kind === "pending" ? authorization.approvals : null;
    const others = live.some(({ judged }) => judged.statement.target.name === stage);
    const repo = call.text("repo");
    all.push({
      lines: intentLines(authorization, request, { now: io.now(), zone: io.zone }),
      stage,
      rule: authorization.rule,
      approvers:
        approvals === null ? null : approversOf(log.policy, approvals, writer.principal.id),
      ends: endWords(request, approvals, io),
      effects: effects.get(stage) ?? [],
      told: await wouldTell(log.policy, [{ statement, authorization }], defaultBranch),
      undo: `optout ${others ? "undo" : `revoke ${stage}`}${repo === undefined ? "" : ` -R ${shellWord(repo)}`}`,
      statement,
    });
  }
  return all;
}

function approversOf(
  { principals }: Scene["log"]["policy"],
  approvals: Approvals,
  author: string,
): readonly string[] {
  const roles = alternativesOf(approvals).flatMap(({ from }) => from);
  return [...principals.values()]
    .filter((one) => one.kind === "person" && one.id !== author && hasRole(one, roles))
    .map(({ id }) => id);
}

function endWords(
  { notBefore, duration, until }: IssueRequest,
  approvals: Approvals | null,
  io: Io,
): string {
  const { zone } = io;
  const at = io.now();
  const start = Math.max(notBefore ?? at, at);
  const end = Math.min(start + duration, until ?? Infinity);
  if (approvals === null) return `at ${clockWords(end, at, zone)}`;
  const waits = clockWords(at + approvals.pendingSeconds, at, zone);
  const latest = until === null ? "" : `, at ${clockWords(until, at, zone)} at the latest`;
  return `${formatDuration(duration)} after the last approval, which has to come before ${waits}${latest}`;
}
