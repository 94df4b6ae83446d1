/**
 * What the gate says, as text: its lines, its files, its JSON. Nothing is written here.
 *
 * The words that are handed on are decisions. A job is left out only for `skip`, so a missing, empty
 * or unknown word lets the stage run: compare `!= 'skip'`, never `== 'enforced'`. What can be held or
 * frozen asks for itself with `run`, for the condition of its job lets it start.
 */
import { OptoutError } from "../core/errors.ts";
import type { Outcome } from "../core/decide.ts";
import type { ForgeName } from "../core/forge-name.ts";
import type { DecisionJson } from "./decision-json.ts";
import { dotenvLine, forCommandData, forSummary, outputBlock } from "./escape-ci.ts";
import { forTerminal } from "./escape.ts";
import { redact } from "./redact.ts";
import { actionWords } from "./words.ts";

export interface GateAnswer {
  readonly stage: string;
  readonly outcome: Outcome;
  /** What `check` says of it. */
  readonly lines: readonly string[];
}

export interface GateResult {
  readonly answers: readonly GateAnswer[];
  /** Why nothing could be decided; then every stage is enforced, or held where it must not run. */
  readonly trouble: OptoutError | null;
  /** The end of the log that was read: an anchor for whoever reads the job; null in trouble. */
  readonly head: { readonly seq: number; readonly hash: string } | null;
}

export interface GateJson {
  readonly kind: "optout/gate";
  readonly v: 1;
  /** The decision of each stage. */
  readonly outcomes: Readonly<Record<string, Outcome>>;
  /** Why nothing could be decided. */
  readonly trouble: { readonly code: string; readonly message: string } | null;
  /** As `check --json` prints them; none in trouble. */
  readonly decisions: readonly DecisionJson[];
}

export function gateJson(
  { answers, trouble }: GateResult,
  decisions: GateJson["decisions"],
): GateJson {
  return {
    kind: "optout/gate",
    v: 1,
    outcomes: Object.fromEntries(answers.map(({ stage, outcome }) => [stage, outcome])),
    trouble: trouble === null ? null : { code: trouble.code, message: redact(trouble.message) },
    decisions,
  };
}

/** For a terminal or a log. */
export function gateText({ answers }: GateResult): string {
  return answers.flatMap(({ lines }) => lines.map((line) => `${line}\n`)).join("");
}

/** `! optout could not decide, so …`; null where it could. */
export function troubleLine({ answers, trouble }: GateResult): string | null {
  if (trouble === null) return null;
  const held = answers.filter(({ outcome }) => outcome === "hold").map(({ stage }) => stage);
  const but =
    held.length === 0 ? "" : `, but for ${held.map(forTerminal).join(", ")}, which must not run`;
  return `! optout could not decide, so every stage runs normally${but}: ${forTerminal(redact(trouble.message))}`;
}

/** Workflow commands: a group of all lines, and one warning, because few are shown for each step. */
export function gateCommands(result: GateResult): string {
  const changed = result.answers.filter(({ outcome }) => outcome !== "enforced");
  const trouble = troubleLine(result);
  const told = trouble === null ? changed.map(({ lines }) => lines[0] ?? "") : [trouble];
  const warning = told.length === 0 ? "" : warningCommand(told);
  return `::group::optout gate\n${gateText(result)}${headText(result)}::endgroup::\n${warning}`;
}

/** `Log head 412:mC3r…`, as `optout verify --head` takes it, for the log of a job. */
export function headText({ head }: Pick<GateResult, "head">): string {
  return head === null ? "" : `  Log head ${head.seq}:${head.hash}\n`;
}

/** One warning of several lines. */
export function warningCommand(told: readonly string[]): string {
  return `::warning title=optout::${told.map(forCommandData).join("%0A")}\n`;
}

/** The text of the step summary. */
export function gateSummary(result: GateResult): string {
  const rows = result.answers.map(
    ({ stage, outcome, lines }) =>
      `| ${forSummary(stage)} | ${forSummary(actionWords(outcome))} | ${forSummary(lines[0] ?? "")} |\n`,
  );
  const trouble = troubleLine(result);
  const above = trouble === null ? "" : `${forSummary(trouble)}\n\n`;
  return `### optout\n\n${above}| stage | what becomes of it | why |\n| --- | --- | --- |\n${rows.join("")}\n${summaryEnd(result)}`;
}

