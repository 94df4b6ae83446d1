/**
 * What `optout stages` says: each stage, where jobs ask about it, its rule, and what is in force.
 */
import { marked, type Paint } from "./paint.ts";
import { forTerminal } from "./escape.ts";
import { tableText, tsvText, type Column } from "./table.ts";

export interface StageRow {
  readonly stage: string;
  /** Null for one that CI files name and the policy does not know. */
  readonly kind: string | null;
  readonly rules: readonly string[];
  /** `#412 skip`; empty where nothing is in force. */
  readonly inForce: readonly string[];
  readonly asks: readonly AskRow[];
}

export interface AskRow {
  readonly file: string;
  readonly line: number;
  readonly job: string | null;
  readonly form: string;
  /** Whether its job can run for changes of the branch that was looked at. */
  readonly runs: boolean;
}

export interface FindingRow {
  readonly code: string;
  readonly weight: "red" | "warning";
  readonly file: string;
  readonly line: number;
  readonly meaning: string;
  readonly detail: string;
  readonly mend: string;
}

export interface StagesJson {
  readonly kind: "optout/stages";
  readonly v: 1;
  readonly stages: readonly StageRow[];
  readonly findings: readonly FindingRow[];
  readonly files: readonly string[];
  /** What `runs` is about; null where the default branch is not known. */
  readonly branch: string | null;
  readonly unseen: readonly {
    readonly file: string;
    readonly line: number;
    readonly what: string;
  }[];
}

interface Line extends Omit<StageRow, "asks"> {
  readonly ask: AskRow | null;
}

const forms: Readonly<Record<string, string>> = {
  "check-or": "check ||",
  action: "the gate's action",
  component: "a component",
};

const columnsFor = (branch: string | null): readonly Column<Line>[] => [
  { heading: "STAGE", text: ({ stage }) => stage },
  { heading: "KIND", text: ({ kind }) => kind ?? "unknown" },
  {
    heading: "ASKED BY",
    text: ({ ask }) => (ask === null ? "nothing" : wordsOf(ask, branch)),
    free: true,
  },
  {
    heading: "HOW",
    text: ({ ask }) => (ask === null ? "" : (forms[ask.form] ?? ask.form)),
    exact: ({ ask }) => ask?.form ?? "",
  },
  { heading: "RULE", text: ({ rules }) => (rules.length === 0 ? "none" : rules.join(", ")) },
  { heading: "IN FORCE", text: ({ inForce }) => inForce.join(", "), tone: () => "suspended" },
];

function wordsOf({ file, line, job, form, runs }: AskRow, branch: string | null): string {
  const spot = `${file}:${line}`;
  if (job === null) return form === "component" ? spot : `${spot} (no job runs it)`;
  return `${spot} (job ${job}${runs ? "" : `, not run for ${branch ?? "any branch"}`})`;
}

const linesOf = (rows: readonly StageRow[]): readonly Line[] =>
  rows.flatMap(({ asks, ...row }) => {
    const all: readonly (AskRow | null)[] = asks.length === 0 ? [null] : asks;
    return all.map((ask) => ({ ...row, ask }));
  });

/** The rows, and the branch that they are told for. */
export interface StageTable {
  readonly rows: readonly StageRow[];
  readonly branch: string | null;
}

export function stagesText({ rows, branch }: StageTable, width: number, paint: Paint): string {
  return tableText(columnsFor(branch), linesOf(rows), width, paint);
}

export function stagesTsv({ rows, branch }: StageTable): string {
  return tsvText(columnsFor(branch), linesOf(rows));
}

/** Each finding, and the line that mends it. */
export function findingLines(findings: readonly FindingRow[], paint: Paint): readonly string[] {
  return findings.flatMap(({ code, weight, file, line, meaning, detail, mend }) => [
    marked(
      paint,
      weight === "red" ? "violation" : "suspended",
      `${forTerminal(file)}:${line} ${code}: ${meaning} (${forTerminal(detail)})`,
    ),
    `    ${mend}`,
  ]);
}
