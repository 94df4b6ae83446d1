/**
 * `optout history`: the overrides in the log, newest first, filtered.
 */
import { parseDuration } from "../core/duration.ts";
import { OptoutError } from "../core/errors.ts";
import { exitStatus } from "../core/exit.ts";
import { actions, type UnixSeconds } from "../core/policy.ts";
import type { Reading } from "../core/reading.ts";
import { resultsOf } from "../core/results.ts";
import { standings, states, type Standing } from "../core/state.ts";
import { parseTime } from "../core/time.ts";
import { viewOf, type View } from "../core/view.ts";
import { formerOverrides } from "../log/former-authors.ts";
import { assertConsistent, logIdOf, logMissing } from "../log/read.ts";
import { historyColumns } from "../output/history-table.ts";
import type { Io } from "../output/io.ts";
import { historyJson } from "../output/look-back-json.ts";
import { contextIn, overrideJson, sourceFor, type OverrideJson } from "../output/override-json.ts";
import { resultWords } from "../output/result-words.ts";
import { printTable } from "../output/table.ts";
import { linesFor } from "../output/wrap.ts";
import type { Call } from "./command.ts";
import { flagValue } from "./flag-value.ts";
import type { Openers, OpenLog } from "./openers.ts";
import { paintErr, paintOut } from "./paint.ts";
import { printOverrides } from "./print-overrides.ts";
import { sourceOf } from "./source.ts";
import { stageOf } from "./stage.ts";

export async function history(call: Call, io: Io, open: Openers): Promise<number> {
  if (call.has("csv") && call.has("json")) {
    const form = call.has("jsonl") ? "jsonl" : "json";
    throw new OptoutError("usage", `--${form} and --csv exclude each other`);
  }
  const matches = filterOf(call, io);
  const limit = limitOf(call);
  const [log, defaultBranch] = await Promise.all([open.log(), open.defaultBranch()]);
  const view = await wholeView(log);
  const former = await formerOverrides(view, () => open.history(log), io.now());
  const own = new Map(former.proven.map((one) => [one.standing, one.view]));
  const viewFor: ViewFor = (standing) => own.get(standing) ?? view;
  const all = [...standings(view, io.now(), defaultBranch), ...own.keys()];
  const named = new Set([
    ...all.map(({ judged }) => judged.statement.target.name),
    ...former.unproven.map(({ claim }) => claim?.stage),
  ]);
  // one that has left the policy may still have a history
  for (const stage of call.args) if (!named.has(stage)) stageOf(log.policy, stage);
  const found = all
    .filter(matches)
    .toSorted((a, b) => b.judged.seq - a.judged.seq)
    .slice(0, limit);
  await warnOfFormer(call, io, {
    proven: found.filter((one) => own.has(one)),
    unproven: former.unproven.filter((one) => isAbout(call, one.claim?.stage ?? "")),
  });
  if (!call.has("json") && !call.has("csv")) {
    await printHistory(call, io, viewFor, found);
    return exitStatus("ok");
  }
  const source = await sourceOf(log, open);
  const objects = found.map((one) =>
    overrideJson(one, contextIn(viewFor(one), one.judged, sourceFor(one, source))),
  );
  if (call.has("csv")) await printCsv(io, objects);
  else printOverrides(call, io, objects, historyJson);
  return exitStatus("ok");
}

/** The view that an override is judged in. */
type ViewFor = (standing: Standing) => View;

const isAbout = ({ args }: Call, stage: string): boolean =>
  args.length === 0 || args.includes(stage);

async function warnOfFormer(
  call: Call,
  io: Io,
  { proven, unproven }: { proven: readonly Standing[]; unproven: readonly Reading[] },
): Promise<void> {
  if (call.has("quiet")) return;
  const { formerLines } = await import("../output/former-words.ts");
  io.err(linesFor(io, formerLines(proven, unproven, await paintErr(call, io))));
}

async function printCsv(io: Io, objects: readonly OverrideJson[]): Promise<void> {
  const { csvText } = await import("../output/csv.ts");
  const { historyCsvColumns } = await import("../output/history-csv.ts");
  io.out(csvText(historyCsvColumns, objects));
}

