/**
 * Mounts that only one process and its children see: a small disk, a directory that is read-only to
 * root too. Needs root, or a kernel that gives a user a namespace of his own.
 */
import { spawnSync } from "node:child_process";

import { BIN, run, type More, type Place, type Result } from "./stage.ts";

const flags = process.getuid?.() === 0 ? ["-m"] : ["-r", "-m"];

/** Whether this machine lets a test mount anything. */
export const mayMount: boolean =
  spawnSync("unshare", [...flags, "mount", "-t", "tmpfs", "tmpfs", "/mnt"]).status === 0;

/** A disk of so many kilobytes, which hides what stood there. */
export const smallDisk = (path: string, kilobytes: number): string =>
  `mount -t tmpfs -o size=${kilobytes}k tmpfs '${path}'`;

/** The directory as it is, and nobody writes to it. */
export const readOnly = (path: string): string =>
  `mount --bind '${path}' '${path}' && mount -o remount,bind,ro '${path}'`;

/** Runs the built program where these mounts are. */
export function optoutUnder(
  mounts: readonly string[],
  place: Place,
  args: readonly string[],
  more: More = {},
): Promise<Result> {
  const script = `${mounts.join(" && ")} && cd "$PWD" && exec "$@"`;
  const words = ["sh", "-c", script, "sh", process.execPath, BIN, ...args];
  return run(place, "unshare", [...flags, ...words], more);
}
