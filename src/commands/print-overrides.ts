/**
 * Overrides as JSON, in the forms that every command knows which prints them: `--json` one document,
 * `--jsonl` one object a line, `--fields` only the members asked for.
 */
import type { Io } from "../output/io.ts";
import { printJson, printJsonLine } from "../output/json.ts";
import { oneOrAll } from "../output/override-json.ts";
import type { Call } from "./command.ts";

/** @param within what they stand in where the answer is one document */
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

/** Members that were asked for, in that order; what this one does not have is left out. */
function picked(object: object, fields: string | undefined): object {
  if (fields === undefined) return object;
  const members = new Map<string, unknown>(Object.entries(object));
  return Object.fromEntries(
    fields
      .split(",")
      .filter((field) => members.has(field))
      .map((field) => [field, members.get(field)]),
  );
}
