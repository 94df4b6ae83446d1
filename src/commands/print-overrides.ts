/**
 * Overrides as JSON, in the forms that every command knows which prints them: `--json` one document,
 * `--jsonl` one object a line, `--fields` only the members asked for.
 */
import { OptoutError } from "../core/errors.ts";
import type { Io } from "../output/io.ts";
import { printJson, printJsonLine } from "../output/json.ts";
import { oneOrAll } from "../output/override-json.ts";
import type { Call } from "./command.ts";

/**
 * @param within what they stand in where the answer is one document
 * @throws `usage` for a member that an override does not have
 */
export function printOverrides(
  call: Call,
  io: Io,
  objects: readonly object[],
  within: (shown: readonly object[]) => object = oneOrAll,
): void {
  const shown = objects.map((object) => picked(object, call.text("fields")));
  if (!call.has("jsonl")) printJson(io, within(shown));
  else for (const one of shown) printJsonLine(io, one);
}

/** Members that were asked for, in that order. */
function picked(object: object, fields: string | undefined): object {
  if (fields === undefined) return object;
  const members = new Map(Object.entries(object));
  return Object.fromEntries(
    fields.split(",").map((field) => {
      if (members.has(field)) return [field, members.get(field)];
      throw new OptoutError("usage", `--fields: an override has no member ${field}`, {
        hint: `one of ${[...members.keys()].join(",")}`,
      });
    }),
  );
}
