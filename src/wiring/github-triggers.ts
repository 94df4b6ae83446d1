/**
 * What starts a workflow: its `on:`, and for one that others call, what starts those; and the values
 * that they hand to it.
 *
 * Source: GitHub's "Workflow syntax" (`on`, `jobs.<job_id>.uses`, `jobs.<job_id>.with`).
 */
import { expand, type Values } from "./asks.ts";
import { entriesOf, itemsOf, member, textIn, textsIn, type CiNode } from "./ci-yaml.ts";
import type { Trigger } from "./when.ts";

/** Documents of workflows by their paths. */
export type Workflows = ReadonlyMap<string, CiNode>;

/** What a workflow is started by and with. */
export interface Start {
  /** Null where that cannot be told; none where nothing of this repository starts it. */
  readonly triggers: readonly Trigger[] | null;
  /** `inputs.NAME`, as far as callers of this repository name them. */
  readonly inputs: Values;
}

/** The path of a workflow of this repository that a job calls; null for anything else. */
export function calledPath(job: CiNode | undefined): string | null {
  const uses = textIn(member(job, "uses")) ?? "";
  return /^\.\/(\.github\/workflows\/[^/@]+\.ya?ml)$/.exec(uses)?.[1] ?? null;
}

interface CallSite {
  readonly caller: string;
  readonly job: CiNode;
}

/** How each workflow is started. */
export class Starts {
  readonly #workflows: Workflows;
  readonly #sites = new Map<string, CallSite[]>();
  readonly #known = new Map<string, Start>();

  constructor(workflows: Workflows) {
    this.#workflows = workflows;
    for (const [caller, document] of workflows) {
      for (const [, job] of entriesOf(member(document, "jobs"))) {
        const path = calledPath(job);
        if (path === null) continue;
        this.#sites.set(path, [...(this.#sites.get(path) ?? []), { caller, job }]);
      }
    }
  }

  of(path: string): Start {
    const known = this.#known.get(path);
    if (known !== undefined) return known;
    // whoever calls himself in a circle is started by nothing more
    this.#known.set(path, { triggers: [], inputs: new Map() });
    const made = this.#make(path);
    this.#known.set(path, made);
    return made;
  }

  #make(path: string): Start {
    const own = triggersOf(member(this.#workflows.get(path), "on"));
    const called = own?.find(({ event }) => event === "workflow_call");
    if (own === null || called === undefined) return { triggers: own, inputs: new Map() };
    const triggers = own.filter((trigger) => trigger !== called);
    const inputs = new Map<string, readonly string[]>();
    let unknown = false;
    for (const { caller, job } of this.#sites.get(path) ?? []) {
      const start = this.of(caller);
      if (start.triggers === null) unknown = true;
      else triggers.push(...start.triggers);
      const values = new Map([
        ...start.inputs,
        ...matrixOf(member(member(job, "strategy"), "matrix")),
      ]);
      for (const [name, given] of inputsOf(member(job, "with"), values)) {
        inputs.set(name, [...(inputs.get(name) ?? []), ...given].slice(0, 100));
      }
    }
    return { triggers: unknown ? null : triggers, inputs };
  }
}

/** What a step or a job hands to what it uses, by the names that are used there. */
export function inputsOf(node: CiNode | undefined, values: Values): Values {
  return new Map(
    entriesOf(node).flatMap(([name, value]): [string, readonly string[]][] => {
      const text = textIn(value);
      return text === undefined ? [] : [[`inputs.${name}`, expand(text, values)]];
    }),
  );
}

/** The values of a matrix, as `matrix.NAME`. */
export function matrixOf(matrix: CiNode | undefined): Values {
  const axes = entriesOf(matrix).flatMap(([name, value]) => {
    if (name === "exclude") return [];
    return name === "include" ? itemsOf(value).flatMap(entriesOf) : [[name, value] as const];
  });
  const found = new Map<string, readonly string[]>();
  for (const [name, value] of axes) {
    const texts = textsIn(value).map(({ text }) => text);
    const before = found.get(`matrix.${name}`) ?? [];
    found.set(`matrix.${name}`, [...before, ...texts].slice(0, 100));
  }
  return found;
}

/** Null where the file does not say it in a form that is known. */
function triggersOf(on: CiNode | undefined): readonly Trigger[] | null {
  if (on === undefined) return null;
  if (on.kind !== "map") return textsIn(on).map(({ text }) => triggerOf(text, undefined));
  return entriesOf(on).map(([event, filters]) => triggerOf(event, filters));
}

function triggerOf(event: string, filters: CiNode | undefined): Trigger {
  const patterns = (name: string): readonly string[] | null => {
    const found = member(filters, name);
    return found === undefined ? null : textsIn(found).map(({ text }) => text);
  };
  return {
    event,
    branches: patterns("branches"),
    branchesIgnore: patterns("branches-ignore"),
    tags: patterns("tags"),
    tagsIgnore: patterns("tags-ignore"),
  };
}
