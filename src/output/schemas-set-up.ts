/**
 * The schemas of what the commands print that set up and explain; beside `schemas.ts`, which has
 * those of overrides and decisions.
 */
import * as v from "valibot";

import { errorCodes } from "../core/errors.ts";
import type { FailureJson } from "./failure.ts";
import type { DoctorJson } from "./doctor-words.ts";
import { count, oneOf, text, texts } from "./schemas-shared.ts";
import type { StagesJson } from "./stages-words.ts";

const stages: v.GenericSchema<StagesJson> = v.object({
  kind: v.literal("optout/stages"),
  v: v.literal(1),
  stages: v.array(
    v.object({
      stage: v.string(),
      kind: v.pipe(text, v.description("null where only CI files name it")),
      rules: v.pipe(texts, v.description("those that may judge it, the first first")),
      inForce: texts,
      asks: v.array(
        v.object({
          file: v.string(),
          line: count,
          job: text,
          form: v.string(),
          runs: v.pipe(v.boolean(), v.description("whether its job can run for the branch")),
        }),
      ),
    }),
  ),
  findings: v.array(
    v.object({
      code: v.string(),
      weight: oneOf<StagesJson["findings"][number]["weight"]>({ red: true, warning: true }),
      file: v.string(),
      line: count,
      meaning: v.string(),
      detail: v.string(),
      mend: v.string(),
    }),
  ),
  files: v.pipe(texts, v.description("those that were read")),
  branch: v.pipe(text, v.description("what runs is about; null where that is not known")),
  unseen: v.pipe(
    v.array(v.object({ file: v.string(), line: count, what: v.string() })),
    v.description("what files take in from elsewhere, which is not read"),
  ),
});

const doctor: v.GenericSchema<DoctorJson> = v.object({
  kind: v.literal("optout/doctor"),
  v: v.literal(1),
  findings: v.array(
    v.object({
      check: v.string(),
      level: v.pipe(
        oneOf<DoctorJson["findings"][number]["level"]>({
          ok: true,
          warning: true,
          red: true,
          unknown: true,
        }),
        v.description("unknown: it could not be told"),
      ),
      message: v.string(),
      mend: v.pipe(text, v.description("what mends it; null where there is nothing to mend")),
    }),
  ),
});

const codes = Object.keys(errorCodes).join(", ");

const error: v.GenericSchema<FailureJson> = v.object({
  error: v.object({
    code: v.pipe(v.string(), v.description(`one of ${codes}`)),
    exit: count,
    message: v.string(),
    hint: text,
    retryable: v.boolean(),
  }),
});

/** By the names that `optout schema` takes. */
export const setUpSchemas: Readonly<Record<string, v.GenericSchema>> = {
  stages,
  doctor,
  error,
};
