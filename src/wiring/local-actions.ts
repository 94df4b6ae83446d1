/**
 * Composite actions of the repository itself (`uses: ./…`): their steps are steps of the job.
 *
 * Source: GitHub's "Metadata syntax" (`runs.using: composite`, `inputs`).
 */
import type { Values } from "./asks.ts";
import { entriesOf, itemsOf, member, textIn, type CiNode } from "./ci-yaml.ts";
import { inputsOf } from "./github-triggers.ts";

/** Composite actions by the directory that `uses` names, without `./`. */
export type LocalActions = ReadonlyMap<string, CiNode>;

/** A step with what its variables stand for; `own` where it stands in the job itself. */
export interface Step {
  readonly node: CiNode;
  readonly values: Values;
  readonly own: boolean;
}

/** GitHub allows ten levels; the steps of one job are bounded, for actions can double at each. */
const maxDepth = 10;
const maxSteps = 2_000;

/** The directory of a local action; null for anything else. */
export function localAction(step: CiNode | undefined): string | null {
  const uses = textIn(member(step, "uses")) ?? "";
  if (!uses.startsWith("./") || /\.ya?ml$/.test(uses)) return null;
  return uses.replace(/^(?:\.\/)+/, "").replace(/\/+$/, "");
}

/** The steps of a composite action; none of any other. */
export function stepsOf(action: CiNode | undefined): readonly CiNode[] {
  const runs = member(action, "runs");
  return textIn(member(runs, "using")) === "composite" ? itemsOf(member(runs, "steps")) : [];
}

/** Steps of a job, each followed by those of the local action that it uses. */
export function withLocalActions(
  nodes: readonly CiNode[],
  values: Values,
  actions: LocalActions,
): readonly Step[] {
  const found: Step[] = [];
  const walk = (all: readonly CiNode[], known: Values, depth: number): void => {
    for (const node of all) {
      if (found.length >= maxSteps) return;
      found.push({ node, values: known, own: depth === 0 });
      const directory = depth < maxDepth ? localAction(node) : null;
      const action = directory === null ? undefined : actions.get(directory);
      if (action === undefined) continue;
      const handed = new Map([
        ...[...known].filter(([name]) => !name.startsWith("inputs.")),
        ...defaultsOf(action),
        ...inputsOf(member(node, "with"), known),
      ]);
      walk(stepsOf(action), handed, depth + 1);
    }
  };
  walk(nodes, values, 0);
  return found;
}

function defaultsOf(action: CiNode): Values {
  return new Map(
    entriesOf(member(action, "inputs")).flatMap(([name, input]): [string, readonly string[]][] => {
      const text = textIn(member(input, "default"));
      return text === undefined ? [] : [[`inputs.${name}`, [text]]];
    }),
  );
}
