/**
 * `optout skip`, `allow-failure`, `force`, `hold`: ask the policy, sign, record, say what is true now.
 */
import { OptoutError } from "../core/errors.ts";
import { exitStatus } from "../core/exit.ts";
import type { Action } from "../core/policy.ts";
import { standings } from "../core/state.ts";
import type { Statement } from "../core/statement.ts";
import type { View } from "../core/view.ts";
import {
  authorize,
  issue,
  preview,
  type Issued,
  type Issuer,
  type IssueRequest,
  type Refused,
} from "../operations/issue.ts";
import { nearby } from "../operations/nearby.ts";
import { commandLine } from "../output/command-words.ts";
import type { Io } from "../output/io.ts";
import { printJson } from "../output/json.ts";
import { previewLines, recordedLines, refusalLines } from "../output/issue-words.ts";
import { contextIn, oneOrAll, overrideJson, type Source } from "../output/override-json.ts";
import { titleOf } from "../output/title.ts";
import { toldJson } from "../output/told-words.ts";
import { accountFor } from "./account.ts";
import { withBranch } from "./ask-branch.ts";
import type { Call, Run } from "./command.ts";
import { assertWired, readEffects, type Effect } from "./effect.ts";
import { placeWords } from "./issue-flags.ts";
import { requestsOf, type Setting } from "./issue-request.ts";
import type { Openers, OpenLog } from "./openers.ts";
import { paintOut, paintErr } from "./paint.ts";
import { reasonOf } from "./reason.ts";
import { sourceOf } from "./source.ts";
import { announce, printTold, wouldTell, type Announced } from "./telling.ts";
import { firstView, limitSeconds, openWriter } from "./writer.ts";

/** The command for an action. */
export function issueCommand(action: Action): Run {
  return recordingCommand(async (call, setting, { io, open }) =>
    requestsOf(await withBranch(call, io, open, setting), action, setting),
  );
}

/** What a command line asks for. @param readView reads the log, at most once */
type Ask = (
  call: Call,
  setting: Setting,
  more: { readonly io: Io; readonly open: Openers; readonly readView: () => Promise<View> },
) => Promise<readonly IssueRequest[]>;

/** A command that records overrides: asks the policy, signs, says what is true now. */
export function recordingCommand(ask: Ask): Run {
  return async (call, io, open) => {
    const scene = await prepareScene(call, ask, io, open);
    const { issuer, view, requests } = scene;
    const refused = requests.flatMap((request) => {
      const authorization = authorize(issuer, view, request);
      return authorization.kind === "refused" ? [{ ...authorization, request }] : [];
    });
    if (refused.length > 0) return tellRefused(call, io, scene, refused);
    const effects = effectsOf(call, scene, open);
    const redRuns = redRunsOf(call, scene, { open, io, effects });
    if (call.has("require-wired")) assertWired(await effects);
    return call.has("dry-run")
      ? tellPreview(call, io, scene)
      : record(call, io, { ...scene, open, effects, redRuns });
  };
}

type Effects = ReadonlyMap<string, readonly Effect[]>;

