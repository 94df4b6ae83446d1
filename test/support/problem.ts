/**
 * What a refusal says: code and message together, so that a test can hold both against the manual.
 */
import { OptoutError, type ErrorCode } from "../../src/core/errors.ts";

/** The refusal of `act`; fails when it does not refuse, or breaks in another way. */
export function problem(act: () => unknown): {
  readonly code: ErrorCode;
  readonly message: string;
} {
  try {
    act();
  } catch (thrown) {
    if (thrown instanceof OptoutError) return { code: thrown.code, message: thrown.message };
    throw thrown;
  }
  throw new Error("nothing was refused");
}

/** The same of what is awaited, with its hint. */
export async function problemOf(
  act: Promise<unknown>,
): Promise<{ readonly code: ErrorCode; readonly message: string; readonly hint: string }> {
  try {
    await act;
  } catch (thrown) {
    if (!(thrown instanceof OptoutError)) throw thrown;
    const { code, message, hint = "" } = thrown;
    return { code, message, hint };
  }
  throw new Error("nothing was refused");
}
