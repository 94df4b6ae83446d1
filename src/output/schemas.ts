/**
 * What the JSON of optout looks like, for `optout schema`. The compiler refuses a schema that takes
 * more than its maker's type, and a list of words that is not the type's. That a schema takes all
 * that its maker returns is seen by tests, which hold the output against the JSON Schemas.
 *
 * The objects are open: members may be added. Off the check path.
 */
import { toJsonSchema } from "@valibot/to-json-schema";
import * as v from "valibot";

import type { Outcome } from "../core/decide.ts";
import { jobResults } from "../core/verdict.ts";
import type { DecisionJson } from "./decision-json.ts";
import type { GateJson } from "./gate-words.ts";
import { keySchemas } from "./schemas-keys.ts";
import { lookBackSchemas } from "./schemas-look-back.ts";
import { noticeSchemas } from "./schemas-notice.ts";
import { override, preview } from "./schemas-override.ts";
import type { OverridesJson } from "./override-json.ts";
import { policySchemas } from "./schemas-policy.ts";
import { setUpSchemas } from "./schemas-set-up.ts";
import { count, objection, oneOf, text } from "./schemas-shared.ts";
import type { VerdictJson } from "./verdict-words.ts";

const outcomes: Readonly<Record<Outcome, true>> = {
  skip: true,
  "allow-failure": true,
  force: true,
  hold: true,
  frozen: true,
  enforced: true,
};
const outcome = oneOf<Outcome>(outcomes);

const decision: v.GenericSchema<DecisionJson> = v.object({
  kind: v.literal("optout/decision"),
  v: v.literal(1),
  stage: v.string(),
  decision: oneOf<DecisionJson["decision"]>({ ...outcomes, integrity: true }),
  freeze: v.pipe(
    v.nullable(v.object({ id: v.string(), line: count })),
    v.description("the freeze of the policy that the stage is under"),
  ),
  exit: count,
  override: v.pipe(v.nullable(override), v.description("the one that decides")),
  outranked: v.array(override),
  rejected: v.array(v.object({ id: v.string(), seq: count, objections: v.array(objection) })),
  subject: v.object({
    stage: v.string(),
    branch: text,
    head: text,
    tag: text,
    sha: text,
    pr: v.nullable(count),
    environment: text,
    fork: v.boolean(),
    forge: text,
    run: text,
  }),
  policy: v.object({ digest: v.string(), commit: v.string() }),
  log: v.object({
    store: v.string(),
    head: v.nullable(v.object({ seq: count, hash: v.string() })),
  }),
});

const trouble = v.nullable(v.object({ code: v.string(), message: v.string() }));

const gate: v.GenericSchema<GateJson> = v.object({
  kind: v.literal("optout/gate"),
  v: v.literal(1),
  outcomes: v.record(v.string(), outcome),
  trouble,
  decisions: v.array(decision),
});

const verdict: v.GenericSchema<VerdictJson> = v.object({
  kind: v.literal("optout/verdict"),
  v: v.literal(1),
  accepted: v.boolean(),
  jobs: v.array(
    v.object({
      job: v.string(),
      stage: v.pipe(text, v.description("null for a job that is no stage")),
      result: v.picklist(jobResults),
      outcome: outcome,
      accepted: v.boolean(),
      overridden: v.pipe(v.boolean(), v.description("accepted because of an override")),
    }),
  ),
  trouble,
  decisions: v.array(decision),
});

const overrides: v.GenericSchema<OverridesJson> = v.object({
  kind: v.literal("optout/overrides"),
  v: v.literal(1),
  overrides: v.pipe(v.array(override), v.description("of a command that was given several")),
});

const schemas: Readonly<Record<string, v.GenericSchema>> = {
  override,
  overrides,
  preview,
  decision,
  gate,
  verdict,
  ...lookBackSchemas,
  ...setUpSchemas,
  ...policySchemas,
  ...keySchemas,
  ...noticeSchemas,
};

/** The outputs that have a schema. */
export const schemaNames: readonly string[] = Object.keys(schemas);

/** The JSON Schema (draft 7) of an output; null for one that has none. */
export function outputSchema(name: string): object | null {
  const found = Object.entries(schemas).find(([one]) => one === name);
  return found === undefined
    ? null
    : { title: `optout ${name}, version 1`, ...toJsonSchema(found[1]) };
}