/** What stands under the table; a number and a hash need no escaping. */
export function summaryEnd({ head }: Pick<GateResult, "head">): string {
  return head === null ? "" : `Log head \`${head.seq}:${head.hash}\`\n\n`;
}

/**
 * The outputs of the step: one of each stage's name, and `all_decisions`, which no stage can be called,
 * with all of them as JSON. @param delimiter nobody can guess it
 */
export function gateOutputs({ answers }: GateResult, delimiter: string): string {
  const outcomes = answers.map(({ stage, outcome }) => [stage, outcome] as const);
  return [...outcomes, ["all_decisions", JSON.stringify(Object.fromEntries(outcomes))] as const]
    .map(([name, value]) => outputBlock(name, value, delimiter))
    .join("");
}

/** A dotenv report: `OPTOUT_UNIT_TESTS=skip`. @throws `usage` when two stages have one name there */
export function gateDotenv({ answers }: GateResult): string {
  const names = answers.map(({ stage }) => variableOf(stage));
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new OptoutError("usage", `two of the stages would both be called ${twice}`);
  }
  return answers.map(({ stage, outcome }) => dotenvLine(variableOf(stage), outcome)).join("");
}

const variableOf = (stage: string): string =>
  `OPTOUT_${stage.toUpperCase().replace(/[^A-Z0-9]/g, "_")}`;

/** GitLab refuses a larger report, and fails the job. */
const mostDotenvBytes = 5 * 1024;
/** The least that a GitLab allows by default; gitlab.com allows 50 and more. */
const mostDotenvVariables = 20;

/** Why GitLab may refuse the report (docs.gitlab.com, "Application limits"); null where it will not. */
export function dotenvTrouble(report: string): string | null {
  const bytes = Buffer.byteLength(report);
  const count = report.split("\n").length - 1;
  if (bytes > mostDotenvBytes) {
    return `! GitLab refuses a dotenv report of ${bytes} bytes, the most are ${mostDotenvBytes}: name fewer stages`;
  }
  if (count <= mostDotenvVariables) return null;
  return `! a GitLab of one's own takes ${mostDotenvVariables} variables of a dotenv report by default, these are ${count}`;
}

interface ChildDoubt {
  readonly about: "rules" | "include";
  readonly job: string;
  readonly outcome: Outcome;
}

/** What is not known of a changed job of a child pipeline, and what follows from it. */
export function childTrouble(file: string, { about, job, outcome }: ChildDoubt): string {
  const [place, name] = [forTerminal(file), forTerminal(job)];
  if (about === "include") {
    const end = outcome === "skip" ? "fail" : `share its ${outcome}`;
    return `! ${place} includes other files: jobs of theirs that extend ${name} ${end}, and what they say of ${name} is not read`;
  }
  const what =
    outcome === "allow-failure"
      ? "where one of them says allow_failure, that counts"
      : "its stub is in every pipeline";
  return `! the rules of ${name} cannot be read from ${place} alone: ${what}`;
}

/** A section of GitLab's job log that can be folded. @param now Unix seconds */
export function gateSection(result: GateResult, now: number): string {
  return section(
    { title: "optout gate", text: `${gateText(result)}${headText(result)}`, isFolded: false },
    now,
  );
}

interface Section {
  readonly title: string;
  readonly text: string;
  readonly isFolded: boolean;
}

function section({ title, text, isFolded }: Section, now: number): string {
  const name = title.replaceAll(/\W+/g, "_");
  const mark = (what: string, options = ""): string =>
    `\u001B[0Ksection_${what}:${now}:${name}${options}\r\u001B[0K`;
  const start = mark("start", isFolded ? "[collapsed=true]" : "");
  return `${start}${title}\n${text}${mark("end")}\n`;
}

/** The first line, and what follows it folded away. @param now Unix seconds */
export function foldedText(
  forge: ForgeName,
  [first = "", ...more]: readonly string[],
  now: number,
): string {
  if (more.length === 0) return `${first}\n`;
  const text = more.map((line) => `${line}\n`).join("");
  const title = "optout details";
  const folded =
    forge === "github"
      ? `::group::${title}\n${text}::endgroup::\n`
      : section({ title, text, isFolded: true }, now);
  return `${first}\n${folded}`;
}
