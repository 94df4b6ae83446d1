/**
 * Whether to colour, decided here and nowhere else: libraries disagree about `NO_COLOR`.
 *
 * `--color` first, then `NO_COLOR`, then what forces colour, then whether a terminal is there that
 * can show it. A variable that is set to nothing counts as not set (no-color.org, force-color.org).
 */
import { plainPaint, type ColorLevel, type Paint } from "./paint.ts";

export interface ColorRequest {
  /** What `--color` says; undefined is `auto`. */
  readonly flag: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether the stream that is written to is a terminal. */
  readonly isTerminal: boolean;
}

export function colorLevel({ flag, env, isTerminal }: ColorRequest): ColorLevel {
  if (flag === "always") return 1;
  if (flag === "never" || isSet(env["NO_COLOR"])) return 0;
  if (isSet(env["FORCE_COLOR"])) return isOff(env["FORCE_COLOR"]) ? 0 : 1;
  if (isSet(env["CLICOLOR_FORCE"]) && !isOff(env["CLICOLOR_FORCE"])) return 1;
  return isTerminal && env["TERM"] !== "dumb" ? 1 : 0;
}

/** The paint for a stream; chalk is loaded only when there is colour. */
export async function openPaint(request: ColorRequest): Promise<Paint> {
  const level = colorLevel(request);
  if (level === 0) return plainPaint;
  const { chalkPaint } = await import("./style.ts");
  return chalkPaint(level);
}

const isSet = (value: string | undefined): value is string => value !== undefined && value !== "";

const isOff = (value: string | undefined): boolean => value === "0" || value === "false";
