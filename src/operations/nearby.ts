/**
 * What the policy would take instead of a request that it refuses. Nothing is guessed: each
 * proposal was judged as if it had been asked for.
 */
import type { Authorization } from "../core/authorize.ts";
import type { Objection } from "../core/objection.ts";
import type { View } from "../core/view.ts";
import { authorize, type Asker, type IssueRequest } from "./issue.ts";

/** A request that would work. */
export interface Nearby {
  readonly request: IssueRequest;
  /** Null where a ticket is needed, which only the reader knows. */
  readonly authorization: Exclude<Authorization, { kind: "refused" }> | null;
}

/**
 * The request itself where nothing is wrong with it, else the nearest; then, where that has to wait, the
 * emergency. An emergency that nothing is wrong with has no other beside it.
 */
export function nearby(asker: Asker, view: View, request: IssueRequest): readonly Nearby[] {
  const judge = (one: IssueRequest): Authorization => authorize(asker, view, one);
  const asked = judge(request);
  if (request.emergency && asked.kind !== "refused") return [{ request, authorization: asked }];
  const plain = mended({ ...request, emergency: false }, judge);
  if (plain?.authorization?.kind === "allowed") return [plain];
  const emergency = mended({ ...request, emergency: true }, judge);
  const offered = [plain, emergency].filter((one) => one !== null);
  return offered.length > 0 ? offered : proposed(view, request, judge);
}

/** What the policy would rather have of the stage, where nothing that was asked for can be had. */
function proposed(
  view: View,
  request: IssueRequest,
  judge: (request: IssueRequest) => Authorization,
): readonly Nearby[] {
  const action = view.policy.stages.get(request.stage)?.prefer ?? null;
  if (action === null || action === request.action || request.supersedes !== undefined) return [];
  const instead = mended({ ...request, action, emergency: false }, judge);
  return instead === null ? [] : [instead];
}

/** A text to be replaced that is long enough to be accepted. */
export function reasonToFill(min: number): string {
  return min < 8 ? "say why" : `say why in at least ${min} characters`.padEnd(min, ".");
}

function mended(
  request: IssueRequest,
  judge: (request: IssueRequest) => Authorization,
): Nearby | null {
  const first = judge(request);
  if (first.kind !== "refused") return { request, authorization: first };
  const changed = objectionsOf(first).reduce(answered, request);
  const second = judge(changed);
  if (second.kind !== "refused") return { request: changed, authorization: second };
  const lacksTicketOnly = objectionsOf(second).every(({ code }) => code === "ticket-missing");
  return lacksTicketOnly ? { request: changed, authorization: null } : null;
}

const objectionsOf = (
  authorization: Extract<Authorization, { kind: "refused" }>,
): readonly Objection[] => authorization.refused.flatMap(({ objections }) => objections);

/** The request without what is objected to, where asking differently can help at all. */
function answered(request: IssueRequest, objection: Objection): IssueRequest {
  const { reason } = request;
  const { code } = objection;
  if (code === "too-long") return shortened(request, objection.longest);
  if (code === "limit") return shortened(request, objection.total - objection.used);
  if (code === "extended-too-long") return shortened(request, objection.longest - objection.taken);
  if (code === "reason-too-short") {
    return { ...request, reason: { ...reason, text: reasonToFill(objection.min) } };
  }
  if (code === "reason-code") {
    return { ...request, reason: { ...reason, code: objection.allowed[0] ?? reason.code } };
  }
  if (code === "ticket-mismatch") {
    return { ...request, tickets: request.tickets.filter((one) => one !== objection.ticket) };
  }
  return request;
}

function shortened(request: IssueRequest, seconds: number): IssueRequest {
  if (seconds <= 0 || seconds >= request.duration) return request;
  return { ...request, duration: seconds, until: null };
}
