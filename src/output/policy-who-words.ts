/**
 * What `optout policy who` says: everybody who may do something to a stage, by rule.
 */
import type { PersonsAccess, PlaceAccess } from "../core/access.ts";
import { formatDuration } from "../core/duration.ts";
import type { Action, Rule, Stage, UnixSeconds } from "../core/policy.ts";
import { formatUtc } from "../core/time.ts";
import { approvalWords } from "./approval-words.ts";
import { forTerminal } from "./escape.ts";
import { marked, type Paint } from "./paint.ts";

export interface AccessReview {
  readonly stage: Pick<Stage, "id" | "line" | "never">;
  /** The time that was asked about; null for now. */
  readonly at: UnixSeconds | null;
  readonly policy: {
    readonly digest: string;
    readonly commit: string;
    /** `.optout/policy.yaml at origin/HEAD`, or the position that recorded it. */
    readonly source: string;
    /** The position of the log that holds its text; null for the one of now. */
    readonly seq: number | null;
    readonly by: string | null;
    readonly recordedAt: UnixSeconds | null;
  };
  readonly places: readonly PlaceAccess[];
  /** Who may revoke anybody's key. */
  readonly keyRevokers: readonly string[];
}

export function accessLines(review: AccessReview, paint: Paint): readonly string[] {
  const { stage, policy, places, keyRevokers } = review;
  const never = stage.never.length === 0 ? [] : [`  never ${stage.never.join(", ")}, by anyone`];
  return [
    `${paint("strong", forTerminal(stage.id))} (line ${stage.line} of ${forTerminal(policy.source)})`,
    ...recordedLines(review),
    ...never,
    ...places.flatMap(({ places: where, rule, people }) => [
      "",
      ...(rule === null
        ? [
            marked(
              paint,
              "violation",
              `${where.map(forTerminal).join(", ")}: no rule fits, so nobody may override it`,
            ),
          ]
        : [
            marked(
              paint,
              "restored",
              `${where.map(forTerminal).join(", ")}: rule ${rule.id} (line ${rule.line})`,
            ),
            ...peopleLines(people, rule),
          ]),
    ]),
    "",
    `anybody's key may be revoked by: ${keyRevokers.map(forTerminal).join(", ") || "nobody but its owner"}`,
  ];
}

function recordedLines({ policy, at }: AccessReview): readonly string[] {
  const { seq, by, recordedAt, commit } = policy;
  const asked = at === null ? "" : ` at ${formatUtc(at)}`;
  if (seq === null || by === null || recordedAt === null) return [`  commit ${commit}`];
  return [
    `  in force${asked}: recorded as #${seq} by ${forTerminal(by)} at ${formatUtc(recordedAt)}, commit ${commit}`,
  ];
}

function peopleLines(people: readonly PersonsAccess[], rule: Rule): readonly string[] {
  if (people.length === 0) return ["  nobody"];
  const names = people.map(({ id, line }) => `${forTerminal(id)} (line ${line})`);
  const width = Math.max(...names.map((name) => name.length));
  return people.map(
    (one, index) => `  ${(names[index] ?? "").padEnd(width)}  ${mayWords(one, rule)}`,
  );
}

function mayWords(person: PersonsAccess, rule: Rule): string {
  const { actions, approvals, emergency, approves, revokes } = person;
  const needs = approvals === null ? "" : `, ${approvalWords(approvals)}`;
  const holds = approvals !== null && actions.includes("hold") ? " (none for a hold)" : "";
  return [
    ...(actions.length === 0
      ? []
      : [`${actions.join(", ")} up to ${formatDuration(rule.longestSeconds)}${needs}${holds}`]),
    ...(emergency.length === 0 || rule.emergency === null
      ? []
      : [
          `in an emergency ${emergency.join(", ")} up to ${formatDuration(rule.emergency.longestSeconds)}`,
        ]),
    ...(approves ? ["approve and deny"] : []),
    ...(revokes ? ["revoke"] : []),
  ].join("; ");
}

export interface PolicyWhoJson {
  readonly kind: "optout/policy-who";
  readonly v: 1;
  readonly stage: { readonly id: string; readonly line: number; readonly never: readonly Action[] };
  readonly at: string | null;
  readonly policy: {
    readonly source: string;
    readonly digest: string;
    readonly commit: string;
    readonly seq: number | null;
    readonly recordedBy: string | null;
    readonly recordedAt: string | null;
  };
  readonly places: readonly {
    readonly places: readonly string[];
    readonly rule: { readonly id: string; readonly line: number } | null;
    readonly people: readonly {
      readonly id: string;
      readonly name: string | null;
      readonly line: number;
      readonly actions: readonly Action[];
      readonly emergency: readonly Action[];
      readonly approves: boolean;
      readonly revokes: boolean;
    }[];
  }[];
  readonly keyRevokers: readonly string[];
}

export function accessJson({
  stage,
  at,
  policy,
  places,
  keyRevokers,
}: AccessReview): PolicyWhoJson {
  const { seq, by, recordedAt, source, digest, commit } = policy;
  return {
    kind: "optout/policy-who",
    v: 1,
    stage: { id: stage.id, line: stage.line, never: stage.never },
    at: at === null ? null : formatUtc(at),
    policy: {
      source,
      digest,
      commit,
      seq,
      recordedBy: by,
      recordedAt: recordedAt === null ? null : formatUtc(recordedAt),
    },
    places: places.map(({ places: names, rule, people }) => ({
      places: names,
      rule: rule === null ? null : { id: rule.id, line: rule.line },
      people: people.map(({ id, name, line, actions, emergency, approves, revokes }) => ({
        id,
        name,
        line,
        actions,
        emergency,
        approves,
        revokes,
      })),
    })),
    keyRevokers,
  };
}
