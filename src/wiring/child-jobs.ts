/**
 * Jobs of a child pipeline as nodes of its file: what they take from each other by `extends`, merges
 * and aliases, so that a member can be taken away. What stands in other files is not seen.
 */
import { isAlias, isMap, isScalar, isSeq, YAMLMap, type Document } from "yaml";

import { OptoutError } from "../core/errors.ts";

export type JobNode = YAMLMap<unknown, unknown>;
/** Everything at the top of the file that is a mapping. */
export type Maps = ReadonlyMap<string, JobNode>;

export interface ChildFile {
  readonly document: Document;
  readonly all: Maps;
}

export function mapsOf({ contents }: Document): Maps {
  const items = isMap(contents) ? contents.items : [];
  return new Map(
    items.flatMap(({ key, value }) =>
      isScalar(key) && isMap(value) ? [[String(key.value), value] as const] : [],
    ),
  );
}

/** GitLab's own limit, which ends jobs that extend each other too. */
export const maxExtends = 11;

/**
 * The job with what it takes from others of this file, so that a member can be taken away. What it
 * extends from an included file is not seen, and is still extended.
 */
export function whole({ document, all }: ChildFile, job: JobNode, depth = 0): JobNode {
  if (depth > maxExtends) {
    throw new OptoutError(
      "config-invalid",
      "jobs of the child pipeline extend each other too deeply",
    );
  }
  const result: JobNode = new YAMLMap();
  const foreign: string[] = [];
  for (const name of namesIn(job.get("extends"))) {
    const base = all.get(name);
    if (base === undefined) foreign.push(name);
    else merge(result, whole({ document, all }, base, depth + 1));
  }
  for (const { key, value } of job.items) {
    if (nameOf(key) !== "<<") continue;
    for (const base of mapsIn(document, value))
      merge(result, whole({ document, all }, base, depth + 1));
  }
  merge(result, job);
  for (const name of ["extends", "<<"]) result.delete(name);
  if (foreign.length > 0) result.set("extends", document.createNode(foreign));
  return result;
}

/** As `extends` merges: mappings member by member, everything else is replaced. */
function merge(into: JobNode, from: JobNode): void {
  for (const { key, value } of from.items) {
    const name = nameOf(key);
    const before = into.get(name);
    if (isMap(before) && isMap(value)) {
      const both: JobNode = new YAMLMap();
      merge(both, before);
      merge(both, value);
      into.set(name, both);
    } else into.set(name, value);
  }
}

export const nameOf = (key: unknown): string => (isScalar(key) ? String(key.value) : String(key));

function namesIn(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  return isSeq(value) ? value.items.map(nameOf) : [];
}

function mapsIn(document: Document, value: unknown): readonly JobNode[] {
  const node = isAlias(value) ? value.resolve(document) : value;
  if (isMap(node)) return [node];
  return isSeq(node) ? node.items.flatMap((item) => mapsIn(document, item)) : [];
}
