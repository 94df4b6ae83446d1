/**
 * The secrets of channels: from a variable or a file that the policy names, and never shown.
 */
import { join } from "node:path";

import type { SecretSource } from "../core/channel.ts";
import { readTextIfThere } from "../system/files.ts";
import type { SinkSetting } from "./sink.ts";

/** The secret without white space around it; null where it is not on this machine. */
export function readSecret(source: SecretSource, { env, home }: SinkSetting): string | null {
  const text = "env" in source ? env[source.env] : fileText(source.file, home);
  const secret = text?.trim() ?? "";
  return secret === "" ? null : secret;
}

/** The name of the variable or the file, for people. */
export function nameOf(source: SecretSource): string {
  return "env" in source ? source.env : source.file;
}

function fileText(file: string, home: string | null): string | undefined {
  const path = file.startsWith("~/") ? (home === null ? null : join(home, file.slice(2))) : file;
  if (path === null) return undefined;
  try {
    return readTextIfThere(path) ?? undefined;
  } catch {
    return undefined;
  }
}
