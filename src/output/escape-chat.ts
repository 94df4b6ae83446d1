/**
 * Foreign text made harmless for the places where people are told: chats, mails, comments. Beside
 * `escape.ts`, so that a job does not load it.
 */
import { forTerminal } from "./escape.ts";

/** Slack decodes exactly these three, and what begins with `<` is a link or calls everybody. */
export function forSlack(text: string): string {
  return forTerminal(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** The text of a TextRun, in which there is no Markdown, but `{{DATE(…)}}` and the like is computed. */
export function forTeams(text: string): string {
  return forTerminal(text)
    .replace(/([{}])(?=\1)/g, "$1 ")
    .replace(/<(?=\/?at\b)/gi, "‹");
}

/** One line of a plain mail, or of a header. */
export function forMail(text: string): string {
  return forTerminal(text);
}

/**
 * Text in a comment of GitHub or GitLab. Entities alone stop no mention, because both look for them
 * after Markdown is made to HTML; within `<code>` they do not look.
 */
export function forComment(text: string): string {
  const marks = forTerminal(text).replace(
    /[!-/:-@[-`{-~]/g,
    (mark) => `&#${mark.codePointAt(0) ?? 0};`,
  );
  return marks === "" ? "" : `<code>${marks}</code>`;
}
