/**
 * What `optout policy diff` says: each thing that is looser or tighter, as it was and as it is.
 */
import { formatDuration } from "../core/duration.ts";
import type { Difference, Direction, Remark, RemarkCode, Side } from "../core/policy-difference.ts";
import { approvalWords } from "./approval-words.ts";
import { forTerminal } from "./escape.ts";
import { objectionWords } from "./objection-words.ts";
import type { Paint } from "./paint.ts";

export interface DiffReport {
  /** Where each of them was read. */
  readonly old: { readonly source: string; readonly digest: string };
  readonly now: { readonly source: string; readonly digest: string };
  readonly loosens: boolean;
  readonly differences: readonly Difference[];
  readonly remarks: readonly Remark[];
}

/** What is looser first. */
export function diffLines(report: DiffReport, paint: Paint): readonly string[] {
  const { differences, remarks, old, now } = report;
  const all = [
    ...differences.map((one) => ({ ...one, lines: differenceLines(one) })),
    ...remarks.map((one) => ({ ...one, lines: remarkLines(one) })),
  ];
  if (all.length === 0) {
    return [
      `${forTerminal(now.source)} permits what ${forTerminal(old.source)} permits, no more and no less`,
    ];
  }
  const sorted = all.toSorted((a, b) => a.direction.localeCompare(b.direction));
  return sorted.flatMap(({ direction, lines: [first = "", ...others] }) => [
    `${paint(tones[direction], names[direction])}  ${first}`,
    ...others.map((line) => `          ${line}`),
  ]);
}

const names = { loosens: "LOOSENS ", tightens: "tightens" } as const;
const tones = { loosens: "violation", tightens: "restored" } as const;

function differenceLines(one: Difference): readonly string[] {
  const who = one.people.map(forTerminal).join(", ");
  const what = `${one.actions.join(", ")}${one.emergency ? " in an emergency" : ""}`;
  const places = one.places.map(forTerminal).join(", ");
  const where = places === "everywhere" ? places : `on ${places}`;
  return [
    `${forTerminal(one.stage)}: ${what} ${where} by ${who}`,
    `was  ${sideWords(one.was)}`,
    `now  ${sideWords(one.now)}`,
  ];
}

function sideWords({ terms, objections }: Side): string {
  if (terms === null) {
    const why = objections.map((one) => objectionWords(one, "it")).join("; ");
    return `refused${why === "" ? ", for the policy does not know them" : `: ${why}`}`;
  }
  const { rule, longestSeconds, reason, codes, ticket, approvals, reviewWithinSeconds } = terms;
  return [
    `up to ${formatDuration(longestSeconds)}`,
    approvals === null
      ? "no approval"
      : `${approvalWords(approvals)} within ${formatDuration(approvals.pendingSeconds)}`,
    ...(reason > 1 ? [`a reason of ${reason} characters`] : []),
    ...(codes === null ? [] : [`code ${codes.join(" or ")}`]),
    ...(ticket === null ? [] : [`a ticket that matches ${forTerminal(ticket)}`]),
    ...(terms.signedIn ? ["signed in to the forge"] : []),
    ...(terms.recordUse ? ["its use recorded"] : []),
    ...(terms.announce ? ["announced"] : []),
    ...(reviewWithinSeconds === null
      ? []
      : [`a review due in ${formatDuration(reviewWithinSeconds)}`]),
    `rule ${rule.id} (line ${rule.line})`,
  ].join(", ");
}

function remarkLines(remark: Remark): readonly string[] {
  const { stage, people, line } = remark;
  const who = people.map(forTerminal).join(", ");
  const at = line === null ? "" : ` (line ${line})`;
  const about = stage === null ? "" : `${forTerminal(stage)}: `;
  return [`${about}${remarkWords[remark.code](remark, who)}${at}`];
}

type Says = (remark: Remark, who: string) => string;

const gainsOr =
  (may: string): Says =>
  ({ now }, who) =>
    now === null ? `${who} may not ${may} any more` : `${who} may ${may}`;

const remarkWords: Readonly<Record<RemarkCode, Says>> = {
  "may-end": gainsOr("revoke or deny what others wrote"),
  "may-lift": gainsOr("lift holds that others wrote"),
  freeze: ({ was, now }) =>
    now === null
      ? `the freeze ${forTerminal(was ?? "")} is no more, or shorter`
      : `the freeze ${forTerminal(now)} is new, or longer`,
  kind: ({ was, now }) =>
    `of kind ${forTerminal(now ?? "")}, was ${forTerminal(was ?? "")}: of several overrides another one wins`,
  "when-unreachable": ({ was, now }) =>
    `${now ?? ""}s while the log cannot be read, was ${was ?? ""}`,
  stage: () => "the stage changed in a way that is not compared",
  rule: ({ now }) => `rule ${forTerminal(now ?? "")} changed in a way that is not compared`,
  limits: ({ now }) =>
    now === null ? "limits allow more, or cannot be compared" : "limits allow less",
  policy: () => "the policy changed in a way that is not compared",
  log: () => "the log is another one, or kept elsewhere",
  "key-added": (_, who) => `${who} has a key more`,
  "key-removed": (_, who) =>
    `${who} has a key less: holds by it end, and so do its revocations of other keys`,
  "principal-kind": ({ was, now }, who) => `${who} is of kind ${now ?? ""}, was ${was ?? ""}`,
  account: (_, who) => `${who} has another account on the forge`,
  ci: ({ now }, who) =>
    now === null
      ? `${who} may not record uses and announcements any more`
      : `${who} may record uses and announcements`,
  "key-revoker": ({ now }, who) =>
    now === null
      ? `${who} may not revoke keys any more, and what they revoked comes back`
      : `${who} may revoke keys`,
};

interface SideJson {
  readonly answer: "permitted" | "refused";
  readonly rule: { readonly id: string; readonly line: number } | null;
  readonly longestSeconds: number | null;
  readonly approvals: { readonly count: number; readonly from: readonly string[] } | null;
  readonly message: string;
}

export interface PolicyDiffJson {
  readonly kind: "optout/policy-diff";
  readonly v: 1;
  readonly loosens: boolean;
  readonly old: DiffReport["old"];
  readonly new: DiffReport["now"];
  readonly differences: readonly (Omit<Difference, "was" | "now"> & {
    readonly was: SideJson;
    readonly now: SideJson;
  })[];
  readonly remarks: readonly {
    readonly direction: Direction;
    readonly code: string;
    readonly stage: string | null;
    readonly people: readonly string[];
    readonly line: number | null;
    readonly message: string;
  }[];
}

export function diffJson({ old, now, loosens, differences, remarks }: DiffReport): PolicyDiffJson {
  return {
    kind: "optout/policy-diff",
    v: 1,
    loosens,
    old,
    new: now,
    differences: differences.map((one) => ({
      ...one,
      was: sideJson(one.was),
      now: sideJson(one.now),
    })),
    remarks: remarks.map((remark) => ({
      direction: remark.direction,
      code: remark.code,
      stage: remark.stage,
      people: remark.people,
      line: remark.line,
      message: remarkLines({ ...remark, line: null }).join(" "),
    })),
  };
}

function sideJson(side: Side): SideJson {
  const { terms } = side;
  const approvals = terms?.approvals ?? null;
  return {
    answer: terms === null ? "refused" : "permitted",
    rule: terms === null ? null : { id: terms.rule.id, line: terms.rule.line },
    longestSeconds: terms?.longestSeconds ?? null,
    approvals: approvals === null ? null : { count: approvals.count, from: approvals.from },
    message: sideWords(side),
  };
}
