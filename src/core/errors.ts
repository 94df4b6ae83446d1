/**
 * The one error class and its closed list of codes, each with its exit status.
 *
 * A message says what happened, lower case, without a full stop, and names the thing. The hint is
 * one command to run now. Neither ever holds a token, a header or a body.
 */
import { exitCodes, type ExitName } from "./exit.ts";

export interface ErrorRow {
  readonly exit: ExitName;
  readonly retryable: boolean;
  readonly meaning: string;
}

const row = (exit: ExitName, meaning: string, retryable = false): ErrorRow => ({
  exit,
  retryable,
  meaning,
});

export type ErrorCode =
  | "unexpected"
  | "usage"
  | "unknown-stage"
  | "not-found"
  | "ambiguous"
  | "not-a-repository"
  | "no-remote"
  | "no-git"
  | "policy-missing"
  | "policy-invalid"
  | "config-invalid"
  | "refused"
  | "held"
  | "no-key"
  | "key-unknown"
  | "key-locked"
  | "key-invalid"
  | "agent-failed"
  | "agent-refused"
  | "append-refused"
  | "not-signed-in"
  | "forge-refused"
  | "store-denied"
  | "store-unfit"
  | "wrong-log"
  | "log-missing"
  | "log-merge"
  | "log-rewound"
  | "contradiction"
  | "unknown-version"
  | "limit"
  | "not-intact"
  | "unreachable"
  | "conflict"
  | "timeout"
  | "interrupted";

/** Every code with its exit status. */
export const errorCodes: Readonly<Record<ErrorCode, ErrorRow>> = {
  unexpected: row("failure", "a fault of optout itself"),
  usage: row("usage", "a flag or an argument is wrong or missing"),
  "unknown-stage": row("usage", "the policy knows no stage of that name"),
  "not-found": row("usage", "no override or entry answers to that name"),
  ambiguous: row("usage", "several overrides answer to that name"),
  "not-a-repository": row("usage", "the directory is not inside a git repository"),
  "no-remote": row("usage", "the clone has no remote to keep the log in"),
  "no-git": row("usage", "git is not installed, or too old"),
  "policy-missing": row("usage", "there is no policy on the trusted ref"),
  "policy-invalid": row("usage", "the policy cannot be read"),
  "config-invalid": row("usage", "a settings file or variable cannot be read"),
  refused: row("refused", "the policy says no"),
  held: row("refused", "a hold stops the stage"),
  "no-key": row("auth", "there is no key to sign with"),
  "key-unknown": row("auth", "the key belongs to nobody in the policy"),
  "key-locked": row("auth", "the key is encrypted and its passphrase is missing or wrong"),
  "key-invalid": row("auth", "the key cannot be read or is of a kind that is not supported"),
  "agent-failed": row("auth", "the ssh agent cannot be reached, or answers wrongly"),
  "agent-refused": row("auth", "the ssh agent does not sign: somebody declined, or it is locked"),
  "append-refused": row("auth", "the host of the log refuses the append"),
  "not-signed-in": row("auth", "there is no sign-in to the forge, or it is not accepted"),
  "forge-refused": row("auth", "the forge refuses a request"),
  "store-denied": row("auth", "the store refuses the credential, or there is none"),
  "store-unfit": row("usage", "the store is elsewhere, or cannot keep what a log promises"),
  "wrong-log": row("integrity", "the log is not the one that the policy names"),
  "log-missing": row("integrity", "the log that the policy names is missing or empty"),
  "log-merge": row("integrity", "the log's line of commits holds a merge"),
  "log-rewound": row("integrity", "the log is shorter than, or differs from, what was seen before"),
  contradiction: row("integrity", "a person's statement contradicts the log"),
  "unknown-version": row("integrity", "a person signed a statement that this version cannot read"),
  limit: row("integrity", "the log holds more recent positions than can be read"),
  "not-intact": row("integrity", "verify found something"),
  unreachable: row("unavailable", "the store or the network cannot be reached", true),
  conflict: row("conflict", "the log moved on and the retries ran out", true),
  timeout: row("timeout", "the time given ran out", true),
  interrupted: row("interrupted", "stopped by the user"),
};

/** Anything that keeps optout from answering. Compare `code`, not the class. */
export class OptoutError extends Error {
  override readonly name = "OptoutError";
  readonly code: ErrorCode;
  /** One command, or one sentence, to go on with. */
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, more: { hint?: string; cause?: unknown } = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.code = code;
    this.hint = more.hint;
  }

  /** The exit status that belongs to `code`. */
  get exit(): number {
    return exitCodes[errorCodes[this.code].exit].status;
  }

  /** Whether the same command may succeed later without any change. */
  get retryable(): boolean {
    return errorCodes[this.code].retryable;
  }
}

/** Any thrown value as an `OptoutError`; what is not one becomes `unexpected`. */
export function asOptoutError(thrown: unknown): OptoutError {
  if (thrown instanceof OptoutError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new OptoutError("unexpected", message, { cause: thrown });
}
