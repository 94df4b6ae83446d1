/**
 * What the file of a child pipeline says, as GitLab reads it: without anchors, aliases and merges, and
 * with what jobs take from each other by `extends` and `!reference`. What stands in other files is not
 * seen.
 *
 * Scalars stay the texts that the file has: GitLab's YAML and ours do not agree on what `0755` or `yes` is.
 */
import { isAlias, isMap, isScalar, isSeq, parseDocument, Scalar, YAMLMap, YAMLSeq } from "yaml";
import type { Document, Node } from "yaml";

import { OptoutError } from "../core/errors.ts";

export type JobNode = YAMLMap<unknown, unknown>;

export interface ChildFile {
  /** As it is written. */
  readonly document: Document;
  /** The top of the file by name: copies without anchors, aliases and merges, never to be changed. */
  readonly all: ReadonlyMap<string, Node>;
}

/** @throws `config-invalid` when it is no YAML, or no pipeline */
export function readChildFile(file: string, text: string): ChildFile {
  const document = parseDocument(text, { logLevel: "silent", schema: "failsafe" });
  const [error] = document.errors;
  if (error !== undefined) {
    const at = error.linePos?.[0];
    const where = at === undefined ? file : `${file}:${at.line}:${at.col}`;
    throw new OptoutError("config-invalid", `${where} is no YAML: ${error.message.split("\n")[0]}`);
  }
  if (!isMap(document.contents)) throw new OptoutError("config-invalid", `${file} holds no jobs`);
  const top = plain(document, document.contents);
  const items = isMap(top) ? top.items : [];
  return { document, all: new Map(items.map(({ key, value }) => [nameOf(key), nodeOf(value)])) };
}

/** Far more than any pipeline has; GitLab's own limit of depth is 100. */
const most = { nodes: 100_000, depth: 100 };

interface Walk {
  readonly document: Document;
  left: number;
}

/**
 * A copy without anchors, with what aliases name and merges bring in.
 * @throws `config-invalid` where an alias names nothing, or they never end
 */
export function plain(document: Document, node: unknown): Node {
  return copied({ document, left: most.nodes }, node, 0);
}

function copied(walk: Walk, node: unknown, depth: number): Node {
  walk.left -= 1;
  if (walk.left < 0 || depth > most.depth) {
    throw new OptoutError("config-invalid", "aliases of the child pipeline lead too far");
  }
  if (isAlias(node)) {
    const target = node.resolve(walk.document);
    if (target !== undefined) return copied(walk, target, depth + 1);
    throw new OptoutError(
      "config-invalid",
      `the child pipeline has no anchor &${node.source} before *${node.source}`,
    );
  }
  if (isMap(node)) return copiedMap(walk, node, depth);
  if (!isSeq(node)) return copiedScalar(node);
  const list = new YAMLSeq();
  keepLook(list, node);
  list.items = node.items.map((item) => copied(walk, item, depth + 1));
  return list;
}

/** As Ruby's Psych merges, so GitLab: in the order of the file, what comes later wins. */
function copiedMap(walk: Walk, node: JobNode, depth: number): JobNode {
  const map: JobNode = new YAMLMap();
  keepLook(map, node);
  for (const { key, value } of node.items) {
    const [name, told] = [copied(walk, key, depth + 1), copied(walk, value, depth + 1)];
    const merged = nameOf(name) === "<<" ? mapsIn(told) : null;
    if (merged === null) map.set(name, told);
    // in a list the first wins
    for (const base of merged?.toReversed() ?? []) {
      for (const item of base.items) map.set(item.key, item.value);
    }
  }
  return map;
}

/** Null where something else is among them. */
function mapsIn(node: Node): readonly JobNode[] | null {
  if (isMap(node)) return [node];
  return isSeq(node) && node.items.every(isMap) ? node.items.filter(isMap) : null;
}

function copiedScalar(node: unknown): Scalar {
  if (!isScalar(node)) return nothing();
  const scalar = new Scalar(node.value);
  if (node.type !== undefined) scalar.type = node.type;
  if (node.tag !== undefined) scalar.tag = node.tag;
  return scalar;
}

function keepLook(copy: YAMLMap | YAMLSeq, { flow, tag }: YAMLMap | YAMLSeq): void {
  if (flow !== undefined) copy.flow = flow;
  if (tag !== undefined) copy.tag = tag;
}

function nothing(): Scalar {
  const scalar = new Scalar("null");
  scalar.type = "PLAIN";
  return scalar;
}

const nodeOf = (value: unknown): Node =>
  isMap(value) || isSeq(value) || isScalar(value) ? value : nothing();

export const nameOf = (key: unknown): string => (isScalar(key) ? String(key.value) : String(key));

/** Said, but as nothing: `rules:` or `rules: null`. */
export const isNothing = (node: unknown): boolean =>
  isScalar(node) && node.type === "PLAIN" && /^(?:~|null|Null|NULL|)$/.test(nameOf(node));

/** GitLab's own limit, which ends jobs that extend each other too. */
export const maxExtends = 11;

/**
 * The job with what it takes from others of this file, so that a member can be taken away. What it
 * extends from an included file is not seen, and is still extended.
 * @throws `config-invalid` where jobs extend each other
 */
export function whole(file: ChildFile, job: JobNode, depth = 0): JobNode {
  if (depth > maxExtends) {
    throw new OptoutError(
      "config-invalid",
      "jobs of the child pipeline extend each other too deeply",
    );
  }
  const result: JobNode = new YAMLMap();
  const foreign = new YAMLSeq();
  for (const name of extended(job)) {
    const base = file.all.get(nameOf(name));
    if (!isMap(base)) foreign.add(name);
    else {
      const all = whole(file, base, depth + 1);
      foreign.items.push(...extended(all));
      merge(result, all);
    }
  }
  merge(result, job);
  result.delete("extends");
  if (foreign.items.length > 0) result.set("extends", foreign);
  return result;
}

function extended(job: JobNode): readonly unknown[] {
  const bases = job.get("extends", true);
  if (isSeq(bases)) return bases.items;
  return isScalar(bases) && !isNothing(bases) ? [bases] : [];
}

/** As `extends` merges: mappings member by member, everything else is replaced. */
function merge(into: JobNode, from: JobNode): void {
  for (const { key, value } of from.items) {
    const before = into.get(key, true);
    if (isMap(before) && isMap(value)) {
      const both: JobNode = new YAMLMap();
      merge(both, before);
      merge(both, value);
      into.set(key, both);
    } else into.set(key, value);
  }
}

export const isReference = (node: unknown): node is YAMLSeq & { tag: "!reference" } =>
  isSeq(node) && node.tag === "!reference";

/** What `!reference [job, member]` names, if that is none itself; undefined where this file does not say it. */
export function referred(file: ChildFile, { items }: YAMLSeq, depth = 0): unknown {
  const [name = "", ...path] = items.map(nameOf);
  const top = file.all.get(name);
  let target: unknown = isMap(top) ? whole(file, top, depth) : top;
  for (const part of path) target = isMap(target) ? target.get(part, true) : undefined;
  return target;
}
