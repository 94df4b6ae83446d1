/**
 * What the verdict says: each job with its result and why that is accepted or not.
 *
 * What an override accepts is never called passed: it reads `overridden`.
 */
import type { JudgedJob } from "../core/verdict.ts";
import type { DecisionJson } from "./decision-json.ts";
import { forCommandData, forSummary } from "./escape-ci.ts";
import { forTerminal } from "./escape.ts";
import {
  headText,
  summaryEnd,
  troubleLine,
  warningCommand,
  type GateResult,
} from "./gate-words.ts";
import { glyphs } from "./paint.ts";
import { redact } from "./redact.ts";

export interface Verdict extends GateResult {
  readonly jobs: readonly JudgedJob[];
  readonly decisions: readonly DecisionJson[];
}

export interface VerdictJson {
  readonly kind: "optout/verdict";
  readonly v: 1;
  readonly accepted: boolean;
  readonly jobs: readonly (Omit<JudgedJob, "isAccepted"> & {
    readonly accepted: boolean;
    /** Accepted because of an override. */
    readonly overridden: boolean;
  })[];
  /** Why nothing could be decided. */
  readonly trouble: { readonly code: string; readonly message: string } | null;
  /** As `check --json` prints them; none in trouble. */
  readonly decisions: readonly DecisionJson[];
}

export function verdictJson({ jobs, trouble, decisions }: Verdict): VerdictJson {
  return {
    kind: "optout/verdict",
    v: 1,
    accepted: jobs.every(({ isAccepted }) => isAccepted),
    jobs: jobs.map((judged) => {
      const { job, stage, result, outcome, isAccepted } = judged;
      return {
        job,
        stage,
        result,
        outcome,
        accepted: isAccepted,
        overridden: isOverridden(judged),
      };
    }),
    trouble: trouble === null ? null : { code: trouble.code, message: redact(trouble.message) },
    decisions,
  };
}

const isOverridden = ({ isAccepted, result }: JudgedJob): boolean =>
  isAccepted && result !== "success";

/** For a terminal or a log. */
export function verdictText(verdict: Verdict): string {
  const trouble = troubleLine(verdict);
  const lines = [
    ...(trouble === null ? [] : [trouble]),
    ...verdict.jobs.flatMap((judged) => blockOf(judged, verdict)),
    endLine(verdict),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

/** The job, and under it what the log says where that matters. */
function blockOf(judged: JudgedJob, { answers }: Verdict): readonly string[] {
  const matters = judged.result !== "success" || !judged.isAccepted;
  const said = matters ? (answers.find(({ stage }) => stage === judged.stage)?.lines ?? []) : [];
  return [lineOf(judged), ...said.map((line) => `    ${line}`)];
}

function lineOf(judged: JudgedJob): string {
  const { job, stage, result, isAccepted } = judged;
  const glyph = isAccepted
    ? isOverridden(judged)
      ? glyphs.suspended
      : glyphs.restored
    : glyphs.violation;
  const name = stage === null || stage === job ? job : `${job} (${stage})`;
  return `${glyph} ${forTerminal(name)}: ${result}${whyOf(judged)}`;
}

function whyOf(judged: JudgedJob): string {
  const { stage, result, outcome, isAccepted } = judged;
  if (isAccepted) return isOverridden(judged) ? ", overridden" : "";
  if (outcome === "hold") return ", and the stage is held";
  if (outcome === "frozen") return ", and the stage is frozen";
  if (result === "cancelled") return ", which no override accepts";
  return stage === null
    ? ", and the job is no stage, nor named by --gate"
    : ", and no override accepts that";
}

function endLine({ jobs }: Verdict): string {
  const refused = jobs.filter(({ isAccepted }) => !isAccepted);
  if (refused.length > 0) {
    return `${glyphs.violation} not accepted: ${refused.map(({ job }) => forTerminal(job)).join(", ")}`;
  }
  const overridden = jobs.filter(isOverridden).length;
  const all = `${jobs.length} ${jobs.length === 1 ? "job" : "jobs"} accepted`;
  return overridden === 0
    ? `${glyphs.restored} ${all}`
    : `${glyphs.suspended} ${all}, ${overridden} overridden`;
}

/** Workflow commands: a group of all lines, one error of what is refused, one warning of what is overridden. */
export function verdictCommands(verdict: Verdict): string {
  const told = (wanted: (judged: JudgedJob) => boolean): readonly string[] =>
    verdict.jobs.filter(wanted).flatMap((judged) => blockOf(judged, verdict).slice(0, 2));
  const refused = told(({ isAccepted }) => !isAccepted);
  const overridden = told(isOverridden);
  return [
    `::group::optout verdict\n${verdictText(verdict)}${headText(verdict)}::endgroup::\n`,
    refused.length === 0
      ? ""
      : `::error title=optout::${refused.map(forCommandData).join("%0A")}\n`,
    overridden.length === 0 ? "" : warningCommand(overridden),
  ].join("");
}

/** The text of the step summary. */
export function verdictSummary(verdict: Verdict): string {
  const rows = verdict.jobs.map((judged) => {
    const [line = "", said = ""] = blockOf(judged, verdict);
    return `| ${forSummary(line)} | ${forSummary(said.trim())} |\n`;
  });
  return `### optout verdict\n\n${forSummary(endLine(verdict))}\n\n| job | what the log says |\n| --- | --- |\n${rows.join("")}\n${summaryEnd(verdict)}`;
}
