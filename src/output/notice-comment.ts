/**
 * How the overrides of a pull request stand, as the one comment on it, and as statuses of its commit.
 */
import type { ForgeName } from "../core/forge-name.ts";
import { noticesIn, type Message, type Notice } from "../core/notice.ts";
import { standings } from "../core/state.ts";
import { formatUtcMinute } from "../core/time.ts";
import { shorten, type Escape } from "./escape.ts";
import { forComment, forMail } from "./escape-chat.ts";
import { fitting } from "./notice-chat.ts";
import { footerOf, sectionsOf, type Fact } from "./notice-words.ts";

/** A comment of GitHub has 65,536 characters at most. */
const mostCharacters = 60_000;

/** All overrides that name the pull request, the last thing that happened to each. */
export function commentOf(message: Message, pr: number, forge: ForgeName): string {
  const notices = lastOfEach(message, pr);
  return fitting(
    (cut) => markdown({ ...message, notices }, (text) => forComment(cut(text)), forge),
    (text) => text.length <= mostCharacters,
  );
}

function lastOfEach(message: Message, pr: number): readonly Notice[] {
  const { view, now, defaultBranch } = message;
  const all = noticesIn(view, standings(view, now, defaultBranch), 0);
  const last = new Map<string, Notice>();
  for (const notice of all) {
    const { statement } = notice.standing.judged;
    if (statement.scope.pr === pr) last.set(statement.id, notice);
  }
  return [...last.values()].toReversed();
}

function markdown(message: Message, escape: Escape, forge: ForgeName): string {
  const { sections } = sectionsOf(message);
  const rows = (facts: readonly Fact[]): string =>
    facts.map(({ label, value }) => `- ${label}: ${escape(value)}`).join("\n");
  const parts = sections.map(({ title, facts }) => `**${escape(title)}**\n\n${rows(facts)}`);
  const names = mentions(message, forge);
  return [
    ...parts,
    ...(names === "" ? [] : [`Waiting for or skipping the approval of: ${names}`]),
    rows(footerOf(message)),
  ].join("\n\n");
}

/** Accounts of the policy, in a form that accounts have; they are to be called. */
function mentions({ notices, view }: Message, forge: ForgeName): string {
  const ids = notices
    .filter(({ event }) => event === "requested" || event === "emergency")
    .filter(({ standing }) => standing.state === "pending" || standing.state === "in-force")
    .flatMap(({ approvers }) => approvers);
  const accounts = [...new Set(ids)].flatMap((id) => view.policy.principals.get(id)?.[forge] ?? []);
  return accounts
    .filter((account) => /^[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(account))
    .map((account) => `@${account}`)
    .join(" ");
}

/** GitHub takes 140 characters, GitLab 255. */
const longestDescription = 140;

interface Status {
  readonly context: string;
  readonly state: "success" | "pending";
  readonly description: string;
}

/**
 * For each stage that something happened to: whether it is overridden, in words.
 *
 * GitLab makes a job of a status, and of a pending one a job that nobody ends: the pipeline never
 * would. So there is none there but of what is or was passed over; the comment tells the rest.
 * Source: "Commits API", and ci/create_commit_status_service.rb of GitLab.
 */
export function statusesOf({ notices }: Message, pr: number, forge: ForgeName): readonly Status[] {
  const ofStage = new Map<string, Notice>();
  for (const notice of notices) {
    const { statement } = notice.standing.judged;
    if (statement.scope.pr === pr) ofStage.set(statement.target.name, notice);
  }
  return [...ofStage].flatMap(([stage, { standing }]) => {
    const passing = passingOf(standing);
    const told = { context: `optout / ${stage}`, description: describe(standing, "overridden") };
    if (passing === "now") return { ...told, state: "success" };
    if (forge === "github") return { ...told, state: "pending" };
    if (passing === "never") return [];
    return { ...told, description: describe(standing, "no longer overridden"), state: "success" };
  });
}

/** A stage that runs all the same has a result of its own. */
function passingOf({ judged, state }: Notice["standing"]): "now" | "before" | "never" {
  const { action } = judged.statement;
  if (action !== "skip" && action !== "allow-failure") return "never";
  if (state === "in-force") return "now";
  return ["revoked", "expired", "used-up"].includes(state) ? "before" : "never";
}

function describe({ judged, state }: Notice["standing"], what: string): string {
  const until = state === "in-force" ? ` until ${formatUtcMinute(judged.end)}` : ` (${state})`;
  const { action } = judged.statement;
  const words = `${what}: ${action} by ${judged.author.id}${until}, #${judged.seq}`;
  return forMail(shorten(words, longestDescription));
}
