/**
 * The stage that a command names.
 */
import { OptoutError } from "../core/errors.ts";
import type { Policy, Stage } from "../core/policy.ts";
import { closest } from "../core/suggest.ts";

/** The stage of that name. @throws `unknown-stage` with the known ones and the nearest */
export function stageOf(policy: Policy, name: string): Stage {
  const stage = policy.stages.get(name);
  if (stage !== undefined) return stage;
  const known = [...policy.stages.keys()];
  const near = closest(name, known);
  throw new OptoutError(
    "unknown-stage",
    `the policy knows no stage ${JSON.stringify(name)}; it knows ${known.join(", ") || "none"}`,
    { hint: near === null ? "optout policy check" : `did you mean ${near}?` },
  );
}
