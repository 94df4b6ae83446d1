/**
 * `optout status`, and `optout` alone: what is in force, what waits, what starts later.
 */
import { decide } from "../core/decide.ts";
import { exitStatus } from "../core/exit.ts";
import type { Judged } from "../core/judge.ts";
import type { Freeze, UnixSeconds } from "../core/policy.ts";
import { awaitedIn, isAwaitedFrom } from "../core/requests.ts";
import { recentlyMade, repeatCount, repeatWithinSeconds } from "../core/repeats.ts";
import { resultsOf } from "../core/results.ts";
import { dueReviews } from "../core/reviews.ts";
import { placesOf } from "../core/scope.ts";
import { isOpen, standings, stateOf, type Standing } from "../core/state.ts";
import type { Reading } from "../core/reading.ts";
import { formatUtc } from "../core/time.ts";
import { headOf, type View } from "../core/view.ts";
import { formerOverrides, readsAsFormer } from "../log/former-authors.ts";
import { aboveOf, type Above } from "../core/above.ts";
import type { Io } from "../output/io.ts";
import { statusJson } from "../output/look-back-json.ts";
import { contextIn, overrideJson } from "../output/override-json.ts";
import { voidedLines } from "../output/former-words.ts";
import { tellerWords, undeliveredWords, type Untold } from "../output/notify-words.ts";
import { repeatJson, repeatLines, type Repeat } from "../output/repeat-words.ts";
import { reviewLines } from "../output/request-words.ts";
import { frozenLine, statusLines } from "../output/status-words.ts";
import { marked } from "../output/paint.ts";
import { linesFor } from "../output/wrap.ts";
import type { Call } from "./command.ts";
import { wholeView } from "./history.ts";
import type { Openers, OpenLog } from "./openers.ts";
import { paintOut } from "./paint.ts";
import { printOverrides } from "./print-overrides.ts";
import { limitSeconds, revokedKeys, trustedView } from "./read-log.ts";
import { readerOf } from "./reader.ts";
import { sourceOf } from "./source.ts";
import { undeliveredIn } from "./undelivered.ts";

export async function status(call: Call, io: Io, open: Openers): Promise<number> {
  const found = await look(io, open);
  if (call.has("json")) await printFound(call, io, found, open);
  else await tell(call, io, found);
  return exitStatus("ok");
}

interface Found {
  readonly log: OpenLog;
  readonly view: View;
  readonly all: readonly Standing[];
  /** Positions of the overrides that wait for the reader's approval. */
  readonly forMe: readonly number[];
  readonly reviews: ReturnType<typeof dueReviews>;
  readonly frozen: readonly Frozen[];
  /** What decides in its stead, where something does. */
  readonly above: (judged: Judged) => Above | null;
  readonly untold: readonly Untold[];
  readonly repeats: readonly Repeat[];
  readonly former: Voided;
}

interface Frozen {
  readonly stage: string;
  readonly freeze: Freeze;
  /** What decides all the same. */
  readonly winner: Judged | null;
}

async function look(io: Io, open: Openers): Promise<Found> {
  const [log, defaultBranch] = await Promise.all([open.log(), open.defaultBranch()]);
  const [view, reader] = await Promise.all([
    trustedView(log, io, {
      atLeastSeconds: limitSeconds(log.policy),
      gladlySeconds: repeatWithinSeconds,
    }),
    readerOf(log, open),
  ]);
  const forMe = awaitedIn(view, io.now(), defaultBranch).flatMap((awaited) =>
    reader !== null && isAwaitedFrom(awaited, reader) ? [awaited.judged.seq] : [],
  );
  return {
    log,
    view,
    forMe,
    all: standings(view, io.now(), defaultBranch).filter(({ state }) => isOpen(state)),
    reviews: dueReviews(view, defaultBranch),
    frozen: frozenNow(view, io.now(), defaultBranch),
    above: (judged) => aboveOf(view, judged, { now: io.now(), defaultBranch }),
    // channels that cannot be read are a finding of policy check and of doctor
    untold: await undeliveredIn(log, view, {
      open,
      io,
      defaultBranch,
      reader: async () => reader,
    }).catch(() => []),
    repeats: repeatsIn(view, io.now(), defaultBranch),
    former: await voidedIn(log, view, io, open),
  };
}

