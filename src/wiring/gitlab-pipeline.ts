/**
 * GitLab's pipelines: jobs with what they extend and reference, and where these ask optout.
 */
import { isStageId } from "../core/ids.ts";
import { asksIn, type Values } from "./asks.ts";
import {
  entriesOf,
  environmentIn,
  itemsOf,
  member,
  textIn,
  textsIn,
  type CiList,
  type CiNode,
  type CiText,
} from "./ci-yaml.ts";
import { valuesOf, type JobScript, type ReadJobs } from "./github-workflow.ts";
import { whenOf } from "./gitlab-rules.ts";
import type { Ask, CiJob, Spot, Unseen } from "./wiring.ts";

/** Members of the top level that are no jobs (docs.gitlab.com/ci/yaml, "Keywords"). */
export const keywords: ReadonlySet<string> = new Set([
  "after_script",
  "before_script",
  "cache",
  "default",
  "image",
  "include",
  "services",
  "spec",
  "stages",
  "types",
  "variables",
  "workflow",
]);

/** How deep `extends` and `!reference` are followed; GitLab allows 11 and 10. */
const maxDepth = 11;

/** What a file includes. */
export type Include =
  | { readonly kind: "local"; readonly path: string; readonly spot: Spot }
  | { readonly kind: "elsewhere"; readonly unseen: Unseen }
  | { readonly kind: "component"; readonly asks: readonly Ask[]; readonly unseen: Unseen };

export function includesOf(node: CiNode | undefined): readonly Include[] {
  return itemsOf(member(node, "include")).map(includeOf);
}

/** The pipelines that a job of the file starts. */
export function childIncludesOf(document: CiNode | undefined): readonly Include[] {
  return entriesOf(document).flatMap(([name, job]) =>
    keywords.has(name) ? [] : includesOf(member(job, "trigger")),
  );
}

function includeOf(node: CiNode): Include {
  const spot = { file: node.file, line: node.line };
  const local = textIn(member(node, "local")) ?? plainLocal(node);
  if (local !== undefined && !local.includes("$")) return { kind: "local", path: local, spot };
  const component = textIn(member(node, "component"));
  const [what = "an include"] = [
    component,
    ...["project", "remote", "template", "artifact", "local"].map((name) =>
      textIn(member(node, name)),
    ),
    textIn(node),
  ].filter((text) => text !== undefined);
  const unseen = { ...spot, what };
  if (component === undefined || !/\/optout(?:[-/][\w-]*)*@/.test(component)) {
    return { kind: "elsewhere", unseen };
  }
  const inputs = member(node, "inputs");
  const named = [member(inputs, "stages"), member(inputs, "optout_stage")];
  const words = named.flatMap((one) => textsIn(one));
  const asks = words.flatMap(({ text, file, line }) =>
    text.split(/[\s,]+/).map((word): Ask => {
      const stage = isStageId(word) ? word : null;
      const job = component.includes("/optout-gate@") ? "optout-gate" : stage;
      return { stage, form: "component", file, line, job };
    }),
  );
  return { kind: "component", asks, unseen };
}

/** `include: path.yml` is a local file, `include: https://…` is not. */
function plainLocal(node: CiNode): string | undefined {
  const text = textIn(node);
  return text === undefined || /^https?:/.test(text) ? undefined : text;
}

/** Names of the jobs that stand in one document. */
function jobNamesIn(document: CiNode | undefined): readonly string[] {
  return entriesOf(document).flatMap(([name, node]) =>
    keywords.has(name) || name.startsWith(".") || node.kind !== "map" ? [] : [name],
  );
}

/** The jobs of a pipeline: of its file and of those that it includes, the last of them first said. */
export function readPipeline(documents: readonly CiNode[], isChild: boolean): ReadJobs {
  const all = new Map<string, CiNode>();
  for (const document of documents) {
    for (const [name, node] of entriesOf(document)) {
      const before = all.get(name);
      all.set(name, before === undefined ? node : merged(before, node));
    }
  }
  const names = [...new Set(documents.flatMap(jobNamesIn))];
  const pipeline = new Pipeline(all, isChild);
  const read = names.map((name) => pipeline.job(name));
  return {
    jobs: read.map(({ job }) => job),
    scripts: read.flatMap(({ scripts }) => scripts),
    unseen: [],
  };
}

/** Maps are merged, everything else is replaced. */
function merged(base: CiNode, over: CiNode, depth = 0): CiNode {
  if (base.kind !== "map" || over.kind !== "map" || depth > maxDepth) return over;
  const entries = new Map(base.entries);
  for (const [name, node] of over.entries) {
    const before = entries.get(name);
    entries.set(name, before === undefined ? node : merged(before, node, depth + 1));
  }
  return { ...over, entries };
}

class Pipeline {
  readonly #all: ReadonlyMap<string, CiNode>;
  /** Then what starts it is told by the pipeline above, which is not known. */
  readonly #isChild: boolean;

