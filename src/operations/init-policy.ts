/**
 * Writing the id of the log into a policy that has none, and nothing else: every comment, blank and
 * line end stays as it is.
 *
 * `yaml` tells where to insert; the one parser of policies then judges the result, which must be the
 * same policy but for the id.
 */
import { isMap, isScalar, parseDocument, type Pair, type YAMLMap } from "yaml";

import { OptoutError } from "../core/errors.ts";
import { parsePolicy } from "../core/policy-parse.ts";
import type { Policy } from "../core/policy.ts";

/**
 * The text with `log.id`.
 * @param name of the file, for messages
 * @throws `policy-invalid` when the text is no policy, or is written in a way that cannot be edited
 *   safely; the message has the line to add by hand
 */
export function withLogId(text: string, id: string, name: string): string {
  const before = parsePolicy(Buffer.from(text), name);
  const edited = insertId(text, id);
  if (edited !== null && isSameButId(before, edited, id, name)) return edited;
  throw new OptoutError("policy-invalid", `${name} is written in a way that cannot be edited`, {
    hint: `add to log, by hand:  id: ${id}`,
  });
}

function isSameButId(before: Policy, edited: string, id: string, name: string): boolean {
  try {
    const after = parsePolicy(Buffer.from(edited), name);
    return after.log.id === id && meaning(after) === meaning(before);
  } catch {
    return false;
  }
}

/** Everything that a policy says, but for the log's id, its own text and its line numbers. */
function meaning(policy: Policy): string {
  const { digest: _, text: __, warnings: ___, log, ...rest } = policy;
  return JSON.stringify({ ...rest, log: { ...log, id: null } }, (name, value: unknown) => {
    if (name === "line") return undefined;
    return value instanceof Map ? [...value] : value;
  });
}

/** Null where the place to insert at cannot be told. */
function insertId(text: string, id: string): string | null {
  const document = parseDocument(text, { keepSourceTokens: true });
  const log: unknown = document.get("log", true);
  if (document.errors.length > 0 || !isMap(log)) return null;
  const last = log.items.at(-1);
  const end = endOf(last);
  if (last === undefined || end === null) return null;
  return log.flow === true
    ? intoFlow(text, end, id)
    : intoBlock(text, end, indentOf(text, log), id);
}

/** Where the last member ends in the text, before blanks and comments. */
function endOf(pair: Pair | undefined): number | null {
  const value: unknown = pair?.value;
  return isScalar(value) ? (value.range?.[1] ?? null) : null;
}

function intoFlow(text: string, end: number, id: string): string {
  return `${text.slice(0, end)}, id: ${scalar(id)}${text.slice(end)}`;
}

/** A line of its own after the one of the last member. */
function intoBlock(text: string, end: number, indent: string | null, id: string): string | null {
  if (indent === null) return null;
  const feed = text.indexOf("\n", end);
  const lineEnd = feed === -1 ? text.length : feed;
  const at = text.charAt(lineEnd - 1) === "\r" ? lineEnd - 1 : lineEnd;
  const newline = text.includes("\r\n") ? "\r\n" : "\n";
  return `${text.slice(0, at)}${newline}${indent}id: ${scalar(id)}${text.slice(at)}`;
}

/** What stands before the first member on its line; null unless it is blank. */
function indentOf(text: string, log: YAMLMap): string | null {
  const start = log.range?.[0];
  if (start === undefined) return null;
  const line = text.slice(text.lastIndexOf("\n", start - 1) + 1, start);
  return /^ +$/.test(line) ? line : null;
}

/** An id may look like a number or begin with a dash. */
const scalar = (id: string): string => (/^[A-Za-z][A-Za-z0-9_-]*$/.test(id) ? id : `"${id}"`);
