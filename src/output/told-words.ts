/**
 * Who was told, in words and as JSON.
 */
import type { Channel, ChannelKind } from "../core/channel.ts";
import type { Told } from "../core/notice.ts";
import { forTerminal } from "./escape.ts";
import { marked, type Paint } from "./paint.ts";

const titles: Readonly<Record<ChannelKind, string>> = {
  slack: "Slack",
  teams: "Teams",
  webhook: "webhook",
  email: "e-mail",
  exec: "program",
  forge: "pull request",
};

/** `shop-oncall (Slack)`, or `Slack` alone where the channel has no name of its own. */
export function channelWords({ name, to }: Pick<Channel, "name" | "to">): string {
  return name === to ? titles[to] : `${name} (${titles[to]})`;
}

/** A line for all that were told, one for all that wait, and one for each that could not be. */
export function toldLines(
  { told, problem }: { readonly told: readonly Told[]; readonly problem: string | null },
  paint: Paint,
): readonly string[] {
  const delivered = namesOf(told.filter(({ outcome }) => outcome.kind === "delivered"));
  const waiting = namesOf(told.filter((one) => one.outcome.kind === "elsewhere" && !isTest(one)));
  const unrecorded = told.find((one) => one.unrecorded !== null)?.unrecorded ?? null;
  return [
    ...(delivered === "" ? [] : [marked(paint, "restored", `told      ${delivered}`)]),
    ...(waiting === "" ? [] : [marked(paint, "waiting", `told      waiting for CI: ${waiting}`)]),
    ...told.flatMap((one) => untoldLine(one, paint)),
    ...(unrecorded === null
      ? []
      : [marked(paint, "violation", `told      not recorded: ${forTerminal(unrecorded.message)}`)]),
    ...(problem === null ? [] : [marked(paint, "violation", `not told  ${forTerminal(problem)}`)]),
  ];
}

/** Nobody tries a test again, here or in CI. */
const isTest = ({ notices }: Told): boolean => notices.length === 0;

/** Each channel once: what is told now and what was left from before are messages of their own. */
const namesOf = (told: readonly Told[]): string =>
  [...new Set(told.map(({ channel }) => channelWords(channel)))].join(", ");

function untoldLine(one: Told, paint: Paint): readonly string[] {
  const { channel, outcome } = one;
  const line = `not told  ${channelWords(channel)}: `;
  if (outcome.kind === "failed") {
    const { message, retryable } = outcome.problem;
    const next = retryable && !isTest(one) ? "; it is tried again" : "";
    return [marked(paint, "violation", `${line}${forTerminal(message)}${next}`)];
  }
  if (outcome.kind === "delivered" || !isTest(one)) return [];
  return [marked(paint, "waiting", `${line}${missingWords(outcome.missing)}`)];
}

/** That what is missing here is in CI: `CI tells it; not here: HOOK`. */
export function elsewhereWords(missing: readonly string[]): string {
  return missing.length === 0 ? "CI tells it" : `CI tells it; ${missingWords(missing)}`;
}

/** Who can bring an announcement about that is waited for: its record counts from them alone. */
export function announcerWords(author: string): string {
  return `by CI, or by ${forTerminal(author)} with optout notify flush`;
}

/** Which secrets are missing: `not here: HOOK, HOOK_KEY`. */
export function missingWords(missing: readonly string[]): string {
  return `not here: ${forTerminal(missing.join(", "))}`;
}

export interface ToldJson {
  readonly channel: string;
  readonly to: ChannelKind;
  readonly status: "delivered" | "failed" | "waiting";
  /** Why it failed, or what is missing here. */
  readonly detail: string | null;
}

/** What became of telling of one override, or of everything where none is named. */
export function toldJson(told: readonly Told[], override?: string): readonly ToldJson[] {
  return told
    .filter(
      ({ notices }) =>
        override === undefined ||
        notices.some(({ standing }) => standing.judged.statement.id === override),
    )
    .map(({ channel, outcome }) => ({
      channel: channel.name,
      to: channel.to,
      ...statusOf(outcome),
    }));
}

function statusOf(outcome: Told["outcome"]): Pick<ToldJson, "status" | "detail"> {
  switch (outcome.kind) {
    case "delivered":
      return { status: "delivered", detail: null };
    case "failed":
      return { status: "failed", detail: outcome.problem.message };
    case "elsewhere":
      return { status: "waiting", detail: outcome.missing.join(", ") };
  }
}
