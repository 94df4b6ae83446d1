/**
 * What `optout whoami --ready` says: which stages one could skip now, and why not the others.
 */
import { formatDuration } from "../core/duration.ts";
import type { Objection } from "../core/objection.ts";
import { objectionJson, type ObjectionJson } from "./decision-json.ts";
import { forTerminal } from "./escape.ts";
import { objectionWords } from "./objection-words.ts";
import { marked, type Paint } from "./paint.ts";

export interface ReadyReport {
  /** The log, and whether this machine may write to it. */
  readonly log: {
    readonly store: string;
    readonly appendable: boolean;
    readonly detail: string;
  };
  /** The receiving branch that is asked about. */
  readonly branch: string;
  readonly stages: readonly ReadyStage[];
}

export type ReadyStage = { readonly stage: string } & (
  | {
      readonly kind: "ready";
      readonly emergency: boolean;
      readonly longestSeconds: number;
      readonly ticket: string | null;
    }
  | { readonly kind: "not-ready"; readonly because: readonly Objection[] }
);

/** Whether every stage that was asked about can be skipped. */
export function isAllReady({ log, stages }: ReadyReport): boolean {
  return log.appendable && stages.every(({ kind }) => kind === "ready");
}

/** To stand below who she is. */
export function readyLines(report: ReadyReport, paint: Paint): readonly string[] {
  const { log, branch, stages } = report;
  const words = `${forTerminal(log.store)}: ${forTerminal(log.detail)}`;
  return [
    log.appendable ? `  log     ${words}` : marked(paint, "violation", `log     ${words}`),
    "",
    `You can skip, on ${forTerminal(branch)}, now:`,
    ...stages.map((one) => stageLine(one, log.appendable, paint)),
  ];
}

function stageLine(one: ReadyStage, appendable: boolean, paint: Paint): string {
  if (one.kind === "not-ready") {
    const why = one.because.map((objection) => objectionWords(objection)).join("; ");
    const isFrozen = one.because.some(({ code }) => code === "frozen");
    const instead = isFrozen ? `; what must run now: optout force ${one.stage}` : "";
    return marked(paint, "violation", `${one.stage}: no, because ${why}${instead}`);
  }
  if (!appendable) {
    return marked(paint, "violation", `${one.stage}: no, because nothing can be added to the log`);
  }
  const how = one.emergency ? "with --emergency, " : "";
  const ticket =
    one.ticket === null ? "" : `, with a ticket that matches ${forTerminal(one.ticket)}`;
  const limit = formatDuration(one.longestSeconds);
  return marked(paint, "restored", `${one.stage}: yes, ${how}for up to ${limit}${ticket}`);
}

export interface ReadyJson {
  readonly log: ReadyReport["log"];
  readonly branch: string;
  readonly stages: readonly {
    readonly stage: string;
    readonly ready: boolean;
    readonly emergency: boolean;
    readonly longestSeconds: number | null;
    readonly ticket: string | null;
    readonly because: readonly ObjectionJson[];
  }[];
}

export function readyJson({ log, branch, stages }: ReadyReport): ReadyJson {
  return {
    log,
    branch,
    stages: stages.map((one) => ({
      stage: one.stage,
      ready: one.kind === "ready" && log.appendable,
      emergency: one.kind === "ready" && one.emergency,
      longestSeconds: one.kind === "ready" ? one.longestSeconds : null,
      ticket: one.kind === "ready" ? one.ticket : null,
      because: one.kind === "ready" ? [] : one.because.map(objectionJson),
    })),
  };
}
