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
  const named = (kind: Told["outcome"]["kind"]): string =>
    told
      .filter(({ outcome }) => outcome.kind === kind)
      .map(({ channel }) => channelWords(channel))
      .join(", ");
  const [delivered, waiting] = [named("delivered"), named("elsewhere")];
  const failures = told.flatMap(({ channel, outcome }) =>
    outcome.kind === "failed"
      ? [failure(paint, `${channelWords(channel)}: ${forTerminal(outcome.why)}; it is tried again`)]
      : [],
  );
  const unrecorded = told.find((one) => one.unrecorded !== null)?.unrecorded ?? null;
  return [
    ...(delivered === "" ? [] : [marked(paint, "restored", `told      ${delivered}`)]),
    ...(waiting === "" ? [] : [marked(paint, "waiting", `told      waiting for CI: ${waiting}`)]),
    ...failures,
    ...(unrecorded === null ? [] : [failure(paint, `not recorded: ${forTerminal(unrecorded)}`)]),
    ...(problem === null ? [] : [failure(paint, forTerminal(problem))]),
  ];
}

const failure = (paint: Paint, text: string): string =>
  marked(paint, "violation", `not told  ${text}`);

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
      return { status: "failed", detail: outcome.why };
    case "elsewhere":
      return { status: "waiting", detail: outcome.missing.join(", ") };
  }
}
