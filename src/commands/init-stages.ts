/**
 * The stages that `optout init` begins a policy with: `--stage`, else what the work tree's CI files
 * and scripts suggest, else the usual ones. On a terminal they are chosen from.
 */
import { OptoutError } from "../core/errors.ts";
import { isStageId } from "../core/ids.ts";
import { kindOfName, type NewStage } from "../core/new-stage.ts";
import { stageChoice } from "../output/init-words.ts";
import { askChoices } from "../output/prompt.ts";
import { workTreeFiles } from "../system/work-tree.ts";
import type { InitCall } from "./init-operator.ts";

const usualStages = [
  "lint",
  "unit-tests",
  "type-check",
  "integration-tests",
  "build",
  "deploy-prod",
] as const;
const defaultStages: readonly string[] = ["lint", "unit-tests"];

/** At least one, each once. @throws `usage` for a `--stage` that is no id */
export async function chosenStages(
  { call, io, open, asks }: InitCall,
  root: string,
): Promise<readonly NewStage[]> {
  const given = [...new Set(call.texts("stage"))];
  const wrong = given.find((stage) => !isStageId(stage));
  if (wrong !== undefined) {
    throw new OptoutError("usage", `--stage ${JSON.stringify(wrong)} is not the id of a stage`, {
      hint: "a-z, 0-9, dot, _, / and -, such as lint or deploy/eu",
    });
  }
  const proposed = await proposedStages(root);
  const found = (id: string): Pick<NewStage, "environment" | "gate"> => {
    const { environment = null, gate = null } = proposed.find((stage) => stage.id === id) ?? {};
    return { environment, gate };
  };
  if (given.length > 0) return given.map((id) => ({ ...named(id), ...found(id) }));
  if (!asks) return proposed.length > 0 ? proposed : defaultStages.map(named);
  const known = proposed.length > 0 ? proposed : usualStages.map(named);
  const choices = known.map((stage) => ({
    name: stageChoice(stage),
    value: stage.id,
    checked: stage.from !== null || defaultStages.includes(stage.id),
  }));
  const question = "Stages that may be opted out of:";
  const chosen = new Set(await open.paused(() => askChoices(io, question, choices)));
  return known.filter(({ id }) => chosen.has(id));
}

async function proposedStages(root: string): Promise<readonly NewStage[]> {
  const { readWiring } = await import("../wiring/read-wiring.ts");
  const { proposeStages } = await import("../wiring/propose.ts");
  return proposeStages(await readWiring(workTreeFiles(root)));
}

const named = (id: string): NewStage => ({
  id,
  kind: kindOfName(id) ?? "quality",
  environment: null,
  from: null,
});
