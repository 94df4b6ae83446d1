/**
 * `optout schema [KIND]`: the JSON Schema of what `--json` prints, of the policy, or of a statement;
 * the names of all of them without a kind.
 */
import { OptoutError } from "../core/errors.ts";
import { exitStatus } from "../core/exit.ts";
import { policyJsonSchema } from "../core/policy-schema.ts";
import { isKind, kinds } from "../core/statement-shape.ts";
import { closest } from "../core/suggest.ts";
import type { Io } from "../output/io.ts";
import { printJson } from "../output/json.ts";
import { outputSchema, schemaNames } from "../output/schemas.ts";
import type { Call } from "./command.ts";

/** Everything that has a schema: outputs, the policy, the kinds of statements. */
export const schemaKinds: readonly string[] = [...schemaNames, "policy", ...Object.keys(kinds)];

export async function schema(call: Call, io: Io): Promise<number> {
  const [name] = call.args;
  if (name === undefined) io.out(`${schemaKinds.join("\n")}\n`);
  else printJson(io, schemaOf(name));
  return exitStatus("ok");
}

function schemaOf(name: string): object {
  if (name === "policy") return policyJsonSchema();
  const output = outputSchema(name);
  if (output !== null) return output;
  if (!isKind(name)) throw unknownSchema(name);
  const $schema = "http://json-schema.org/draft-07/schema#";
  return { title: `statement ${name}, version 1`, ...kinds[name].jsonSchema(), $schema };
}

function unknownSchema(name: string): OptoutError {
  const near = closest(name, schemaKinds);
  return new OptoutError(
    "usage",
    `there is no schema ${JSON.stringify(name)}; there is ${schemaKinds.join(", ")}`,
    { hint: `optout schema ${near ?? "override"}` },
  );
}
