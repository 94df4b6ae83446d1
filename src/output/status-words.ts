/**
 * What `optout status` says: in force first, then what waits, then what starts later.
 */
import type { Above } from "../core/above.ts";
import { formatDuration } from "../core/duration.ts";
import type { Judged } from "../core/judge.ts";
import type { Freeze, UnixSeconds } from "../core/policy.ts";
import type { Results } from "../core/results.ts";
import type { Standing, State } from "../core/state.ts";
import { aboveWords, wouldWords } from "./above-words.ts";
import { forTerminal } from "./escape.ts";
import { objectionWords } from "./objection-words.ts";
import { onceWords } from "./once-words.ts";
import { marked, type GlyphTone, type Paint } from "./paint.ts";
import { resultWords } from "./result-words.ts";
import { scopeWords } from "./scope-words.ts";
import { clockWords, untilWords } from "./times.ts";
import { announcerWords } from "./told-words.ts";
import { actionWords, freezeFact, freezeWords, reasonWords } from "./words.ts";

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
  /** What decides in its stead, where something does. */
  readonly above: (judged: Judged) => Above | null;
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
  const above = state === "in-force" ? context.above(judged) : null;
  const where = `${truthOf(judged, above)} on ${scopeWords(statement.scope)}`;
  const told = `${forTerminal(author.id)}: ${reasonWords(statement.reason.text)}`;
  const emergency = statement.emergency === true ? paint("suspended", "  EMERGENCY") : "";
  return [
    `${marked(paint, tones[state] ?? "waiting", `#${seq}  ${where} ${timeOf(judged, state, now, zone)}${onceWords(statement)}`)}${emergency}`,
    ...(above === null ? [] : [`    ${paint("strong", aboveWords(statement.target.name, above))}`]),
    `    ${told}${tickets === "" ? "" : ` (${tickets})`}`,
    ...(result === "" ? [] : [`    ${result}`]),
    ...judged.objections
      .filter(({ code }) => code !== "not-started")
      .map((objection) => {
        const why = objectionWords(objection, "it");
        const by = objection.code === "not-announced" ? `, ${announcerWords(author.id)}` : "";
        return `    ${paint("waiting", `${why}${by}`)}`;
      }),
    ...(forMe.has(seq)
      ? [`    ${paint("strong", "waits for you")}: optout approve ${seq}   (or deny)`]
      : []),
  ];
}

/** `lint is skipped`, or `would skip lint` where it decides nowhere. */
function truthOf({ statement: { action, target } }: Judged, above: Above | null): string {
  return above?.isEverywhere === true
    ? `${wouldWords[action]} ${target.name}`
    : `${target.name} ${actionWords(action)}`;
}

/** That a stage is frozen, and what beats that where something does. */
export function frozenLine(
  stage: string,
  { freeze, winner }: { readonly freeze: Freeze; readonly winner: Judged | null },
  paint: Paint,
): string {
  if (winner === null) return marked(paint, "suspended", freezeWords(stage, freeze));
  const { seq, statement } = winner;
  const truth = `${stage} ${actionWords(statement.action)}`;
  const what = `${freezeFact(stage, freeze)}, but #${seq} ${statement.action} is above it: ${truth}`;
  return marked(paint, "suspended", what);
}

function timeOf(
  { start, end, statement, objections }: Standing["judged"],
  state: State,
  now: UnixSeconds,
  zone: string,
): string {
  if (state === "scheduled") {
    return `from ${clockWords(start, now, zone)} for ${formatDuration(end - start)}`;
  }
  if (state !== "pending") return untilWords(end, now, zone);
  const codes = new Set(objections.map(({ code }) => code));
  const once = codes.has("not-announced") ? ["announced"] : [];
  // what waits for its announcement alone has begun, and its time goes by
  if (!codes.has("approvals")) return `${untilWords(end, now, zone)}, once ${once.join()}`;
  return `for ${formatDuration(statement.duration)}, once ${["approved", ...once].join(" and ")}`;
}
