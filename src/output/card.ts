/**
 * An override as a card with its timeline; a position that is none in two lines.
 */
import { formatDuration } from "../core/duration.ts";
import type { UnixSeconds } from "../core/policy.ts";
import type { Reading } from "../core/reading.ts";
import type { Standing } from "../core/state.ts";
import type { View } from "../core/view.ts";
import { forTerminal, forTerminalBlock } from "./escape.ts";
import { claimWords } from "./former-words.ts";
import { objectionWords } from "./objection-words.ts";
import { onceWords } from "./once-words.ts";
import type { OverrideJson } from "./override-json.ts";
import { stateTones, type Paint } from "./paint.ts";
import { redact } from "./redact.ts";
import { resultWords } from "./result-words.ts";
import { scopeWords, shortSha } from "./scope-words.ts";
import { clockWords, momentWords } from "./times.ts";
import { titleOf } from "./title.ts";
import { actionWords } from "./words.ts";

export interface CardContext {
  readonly now: UnixSeconds;
  readonly zone: string;
  readonly paint: Paint;
  readonly view: View;
}

export function cardLines(
  standing: Standing,
  object: OverrideJson,
  context: CardContext,
): readonly string[] {
  const { judged, state } = standing;
  const { statement, author, start, end } = judged;
  const { now, zone, paint } = context;
  const row = (name: string, text: string): string => `  ${paint("faint", name.padEnd(9))} ${text}`;
  const what =
    state === "in-force"
      ? `${statement.target.name} ${actionWords(statement.action)}`
      : `${statement.action} ${statement.target.name}`;
  const waits = judged.objections.some(({ code }) => code === "approvals");
  const span = `${clockWords(start, now, zone)} – ${clockWords(end, now, zone)}, ${formatDuration(end - start)}`;
  const person = author.name === null ? author.id : `${author.id} (${author.name})`;
  return [
    `#${judged.seq}  ${what}  ${paint(stateTones[state], state)}`,
    row("id", statement.id),
    row("where", scopeWords(statement.scope)),
    row("why", `${statement.reason.code}: ${reasonBlock(statement.reason.text)}`),
    ...(statement.tickets.length === 0
      ? []
      : [row("tickets", statement.tickets.map(forTerminal).join(", "))]),
    row("by", `${forTerminal(person)} with ${object.key}`),
    row("when", `${momentWords(statement.iat, now, zone)}`),
    row("time", `${waits ? waitingSpan(statement.duration) : span}${onceWords(statement)}`),
    ...(statement.action === "allow-failure" && object.results.recorded > 0
      ? [row("results", resultWords(object.results))]
      : []),
    row("rule", `${judged.rule?.id ?? "none"}, policy ${shortSha(object.policy.commit)}`),
    row("entry", object.entry.hash),
    ...judged.objections.map((objection) => row("not now", objectionWords(objection, "it"))),
    "",
    ...timeline(standing, context),
  ];
}

/** Its time begins with the last approval, so neither end of it is known. */
const waitingSpan = (seconds: number): string => `${formatDuration(seconds)}, once it is approved`;

function reasonBlock(text: string): string {
  return forTerminalBlock(redact(text), " ".repeat(12)).trim();
}

/** Everything that was said about the override, in log order. */
function timeline({ judged }: Standing, { view, now, zone }: CardContext): readonly string[] {
  const { id } = judged.statement;
  const said = [...view.where("override", id), ...view.where("about", id)];
  const own = view.at(judged.seq);
  const readings = [...(own === undefined ? [] : [own]), ...said].sort((a, b) => a.seq - b.seq);
  return readings.map((reading) => `  #${reading.seq}  ${entryWords(reading, judged, now, zone)}`);
}

function entryWords(
  reading: Reading,
  judged: Standing["judged"],
  now: UnixSeconds,
  zone: string,
): string {
  const verdict = reading.verdict();
  if (verdict.kind !== "genuine") return `void: ${refusalOf(reading)}`;
  const { statement } = verdict;
  const title = titleOf(statement, (id) => (id === judged.statement.id ? judged.seq : null));
  const note = "note" in statement && statement.note !== undefined ? statement.note : null;
  const told = note === null ? "" : `: "${forTerminal(redact(note))}"`;
  return `${clockWords(statement.iat, now, zone)}  ${forTerminal(title)}${told}`;
}

function refusalOf(reading: Reading): string {
  if (reading.fault !== null) return `the position is void (${reading.fault})`;
  const verdict = reading.verdict();
  return verdict.kind === "refused" ? forTerminal(verdict.detail) : verdict.kind;
}

/** A position at which no override stands. */
export function positionLines(reading: Reading, { now, zone }: CardContext): readonly string[] {
  const verdict = reading.verdict();
  const sound = verdict.kind === "genuine" || verdict.kind === "beginning";
  const what = sound
    ? `${forTerminal(titleOf(verdict.statement))}  ${momentWords(verdict.statement.iat, now, zone)}`
    : refusalOf(reading);
  const isClaim = !sound && reading.claim?.kind === "override.created";
  return [
    `#${reading.seq}  ${what}`,
    ...(isClaim ? [`  ${claimWords(reading)}: not proven`] : []),
    `  entry ${reading.hash}`,
  ];
}
