/**
 * The schemas of notices, and of what was told to whom.
 */
import * as v from "valibot";

import { noticeEvents } from "../core/channel.ts";
import type { NoticeJson } from "./notice-json.ts";
import type { NotifyFlushJson, NotifyJson, NotifyTestJson } from "./notify-words.ts";
import { override, told } from "./schemas-override.ts";
import { channelKind, count, head, oneOf, text, texts, time } from "./schemas-shared.ts";

const noticeEvent = v.picklist(noticeEvents);

const notice: v.GenericSchema<NoticeJson> = v.object({
  kind: v.literal("optout/notice"),
  v: v.literal(1),
  event: v.union([noticeEvent, v.literal("test")]),
  about: v.pipe(text, v.description("id of the statement; null for a test")),
  seq: v.nullable(count),
  at: time,
  by: text,
  note: text,
  outcome: v.pipe(text, v.description("of a review")),
  title: v.pipe(v.string(), v.description("one line for people, plain text")),
  override: v.nullable(override),
  repository: v.string(),
  head: v.pipe(head, v.description("an anchor: optout verify --head SEQ:HASH")),
});

const notify: v.GenericSchema<NotifyJson> = v.object({
  kind: v.literal("optout/notify"),
  v: v.literal(1),
  channels: v.array(
    v.object({
      channel: v.string(),
      to: channelKind,
      match: v.nullable(
        v.object({
          kinds: v.nullable(texts),
          stages: v.nullable(texts),
          branches: v.nullable(texts),
          environments: v.nullable(texts),
        }),
      ),
      rules: v.nullable(texts),
      events: v.nullable(v.array(noticeEvent)),
      here: oneOf<NotifyJson["channels"][number]["here"]>({
        ready: true,
        elsewhere: true,
        broken: true,
      }),
      missing: v.pipe(texts, v.description("variables and files that would hold its secrets")),
      problem: text,
      undelivered: v.array(
        v.object({
          about: v.string(),
          seq: count,
          event: noticeEvent,
          at: time,
          tries: count,
          lastTry: v.nullable(time),
        }),
      ),
    }),
  ),
});

const notifyTest: v.GenericSchema<NotifyTestJson> = v.object({
  kind: v.literal("optout/notify-test"),
  v: v.literal(1),
  told: v.pipe(v.array(told), v.description("what became of each channel")),
});

const notifyFlush: v.GenericSchema<NotifyFlushJson> = v.object({
  kind: v.literal("optout/notify-flush"),
  v: v.literal(1),
  told: v.pipe(v.array(told), v.description("what became of each message")),
  left: v.pipe(
    v.array(
      v.object({
        channel: v.string(),
        to: channelKind,
        notices: count,
        why: oneOf<NotifyFlushJson["left"][number]["why"]>({
          failed: true,
          claimed: true,
          elsewhere: true,
          others: true,
        }),
        detail: v.pipe(text, v.description("why it failed, or what is missing here")),
      }),
    ),
    v.description("what the channels still lack"),
  ),
});

/** By the names that `optout schema` takes. */
export const noticeSchemas: Readonly<Record<string, v.GenericSchema>> = {
  notify,
  "notify-test": notifyTest,
  "notify-flush": notifyFlush,
  notice,
};
