/**
 * What GitLab makes of a file of jobs before it runs any: first `<<`, then `extends`, then
 * `!reference`. A small reading of its own, to hold what we write against.
 */
import { parse } from "yaml";

export type Value = string | number | boolean | null | readonly Value[] | Values;
export interface Values {
  readonly [name: string]: Value;
}

class Reference {
  readonly path: readonly string[];
  constructor(path: readonly string[]) {
    this.path = path;
  }
}

const reference = {
  tag: "!reference",
  collection: "seq",
  resolve: ({ items }: { items: unknown[] }): Reference =>
    new Reference(items.map((item) => String((item as { value: unknown }).value))),
} as const;

/** Every job, hidden ones too, without `extends`. @throws where something that is named is missing */
export function merged(text: string): Values {
  const raw = parse(text, { merge: true, customTags: [reference] }) as Values;
  const names = Object.keys(raw);
  const extended = Object.fromEntries(names.map((name) => [name, extend(raw, name, 0)]));
  return resolve(extended, extended, 0) as Values;
}

function extend(all: Values, name: string, depth: number): Value {
  const own = all[name];
  if (own === undefined) throw new Error(`nothing is called ${name}`);
  if (depth > 10) throw new Error(`${name} extends too deeply`);
  if (!isValues(own)) return own;
  const { extends: bases = [], ...rest } = own;
  const taken = [bases]
    .flat()
    .map((base) => (typeof base === "string" ? extend(all, base, depth + 1) : {}));
  return [...taken, rest].reduce(deepMerge, {});
}

function deepMerge(base: Value, over: Value): Value {
  if (!isValues(base) || !isValues(over)) return over;
  const result: Record<string, Value> = { ...base };
  for (const [name, value] of Object.entries(over)) {
    const before = result[name];
    result[name] = before === undefined ? value : deepMerge(before, value);
  }
  return result;
}

function resolve(all: Values, value: Value, depth: number): Value {
  if (depth > 20) throw new Error("references go in a circle");
  if (value instanceof Reference) {
    const found = value.path.reduce<Value | undefined>(
      (at, part) => (at !== undefined && isValues(at) ? at[part] : undefined),
      all,
    );
    if (found === undefined) throw new Error(`!reference [${value.path.join(", ")}] names nothing`);
    return resolve(all, found, depth + 1);
  }
  if (Array.isArray(value)) return value.map((item: Value) => resolve(all, item, depth + 1));
  if (!isValues(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, resolve(all, one, depth + 1)]),
  );
}

function isValues(value: Value): value is Values {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Reference)
  );
}
