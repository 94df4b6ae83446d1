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
  const { code, message, hint = "" } = await refusal(act);
  return { code, message, hint };
}

/** The refusal that the promise ends with; fails when it succeeds, or breaks in another way. */
export async function refusal(act: Promise<unknown>): Promise<OptoutError> {
  const thrown = await rejection(act);
  if (thrown instanceof OptoutError) return thrown;
  throw thrown;
}

/** What a promise rejects with; fails when it does not. */
export async function rejection(act: Promise<unknown>): Promise<unknown> {
  try {
    await act;
  } catch (thrown) {
    return thrown;
  }
  throw new Error("nothing was refused");
}
