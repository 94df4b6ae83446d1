/**
 * What a writing command tells: what was recorded, why nothing was, or what would be.
 */
import { OptoutError } from "../core/errors.ts";
import { exitStatus } from "../core/exit.ts";
import { aboveOf } from "../core/above.ts";
import type { Issued, Refused } from "../operations/issue.ts";
import { nearby } from "../operations/nearby.ts";
import { commandLine, explainCommand } from "../output/command-words.ts";
import { failureJson } from "../output/failure.ts";
import type { Io } from "../output/io.ts";
import { irreversibleLines, rollbackLines } from "../output/irreversible-words.ts";
import { recordedLines, refusalLines, roomHints } from "../output/issue-words.ts";
import { printJson, printJsonLine } from "../output/json.ts";
import { contextIn, overrideJson } from "../output/override-json.ts";
import { dryRunLines, previewJson } from "../output/preview-words.ts";
import { repeatJson } from "../output/repeat-words.ts";
import { toldJson } from "../output/told-words.ts";
import { isCommandLine, linesFor, talkFor } from "../output/wrap.ts";
import type { Call } from "./command.ts";
import { placeWords } from "./issue-flags.ts";
import { wouldBeIssued } from "./issue-preview.ts";
import type { Announcement, Effects, Scene } from "./issue-scene.ts";
import { paintErr, paintOut } from "./paint.ts";
import { printOverrides } from "./print-overrides.ts";
import { printTold } from "./telling.ts";

export async function tellIssued(
  call: Call,
  io: Io,
  scene: Announcement,
  issued: readonly Issued[],
): Promise<void> {
  if (issued.length === 0) return;
  const effects = await scene.effects;
  if (call.has("json")) {
    const objects = issued.map(({ standing, view }) => {
      const { id, target } = standing.judged.statement;
      const repeat = scene.repeats.get(target.name);
      return {
        ...overrideJson(standing, contextIn(view, standing.judged, scene.source)),
        effects: effects.get(target.name) ?? [],
        repeat: repeat === undefined ? null : repeatJson(repeat),
        told: toldJson(scene.announced.told, id),
      };
    });
    printOverrides(call, io, objects);
    return;
  }
  if (call.has("quiet")) {
    for (const { standing } of issued) io.out(`${standing.judged.statement.id}\n`);
    return;
  }
  const paint = await paintErr(call, io);
  const now = io.now();
  const { defaultBranch } = scene.issuer;
  const newest = issued.at(-1)?.view ?? scene.view;
  const lines = recordedLines(issued, {
    above: (judged) => aboveOf(newest, judged, { now, defaultBranch }),
    signer: {
      principal: scene.issuer.writer.principal.id,
      source: scene.issuer.writer.signer.source,
      fingerprint: scene.issuer.writer.signer.key.fingerprint,
    },
    store: scene.log.store.name,
    policy: scene.log.policy,
    now,
    zone: io.zone,
    paint,
    repo: call.text("repo") ?? null,
    effects,
    told: scene.announced.told,
    redRuns: await scene.redRuns,
    repeats: scene.repeats,
  });
  io.err(talkFor(io, lines.talk));
  await printTold(call, io, scene.announced);
  io.out(linesFor(io, lines.answer));
}

export async function tellRefused(
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
    const why = first === undefined ? null : explainCommand(first.request.stage, typed);
    const [hint = why] = told.flatMap((one) => [
      ...roomHints(one.refused),
      ...one.nearby.map((near) => commandLine(near, typed)),
    ]);
    const details = refused.map(({ request, refused: places }) => ({
      stage: request.stage,
      places: places.map(({ place, rule, objections }) => ({
        place,
        rule: rule?.id ?? null,
        line: rule?.line ?? null,
        objections,
      })),
    }));
    const failure = failureJson(new OptoutError("refused", message, hint === null ? {} : { hint }));
    const error = { ...failure.error, refused: details };
    printJsonLine({ out: (text) => io.err(text) }, { error });
    return exitStatus("refused");
  }
  const paint = await paintErr(call, io);
  io.err(
    talkFor(
      io,
      refusalLines(told, { policySource: log.policySource, place: typed, paint }),
      isCommandLine,
    ),
  );
  return exitStatus("refused");
}

export async function tellPreview(
  call: Call,
  io: Io,
  scene: Scene,
  effects: Effects,
): Promise<number> {
  const { view, requests } = scene;
  const all = await wouldBeIssued(scene, effects, io);
  if (call.has("json")) {
    printJson(io, previewJson(all));
    return exitStatus("ok");
  }
  const paint = await paintOut(call, io);
  const undoing = requests.flatMap(({ stage: id, action }) => {
    const stage = view.policy.stages.get(id);
    if (stage === undefined || action === "hold") return [];
    return stage.irreversible ? irreversibleLines(stage, paint) : rollbackLines(stage);
  });
  const context = { policySource: scene.log.policySource, paint };
  const lines = all.flatMap((one) => dryRunLines(one, context));
  io.out(linesFor(io, [...lines, ...undoing]));
  return exitStatus("ok");
}
