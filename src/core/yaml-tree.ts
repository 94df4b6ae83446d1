/**
 * YAML as the policy may use it: a tree of mappings, lists and plain values, each with its place.
 *
 * One text must mean the same to every YAML reader, so what readers disagree about is refused:
 * anchors, aliases, merge keys, tags, directives, several documents, duplicate members, characters
 * that do not show (`yaml-text.ts`), and words without quotes that some reader takes for something
 * else (`yaml-scalar.ts`). js-yaml parses; it tells its listener where nodes begin and end, and the
 * tree that this gives is held against the value that it returns.
 */
import { FAILSAFE_SCHEMA, load, YAMLException, type State } from "js-yaml";

import { scalarOf, type ScalarValue } from "./yaml-scalar.ts";
import { readText, type Place, type Report } from "./yaml-text.ts";

interface ScalarNode {
  readonly kind: "scalar";
  readonly place: Place;
  readonly value: ScalarValue;
}

interface ListNode {
  readonly kind: "list";
  readonly place: Place;
  readonly items: readonly YamlNode[];
}

export interface MappingNode {
  readonly kind: "mapping";
  readonly place: Place;
  /** In file order, with the place of each name. */
  readonly members: ReadonlyMap<string, { readonly place: Place; readonly node: YamlNode }>;
}

export type YamlNode = ScalarNode | ListNode | MappingNode;

/** js-yaml opens up to two nodes for one level, so this is 16 levels; a policy has 6. */
const maxOpenNodes = 32;

/** A node that js-yaml has opened and not yet closed. */
interface Opened {
  /** Where its text begins, after white space and comments. */
  readonly offset: number;
  readonly place: Place;
  readonly children: Closed[];
}

interface Closed {
  readonly node: YamlNode;
  /** What js-yaml made of it, to hold the tree against. */
  readonly raw: unknown;
}

/** Leaves js-yaml from inside its listener, after what is wrong was reported. */
class Stopped extends Error {}

/** The root of the one document in the bytes, or null when what is wrong made reading impossible. */
export function readYaml(bytes: Uint8Array, report: Report): YamlNode | null {
  const text = readText(bytes, report);
  return text === null ? null : parse(text, report);
}

function parse(text: string, report: Report): YamlNode | null {
  const open: Opened[] = [];
  const roots: Closed[] = [];
  const refuse = (place: Place, message: string): never => {
    report(place, message);
    throw new Stopped(message);
  };
  const listener = (event: "open" | "close", state: State): void => {
    if (event === "open") {
      const opened = openNode(text, state);
      const problem =
        (open.length === 0 ? documentComplaint(text, opened, roots.length) : null) ??
        openComplaint(text, opened, open.length);
      if (problem !== null) refuse(opened.place, problem);
      open.push(opened);
      return;
    }
    const opened = open.pop();
    if (opened === undefined) return;
    const closed = closeNode(text, opened, state, report);
    if (typeof closed === "string") refuse(opened.place, closed);
    else (open.at(-1)?.children ?? roots).push(closed);
  };
  try {
    const options = { schema: FAILSAFE_SCHEMA, listener, onWarning: rethrow };
    load(text, options);
  } catch (thrown) {
    if (thrown instanceof Stopped) return null;
    if (!(thrown instanceof YAMLException)) throw thrown;
    const { line, column, position } = thrown.mark;
    report({ line: line + 1, column: column + 1 }, syntaxComplaint(text, thrown.reason, position));
    return null;
  }
  return roots[0]?.node ?? { kind: "scalar", place: { line: 1, column: 1 }, value: null };
}

function rethrow(warning: YAMLException): never {
  throw warning;
}

function syntaxComplaint(text: string, reason: string, position: number): string {
  if (reason === "deficient indentation") {
    return "not YAML: a line inside brackets or quotes is indented too little";
  }
  if (reason !== "duplicated mapping key") return `not YAML: ${reason}`;
  const [name] = /[^\s:,{}]+/.exec(text.slice(position, position + 100)) ?? ["a member"];
  return `${name} is given twice`;
}

