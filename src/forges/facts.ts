/**
 * What both forges share: variables and event files read strictly. What is missing or contradicts
 * itself is no fact, and a job without facts decides nothing: a guess could widen an override, or
 * miss a hold.
 */
import { OptoutError } from "../core/errors.ts";
import type { Environment } from "./forge.ts";

/** The job's facts are in doubt. */
export function inDoubt(what: string, hint?: string): OptoutError {
  return new OptoutError("config-invalid", `the facts of this job are in doubt: ${what}`, {
    hint: hint ?? "env | grep -E '^(GITHUB|CI)_'   (what the job was told)",
  });
}

/** A variable that the forge always sets here. @throws `config-invalid` when it is missing */
export function needed(env: Environment, name: string): string {
  const value = env[name];
  if (value === undefined || value === "") throw inDoubt(`${name} is missing`);
  return value;
}

/** A variable; one that is set to nothing is not set. */
export function given(env: Environment, name: string): string | null {
  return env[name] || null;
}

/** The value that both tell. @throws `config-invalid` when neither tells it, or they differ */
export function agreed(what: string, one: string | null, other: string | null): string {
  const value = one ?? other;
  if (value === null) throw inDoubt(`nothing tells ${what}`);
  if (other !== null && other !== value) throw inDoubt(`two things are told of ${what}`);
  return value;
}

/** A whole number from 1 on. */
export function positive(what: string, found: unknown): number {
  const value = typeof found === "string" ? Number(found) : found;
  if (typeof value === "number" && Number.isSafeInteger(value) && value > 0) return value;
  throw inDoubt(`${what} is not a number`);
}

/** The value at a path of own members; undefined where there is none. */
export function valueAt(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, name) =>
      typeof inner === "object" && inner !== null
        ? Object.getOwnPropertyDescriptor(inner, name)?.value
        : undefined,
    value,
  );
}

/** The text at a path; null where there is none. */
export function textAt(value: unknown, ...path: readonly string[]): string | null {
  const found = valueAt(value, ...path);
  return typeof found === "string" && found !== "" ? found : null;
}
