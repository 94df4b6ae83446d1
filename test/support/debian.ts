/**
 * What Debian's packages may or may not have put on this machine.
 */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** Whether all of these programs can be started. */
export function arePrograms(...names: readonly string[]): boolean {
  const directories = (process.env["PATH"] ?? "").split(delimiter);
  return names.every((name) => directories.some((directory) => isProgram(join(directory, name))));
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
