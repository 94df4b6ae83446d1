/**
 * Commands to copy: what would work instead of what the policy refuses.
 */
import { formatDuration } from "../core/duration.ts";
import type { Action, ReasonCode, Rule } from "../core/policy.ts";
import { approvalWords } from "./approval-words.ts";
import { forTerminal } from "./escape.ts";

/** What is written out as a command. */
export interface CommandRequest {
  readonly action: Action;
  readonly stage: string;
  /** Seconds. */
  readonly duration: number;
  readonly reason: { readonly code: ReasonCode; readonly text: string };
  readonly tickets: readonly string[];
  readonly emergency: boolean;
  readonly once: boolean;
  /** Whether it is to be confirmed by the stage's name; a hold never is. */
  readonly irreversible?: boolean;
  /** The id of the override that it extends, whose stage and scope it has. */
  readonly supersedes?: string;
}

/** A command that the policy would take. */
export interface Suggestion {
  readonly request: CommandRequest;
  /** Null where a ticket has to be filled in first. */
  readonly authorization:
    | { readonly kind: "allowed"; readonly rule: Rule }
    | { readonly kind: "pending"; readonly approvals: NonNullable<Rule["approvals"]> }
    | null;
}

/**
 * The command for a request, quoted for a POSIX shell.
 * @param place the words of the scope as they were typed
 */
export function commandLine(
  { request, authorization }: Suggestion,
  place: readonly string[],
): string {
  const { action, stage, reason, tickets, duration, once, emergency, supersedes, irreversible } =
    request;
  const what = supersedes === undefined ? `${action} ${stage}` : `extend ${supersedes}`;
  return [
    `optout ${what} -m ${quoted(reason.text)}`,
    ...(reason.code === "other" ? [] : [`--code ${reason.code}`]),
    ...tickets.map((ticket) => `--ticket ${shellWord(ticket)}`),
    ...(authorization === null ? ["--ticket TICKET"] : []),
    ...place.map(shellWord),
    ...(once && supersedes === undefined ? ["--once"] : []),
    `--for ${formatDuration(duration)}`,
    ...(emergency ? ["--emergency"] : []),
    ...(irreversible === true && action !== "hold" ? [`--confirm ${stage}`] : []),
  ].join(" ");
}

const notOfScope: ReadonlySet<string> = new Set(["--from", "--key"]);

/** What explains why nothing would work there, and who may. @param place as it was typed */
export function explainCommand(stage: string, place: readonly string[]): string {
  const scope = place.filter(
    (word, i) => !notOfScope.has(word) && !notOfScope.has(place[i - 1] ?? ""),
  );
  return ["optout policy explain", stage, ...scope.map(shellWord)].join(" ");
}

/** `would work:  optout skip …     then waits for 2 approvals from …`, one a line. */
export function suggestionLines(
  suggestions: readonly Suggestion[],
  place: readonly string[],
): readonly string[] {
  return suggestions.map((one) =>
    suggestionLine(one, place, one.request.emergency ? "emergency" : "would work"),
  );
}

/** `command:     optout force …     in force at once, review due in 24h`. */
export function suggestionLine(one: Suggestion, place: readonly string[], heading: string): string {
  return `  ${`${heading}:`.padEnd(12)} ${commandLine(one, place)}${consequence(one)}`;
}

function consequence({ request, authorization }: Suggestion): string {
  if (authorization?.kind === "pending") {
    return `     then waits for ${approvalWords(authorization.approvals)}`;
  }
  if (authorization === null || !request.emergency) return "";
  const review = authorization.rule.emergency?.reviewWithinSeconds ?? null;
  const due = review === null ? "" : `, review due in ${formatDuration(review)}`;
  return `     in force at once${due}`;
}

/** One word for a POSIX shell. */
export const shellWord = (text: string): string =>
  /^[\w./:@%+=,-]+$/.test(text) ? text : quoted(text);

/** Single quotes hold everything but themselves. */
function quoted(text: string): string {
  return `'${forTerminal(text).replaceAll("'", `'\\''`)}'`;
}
