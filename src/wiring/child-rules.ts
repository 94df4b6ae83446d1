/**
 * The rules of a job in a child pipeline, as a changed job may keep them. GitLab's rule that matches
 * overrules the job: its `allow_failure` counts, and ends `exit_codes`; its `when: manual` waits for
 * a click.
 *
 * Source: GitLab's "CI/CD YAML syntax reference" (`rules:allow_failure`, `rules:when`, `!reference`).
 */
import { isMap, isScalar, isSeq, Scalar, YAMLMap, YAMLSeq } from "yaml";

import { isReference, maxExtends, referred, type ChildFile, type JobNode } from "./child-jobs.ts";

/** All that a stub keeps of `when`: what else there is waits for somebody, or for a time. */
const stubWhens = new Set(["never", "on_success", "on_failure", "always"]);

/** Rules that have no say in whether the job may fail; null where they cannot be followed. */
export function rulesWithoutFailure(file: ChildFile, rules: unknown): YAMLSeq | null {
  return changed(file, rules, (rule) => {
    rule.delete("allow_failure");
    return true;
  });
}

/** Rules by which a stub is there when its job is, and starts by itself; null as above. */
export function rulesOfStub(file: ChildFile, rules: unknown): YAMLSeq | null {
  return changed(file, rules, (rule) => {
    for (const name of ["allow_failure", "start_in"]) rule.delete(name);
    if (!rule.has("when")) return true;
    const when = rule.get("when");
    if (typeof when !== "string") return false;
    if (!stubWhens.has(when)) rule.set("when", new Scalar("on_success"));
    return true;
  });
}

/** @param change false where the rule cannot be followed */
function changed(
  file: ChildFile,
  rules: unknown,
  change: (rule: JobNode) => boolean,
): YAMLSeq | null {
  const walk: Walk = { file, found: [], left: mostSteps };
  if (!collect(walk, rules, 0) || !walk.found.every(change)) return null;
  const list = new YAMLSeq();
  for (const rule of walk.found) {
    // an empty rule is none to GitLab
    if (rule.items.length === 0) rule.set("when", new Scalar("on_success"));
    list.add(rule);
  }
  return list;
}

const mostSteps = 5_000;

interface Walk {
  readonly file: ChildFile;
  readonly found: JobNode[];
  left: number;
}

/** What is in lists, and behind `!reference`; false where something is not found. */
function collect(walk: Walk, node: unknown, depth: number): boolean {
  walk.left -= 1;
  if (walk.left < 0 || depth > maxExtends) return false;
  if (isMap(node)) return collectRule(walk, node);
  if (!isSeq(node)) return false;
  if (isReference(node)) return collect(walk, referred(walk.file, node, depth), depth + 1);
  return node.items.every((item) => collect(walk, item, depth + 1));
}

/** A copy, for others may name the same rule. */
function collectRule({ found }: Walk, node: JobNode): boolean {
  if (!node.items.every(({ key }) => isScalar(key))) return false;
  const rule: JobNode = new YAMLMap();
  for (const { key, value } of node.items) rule.set(key, value);
  found.push(rule);
  return true;
}
