/**
 * What people are told, as data: which statements are told of, to which channels, and which of that
 * the log shows as not delivered yet. A pure function of the log, the policy and the time, so any
 * machine that holds a channel's secret can go on where another left off. Off the check path.
 */
import type { Channel, NoticeEvent } from "./channel.ts";
import type { OptoutError } from "./errors.ts";
import { hasRole, type Policy, type Rule, type UnixSeconds } from "./policy.ts";
import { approverRoles } from "./rule.ts";
import { fits, placesOf } from "./scope.ts";
import type { Standing } from "./state.ts";
import type { Kind, OverrideCreated, Statement } from "./statement.ts";
import { policyThen } from "./then.ts";
import { counted, type View } from "./view.ts";

/** One thing to tell. */
export interface Notice {
  readonly event: NoticeEvent;
  /** Of the statement that is told of. */
  readonly id: string;
  readonly seq: number;
  readonly at: UnixSeconds;
  readonly by: string;
  /** What its author added; null for the creation, which has its reason. */
  readonly note: string | null;
  /** The outcome of a review. */
  readonly outcome: string | null;
  /** The override as it stands. */
  readonly standing: Standing;
  /** Who could have approved an emergency, or may approve what waits: ids of principals. */
  readonly approvers: readonly string[];
}

/** How long after it was signed a statement is still told of. */
export const tellWithinSeconds: number = 24 * 3600;

/** The event that a statement of each kind is; null where nobody is told of it. */
const eventOfKind: Readonly<Record<Kind, NoticeEvent | null>> = {
  "override.created": "created",
  "override.approved": "approved",
  "override.denied": "denied",
  "override.revoked": "revoked",
  "override.reviewed": "reviewed",
  "override.used": null,
  "note.added": null,
  "log.created": null,
  "policy.recorded": null,
  "notice.sent": null,
  "key.revoked": null,
};

/** The event that a statement is. */
export function eventOf(statement: Statement): NoticeEvent | null {
  if (statement.kind !== "override.created") return eventOfKind[statement.kind];
  if (statement.supersedes !== undefined) return "extended";
  if (statement.emergency === true) return "emergency";
  return statement.pending_until === undefined ? "created" : "requested";
}

/** What there is to tell of in view since then, in log order. */
export function noticesIn(
  view: View,
  standings: readonly Standing[],
  since: UnixSeconds,
): readonly Notice[] {
  const byId = new Map(standings.map((one) => [one.judged.statement.id, one]));
  return view.readings.flatMap((reading) => {
    const { kind = null, iat = null } = reading.claim ?? {};
    if (kind?.startsWith("override.") !== true || iat === null || iat < since) return [];
    const statement = counted(view, reading)?.statement;
    return statement === undefined ? [] : noticeOf(view.policy, statement, reading.seq, byId);
  });
}

function noticeOf(
  policy: Policy,
  statement: Statement,
  seq: number,
  byId: ReadonlyMap<string, Standing>,
): readonly Notice[] {
  const event = eventOf(statement);
  const standing = byId.get("override" in statement ? statement.override : statement.id);
  if (event === null || standing === undefined || !hasEffect(statement, seq, standing)) return [];
  const { id, iat: at, by } = statement;
  const note = "note" in statement ? (statement.note ?? null) : null;
  const outcome = statement.kind === "override.reviewed" ? statement.outcome : null;
  const approvers = approversOf(policy, standing);
  return [{ event, id, seq, at, by, note, outcome, standing, approvers }];
}

/** What someone signed who may not is in the log, and nobody need know of it. */
function hasEffect(statement: Statement, seq: number, { judged }: Standing): boolean {
  if (statement.kind === "override.approved") {
    return judged.approvals.some((one) => one.seq === seq);
  }
  if (statement.kind !== "override.revoked" && statement.kind !== "override.denied") return true;
  return judged.objections.some(
    (one) => (one.code === "revoked" || one.code === "denied") && one.seq === seq,
  );
}

function approversOf(policy: Policy, { judged }: Standing): readonly string[] {
  const from = approverRoles(judged.rule);
  return [...policy.principals.values()]
    .filter((one) => one.kind === "person" && one.id !== judged.author.id && hasRole(one, from))
    .map(({ id }) => id);
}

/** What routes a notice: to which override something happened, and under which rule. */
export interface Happening {
  readonly event: NoticeEvent;
  readonly statement: OverrideCreated;
  readonly rule: Rule | null;
}

const happeningOf = ({ event, standing: { judged } }: Notice): Happening => ({
  event,
  statement: judged.statement,
  rule: judged.rule,
});

