/**
 * A message as the bodies that chats take: blocks of Slack, an adaptive card of Teams. Both have
 * limits, and a body over them is refused as a whole, so long texts are cut until it fits.
 */
import type { Message } from "../core/notice.ts";
import { forJson, shorten, type Escape } from "./escape.ts";
import { forSlack, forTeams } from "./escape-chat.ts";
import { footerOf, sectionsOf, type Fact, type Section } from "./notice-words.ts";

/** Lengths to cut texts to, in code points, until the whole fits. */
const lengths = [1000, 400, 150, 60, 24] as const;

/** What `make` makes with the longest texts that fit. */
export function fitting<T>(make: (cut: Escape) => T, fits: (made: T) => boolean): T {
  const made = lengths.map((length) => () => make((text) => shorten(text, length)));
  for (const one of made) {
    const value = one();
    if (fits(value)) return value;
  }
  return make((text) => shorten(text, 8));
}

const jsonOf = (value: unknown): string => forJson(JSON.stringify(value));

const moreWords = (more: number): string => `… and ${more} more: optout status`;

// --- Slack

/** Characters that a text of a section, of a header and of a context may have. */
const slackLimits = { section: 3000, header: 150 } as const;

/** The body for an incoming webhook of Slack: blocks of plain text, in which nothing is a mark-up. */
export function slackBody(message: Message): string {
  const { sections, more } = sectionsOf(message);
  const blocks = [
    ...sections.flatMap((section) => [
      { type: "header", text: plain(fitted([section.title], slackLimits.header)) },
      { type: "section", text: plain(fitted(linesOf(section.facts), slackLimits.section)) },
    ]),
    ...(more === 0 ? [] : [{ type: "section", text: plain(moreWords(more)) }]),
    {
      type: "context",
      elements: [plain(fitted(linesOf(footerOf(message)), slackLimits.section))],
    },
  ];
  const [first] = sections;
  // for notifications and readers that show no blocks; mark-up is off there too
  const text = fitted([first?.title ?? ""], slackLimits.section);
  return jsonOf({ text, mrkdwn: false, blocks });
}

const plain = (text: string): object => ({ type: "plain_text", text, emoji: false });

const linesOf = (facts: readonly Fact[]): readonly string[] =>
  facts.map(({ label, value }) => `${label}: ${value}`);

const fitted = (lines: readonly string[], most: number): string =>
  fitting(
    (cut) => lines.map((line) => forSlack(cut(line))).join("\n"),
    (text) => text.length <= most,
  );

// --- Teams

/** Teams takes 28 KB in all; the rest is left for what a workflow adds. */
const teamsBytes = 24_000;

/** The body for a workflow of Teams: text runs, in which there is no Markdown. */
export function teamsBody(message: Message): string {
  return fitting(
    (cut) => teamsCard(message, (text) => forTeams(cut(text))),
    (body) => Buffer.byteLength(body) <= teamsBytes,
  );
}

function teamsCard(message: Message, escape: Escape): string {
  const { sections, more } = sectionsOf(message);
  const body = [
    ...sections.flatMap((section) => cardSection(section, escape)),
    ...(more === 0 ? [] : [richText([run(moreWords(more))])]),
    ...footerOf(message).map((fact) => factRow(fact, escape, true)),
  ];
  const content = {
    $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
    type: "AdaptiveCard",
    version: "1.4",
    body,
    msteams: { width: "Full" },
  };
  const contentType = "application/vnd.microsoft.card.adaptive";
  return jsonOf({ type: "message", attachments: [{ contentType, contentUrl: null, content }] });
}

function cardSection({ title, facts }: Section, escape: Escape): readonly object[] {
  const heading = { ...run(escape(title)), weight: "Bolder", size: "Medium" };
  return [
    { ...richText([heading]), separator: true },
    ...facts.map((fact) => factRow(fact, escape, false)),
  ];
}

function factRow({ label, value }: Fact, escape: Escape, isSubtle: boolean): object {
  const name = { ...run(`${label}: `), weight: "Bolder", isSubtle };
  return richText([name, { ...run(escape(value)), isSubtle }]);
}

const run = (text: string): object => ({ type: "TextRun", text });
const richText = (inlines: readonly object[]): object => ({ type: "RichTextBlock", inlines });
