/**
 * JSON on stdout: one document, or one line for each; the same whether or not a terminal reads it.
 */
import { forJson } from "./escape.ts";
import type { Io } from "./io.ts";

/** One document, indented, with a final newline. */
export function printJson(io: Pick<Io, "out">, value: object): void {
  io.out(`${forJson(JSON.stringify(value, null, 2))}\n`);
}

/** One line, for `--jsonl`. */
export function printJsonLine(io: Pick<Io, "out">, value: object): void {
  io.out(`${forJson(JSON.stringify(value))}\n`);
}
