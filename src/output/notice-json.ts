/**
 * A message as JSON, for programs: the same object in an event of a webhook and on the standard input
 * of a program. Members may be added, never changed; `schemas.ts` says what they are.
 */
import type { NoticeEvent } from "../core/channel.ts";
import type { Message, Notice } from "../core/notice.ts";
import { formatUtc } from "../core/time.ts";
import { headOf } from "../core/view.ts";
import { forJson } from "./escape.ts";
import { sectionsOf } from "./notice-words.ts";
import { contextIn, overrideJson, type OverrideJson } from "./override-json.ts";
import { redact } from "./redact.ts";

export interface NoticeJson {
  readonly kind: "optout/notice";
  readonly v: 1;
  readonly event: NoticeEvent | "test";
  /** Of the statement that is told of; null for a test. */
  readonly about: string | null;
  readonly seq: number | null;
  readonly at: string;
  readonly by: string | null;
  readonly note: string | null;
  readonly outcome: string | null;
  /** One line for people, as plain text. */
  readonly title: string;
  readonly override: OverrideJson | null;
  readonly repository: string;
  readonly head: { readonly seq: number; readonly hash: string } | null;
}

/** One object for each notice, or the one of a test. */
function noticesJson(message: Message): readonly NoticeJson[] {
  const { notices, now } = message;
  if (notices.length === 0) {
    const nothing = { about: null, seq: null, by: null, note: null, outcome: null, override: null };
    return [{ ...frame(message, message), event: "test", at: formatUtc(now), ...nothing }];
  }
  return notices.map((notice) => ({
    ...frame(message, { ...message, notices: [notice] }),
    event: notice.event,
    about: notice.id,
    seq: notice.seq,
    at: formatUtc(notice.at),
    by: notice.by,
    note: notice.note === null ? null : redact(notice.note),
    outcome: notice.outcome,
    override: overrideOf(notice, message),
  }));
}

type Frame = Pick<NoticeJson, "kind" | "v" | "title" | "repository" | "head">;

function frame({ view, source }: Message, own: Message): Frame {
  const title = sectionsOf(own).sections[0]?.title ?? "";
  return {
    kind: "optout/notice",
    v: 1,
    title,
    repository: source.repository,
    head: headOf(view),
  };
}

function overrideOf({ standing }: Notice, { view, source }: Message): OverrideJson {
  const json = overrideJson(standing, contextIn(view, standing.judged, source));
  return { ...json, reason: { ...json.reason, text: redact(json.reason.text) } };
}

/** For the standard input of a program. */
export function execInput(message: Message): string {
  const whole = { kind: "optout/notices", v: 1, notices: noticesJson(message) };
  return `${forJson(JSON.stringify(whole))}\n`;
}

/**
 * Events as CloudEvents 1.0 has them, in structured JSON. The id is the statement's, and the source
 * the repository, so that both together name one event for ever.
 */
export function cloudEvents(
  message: Message,
): readonly { readonly id: string; readonly body: string }[] {
  return noticesJson(message).map((data) => {
    const id = data.about ?? `test-${message.now}`;
    const subject = data.override?.target.name;
    const event = {
      specversion: "1.0",
      id,
      source: `//${encodeURI(data.repository)}`,
      type: `optout.override.${data.event}`,
      ...(subject === undefined ? {} : { subject }),
      time: data.at,
      datacontenttype: "application/json",
      data,
    };
    return { id, body: forJson(JSON.stringify(event)) };
  });
}