async function printFound(call: Call, io: Io, found: Found, open: Openers): Promise<void> {
  const { log, view, all } = found;
  const source = await sourceOf(log, open);
  const objects = all.map((one) => overrideJson(one, contextIn(view, one.judged, source)));
  printOverrides(call, io, objects, (overrides) => jsonOf(found, overrides, io.now()));
}

function jsonOf(found: Found, overrides: readonly object[], now: UnixSeconds): object {
  const { log, view, forMe, reviews, frozen, untold, repeats, former } = found;
  return statusJson({
    overrides,
    forMe,
    reviews: reviews.map(({ created, at }) => ({
      seq: created.reading.seq,
      id: created.statement.id,
      due: formatUtc(at),
      overdue: now >= at,
    })),
    frozen: frozen.map(({ stage, freeze }) => ({ stage, freeze: freeze.id, line: freeze.line })),
    repeats: repeats.map(repeatJson),
    revokedKeys: revokedKeys(view),
    voided: former.proven.map(({ judged: { seq, statement, author } }) => ({
      seq,
      id: statement.id,
      stage: statement.target.name,
      by: author.id,
    })),
    undelivered: untold.map(({ channel, notices }) => ({ channel, notices })),
    policy: { digest: log.policy.digest, commit: log.policyCommit, source: log.policySource },
    log: { store: log.store.name, head: headOf(view) },
  });
}

async function tell(call: Call, io: Io, found: Found): Promise<void> {
  const paint = await paintOut(call, io);
  const lines = statusLines(found.all, {
    now: io.now(),
    zone: io.zone,
    paint,
    policySource: found.log.policySource,
    revokedKeys: revokedKeys(found.view),
    isFrozen: found.frozen.length > 0,
    forMe: new Set(found.forMe),
    above: found.above,
    results: new Map(found.all.map(({ judged }) => [judged.seq, resultsOf(found.view, judged)])),
  });
  const stops = found.frozen.map((one) => frozenLine(one.stage, one, paint));
  const owed = reviewLines(found.reviews, { now: io.now(), zone: io.zone, paint });
  const untold = found.untold.map((one) =>
    marked(paint, "waiting", `${undeliveredWords(one)}: ${tellerWords(one)}`),
  );
  const again = found.repeats.flatMap((one) => repeatLines(one, { now: io.now(), paint }));
  const voided = voidedLines(found.former.proven, found.former.unproven, paint);
  io.out(linesFor(io, [...lines, ...voided, ...stops, ...owed, ...untold, ...again]));
}

/** What would be open, had the policy still the keys of its authors. */
interface Voided {
  readonly proven: readonly Standing[];
  readonly unproven: readonly Reading[];
}

async function voidedIn(log: OpenLog, view: View, io: Io, open: Openers): Promise<Voided> {
  if (readsAsFormer(view).length === 0) return { proven: [], unproven: [] };
  // the policies of then may stand anywhere in the log
  const whole = await wholeView(log);
  const now = io.now();
  const { proven, unproven } = await formerOverrides(whole, () => open.history(log), now);
  return {
    proven: proven
      .map(({ standing }) => standing)
      .filter(({ judged }) =>
        isOpen(
          stateOf({
            ...judged,
            objections: judged.objections.filter(({ code }) => code !== "author-gone"),
          }),
        ),
      ),
    unproven: unproven.filter(({ claim }) => {
      const { nbf = null, duration = null } = claim ?? {};
      return nbf === null || duration === null || nbf + duration > now;
    }),
  };
}

/** The stages of the policy that are opted out of again and again. */
function repeatsIn(view: View, now: UnixSeconds, defaultBranch: string | null): readonly Repeat[] {
  return [...view.policy.stages.keys()].flatMap((stage) => {
    const made = recentlyMade(view, stage, now, defaultBranch);
    return made.length < repeatCount ? [] : [{ stage, count: made.length, made }];
  });
}

/** The stages that are frozen on the default branch, each in its own environment. */
function frozenNow(view: View, now: UnixSeconds, branch: string | null): readonly Frozen[] {
  return [...view.policy.stages.values()].flatMap(({ id, environment }) => {
    const scope = { branches: "*", ...(environment === null ? {} : { environment }) } as const;
    const [subject] = placesOf(id, scope, branch).flatMap(({ subjects }) => subjects);
    const decision = subject === undefined ? null : decide({ view, subject, now });
    if (decision?.kind !== "decided" || decision.freeze === null) return [];
    const { freeze, inForce } = decision;
    return [{ stage: id, freeze, winner: inForce[0] ?? null }];
  });
}
