/**
 * What `optout status` says: in force first, then what waits, then what starts later.
 */
import { formatDuration } from "../core/duration.ts";
import type { UnixSeconds } from "../core/policy.ts";
import type { Results } from "../core/results.ts";
import type { Standing, State } from "../core/state.ts";
import { forTerminal } from "./escape.ts";
import { objectionWords } from "./objection-words.ts";
import { onceWords } from "./once-words.ts";
import { marked, type GlyphTone, type Paint } from "./paint.ts";
import { resultWords } from "./result-words.ts";
import { scopeWords } from "./scope-words.ts";
import { clockWords, untilWords } from "./times.ts";
import { actionWords, reasonWords } from "./words.ts";

export interface StatusContext {
  readonly now: UnixSeconds;
  readonly zone: string;
  readonly paint: Paint;
  readonly policySource: string;
  readonly revokedKeys: readonly { readonly kid: string; readonly owner: string }[];
  /** Whether the policy freezes a stage now. */
  readonly isFrozen: boolean;
  /** Positions of the overrides that wait for the reader's approval. */
  readonly forMe: ReadonlySet<number>;
  /** How the runs ended that used an override, by its position. */
  readonly results: ReadonlyMap<number, Results>;
}

const order: readonly State[] = ["in-force", "pending", "scheduled"];
const tones: Readonly<Partial<Record<State, GlyphTone>>> = { "in-force": "suspended" };

export function statusLines(all: readonly Standing[], context: StatusContext): readonly string[] {
  const { paint } = context;
  const keys = context.revokedKeys.map(({ kid, owner }) =>
    marked(
      paint,
      "violation",
      `key ${kid} of ${forTerminal(owner)} is revoked: take it out of the policy`,
    ),
  );
  if (all.length === 0) {
    return [
      ...keys,
      context.isFrozen
        ? marked(paint, "waiting", "no override is in force")
        : marked(paint, "restored", "no override is in force: every stage runs normally"),
    ];
  }
  const blocks = order.flatMap((state) =>
    all.filter((one) => one.state === state).flatMap((one) => blockOf(one, context)),
  );
  return [...keys, ...blocks];
}

function blockOf({ judged, state }: Standing, context: StatusContext): readonly string[] {
  const { statement, seq, author } = judged;
  const { now, zone, paint, forMe, results } = context;
  const ended = statement.action === "allow-failure" ? results.get(seq) : undefined;
  const result = ended === undefined ? "" : resultWords(ended);
  const tickets = statement.tickets.map(forTerminal).join(", ");
  const where = `${statement.target.name} ${actionWords(statement.action)} on ${scopeWords(statement.scope)}`;
  const told = `${forTerminal(author.id)}: ${reasonWords(statement.reason.text)}`;
  const emergency = statement.emergency === true ? paint("suspended", "  EMERGENCY") : "";
  return [
    `${marked(paint, tones[state] ?? "waiting", `#${seq}  ${where} ${timeOf(judged, state, now, zone)}${onceWords(statement)}`)}${emergency}`,
    `    ${told}${tickets === "" ? "" : ` (${tickets})`}`,
    ...(result === "" ? [] : [`    ${result}`]),
    ...judged.objections
      .filter(({ code }) => code !== "not-started")
      .map((objection) => `    ${paint("waiting", objectionWords(objection, "it"))}`),
    ...(forMe.has(seq)
      ? [`    ${paint("strong", "waits for you")}: optout approve ${seq}   (or deny)`]
      : []),
  ];
}

function timeOf(
  { start, end, statement }: Standing["judged"],
  state: State,
  now: UnixSeconds,
  zone: string,
): string {
  if (state === "scheduled") {
    return `from ${clockWords(start, now, zone)} for ${formatDuration(end - start)}`;
  }
  if (state === "pending") return `for ${formatDuration(statement.duration)}, once approved`;
  return untilWords(end, now, zone);
}
