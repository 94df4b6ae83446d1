/**
 * `optout skip`, `allow-failure`, `force`, `hold`: ask the policy, sign, record, say what is true now.
 */
import { exitStatus } from "../core/exit.ts";
import type { Action } from "../core/policy.ts";
import { optsOut, recentlyMade, repeatCount } from "../core/repeats.ts";
import { standings } from "../core/state.ts";
import { authorize, issue, type Issued } from "../operations/issue.ts";
import type { Io } from "../output/io.ts";
import type { Repeat } from "../output/repeat-words.ts";
import type { Call, Run } from "./command.ts";
import { confirmAsked } from "./confirm-asked.ts";
import { confirmIrreversible } from "./confirm-irreversible.ts";
import { assertWired, readEffects } from "./effect.ts";
import { requestsOf } from "./issue-request.ts";
import {
  prepareScene,
  type Announcement,
  type Asking,
  type Effects,
  type Recording,
  type Scene,
} from "./issue-scene.ts";
import { tellIssued, tellPreview, tellRefused } from "./issue-tell.ts";
import type { Openers } from "./openers.ts";
import { announce, type Announced } from "./telling.ts";

/** The command for an action. */
export function issueCommand(action: Action): Run {
  return recordingCommand({
    ask: (call, setting) => Promise.resolve(requestsOf(call, action, setting)),
  });
}

/** A command that records overrides: asks the policy, signs, says what is true now. */
export function recordingCommand(asking: Asking): Run {
  return async (typed, io, open) => {
    const scene = await prepareScene(typed, asking, io, open);
    const { call, issuer, view, requests } = scene;
    const refused = requests.flatMap((request) => {
      const authorization = authorize(issuer, view, request);
      return authorization.kind === "refused" ? [{ ...authorization, request }] : [];
    });
    if (refused.length > 0) return tellRefused(call, io, scene, refused);
    const effects = effectsOf(call, scene, open);
    const redRuns = redRunsOf(call, scene, { open, io, effects });
    if (call.has("require-wired")) assertWired(await effects);
    if (call.isAsked) await confirmAsked(scene, await effects, io, open);
    await confirmIrreversible(scene, { effects, io, open });
    return call.has("dry-run")
      ? tellPreview(call, io, scene, await effects)
      : record(call, io, { ...scene, open, effects, redRuns, repeats: repeatsOf(scene, io) });
  };
}

/** Begun before the append, and read only where it is told. */
async function effectsOf(call: Call, { requests, log }: Scene, open: Openers): Promise<Effects> {
  const isTold = call.has("json") || !call.has("quiet");
  return isTold || call.has("require-wired") ? readEffects(requests, log, open) : new Map();
}

/** Begun before the append too; people alone are told. */
async function redRunsOf(
  call: Call,
  { requests }: Scene,
  { effects, ...more }: Pick<Recording, "open" | "effects"> & { readonly io: Io },
): Promise<ReadonlyMap<string, number>> {
  const isTold = !["dry-run", "json", "quiet", "rerun"].some((flag) => call.has(flag));
  if (!isTold || requests.some(({ action }) => action === "hold")) return new Map();
  const { countRedRuns } = await import("./red-runs.ts");
  return countRedRuns(requests, effects, more);
}

/** The stages for which this is one override too many; no extension is, nor what is not in force at once. */
function repeatsOf(
  { requests, view, issuer }: Scene,
  { now }: Pick<Io, "now">,
): ReadonlyMap<string, Repeat> {
  const wanted = requests.filter(
    ({ action, supersedes }) => optsOut(action) && supersedes === undefined,
  );
  return new Map(
    wanted.flatMap((request) => {
      const { stage, notBefore } = request;
      const made = recentlyMade(view, stage, now(), issuer.defaultBranch);
      const isAtOnce =
        authorize(issuer, view, request).kind === "allowed" && (notBefore ?? 0) <= now();
      const count = made.length + (isAtOnce ? 1 : 0);
      return count < repeatCount ? [] : [[stage, { stage, count, made }] as const];
    }),
  );
}

/** Every request was allowed before the first is recorded; what was recorded is told in any case. */
async function record(call: Call, io: Io, scene: Recording): Promise<number> {
  const issued: Issued[] = [];
  let { view } = scene;
  for (const request of scene.requests) {
    const outcome = await issue(scene.issuer, view, request);
    if (outcome.kind === "refused") {
      const [known, announced] = await announceIssued(io, { ...scene, view }, issued);
      await tellIssued(call, io, { ...scene, announced }, known);
      return tellRefused(call, io, { ...scene, view }, [outcome]);
    }
    issued.push(outcome);
    view = outcome.view;
  }
  const [known, announced] = await announceIssued(io, { ...scene, view }, issued);
  const waits = known.some(({ standing }) => standing.state === "pending");
  if (waits && call.has("wait")) return waitFor(call, io, { ...scene, view, announced }, known);
  await tellIssued(call, io, { ...scene, announced }, known);
  if (waits) return exitStatus("pending");
  return call.has("rerun") ? rerunIssued(call, io, { ...scene, view }, known) : exitStatus("ok");
}

async function rerunIssued(
  call: Call,
  io: Io,
  { open, log, view }: Recording,
  issued: readonly Issued[],
): Promise<number> {
  const { rerunFor } = await import("./rerun.ts");
  const all = issued.map(({ standing }) => standing);
  return rerunFor(call, io, open, { log, view, chosen: { kind: "stages", standings: all } });
}

/** Tells people; an override that may not be in force before that is looked at again. */
async function announceIssued(
  io: Io,
  { open, log, issuer, view }: Recording,
  issued: readonly Issued[],
): Promise<readonly [readonly Issued[], Announced]> {
  const { writer, defaultBranch } = issuer;
  const seqs = issued.map(({ standing }) => standing.judged.seq);
  const announced = await announce({ open, log, io, writer }, view, seqs);
  const waits = issued.some(({ standing }) =>
    standing.judged.objections.some(({ code }) => code === "not-announced"),
  );
  if (!waits || announced.told.length === 0) return [issued, announced];
  const after = await writer.read();
  const all = standings(after, writer.now(), defaultBranch);
  const known = issued.map((one) => ({
    ...one,
    standing: all.find(({ judged }) => judged.seq === one.standing.judged.seq) ?? one.standing,
    view: after,
  }));
  return [known, announced];
}

/** People are told at once what was recorded, and at the end what became of it; JSON is printed once. */
async function waitFor(
  call: Call,
  io: Io,
  scene: Announcement,
  issued: readonly Issued[],
): Promise<number> {
  const { waitUntilDecided } = await import("./wait.ts");
  const { issuer, open, view } = scene;
  if (!call.has("json")) await tellIssued(call, io, scene, issued);
  const seqs = issued.map(({ standing }) => standing.judged.seq);
  const { writer, defaultBranch } = issuer;
  const ended = await waitUntilDecided(call, io, { open, writer, view, seqs, defaultBranch });
  const now = issued.flatMap((one) => {
    const standing = ended.standings.find(({ judged }) => judged.seq === one.standing.judged.seq);
    return standing === undefined ? [] : [{ ...one, standing, view: ended.view }];
  });
  if (call.has("json")) await tellIssued(call, io, scene, now);
  return ended.exit;
}
