/**
 * The lines that a job prints, as plain text without colour. Light: the check path loads it, so
 * there is no time zone here, no chalk and no table; times are UTC.
 */
import type { Decision, Outcome } from "../core/decide.ts";
import type { Judged } from "../core/judge.ts";
import type { Action, Freeze } from "../core/policy.ts";
import type { Subject } from "../core/scope.ts";
import { formatUtcMinute } from "../core/time.ts";
import { forTerminal, shorten } from "./escape.ts";
import { objectionWords } from "./objection-words.ts";
import { glyphs } from "./paint.ts";
import { redact } from "./redact.ts";
import { scopeWords, shortSha, subjectWords } from "./scope-words.ts";

const predicates: Readonly<Record<Outcome, string>> = {
  skip: "is skipped",
  "allow-failure": "may fail",
  force: "is forced to run",
  hold: "is held",
  frozen: "is frozen",
  enforced: "runs normally",
};

/** What becomes of a stage: `is skipped`, `may fail`; `runs normally` is people's `enforced`. */
export function actionWords(outcome: Outcome): string {
  return predicates[outcome];
}

const effects: Readonly<Record<Action, string>> = {
  skip: "skips",
  "allow-failure": "accepts a failure of",
  force: "forces",
  hold: "holds",
};

/** What an override does to its stage: `skips`, `holds`. */
export function effectOf({ statement }: Judged): string {
  return effects[statement.action];
}

const longestReason = 200;

/** The reason of an override in quotation marks, on one line and not endless. */
export function reasonWords(text: string): string {
  const shown = forTerminal(shorten(redact(text), longestReason));
  return `"${shown.replaceAll('"', "'")}"`;
}

/** The line of a job that an override changes, or that a hold stops. */
export function runLine(judged: Judged, policyCommit: string): string {
  const { target, action } = judged.statement;
  const done = actionWords(action).replace(/^is /, "");
  const policy = `policy ${ruleName(judged)} @ ${shortSha(policyCommit)}`;
  return `${glyphs.suspended} ${target.name} ${done} by override ${detail(judged)}   ${policy}`;
}

/** Rejected overrides that are listed; the log keeps the others for `history`. */
const mostRejected = 5;

/** What `check` prints: the decision, what it outranks, and each override that does not apply. */
export function decisionLines(
  decision: Decision,
  subject: Subject,
  policyCommit: string,
): readonly string[] {
  if (decision.kind === "integrity") {
    const { detail: why, seq } = decision;
    return [`${glyphs.violation} the log cannot be trusted: ${forTerminal(why)} (#${seq})`];
  }
  const [deciding, ...outranked] = decision.inForce;
  const newest = decision.rejected.toReversed();
  const hidden = newest.length - mostRejected + decision.passedOver;
  return [
    deciding === undefined ? idleLine(decision, subject) : runLine(deciding, policyCommit),
    ...outranked.map((one) => `  outranked: ${one.statement.action} ${detail(one)}`),
    ...newest.slice(0, mostRejected).map((one) => rejectedLine(one, subject)),
    ...(hidden > 0
      ? [`  … and ${hidden} older: optout history ${forTerminal(subject.stage)}`]
      : []),
  ];
}

function idleLine(
  { freeze, outcome, rejected }: Extract<Decision, { kind: "decided" }>,
  subject: Subject,
): string {
  return freeze !== null && outcome === "frozen"
    ? `${glyphs.suspended} ${freezeWords(subject.stage, freeze)}`
    : enforcedLine(rejected.length, subject);
}

/** `deploy-prod is frozen by xmas until 2026-12-27T08:00Z (line 41 of the policy); optout force …`. */
export function freezeWords(stage: string, freeze: Freeze): string {
  return `${freezeFact(stage, freeze)}; what must run now: optout force ${forTerminal(stage)}`;
}

/** The same without what to do. */
export function freezeFact(stage: string, { id, line, times, zone }: Freeze): string {
  const when = times.map((time) =>
    time.kind === "span" ? `until ${formatUtcMinute(time.until)}` : `${time.text} ${zone}`,
  );
  return `${forTerminal(stage)} is frozen by ${forTerminal(id)} ${when.map(forTerminal).join(", ")} (line ${line} of the policy)`;
}

function enforcedLine(rejected: number, subject: Subject): string {
  const why = rejected === 0 ? "no override" : "no override applies";
  const stage = forTerminal(subject.stage);
  return `${glyphs.restored} ${stage} ${actionWords("enforced")}${subjectWords(subject)}: ${why}`;
}

function rejectedLine({ seq, statement, author, objections }: Judged, { fork }: Subject): string {
  const { scope } = statement;
  const forks = fork && scope.forks !== true ? ", not for forks (--forks)" : "";
  const why = objections.map((objection) =>
    objection.code === "out-of-scope"
      ? `made for ${scopeWords(scope)}${forks}`
      : objectionWords(objection, "it"),
  );
  const what = `#${seq} ${statement.action} by ${forTerminal(author.id)}`;
  return `  ${glyphs.violation} ${what}: ${why.join("; ")}`;
}

/** `#412 until 17:00Z: alice, "eslint crash on TS 7" (INC-4312)`. */
function detail(judged: Judged): string {
  const { statement, author, seq } = judged;
  const who = forTerminal(author.id) + (statement.emergency === true ? ", emergency" : "");
  const tickets = statement.tickets.map(forTerminal).join(", ");
  const told = `${who}, ${reasonWords(statement.reason.text)}${tickets === "" ? "" : ` (${tickets})`}`;
  return `#${seq} until ${endWords(judged)}: ${told}`;
}

/** The time of day alone where it cannot be misread: what is in force began on the same day. */
function endWords({ start, end }: Judged): string {
  const full = formatUtcMinute(end);
  const [date, time = full] = full.split("T");
  return formatUtcMinute(start).startsWith(`${date}T`) ? time : full;
}

const ruleName = ({ rule }: Judged): string => (rule === null ? "none" : forTerminal(rule.id));
