/**
 * The stages that a repository seems to have, for a first policy: what its CI files ask about
 * already, then jobs and scripts whose names tell what they are. What is unclear is left out.
 */
import { isStageId } from "../core/ids.ts";
import { kindOfName, type NewStage } from "../core/new-stage.ts";
import type { CiJob, Spot, Wiring } from "./wiring.ts";

/** More than anybody reads through; `--stage` names others. */
const maxStages = 20;

/** Scripts that change files or stay open, and are no stage of a pipeline. */
const byHand =
  /(?:^|[^a-z])(?:clean|debug|dev|fix|install|open|serve|start|ui|update|watch|write)(?:[^a-z]|$)/i;

/** At most 20, each id once, deploys last. */
export function proposeStages({ asks, jobs, scripts }: Wiring): readonly NewStage[] {
  const found = new Map<string, NewStage>();
  const add = (id: string, kind: NewStage["kind"] | null, from: Spot & Partial<CiJob>): void => {
    if (kind === null || !isStageId(id) || found.has(id)) return;
    const { file, line, isForeign = false, platform = null, environment = null } = from;
    const gate = isForeign ? platform : null;
    found.set(id, { id, kind, environment, from: { file, line }, gate });
  };
  for (const ask of asks) {
    if (ask.stage !== null) add(ask.stage, kindOfName(ask.stage) ?? "quality", ask);
  }
  for (const job of jobs) {
    if (job.asks.length === 0) add(idOf(job.name), kindOfName(job.name), job);
  }
  const names = new Set(scripts.map(({ name }) => name));
  for (const script of scripts) {
    if (byHand.test(script.name) || isHook(script.name, names)) continue;
    add(idOf(script.name), kindOfName(script.name), script);
  }
  const all = [...found.values()];
  const isDeploy = ({ kind }: NewStage): boolean => kind === "deploy";
  return [...all.filter((one) => !isDeploy(one)), ...all.filter(isDeploy)].slice(0, maxStages);
}

/** `Unit tests` as `unit-tests`, `test:e2e` as `test-e2e`. */
function idOf(name: string): string {
  return name
    .slice(0, 100)
    .normalize("NFKD")
    .replaceAll(/\p{M}/gu, "")
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1-$2")
    .toLowerCase()
    .replaceAll(/[^a-z0-9._/]+/g, "-")
    .replaceAll(/^[^a-z0-9]+|[^a-z0-9]+$/g, "");
}

/** npm runs `pretest` and `posttest` with `test`. */
function isHook(name: string, names: ReadonlySet<string>): boolean {
  const of = /^(?:pre|post)(.+)$/.exec(name)?.[1];
  return of !== undefined && names.has(of);
}
