/**
 * CI files as a small tree of maps, lists and texts, each with its line.
 *
 * Every scalar is text: what `on` or `1.10` mean is for the reader. An alias shares the node that it
 * names, so a file of aliases of aliases costs what is written in it and no more; whoever walks the
 * tree sets a bound of his own.
 */
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
  visit,
  type Alias,
  type Node,
} from "yaml";

import type { Spot } from "./wiring.ts";

export type CiNode = CiMap | CiList | CiText;

export interface CiMap extends Spot {
  readonly kind: "map";
  readonly entries: ReadonlyMap<string, CiNode>;
}

export interface CiList extends Spot {
  readonly kind: "list";
  /** GitLab's `!reference [job, key]`. */
  readonly isReference: boolean;
  readonly items: readonly CiNode[];
}

export interface CiText extends Spot {
  readonly kind: "text";
  readonly text: string;
  /** Whether it is a block (`|`, `>`): then its text begins on the next line. */
  readonly isBlock: boolean;
}

/** The documents of a file, or why it cannot be read. */
export type CiFile =
  | { readonly kind: "read"; readonly documents: readonly CiNode[] }
  | { readonly kind: "unreadable"; readonly line: number; readonly why: string };

/** GitLab's limit for one file; GitHub's is lower. */
const maxBytes = 1024 * 1024;
const maxDepth = 64;

/** Reads a file. Never throws. */
export function readCiYaml(file: string, bytes: Uint8Array): CiFile {
  if (bytes.byteLength > maxBytes) return unreadable(`it is larger than ${maxBytes} bytes`);
  try {
    return parse(file, new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (thrown) {
    if (thrown instanceof TooDeep) return unreadable("it is nested too deeply");
    return unreadable(thrown instanceof RangeError ? "it is nested too deeply" : "it is not UTF-8");
  }
}

const unreadable = (why: string, line = 1): CiFile => ({ kind: "unreadable", line, why });

class TooDeep extends Error {}

/** Closing brackets that may stand too far left in one file. */
const maxMended = 50;

function parse(file: string, text: string, mended = 0): CiFile {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, {
    schema: "failsafe",
    lineCounter: lines,
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: "silent",
  });
  if (!Array.isArray(documents)) return { kind: "read", documents: [] };
  const broken = documents.flatMap(({ errors }) => errors).at(0);
  if (broken !== undefined) {
    const { line } = lines.linePos(broken.pos[0]);
    const moved =
      broken.code === "BAD_INDENT" && mended < maxMended ? bracketMoved(text, line) : null;
    if (moved !== null) return parse(file, moved, mended + 1);
    const [why = ""] = broken.message.split("\n");
    return unreadable(`it is not YAML (${why})`, line);
  }
  return {
    kind: "read",
    documents: documents.flatMap(({ contents }) => {
      if (contents === null) return [];
      const lineOf = (offset: number): number => lines.linePos(offset).line;
      const node = new Reader(file, lineOf, targetsOf(contents)).read(contents, 0);
      return node === null ? [] : [node];
    }),
  };
}

/**
 * The text with a closing bracket that begins a line further right: YAML asks for that, and the
 * readers of both forges do not.
 */
function bracketMoved(text: string, line: number): string | null {
  const all = text.split("\n");
  const found = all[line - 1] ?? "";
  if (!/^\s*[\]}]/.test(found)) return null;
  return all.with(line - 1, " ".repeat(maxDepth) + found).join("\n");
}

/** What each alias names: the last node before it with that anchor. */
function targetsOf(contents: Node): ReadonlyMap<Alias, unknown> {
  const anchors = new Map<string, unknown>();
  const targets = new Map<Alias, unknown>();
  visit(contents, {
    Node: (_, node) => {
      if (isAlias(node)) {
        const target = anchors.get(node.source);
        if (target !== undefined) targets.set(node, target);
      } else if (node.anchor !== undefined) anchors.set(node.anchor, node);
    },
  });
  return targets;
}

class Reader {
  readonly #file: string;
  readonly #lineOf: (offset: number) => number;
  readonly #targets: ReadonlyMap<Alias, unknown>;
  readonly #known = new Map<unknown, CiNode | null>();