  constructor(all: ReadonlyMap<string, CiNode>, isChild: boolean) {
    this.#all = all;
    this.#isChild = isChild;
  }

  job(name: string): { job: CiJob; scripts: readonly JobScript[] } {
    const node = this.#extended(name, 0);
    const { file, line } = this.#all.get(name) ?? { file: "", line: 1 };
    const values: Values = new Map([
      ...valuesOf(this.#all.get("variables"), ""),
      ...valuesOf(member(node, "variables"), ""),
      ...matrixOf(member(member(node, "parallel"), "matrix")),
      ["CI_JOB_NAME", [name]],
    ]);
    const before = member(node, "before_script") ?? this.#default("before_script");
    const texts = [before, member(node, "script")].flatMap((one) => this.#texts(one, 0));
    const asks = texts.flatMap((one) =>
      asksIn(one.text, values).map((ask): Ask => ({
        ...ask,
        file: one.file,
        line: one.line + ask.line + (one.isBlock ? 1 : 0),
        job: name,
      })),
    );
    const job: CiJob = {
      platform: "gitlab",
      label: null,
      name,
      file,
      line,
      needs: needsOf(member(node, "needs")),
      condition: null,
      conditions: [],
      uses: [],
      isForeign: isForeign(member(node, "image") ?? this.#default("image")),
      environment: environmentIn(node),
      calls: null,
      when: this.#isChild
        ? { kind: "unknown" }
        : whenOf(node, this.#all.get("workflow"), (rules) => this.#flat(rules, 0)),
      access: null,
      asks,
    };
    return { job, scripts: texts.map(({ text }) => ({ job: name, text })) };
  }

  #default(name: string): CiNode | undefined {
    return member(this.#all.get("default"), name) ?? this.#all.get(name);
  }

  #extended(name: string, depth: number): CiNode | undefined {
    const own = this.#all.get(name);
    if (own === undefined || depth > maxDepth) return own;
    let base: CiNode | undefined;
    for (const { text } of textsIn(member(own, "extends")).slice(0, maxDepth)) {
      const parent = this.#extended(text, depth + 1);
      if (parent !== undefined) base = base === undefined ? parent : merged(base, parent);
    }
    return base === undefined ? own : merged(base, own);
  }

  /** What is in lists and behind `!reference`; null for what is not found. At most 5,000 steps. */
  #flat(
    node: CiNode | undefined,
    depth: number,
    walk: { readonly found: (CiNode | null)[]; left: number } = { found: [], left: 5_000 },
  ): readonly (CiNode | null)[] {
    const { found } = walk;
    walk.left -= 1;
    if (node === undefined || depth > maxDepth || walk.left < 0) found.push(null);
    else if (node.kind !== "list") found.push(node);
    else if (node.isReference) this.#flat(this.#referred(node, depth), depth + 1, walk);
    else for (const item of node.items) if (walk.left >= 0) this.#flat(item, depth + 1, walk);
    return found;
  }

  /** What `!reference [job, key]` names. */
  #referred(node: CiList, depth: number): CiNode | undefined {
    const [name = "", ...path] = textsIn({ ...node, isReference: false }).map(({ text }) => text);
    let target = this.#extended(name, depth + 1);
    for (const part of path) target = member(target, part);
    return target;
  }

  /** The texts of a script, with what `!reference` brings in; at most 5,000 steps are taken. */
  #texts(
    node: CiNode | undefined,
    depth: number,
    walk: { readonly found: CiText[]; left: number } = { found: [], left: 5_000 },
  ): readonly CiText[] {
    const { found } = walk;
    walk.left -= 1;
    if (node === undefined || depth > maxDepth || walk.left < 0) return found;
    if (node.kind === "text") found.push(node);
    if (node.kind !== "list") return found;
    if (node.isReference) return this.#texts(this.#referred(node, depth), depth + 1, walk);
    for (const item of node.items) {
      if (walk.left < 0) break;
      this.#texts(item, depth + 1, walk);
    }
    return found;
  }
}

/** Those of Node bring what optout needs, as far as a name tells. */
function isForeign(image: CiNode | undefined): boolean {
  const name = textIn(image) ?? textIn(member(image, "name"));
  return name !== undefined && !/^(?:.*\/)?node(?:[:@]|$)/.test(name);
}

function needsOf(node: CiNode | undefined): readonly string[] {
  return itemsOf(node).flatMap((one) => textIn(one) ?? textIn(member(one, "job")) ?? []);
}

function matrixOf(node: CiNode | undefined): Values {
  const found = new Map<string, string[]>();
  for (const one of itemsOf(node)) {
    for (const [name, value] of entriesOf(one)) {
      const texts = textsIn(value).map(({ text }) => text);
      found.set(name, [...(found.get(name) ?? []), ...texts].slice(0, 100));
    }
  }
  return found;
}