async function printHistory(
  call: Call,
  io: Io,
  viewFor: ViewFor,
  found: readonly Standing[],
): Promise<void> {
  if (found.length === 0) {
    io.err("no override answers to that\n");
    return;
  }
  const paint = await paintOut(call, io);
  const results = (one: Standing): string =>
    one.judged.statement.action === "allow-failure"
      ? resultWords(resultsOf(viewFor(one), one.judged))
      : "";
  const columns = historyColumns(
    io.now(),
    found.some((one) => results(one) !== "") ? results : null,
  );
  printTable(io, columns, found, paint);
}

/**
 * Everything there is, for looking back.
 * @throws `log-missing`, `wrong-log`, `log-rewound`, `contradiction`, `unknown-version`
 */
export async function wholeView(log: OpenLog): Promise<View> {
  const logId = logIdOf(log.policy);
  // first, for another process of this machine may see more meanwhile
  const seen = log.memory.recall(logId);
  const view = await everyPosition(log);
  if (seen !== null && view.hashAt(seen.seq) !== seen.hash) {
    const what = `${log.store.name} was rewritten: #${seen.seq} is not what this machine has seen`;
    throw new OptoutError("log-rewound", what, { hint: "optout verify" });
  }
  assertConsistent(log.store, view);
  return view;
}

/** The same of a log that may be broken: for its bytes only. */
export async function everyPosition({ store, policy }: OpenLog): Promise<View> {
  const positions: Uint8Array[] = [];
  for await (const bytes of store.scan(0)) positions.push(bytes);
  if (positions.length > 0) return viewOf(policy, 0, positions);
  throw logMissing(store);
}

function limitOf(call: Call): number {
  const text = call.text("limit") ?? "30";
  const limit = Number(text);
  if (Number.isSafeInteger(limit) && limit > 0) return limit;
  throw new OptoutError("usage", `--limit ${text} is not a number from 1`);
}

function filterOf(call: Call, io: Io): (standing: Standing) => boolean {
  const wantedStates = oneOf(call, "state", states);
  const wantedActions = oneOf(call, "action", actions);
  const by = call.texts("by");
  const branches = call.texts("branch");
  const since = momentOf(call, "since", io);
  const before = momentOf(call, "before", io);
  const isIn = (list: readonly string[], value: string): boolean =>
    list.length === 0 || list.includes(value);
  return ({ judged, state }) => {
    const { statement, author } = judged;
    return (
      isAbout(call, statement.target.name) &&
      isIn(wantedStates, state) &&
      isIn(wantedActions, statement.action) &&
      isIn(by, author.id) &&
      coversOne(statement.scope.branches, branches) &&
      (since === null || statement.iat >= since) &&
      (before === null || statement.iat < before) &&
      (!call.has("emergency") || statement.emergency === true)
    );
  };
}

function coversOne(
  scope: readonly string[] | "*" | undefined,
  branches: readonly string[],
): boolean {
  if (branches.length === 0 || scope === "*") return true;
  return branches.some((branch) => scope?.includes(branch) === true);
}

function oneOf(call: Call, flag: string, known: readonly string[]): readonly string[] {
  for (const value of call.texts(flag)) {
    if (known.includes(value)) continue;
    throw new OptoutError("usage", `--${flag} ${value} is not one of ${known.join(", ")}`);
  }
  return call.texts(flag);
}

/** A point in time, or a duration back from now. */
export function momentOf(call: Call, flag: string, io: Io): UnixSeconds | null {
  const hint = "write it like 7d, 2026-11-21 or 2026-11-21T17:00:00Z";
  const read = (text: string): UnixSeconds => {
    if (/^[0-9]+[smhdw]|^P/.test(text)) return io.now() - parseDuration(text);
    const date = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text) ? `${text}T00:00` : text;
    return parseTime(date, io.now(), io.zone);
  };
  return flagValue(call, flag, read, hint) ?? null;
}
