/**
 * What a writing command would do, before it does: by which rule, who must agree and who is told, what
 * depends on the stage, when it ends, and how to take it back. The same block stands in a dry run and
 * before a question.
 */
import type { Channel } from "../core/channel.ts";
import type { Rule } from "../core/policy.ts";
import type { Statement } from "../core/statement.ts";
import { effectLines } from "./effect-words.ts";
import { forTerminal } from "./escape.ts";
import type { EffectJson } from "./override-json.ts";
import { marked, type Paint } from "./paint.ts";
import { channelWords } from "./told-words.ts";

export interface WouldBe {
  /** What it comes to, already for a terminal. */
  readonly lines: readonly string[];
  readonly stage: string;
  /** Null where no rule is needed to say it. */
  readonly rule: Pick<Rule, "id" | "line"> | null;
  /** Who could approve it; null where nothing has to be approved. */
  readonly approvers: readonly string[] | null;
  readonly ends: string;
  readonly effects: readonly EffectJson[];
  readonly told: readonly Pick<Channel, "name" | "to">[];
  /** The command that takes it back; null where nothing does. */
  readonly undo: string | null;
  /** Null where nothing would be recorded. */
  readonly statement: Statement | null;
}

/** @param policySource where the rule's line is */
export function wouldBeLines(
  one: WouldBe,
  { policySource, paint }: { readonly policySource: string; readonly paint: Paint },
): readonly string[] {
  const { lines, stage, rule, approvers, ends, effects, told, undo } = one;
  return [
    ...lines.map((line) => `  ${line}`),
    ...(rule === null
      ? []
      : [`  rule ${rule.id} is line ${rule.line} of ${forTerminal(policySource)}`]),
    ...(approvers === null
      ? []
      : [`  could approve: ${approvers.map(forTerminal).join(", ") || "nobody"}`]),
    `  ends: ${ends}`,
    ...effectLines(stage, effects, paint),
    told.length === 0
      ? "  would tell: nobody, for the policy names no channel for it"
      : `  would tell: ${told.map(channelWords).join(", ")}`,
    `  undo: ${undo ?? "nothing takes it back"}`,
  ];
}

/** The block of a dry run: the same, and the exact record. */
export function dryRunLines(
  one: WouldBe,
  context: { readonly policySource: string; readonly paint: Paint },
): readonly string[] {
  const { statement } = one;
  return [
    marked(context.paint, "waiting", "dry run: nothing is recorded"),
    ...wouldBeLines(one, context),
    ...(statement === null ? [] : [`  record: ${forTerminal(JSON.stringify(statement))}`]),
  ];
}

export interface PreviewJson {
  readonly kind: "optout/preview";
  readonly v: 1;
  readonly statements: readonly Statement[];
  /** Channels of all of them, each once. */
  readonly told: readonly { readonly channel: string; readonly to: string }[];
  readonly previews: readonly {
    readonly stage: string;
    readonly rule: { readonly id: string; readonly line: number } | null;
    readonly approvers: readonly string[] | null;
    readonly ends: string;
    readonly effects: readonly EffectJson[];
    readonly undo: string | null;
  }[];
}

export function previewJson(all: readonly WouldBe[]): PreviewJson {
  const told = new Map(all.flatMap((one) => one.told.map(({ name, to }) => [name, to] as const)));
  return {
    kind: "optout/preview",
    v: 1,
    statements: all.flatMap(({ statement }) => statement ?? []),
    told: [...told].map(([channel, to]) => ({ channel, to })),
    previews: all.map(({ stage, rule, approvers, ends, effects, undo }) => ({
      stage,
      rule: rule === null ? null : { id: rule.id, line: rule.line },
      approvers,
      ends,
      effects,
      undo,
    })),
  };
}
