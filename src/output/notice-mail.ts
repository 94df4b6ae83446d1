/**
 * A message as a plain mail, which threads with what was said of the same override before.
 */
import type { Message } from "../core/notice.ts";
import { shorten } from "./escape.ts";
import { forMail } from "./escape-chat.ts";
import { footerOf, sectionsOf, type Fact } from "./notice-words.ts";

/** Code points of a subject line, and of one value. */
const longestSubject = 120;
const longestValue = 2000;

/** The mail; `id` and `thread` are names without a domain. */
export function mailOf(message: Message): {
  readonly subject: string;
  readonly text: string;
  readonly id: string;
  readonly thread: string;
} {
  const { sections, more } = sectionsOf(message);
  const others = sections.length + more - 1;
  const title = `${sections[0]?.title ?? ""}${others > 0 ? ` (and ${others} more)` : ""}`;
  const parts = [
    ...sections.map((section) => `${line(section.title)}\n\n${rows(section.facts)}`),
    ...(more > 0 ? [`… and ${more} more: optout status`] : []),
    rows(footerOf(message)),
  ];
  const [first] = message.notices;
  const id = first?.id ?? `test-${message.now}`;
  return {
    subject: forMail(shorten(`[optout] ${title}`, longestSubject)),
    text: `${parts.join("\n\n")}\n`,
    id,
    thread: first?.standing.judged.statement.id ?? id,
  };
}

const line = (text: string): string => forMail(shorten(text, longestValue));

const rows = (facts: readonly Fact[]): string =>
  facts.map(({ label, value }) => `${`${label}:`.padEnd(12)} ${line(value)}`).join("\n");