/** Begun before the append, and read only where it is told. */
async function effectsOf(call: Call, { requests, log }: Scene, open: Openers): Promise<Effects> {
  const isTold = !call.has("dry-run") && (call.has("json") || !call.has("quiet"));
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

interface Scene {
  readonly log: OpenLog;
  readonly issuer: Issuer;
  readonly view: View;
  readonly requests: readonly IssueRequest[];
  readonly source: Source;
}

interface Recording extends Scene {
  readonly open: Openers;
  /** By stage. */
  readonly effects: Promise<Effects>;
  readonly redRuns: Promise<ReadonlyMap<string, number>>;
}

interface Announcement extends Recording {
  readonly announced: Announced;
}

async function prepareScene(call: Call, ask: Ask, io: Io, open: Openers): Promise<Scene> {
  if (call.has("rerun") && call.has("json")) {
    throw new OptoutError("usage", "--rerun and --json exclude each other", {
      hint: `optout rerun ${call.args.join(" ")} --json   afterwards`,
    });
  }
  const reason = await reasonOf(call, io, open);
  const [workplace, defaultBranch, log] = await Promise.all([
    open.workplace(),
    open.defaultBranch(),
    open.log(),
  ]);
  const { policy } = log;
  const setting = { policy, workplace, defaultBranch, reason, now: io.now(), zone: io.zone };
  let reading: Promise<View> | undefined;
  const readView = (): Promise<View> => (reading ??= firstView(log, io, limitSeconds(policy)));
  const requests = await ask(call, setting, { io, open, readView });
  const [writer, view, account] = await Promise.all([
    openWriter(open, log, io, { keyName: call.text("key") }),
    readView(),
    accountFor(open, requests, { policy, defaultBranch }),
  ]);
  const issuer = {
    writer,
    defaultBranch,
    account,
    title: (statement: Statement) => titleOf(statement),
  };
  return { log, issuer, view, requests, source: await sourceOf(log, open) };
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

async function tellIssued(
  call: Call,
  io: Io,
  scene: Announcement,
  issued: readonly Issued[],
): Promise<void> {
  if (issued.length === 0) return;
  const effects = await scene.effects;
  if (call.has("json")) {
    const objects = issued.map(({ standing, view }) => ({
      ...overrideJson(standing, contextIn(view, standing.judged, scene.source)),
      effects: effects.get(standing.judged.statement.target.name) ?? [],
      told: toldJson(scene.announced.told, standing.judged.statement.id),
    }));
    printJson(io, oneOrAll(objects));
    return;
  }
  if (call.has("quiet")) {
    for (const { standing } of issued) io.out(`${standing.judged.statement.id}\n`);
    return;
  }
  const paint = await paintErr(call, io);
  const lines = recordedLines(issued, {
    signer: {
      principal: scene.issuer.writer.principal.id,
      source: scene.issuer.writer.signer.source,
      fingerprint: scene.issuer.writer.signer.key.fingerprint,
    },
    store: scene.log.store.name,
    policy: scene.log.policy,
    now: io.now(),
    zone: io.zone,
    paint,
    repo: call.text("repo") ?? null,
    effects,
    redRuns: await scene.redRuns,
  });
  io.err(`${lines.talk.join("\n")}\n`);
  await printTold(call, io, scene.announced);
  io.out(`${lines.answer.join("\n")}\n`);
}

async function tellRefused(
  call: Call,
  io: Io,
  { log, issuer, view }: Pick<Scene, "log" | "issuer" | "view">,
  refused: readonly Refused[],
): Promise<number> {
  const told = refused.map((one) => ({ ...one, nearby: nearby(issuer, view, one.request) }));
  const typed = placeWords(call);
  if (call.has("json")) {
    const [first] = refused;
    const message =
      first === undefined
        ? ""
        : `the policy refuses ${first.request.action} ${first.request.stage}`;
    const [hint = null] = told.flatMap((one) => one.nearby.map((near) => commandLine(near, typed)));
    const details = refused.map(({ request, refused: places }) => ({
      stage: request.stage,
      places: places.map(({ place, rule, objections }) => ({
        place,
        rule: rule?.id ?? null,
        line: rule?.line ?? null,
        objections,
      })),
    }));
    io.err(
      `${JSON.stringify({ error: { code: "refused", exit: exitStatus("refused"), message, hint, retryable: false, refused: details } })}\n`,
    );
    return exitStatus("refused");
  }
  const paint = await paintErr(call, io);
  io.err(
    `${refusalLines(told, { policySource: log.policySource, place: typed, paint }).join("\n")}\n`,
  );
  return exitStatus("refused");
}

async function tellPreview(call: Call, io: Io, scene: Scene): Promise<number> {
  const { issuer, view, requests } = scene;
  const previews = requests.flatMap((request) => {
    const authorization = authorize(issuer, view, request);
    if (authorization.kind === "refused") return [];
    return [{ authorization, statement: preview(issuer.writer, view, request, authorization) }];
  });
  const told = await wouldTell(scene.log.policy, previews, issuer.defaultBranch);
  if (call.has("json")) {
    printJson(io, {
      kind: "optout/preview",
      v: 1,
      statements: previews.map(({ statement }) => statement),
      told: told.map(({ name, to }) => ({ channel: name, to })),
    });
    return exitStatus("ok");
  }
  const paint = await paintOut(call, io);
  io.out(`${previewLines(previews, told, paint).join("\n")}\n`);
  return exitStatus("ok");
}
