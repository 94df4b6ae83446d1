/** What is wrong with an output, by its JSON Schema in the package. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { Ajv } from "ajv";

import { ROOT } from "./stage.ts";

/** An empty list where the value fits. */
export function schemaFaults(name: string, value: unknown): readonly unknown[] {
  const schema: unknown = JSON.parse(
    readFileSync(join(ROOT, "schema", `${name}.schema.json`), "utf8"),
  );
  const validate = new Ajv({ strict: false, allErrors: true }).compile(schema as object);
  return validate(value) ? [] : (validate.errors ?? []);
}
