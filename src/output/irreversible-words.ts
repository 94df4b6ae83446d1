/**
 * What is said of a stage whose effect cannot be undone, and of the way back that the policy declares.
 */
import type { Stage } from "../core/policy.ts";
import { forTerminal } from "./escape.ts";
import { marked, type Paint } from "./paint.ts";

type Told = Pick<Stage, "id" | "irreversible" | "rollback">;

/** Before somebody confirms it. */
export function irreversibleLines(stage: Told, paint: Paint): readonly string[] {
  return [
    marked(paint, "suspended", `what ${stage.id} does cannot be undone`),
    ...rollbackLines(stage),
  ];
}

/** The way back; nothing where the policy declares none. It is shown, and never run. */
export function rollbackLines({ rollback }: Pick<Stage, "rollback">): readonly string[] {
  return rollback === null ? [] : [`  rollback: ${forTerminal(rollback)}`];
}
