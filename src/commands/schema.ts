/**
 * `optout schema KIND`: the JSON Schema of what `--json` prints, of the policy, or of a statement.
 */
import { toJsonSchema } from "@valibot/to-json-schema";

import { OptoutError } from "../core/errors.ts";
import { exitStatus } from "../core/exit.ts";
import { policyJsonSchema } from "../core/policy-schema.ts";
import { isKind, kinds } from "../core/statement.ts";
import { closest } from "../core/suggest.ts";
import type { Io } from "../output/io.ts";
import { printJson } from "../output/json.ts";
import { outputSchema, schemaNames } from "../output/schemas.ts";
import type { Call } from "./command.ts";

/** Everything that has a schema: outputs, the policy, the kinds of statements. */
export const schemaKinds: readonly string[] = [...schemaNames, "policy", ...Object.keys(kinds)];

export async function schema(call: Call, io: Io): Promise<number> {
  printJson(io, schemaOf(call.args[0] ?? ""));
  return exitStatus("ok");
}

function schemaOf(name: string): object {
  if (name === "policy") return policyJsonSchema();
  const output = schemaNames.find((one) => one === name);
  if (output !== undefined) return outputSchema(output);
  if (!isKind(name)) throw unknownSchema(name);
  // what a schema cannot say (the order of two times) is left out; the strict reader checks it
  const body = toJsonSchema(kinds[name], { errorMode: "ignore" });
  return { title: `statement ${name}, version 1`, ...body };
}

function unknownSchema(name: string): OptoutError {
  const near = closest(name, schemaKinds);
  return new OptoutError(
    "usage",
    `there is no schema ${JSON.stringify(name)}; there is ${schemaKinds.join(", ")}`,
    { hint: `optout schema ${near ?? "override"}` },
  );
}