/** White space, line breaks and comments. */
const gap = /(?:[ \t\r\n]+|#[^\r\n]*)*/y;
const space = 0x20;
/** What a gap goes on with after spaces: tab, line feed, carriage return, `#`. */
const otherGaps: readonly number[] = [0x09, 0x0a, 0x0d, 0x23];

/** Where the node begins: js-yaml opens it before it has passed over white space and comments. */
function openNode(text: string, state: State): Opened {
  const { position, line, lineStart } = state;
  let begin = position;
  while (text.charCodeAt(begin) === space) begin += 1;
  if (otherGaps.includes(text.charCodeAt(begin))) return openAfterGap(text, state);
  return { offset: begin, place: { line: line + 1, column: begin - lineStart + 1 }, children: [] };
}

function openAfterGap(text: string, { position, line, lineStart }: State): Opened {
  gap.lastIndex = position;
  const [skipped = ""] = gap.exec(text) ?? [];
  const offset = position + skipped.length;
  const lines = skipped.split(/\r\n?|\n/);
  const column = lines.length === 1 ? offset - lineStart : (lines.at(-1) ?? "").length;
  return { offset, place: { line: line + lines.length, column: column + 1 }, children: [] };
}

function documentComplaint(text: string, { offset }: Opened, roots: number): string | null {
  const before = text.slice(0, offset);
  if (roots > 0) return "a second document begins; a policy is one document";
  if (/^%/m.test(before)) return "YAML directives (%) are not supported";
  // js-yaml begins a document at `---a`, which to others is a word
  return /^---\S/m.test(text.slice(0, offset + 1))
    ? "the mark of a document (---) must stand alone on its line"
    : null;
}

function openComplaint(text: string, opened: Opened, depth: number): string | null {
  if (depth >= maxOpenNodes) return "nested too deep";
  switch (text.charAt(opened.offset)) {
    case "&":
      return "anchors (&) are not supported: write the value out";
    case "*":
      return 'aliases (*) are not supported: write the value out, or put a glob in quotes ("*")';
    case "!":
      return "tags (!) are not supported";
    default:
      return null;
  }
}

/** The node, or why it cannot be told with certainty what it is. */
function closeNode(text: string, opened: Opened, state: State, report: Report): Closed | string {
  const raw: unknown = state.result;
  const { offset, place, children } = opened;
  // js-yaml reads a value as if it were the first name of a mapping, and keeps it if it was not
  const kept = raw === null ? undefined : children.find((child) => child.raw === raw);
  if (kept !== undefined) return kept;
  if (raw === null) return { node: { kind: "scalar", place, value: null }, raw };
  if (Array.isArray(raw)) return closeList(place, raw, children);
  if (typeof raw === "object") return closeMapping(place, raw, children, report);
  if (typeof raw !== "string") return "not a value that is known here";
  const { value, problem } = scalarOf(raw, text.slice(offset, state.position));
  if (problem !== null) report(place, problem);
  return { node: { kind: "scalar", place, value }, raw };
}

function closeList(
  place: Place,
  raw: readonly unknown[],
  children: readonly Closed[],
): Closed | string {
  const isWhole = raw.length === children.length && children.every(({ raw: r }, i) => r === raw[i]);
  if (!isWhole) return "the list holds an empty item, or a pair without braces";
  return { node: { kind: "list", place, items: children.map(({ node }) => node) }, raw };
}

function closeMapping(
  place: Place,
  raw: object,
  children: readonly Closed[],
  report: Report,
): Closed | string {
  const members = new Map<string, { place: Place; node: YamlNode }>();
  // at the end of a document js-yaml looks for one name more
  const names = children.filter((_, i) => i % 2 === 0 && i + 1 < children.length);
  const uncertain = "the mapping holds a name that is empty, not text, or without a value";
  if (names.length !== Object.keys(raw).length) return uncertain;
  for (const [i, { node: name, raw: rawName }] of names.entries()) {
    const member = children[2 * i + 1];
    if (member === undefined || name.kind !== "scalar" || typeof rawName !== "string")
      return uncertain;
    if (Object.getOwnPropertyDescriptor(raw, rawName)?.value !== member.raw) return uncertain;
    if (typeof name.value !== "string") {
      report(name.place, `the name ${rawName} without quotes is not text: write "${rawName}"`);
    }
    // what is left out stands nowhere, so its name is its place
    const node = member.raw === null ? { ...member.node, place: name.place } : member.node;
    members.set(rawName, { place: name.place, node });
  }
  return { node: { kind: "mapping", place, members }, raw };
}
