/**
 * Puts changed jobs into the file of a child pipeline so that nothing else changes. What a job was
 * stays where it stands, under a hidden name: its anchors are still there, and what names it by
 * `extends` or `!reference` names that instead. `needs` and its like name the changed job.
 */
import { isAlias, isMap, isScalar, isSeq, Pair, Scalar, visit } from "yaml";
import type { Document, Node } from "yaml";

import { isReference, nameOf, plain, type ChildFile, type JobNode } from "./child-jobs.ts";

export function putChanges({ document, all }: ChildFile, changes: ReadonlyMap<string, Node>): void {
  const hidden = hiddenNames(all, changes);
  detachNames(document, hidden);
  for (const [name, change] of changes) put({ document, all }, { name, change, hidden });
  for (const job of jobsIn(document)) rename(job.get("extends", true), hidden);
  visit(document, {
    Seq: (_, list) => {
      if (isReference(list)) rename(list.items[0], hidden);
    },
  });
}

type Names = ReadonlyMap<string, string>;

/** Names that begin like none of the file; only for what is in it. */
function hiddenNames(all: ChildFile["all"], changes: ReadonlyMap<string, Node>): Names {
  let prefix = ".optout:";
  while ([...all.keys()].some((name) => name.startsWith(prefix))) prefix += ":";
  const names = [...changes.keys()].filter((name) => all.has(name));
  return new Map(names.map((name) => [name, prefix + name]));
}

/** Writes aliases of names out, for a name that is changed in one place must not change in others. */
function detachNames(document: Document, names: Names): void {
  const isName = (node: unknown): boolean => isScalar(node) && names.has(nameOf(node));
  visit(document, {
    Alias: (_, alias) => {
      const target = plain(document, alias);
      return isName(target) || (isSeq(target) && target.items.some(isName)) ? target : undefined;
    },
  });
}

interface Change {
  readonly name: string;
  readonly change: Node;
  readonly hidden: Names;
}

/** At the end, where it wins over what is merged into the top of the file. */
function put({ document, all }: ChildFile, { name, change, hidden }: Change): void {
  if (!isMap(document.contents)) return;
  const { items } = document.contents;
  const [before, hiddenName] = [all.get(name), hidden.get(name)];
  const key = items.map((item) => item.key).find((one) => nameOf(one) === name);
  items.push(new Pair(key === undefined ? new Scalar(name) : plain(document, key), change));
  if (before === undefined || hiddenName === undefined) return;
  if (isScalar(key)) key.value = hiddenName;
  else items.push(new Pair(new Scalar(hiddenName), before));
}

/** What stands at the top of the file, each with what is merged into it. */
function jobsIn(document: Document): readonly JobNode[] {
  return withMerged(document, document.contents)
    .flatMap(({ items }) => items)
    .flatMap(({ value }) => withMerged(document, value));
}

function withMerged(document: Document, node: unknown): readonly JobNode[] {
  if (isAlias(node)) return withMerged(document, node.resolve(document));
  if (isSeq(node)) return node.items.flatMap((item) => withMerged(document, item));
  if (!isMap(node)) return [];
  const merged = node.items.filter(({ key }) => nameOf(key) === "<<");
  return [node, ...merged.flatMap(({ value }) => withMerged(document, value))];
}

/** A name, or those of a list. */
function rename(node: unknown, names: Names): void {
  for (const one of isSeq(node) ? node.items : [node]) {
    if (isScalar(one)) one.value = names.get(nameOf(one)) ?? one.value;
  }
}
