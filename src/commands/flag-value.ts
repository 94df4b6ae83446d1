/**
 * What a flag says, read; what cannot be read is told with the flag's name.
 */
import { parseDuration } from "../core/duration.ts";
import { OptoutError } from "../core/errors.ts";
import type { Call } from "./command.ts";

/**
 * Undefined where the flag is not given.
 * @param hint instead of the reader's own
 * @throws what `read` throws, after `--flag:`
 */
export function flagValue<T>(
  call: Call,
  flag: string,
  read: (text: string) => T,
  hint?: string,
): T | undefined {
  const text = call.text(flag);
  if (text === undefined) return undefined;
  try {
    return read(text);
  } catch (thrown) {
    if (!(thrown instanceof OptoutError)) throw thrown;
    const said = hint ?? thrown.hint;
    throw new OptoutError(thrown.code, `--${flag}: ${thrown.message}`, {
      cause: thrown,
      ...(said === undefined ? {} : { hint: said }),
    });
  }
}

/** Seconds. */
export const durationIn = (call: Call, flag: string): number | undefined =>
  flagValue(call, flag, parseDuration);
