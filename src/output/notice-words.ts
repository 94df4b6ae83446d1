/**
 * What people are told, in words that no sink has escaped yet: a title, and facts about what is off,
 * where, until when, by whom, why, how to end it, and which position says so.
 */
import { formatDuration } from "../core/duration.ts";
import type { NoticeEvent } from "../core/channel.ts";
import { mostShown, type Message, type Notice } from "../core/notice.ts";
import type { UnixSeconds } from "../core/policy.ts";
import { dueReviews, type DueReview } from "../core/reviews.ts";
import { isOpen } from "../core/state.ts";
import { formatUtcMinute } from "../core/time.ts";
import { headOf } from "../core/view.ts";
import { objectionWords } from "./objection-words.ts";
import { onceWords } from "./once-words.ts";
import { redact } from "./redact.ts";
import { scopeWords } from "./scope-words.ts";
import { actionWords, effectOf } from "./words.ts";

/** Both are plain text of one line, and may hold whatever people wrote. */
export interface Fact {
  readonly label: string;
  readonly value: string;
}

export interface Section {
  readonly title: string;
  readonly facts: readonly Fact[];
}

/** A section for each notice, and how many are left out. */
export function sectionsOf(message: Message): {
  readonly sections: readonly Section[];
  readonly more: number;
} {
  const { notices } = message;
  if (notices.length === 0) return { sections: [testSection(message)], more: 0 };
  const shown = notices.slice(0, mostShown);
  const due = dueReviews(message.view, message.defaultBranch);
  const sections = shown.map((notice) => ({
    title: titles[notice.event](notice),
    facts: factsOf(notice, message, due),
  }));
  return { sections, more: notices.length - shown.length };
}

/** Which reviews are overdue, `github.com/acme/shop`, and what `optout verify --head` takes. */
export function footerOf({ view, source, defaultBranch, now }: Message): readonly Fact[] {
  const head = headOf(view);
  const overdue = dueReviews(view, defaultBranch)
    .filter(({ at }) => now >= at)
    .map(({ created }) => `#${created.reading.seq}`);
  const shown = overdue.slice(0, mostShown).join(", ");
  const more = overdue.length > mostShown ? ` and ${overdue.length - mostShown} more` : "";
  const value = `${shown}${more}   (optout requests --reviews)`;
  return [
    ...(overdue.length === 0 ? [] : [{ label: "Reviews overdue", value }]),
    { label: "Repository", value: source.repository },
    ...(head === null ? [] : [{ label: "Log head", value: `${head.seq}:${head.hash}` }]),
  ];
}

function testSection({ now }: Message): Section {
  return {
    title: "A test of optout: nothing was opted out of",
    facts: [{ label: "Sent", value: timeWords(now) }],
  };
}

type Title = (notice: Notice) => string;

const what: Title = ({ standing: { judged } }) => {
  const { target, action, scope } = judged.statement;
  return `${target.name} ${actionWords(action)} on ${scopeWords(scope)}`;
};
const number = ({ standing }: Notice): string => `#${standing.judged.seq}`;

/** What happened, in one line. */
const titles: Readonly<Record<NoticeEvent, Title>> = {
  created: what,
  requested: ({ by, standing: { judged } }) => {
    const { action, target, scope } = judged.statement;
    return `${by} asks to ${action} ${target.name} on ${scopeWords(scope)}`;
  },
  emergency: (notice) => `Emergency: ${what(notice)}`,
  extended: (notice) => `Extended: ${what(notice)}`,
  approved: (notice) => `${notice.by} approves ${number(notice)}: ${what(notice)}`,
  denied: (notice) => `${notice.by} denies ${number(notice)}${endWords(notice)}`,
  revoked: (notice) => `${notice.by} revokes ${number(notice)}${endWords(notice)}`,
  reviewed: (notice) =>
    `${notice.by} reviewed ${number(notice)}: ${notice.outcome ?? ""} (${what(notice)})`,
};

const endWords: Title = ({ standing: { judged } }) =>
  `: it no longer ${effectOf(judged)} ${judged.statement.target.name} on ${scopeWords(judged.statement.scope)}`;

function factsOf(notice: Notice, { view }: Message, due: readonly DueReview[]): readonly Fact[] {
  const { standing, by, note, event } = notice;
  const { statement, author } = standing.judged;
  const nameOf = (id: string): string => {
    const name = view.policy.principals.get(id)?.name ?? null;
    return name === null ? id : `${id} (${name})`;
  };
  const tickets = statement.tickets.join(", ");
  return [
    ...timeFacts(notice),
    { label: "By", value: nameOf(author.id) },
    ...(by === author.id ? [] : [{ label: passive[event], value: nameOf(by) }]),
    { label: "Why", value: redact(statement.reason.text) },
    ...(tickets === "" ? [] : [{ label: "Ticket", value: tickets }]),
    ...(note === null ? [] : [{ label: "Note", value: redact(note) }]),
    ...commandFacts(notice),
    ...reviewFacts(notice, due),
    { label: "Record", value: `#${standing.judged.seq} (${statement.id})` },
  ];
}

/** Who did it, where somebody else did than the override's author. */
const passive: Readonly<Record<NoticeEvent, string>> = {
  created: "Made by",
  requested: "Asked by",
  emergency: "Made by",
  extended: "Extended by",
  approved: "Approved by",
  denied: "Denied by",
  revoked: "Revoked by",
  reviewed: "Reviewed by",
};

function timeFacts({ standing: { judged, state } }: Notice): readonly Fact[] {
  const { start, end, statement, objections } = judged;
  if (state === "pending") {
    const waits = objections.map((one) => objectionWords(one, "it")).join("; ");
    return [
      { label: "For", value: `${formatDuration(statement.duration)}, not in force yet` },
      { label: "Waits", value: waits },
    ];
  }
  if (state !== "in-force" && state !== "scheduled") return [{ label: "State", value: state }];
  const until = `${timeWords(end)} (for ${formatDuration(end - start)})`;
  return [
    ...(state === "scheduled" ? [{ label: "From", value: timeWords(start) }] : []),
    { label: "Until", value: `${until}${onceWords(statement)}` },
  ];
}

/** What the reader may do about it, as a command to copy. */
function commandFacts({ event, standing: { judged, state }, approvers }: Notice): readonly Fact[] {
  if (!isOpen(state)) return [];
  const { seq } = judged;
  const people = approvers.join(", ");
  return [
    ...(event === "requested"
      ? [{ label: "Approve", value: `optout approve ${seq}   (${people} may)` }]
      : []),
    ...(event === "emergency" && people !== ""
      ? [{ label: "Not asked", value: `${people}, who may approve` }]
      : []),
    { label: "End it", value: `optout revoke ${seq}` },
  ];
}

/** By when somebody else says what to think of an emergency; its own end does not change that. */
function reviewFacts(
  { event, standing: { judged } }: Notice,
  due: readonly DueReview[],
): readonly Fact[] {
  const own = due.find(({ created }) => created.reading.seq === judged.seq);
  if (event !== "emergency" || own === undefined) return [];
  const command = `optout review ${judged.seq} --outcome ok -m "…"`;
  return [{ label: "Review", value: `due by ${timeWords(own.at)}: ${command}` }];
}

/** `2026-11-21 17:00 UTC`. */
function timeWords(at: UnixSeconds): string {
  return formatUtcMinute(at).replace("T", " ").replace("Z", " UTC");
}