  constructor(
    file: string,
    lineOf: (offset: number) => number,
    targets: ReadonlyMap<Alias, unknown>,
  ) {
    this.#file = file;
    this.#lineOf = lineOf;
    this.#targets = targets;
  }

  /** Null for nothing, and for an alias that stands in what it names. */
  read(node: unknown, depth: number): CiNode | null {
    const known = this.#known.get(node);
    if (known !== undefined) return known;
    if (depth > maxDepth) throw new TooDeep();
    this.#known.set(node, null);
    const made = this.#make(node, depth);
    this.#known.set(node, made);
    return made;
  }

  #make(node: unknown, depth: number): CiNode | null {
    if (isAlias(node)) return this.read(this.#targets.get(node), depth + 1);
    if (isScalar(node)) {
      const isBlock = node.type === "BLOCK_LITERAL" || node.type === "BLOCK_FOLDED";
      return {
        kind: "text",
        ...this.#spot(node),
        text: typeof node.value === "string" ? node.value : "",
        isBlock,
      };
    }
    if (isSeq(node)) {
      const items = node.items.flatMap((item) => this.read(item, depth + 1) ?? []);
      const isReference = node.tag === "!reference";
      return { kind: "list", ...this.#spot(node), isReference, items };
    }
    if (!isMap(node)) return null;
    const own = new Map<string, CiNode>();
    const merged = new Map<string, CiNode>();
    for (const { key, value } of node.items) {
      const name = isScalar(key) ? String(key.value) : null;
      const read = this.read(value, depth + 1);
      if (name === null) continue;
      if (name === "<<") mergeInto(merged, read);
      else own.set(name, read ?? { kind: "text", ...this.#spot(key), text: "", isBlock: false });
    }
    return { kind: "map", ...this.#spot(node), entries: new Map([...merged, ...own]) };
  }

  #spot(node: unknown): Spot {
    const range = isScalar(node) || isMap(node) || isSeq(node) ? node.range : null;
    return { file: this.#file, line: this.#lineOf(range?.[0] ?? 0) };
  }
}

/** Of several maps that are merged, the first that has a member counts. */
function mergeInto(merged: Map<string, CiNode>, node: CiNode | null): void {
  const maps = node?.kind === "list" ? node.items : [node];
  for (const map of maps) {
    if (map?.kind !== "map") continue;
    for (const [name, value] of map.entries) if (!merged.has(name)) merged.set(name, value);
  }
}

// --- walking

export function member(node: CiNode | undefined, name: string): CiNode | undefined {
  return node?.kind === "map" ? node.entries.get(name) : undefined;
}

export function textIn(node: CiNode | undefined): string | undefined {
  return node?.kind === "text" ? node.text : undefined;
}

/** The items of a list, or the one thing that stands instead of a list. */
export function itemsOf(node: CiNode | undefined): readonly CiNode[] {
  if (node === undefined) return [];
  return node.kind === "list" ? node.items : [node];
}

export function entriesOf(node: CiNode | undefined): readonly (readonly [string, CiNode])[] {
  return node?.kind === "map" ? [...node.entries] : [];
}

/** All texts in nested lists, `!reference` left out; at most 5,000 steps are taken. */
export function textsIn(
  node: CiNode | undefined,
  found: CiText[] = [],
  steps: { left: number } = { left: 5_000 },
): readonly CiText[] {
  steps.left -= 1;
  if (node === undefined || steps.left < 0) return found;
  if (node.kind === "text") found.push(node);
  if (node.kind !== "list" || node.isReference) return found;
  for (const item of node.items) {
    if (steps.left < 0) break;
    textsIn(item, found, steps);
  }
  return found;
}

/** The environment that a job names, on both forges; null where it is none or only known when the job runs. */
export function environmentIn(job: CiNode | undefined): string | null {
  const named = member(job, "environment");
  const text = textIn(named) ?? textIn(member(named, "name")) ?? null;
  return text === null || text.includes("$") ? null : text;
}
