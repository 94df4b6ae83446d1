/**
 * Adding keys to a principal of a policy file: the text as it was, with nothing but the new lines.
 */
import { isMap, isScalar, isSeq, parseDocument, type YAMLSeq } from "yaml";
import { OptoutError } from "../core/errors.ts";

/**
 * The policy's text with the keys added.
 * @param lines OpenSSH lines, not in the policy yet
 * @throws `usage` where the file has no such principal with a list of keys
 */
export function withKeys(text: string, principal: string, lines: readonly string[]): string {
  const keys = parseDocument(text).getIn(["principals", principal, "keys"], true);
  if (!isSeq(keys) || !hasRange(keys)) {
    throw new OptoutError("usage", `the policy has no principal ${principal} with a list of keys`, {
      hint: `add ${principal} under principals first`,
    });
  }
  return keys.flow === true ? inFlow(text, keys, lines) : inBlock(text, keys, lines);
}

type Placed = YAMLSeq & { readonly range: readonly [number, number, number] };

const hasRange = (seq: YAMLSeq): seq is Placed => Array.isArray(seq.range);

/** `["a", "b"]`: before the bracket. */
function inFlow(text: string, keys: Placed, lines: readonly string[]): string {
  const end = text.lastIndexOf("]", keys.range[1] - 1);
  const before = text.slice(0, end).trimEnd();
  const comma = keys.items.length === 0 || before.endsWith(",") ? "" : ", ";
  const added = lines.map((line) => JSON.stringify(line)).join(", ");
  return `${before}${comma}${added}${text.slice(end)}`;
}

/** One line for each, below the last and as far to the right. */
function inBlock(text: string, keys: Placed, lines: readonly string[]): string {
  const last = keys.items.at(-1);
  const range = isScalar(last) || isMap(last) ? last.range : null;
  const at = range === null || range === undefined ? keys.range[1] : range[1];
  const begin = text.lastIndexOf("\n", at - 1) + 1;
  const [indent = ""] = /^ */.exec(text.slice(begin)) ?? [];
  const lineEnd = text.indexOf("\n", at);
  const end = lineEnd < 0 ? text.length : lineEnd;
  const added = lines.map((line) => `\n${indent}- ${JSON.stringify(line)}`).join("");
  return `${text.slice(0, end)}${added}${text.slice(end)}`;
}

/** The lines that differ, as a diff shows them. */
export function changedLines(before: string, after: string): readonly string[] {
  const [old, now] = [before.split("\n"), after.split("\n")];
  let first = 0;
  while (first < old.length && old[first] === now[first]) first += 1;
  let last = 0;
  const most = Math.min(old.length, now.length) - first;
  while (last < most && old.at(-1 - last) === now.at(-1 - last)) last += 1;
  return [
    `@@ line ${first + 1} @@`,
    ...old.slice(first, old.length - last).map((line) => `-${line}`),
    ...now.slice(first, now.length - last).map((line) => `+${line}`),
  ];
}