/** Whether the channel is told of it. */
export function isTold(
  channel: Pick<Channel, "to" | "match" | "rules" | "events">,
  { event, statement, rule }: Happening,
  policy: Policy,
  defaultBranch: string | null,
): boolean {
  const { match, rules, events } = channel;
  // a comment has its place where the override names a pull request
  if (channel.to === "forge" && statement.scope.pr === undefined) return false;
  if (events !== null && !events.includes(event)) return false;
  if (rules !== null && (rule === null || !rules.includes(rule.id))) return false;
  if (match === null) return true;
  const stage = policy.stages.get(statement.target.name);
  if (stage === undefined) return false;
  return placesOf(stage.id, statement.scope, defaultBranch)
    .flatMap(({ subjects }) => subjects)
    .some((subject) => fits(match, stage, subject));
}

/** What the log says about telling one channel of one thing. */
export interface Delivery {
  readonly delivered: boolean;
  readonly tries: number;
  readonly lastTry: UnixSeconds | null;
}

/** Only the author's and CI's records of a delivery count. */
export function deliveryOf(view: View, { id, by }: Notice, channel: string): Delivery {
  const records = view.where("about", id).flatMap((reading) => {
    const record = counted(view, reading);
    if (record?.statement.kind !== "notice.sent" || record.statement.channel !== channel) return [];
    return record.principal.kind === "ci" || record.principal.id === by ? [record.statement] : [];
  });
  return {
    delivered: records.some(({ status }) => status === "delivered"),
    tries: records.length,
    lastTry: records.at(-1)?.iat ?? null,
  };
}

/** A notice that no record says a channel got. */
export interface Undelivered {
  readonly notice: Notice;
  readonly delivery: Delivery;
}

/**
 * Whether the channel was there when the statement was made: a new one is not told of what was done
 * before it. Where the log in view does not hold the policy of then it is told, for once too often
 * is better than never. An author may name any text as her policy, so what was recorded before counts too.
 */
function wasThere({ name }: Channel, { seq }: Notice, view: View): boolean {
  const reading = view.at(seq);
  const named = reading === undefined ? null : policyThen(view, reading);
  if (named === null) return true;
  const before = view.where("kind", "policy.recorded").filter((one) => one.seq < seq);
  const known = [named, ...before.map((one) => policyThen(view, one))];
  return known.some((policy) => policy?.notify.some((one) => one.name === name) === true);
}

/** What the log shows as not delivered to the channel, in log order. */
export function undelivered(
  view: View,
  notices: readonly Notice[],
  channel: Channel,
  defaultBranch: string | null,
): readonly Undelivered[] {
  return notices
    .filter((notice) => isTold(channel, happeningOf(notice), view.policy, defaultBranch))
    .filter((notice) => wasThere(channel, notice, view))
    .map((notice) => ({ notice, delivery: deliveryOf(view, notice, channel.name) }))
    .filter(({ delivery }) => !delivery.delivered);
}

/** Seconds for which its author's own command is left to tell it, before another does. */
const grace = 60;
/** Seconds after a try that failed, or is still under way; twice as long after each. */
const firstWait = 120;
/** Then only `optout notify flush` tries again. */
const mostTries = 6;

/** Whether it is time for another than its author's command to tell it. */
export function isDue(delivery: Delivery, notice: Notice, now: UnixSeconds): boolean {
  const { delivered, tries, lastTry } = delivery;
  if (delivered || tries >= mostTries) return false;
  if (lastTry === null) return now >= notice.at + grace;
  return now >= lastTry + firstWait * 2 ** (tries - 1);
}

/** So many notices a message shows; the log has all. */
export const mostShown = 12;

/** What one delivery says: what one command did is one message. Without notices it is a test. */
export interface Message {
  readonly notices: readonly Notice[];
  /** The log as it was read last; its head is an anchor for whoever reads the message. */
  readonly view: View;
  readonly source: {
    /** `github.com/acme/shop`. */
    readonly repository: string;
    readonly policyCommit: string;
    readonly storeName: string;
  };
  /** What a head's pull requests go into. */
  readonly defaultBranch: string | null;
  readonly now: UnixSeconds;
}

/** What became of telling one channel. */
export type Outcome =
  | { readonly kind: "delivered" }
  | { readonly kind: "failed"; readonly problem: OptoutError }
  /** The secret is not here. */
  | { readonly kind: "elsewhere"; readonly missing: readonly string[] };

export interface Told {
  readonly channel: Channel;
  readonly notices: readonly Notice[];
  readonly outcome: Outcome;
  /** Why the log does not say so; null where it does, or need not. */
  readonly unrecorded: OptoutError | null;
}

/** Notices that a channel still lacks when everything was tried, and why. */
export interface Left {
  readonly channel: Channel;
  readonly notices: number;
  readonly why:
    /** It was tried now. */
    | { readonly kind: "failed"; readonly problem: OptoutError }
    /** Another process took it over meanwhile. */
    | { readonly kind: "claimed" }
    /** The secret is not here. */
    | { readonly kind: "elsewhere"; readonly missing: readonly string[] }
    /** Of what others did, which a person's record would not count for. */
    | { readonly kind: "others" };
}
