/**
 * Where optout keeps its own files: the XDG base directories, on macOS too, so that one sentence of
 * the manual holds everywhere. Names directories only; creates nothing and looks at nothing.
 */
import { join, isAbsolute } from "node:path";

import { OptoutError } from "../core/errors.ts";

/** The variables of a process, read once by the composition (`process.env` fits). */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The directories of optout. Each is worked out when asked for, so that a command that needs none
 * runs without a home directory; each throws `config-invalid` when nothing says where it is.
 */
export interface Places {
  /** Keys: `$XDG_DATA_HOME/optout`, else `~/.local/share/optout`. */
  data(): string;
  /** Settings: `$XDG_CONFIG_HOME/optout`, else `~/.config/optout`. */
  config(): string;
  /** What can be fetched again: `$XDG_CACHE_HOME/optout`, else `~/.cache/optout`. */
  cache(): string;
}

/** The places that an environment names (XDG Base Directory Specification 0.8). Never throws. */
export function placesOf(env: Environment): Places {
  return {
    data: () => place(env, "XDG_DATA_HOME", [".local", "share"]),
    config: () => place(env, "XDG_CONFIG_HOME", [".config"]),
    cache: () => place(env, "XDG_CACHE_HOME", [".cache"]),
  };
}

/** A relative path in an XDG variable is invalid and ignored, as the specification demands. */
function place(env: Environment, variable: string, underHome: readonly string[]): string {
  const base = env[variable] ?? "";
  if (isAbsolute(base)) return join(base, "optout");
  const home = env["HOME"] ?? "";
  if (isAbsolute(home)) return join(home, ...underHome, "optout");
  throw new OptoutError("config-invalid", `neither ${variable} nor HOME names a directory`, {
    hint: `export ${variable}=/an/absolute/directory`,
  });
}
