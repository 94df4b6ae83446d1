/**
 * When a job of GitLab runs, out of its `rules`, `only` and `except`.
 *
 * Source: GitLab's "CI/CD YAML syntax reference" (`rules`, `only` / `except`, `workflow`).
 */
import { entriesOf, itemsOf, member, textIn, textsIn, type CiNode } from "./ci-yaml.ts";
import type { PipelineRule, RefFilter, When } from "./when.ts";

/** What stands at a `!reference`, and for all lists within lists their items. */
export type Flatten = (node: CiNode | undefined) => readonly (CiNode | null)[];

export function whenOf(
  job: CiNode | undefined,
  workflow: CiNode | undefined,
  flatten: Flatten,
): When {
  const rules = member(job, "rules");
  return {
    kind: "rules",
    workflow: rulesIn(member(workflow, "rules"), flatten),
    rules: rulesIn(rules, flatten),
    only: rules === undefined ? filterOf(member(job, "only")) : null,
    except: rules === undefined ? filterOf(member(job, "except")) : null,
  };
}

/** What could not be found may be any rule. */
const anyRule: PipelineRule = { condition: null, unsure: true, never: false };

function rulesIn(node: CiNode | undefined, flatten: Flatten): readonly PipelineRule[] | null {
  if (node === undefined) return null;
  return flatten(node).map((rule) => (rule?.kind === "map" ? ruleOf(rule) : anyRule));
}

function ruleOf(rule: CiNode): PipelineRule {
  const found = member(rule, "if");
  return {
    condition: textIn(found) ?? null,
    unsure:
      (found !== undefined && found.kind !== "text") ||
      member(rule, "changes") !== undefined ||
      member(rule, "exists") !== undefined,
    never: textIn(member(rule, "when")) === "never",
  };
}

function filterOf(node: CiNode | undefined): RefFilter | null {
  if (node === undefined) return null;
  if (node.kind !== "map") return { refs: namesIn(node), more: false };
  const refs = member(node, "refs");
  return {
    refs: refs === undefined ? null : namesIn(refs),
    more: entriesOf(node).some(([name]) => name !== "refs"),
  };
}

/** A reference is not followed: it may name anything, as what is no text may. */
function namesIn(node: CiNode): readonly string[] {
  const isPlain = node.kind === "text" || itemsOf(node).every(({ kind }) => kind === "text");
  return isPlain ? textsIn(node).map(({ text }) => text) : ["$"];
}
