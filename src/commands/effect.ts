/**
 * Whether what is recorded can have an effect: which CI files ask about the stage, where the change is
 * received. Read beside the append; its failure is told and fails nothing.
 */
import { asOptoutError, OptoutError } from "../core/errors.ts";
import type { Action } from "../core/policy.ts";
import type { Scope } from "../core/statement.ts";
import { disobeyedWords } from "../output/effect-words.ts";
import type { AskJson, EffectJson } from "../output/override-json.ts";
import type { Asked, PlacedAsk } from "../wiring/asked.ts";
import type { RunPlace } from "../wiring/runs.ts";
import type { Wiring } from "../wiring/wiring.ts";
import type { Openers, OpenLog } from "./openers.ts";

/** Where a stage is asked about, for one place of a scope. */
export type Effect = EffectJson;

interface Wanted {
  readonly stage: string;
  readonly scope: Scope;
}

/** Seconds that the reading may take beside the append. */
const limitSeconds = 5;

/** For each request, its places and what asks there. Never throws. */
export async function readEffects(
  requests: readonly (Wanted & { readonly action: Action })[],
  log: OpenLog,
  open: Openers,
): Promise<ReadonlyMap<string, readonly Effect[]>> {
  const looked = await look(requests, log, open);
  return byStage(
    looked.map(({ wanted: { stage, action }, place, asked }) => [
      stage,
      [effectOf(action, place, asked)],
    ]),
  );
}

/** For each stage, all that asks about it anywhere in the places of its requests. Never throws. */
export async function readAsks(
  requests: readonly Wanted[],
  log: OpenLog,
  open: Openers,
): Promise<ReadonlyMap<string, readonly PlacedAsk[]>> {
  const looked = await look(requests, log, open);
  return byStage(looked.map(({ wanted: { stage }, asked }) => [stage, asked.asks]));
}

function byStage<T>(
  all: readonly (readonly [stage: string, found: readonly T[]])[],
): ReadonlyMap<string, readonly T[]> {
  const stages = new Map<string, readonly T[]>();
  for (const [stage, found] of all) stages.set(stage, [...(stages.get(stage) ?? []), ...found]);
  return stages;
}

interface Looked<T> {
  readonly wanted: T;
  readonly place: Place;
  readonly asked: Asked;
}

async function look<T extends Wanted>(
  requests: readonly T[],
  log: OpenLog,
  open: Openers,
): Promise<readonly Looked<T>[]> {
  const defaultBranch = await open.defaultBranch().catch(() => null);
  const places = requests.flatMap((wanted) =>
    placesOf(wanted.scope, defaultBranch).map((place) => ({ wanted, place })),
  );
  const refs = new Set(places.flatMap(({ place }) => place.refs));
  const { askedAbout } = await import("../wiring/asked.ts");
  const read = await wirings(log, [...refs], open);
  const judge = (stage: string, place: Place): Asked =>
    read instanceof OptoutError
      ? { asks: [], notRun: [], doubt: read.message, behind: [] }
      : askedAbout(
          stage,
          place.refs.flatMap((ref) => read.get(ref) ?? []),
          place.runs,
        );
  return places.map((one) => ({ ...one, asked: judge(one.wanted.stage, one.place) }));
}

async function wirings(
  log: OpenLog,
  refs: readonly string[],
  open: Openers,
): Promise<ReadonlyMap<string, Wiring> | OptoutError> {
  try {
    const { readWiring } = await import("../wiring/read-wiring.ts");
    return await open.remoteTrees({ log, refs, limitSeconds }, readWiring);
  } catch (thrown) {
    return asOptoutError(thrown);
  }
}

function effectOf(
  action: Action,
  { on, others }: Place,
  { asks, notRun, doubt, behind }: Asked,
): Effect {
  const row = ({ file, line, job, form, obeys, runFiles }: PlacedAsk): AskJson => ({
    file,
    line,
    job,
    form,
    obeys: obeys.includes(action),
    runFiles,
  });
  return {
    action,
    on,
    others,
    asks: asks.map(row),
    notRun: notRun.map(row),
    doubt,
    behind: behind.map(({ file, name }) => ({ file, job: name })),
  };
}

/** @throws `refused` unless something is seen to ask about every stage in every place, and to obey */
export function assertWired(effects: ReadonlyMap<string, readonly Effect[]>): void {
  for (const [stage, places] of effects) {
    for (const { action, on, asks, notRun, doubt } of places) {
      if (asks.some(({ obeys }) => obeys)) continue;
      const [deaf] = asks;
      if (deaf !== undefined) {
        const words = disobeyedWords(stage, action, [deaf]);
        throw new OptoutError("refused", `${words} on ${on.join(" or ")}; nothing was recorded`, {
          hint: `optout run ${stage} -- COMMAND   (in its job: obeys every action)`,
        });
      }
      const [idle] = notRun;
      const nothing =
        idle === undefined
          ? `nothing on ${on.join(" or ")} asks optout about ${stage}`
          : `${idle.file} (job ${idle.job ?? "unknown"}) asks about ${stage}, and does not run for ${on.join(" or ")}`;
      const message =
        doubt === null
          ? nothing
          : `it could not be told which CI files on ${on.join(" or ")} ask about ${stage} (${doubt})`;
      throw new OptoutError("refused", `${message}; nothing was recorded`, {
        hint: "optout stages   (tells which jobs of the work tree ask)",
      });
    }
  }
}

// --- places

interface Place {
  /** For people; any of them may ask. */
  readonly on: readonly string[];
  /** Whether it holds elsewhere too, where nobody looked. */
  readonly others: boolean;
  /** Full names; `HEAD` for the default branch. */
  readonly refs: readonly string[];
  /** Where a job must run to count; null for anywhere. */
  readonly runs: RunPlace | null;
}

/** A head's and a tag's pipelines may come of their own files or of the default branch's. */
function placesOf(scope: Scope, defaultBranch: string | null): readonly Place[] {
  const runs = (kind: RunPlace["kind"], name: string): RunPlace => ({ kind, name, defaultBranch });
  const main = {
    on: [defaultBranch ?? "the default branch"],
    others: false,
    refs: ["HEAD"],
    runs: defaultBranch === null ? null : runs("branch", defaultBranch),
  };
  const branch = (name: string): Place =>
    name === defaultBranch
      ? main
      : { on: [name], others: false, refs: [`refs/heads/${name}`], runs: runs("branch", name) };
  const orMain = ({ on, refs }: Pick<Place, "on" | "refs">): Place =>
    refs.includes("HEAD")
      ? main
      : { ...main, on: [...on, ...main.on], refs: [...refs, ...main.refs] };
  const head = (name: string): Place => ({ ...orMain(branch(name)), runs: runs("head", name) });
  const tag = (name: string): Place => ({
    ...orMain({ on: [name], refs: [`refs/tags/${name}`] }),
    runs: runs("tag", name),
  });
  return [
    ...(scope.branches === "*"
      ? [{ ...main, others: true, runs: null }]
      : (scope.branches ?? []).map(branch)),
    ...(scope.heads ?? []).map(head),
    ...(scope.tags ?? []).map(tag),
  ];
}
