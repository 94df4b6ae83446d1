/**
 * Shapes of lists and mappings (see `shape.ts`). A mapping is closed: a name that is not declared is
 * an error, with "did you mean".
 */
import { choice, didYouMean, kindOf, quoted, refuse, type Placed, type Shape } from "./shape.ts";
import type { Report } from "./yaml-text.ts";
import type { MappingNode, YamlNode } from "./yaml-tree.ts";

/** A member of a mapping: its shape, and what it is when it is left out. */
export interface Member<T> {
  readonly shape: Shape<T>;
  readonly absent: "required" | { readonly value: T };
}

export type Members<T> = { readonly [K in keyof T]: Member<T[K]> };

/** A value with its name and the place of the name. */
export interface Named<T> extends Placed<T> {
  readonly name: string;
}

export function required<T>(shape: Shape<T>): Member<T> {
  return { shape, absent: "required" };
}

export function optional<T>(shape: Shape<T>): Member<T | null> {
  return { shape, absent: { value: null } };
}

export function withDefault<T>(shape: Shape<T>, value: T): Member<T> {
  return { shape, absent: { value } };
}

interface ListForm {
  readonly least?: number;
  readonly most?: number;
  /** Whether an item may stand only once; for items that are text. */
  readonly distinct?: boolean;
}

export function list<T>(
  item: Shape<T>,
  { least = 0, most = Infinity, distinct = false }: ListForm = {},
): Shape<readonly T[]> {
  return {
    read(node, path, report) {
      if (node.kind !== "list") {
        const example =
          node.kind === "scalar" && node.value !== null ? `: write [${node.value}]` : "";
        return refuse(report, node, `${path} must be a list, not ${kindOf(node)}${example}`);
      }
      const count = node.items.length;
      if (count < least) return refuse(report, node, `${path} must not be empty`);
      if (count > most) return refuse(report, node, `${path} has ${count} items, at most ${most}`);
      const values: T[] = [];
      const seen = new Set<T>();
      for (const [i, child] of node.items.entries()) {
        const value = item.read(child, `${path}[${i}]`, report);
        if (value === undefined) continue;
        if (distinct && seen.has(value)) report(child.place, `${path}[${i}] is given twice`);
        seen.add(value);
        values.push(value);
      }
      return values.length === count ? Object.freeze(values) : undefined;
    },
    jsonSchema: () => ({
      type: "array",
      items: item.jsonSchema(),
      ...(least > 0 ? { minItems: least } : {}),
      ...(most < Infinity ? { maxItems: most } : {}),
      ...(distinct ? { uniqueItems: true } : {}),
    }),
  };
}

/** One item, or a list of at least one. */
export function oneOrMore<T>(item: Shape<T>): Shape<readonly T[]> {
  const many = list(item, { least: 1, distinct: true });
  return {
    read(node, path, report) {
      if (node.kind === "list") return many.read(node, path, report);
      const value = item.read(node, path, report);
      return value === undefined ? undefined : Object.freeze([value]);
    },
    jsonSchema: () => ({ anyOf: [item.jsonSchema(), many.jsonSchema()] }),
  };
}

/**
 * A mapping with the members declared.
 * @param check reports what is wrong with the members together
 */
export function mapping<T extends object>(
  members: Members<T>,
  check?: (value: T, problem: (name: keyof T & string, message: string) => void) => void,
): Shape<T> {
  const declared = Object.entries<Member<unknown>>(members);
  const names = declared.map(([name]) => name);
  const isWhole = (value: object): value is T =>
    declared.every(([name]) => Reflect.get(value, name) !== undefined);
  return {
    read(node, path, report) {
      if (!isMapping(node, path, report)) return undefined;
      reportUnknown(node, path, names, report);
      const found = declared.map(([name, { shape, absent }]): readonly [string, unknown] => {
        const member = node.members.get(name);
        if (member !== undefined) return [name, shape.read(member.node, under(path, name), report)];
        if (absent !== "required") return [name, absent.value];
        return [name, refuse(report, node, `${under(path, name)} is missing`)];
      });
      const value: object = Object.fromEntries(found);
      if (!isWhole(value)) return undefined;
      check?.(value, (name, message) => {
        report(node.members.get(name)?.place ?? node.place, `${under(path, name)} ${message}`);
      });
      return Object.freeze(value);
    },
    jsonSchema: () => ({
      type: "object",
      properties: Object.fromEntries(declared.map(([n, { shape }]) => [n, shape.jsonSchema()])),
      required: declared.filter(([, { absent }]) => absent === "required").map(([name]) => name),
      additionalProperties: false,
    }),
  };
}

/** A mapping with the members declared, and any others, which are kept as plain frozen values. */
export function openMapping<T extends object>(
  members: Members<T>,
): Shape<{ readonly declared: T; readonly others: Readonly<Record<string, unknown>> }> {
  const closed = mapping(members);
  return {
    read(node, path, report) {
      if (!isMapping(node, path, report)) return undefined;
      const [own, rest] = [new Map(node.members), new Map(node.members)];
      for (const name of node.members.keys())
        (Object.hasOwn(members, name) ? rest : own).delete(name);
      const declared = closed.read({ ...node, members: own }, path, report);
      const others = plainMapping({ ...node, members: rest }, path, report);
      return declared === undefined ? undefined : Object.freeze({ declared, others });
    },
    jsonSchema: () => ({ ...closed.jsonSchema(), additionalProperties: true }),
  };
}

/** A mapping whose names are free within a form; in file order. */
export function record<T>(
  name: { readonly what: string; readonly pattern: string },
  item: Shape<T>,
  most: number = Infinity,
): Shape<readonly Named<T>[]> {
  const whole = new RegExp(`^(?:${name.pattern})$`);
  return {
    read(node, path, report) {
      if (!isMapping(node, path, report)) return undefined;
      const { size } = node.members;
      if (size > most) return refuse(report, node, `${path} has ${size} members, at most ${most}`);
      const values: Named<T>[] = [];
      for (const [key, member] of node.members) {
        if (!whole.test(key)) {
          report(member.place, `${path}: ${quoted(key)} must be ${name.what}`);
        }
        const value = item.read(member.node, under(path, key), report);
        if (value !== undefined) values.push({ name: key, value, place: member.place });
      }
      return values.length === size ? Object.freeze(values) : undefined;
    },
    jsonSchema: () => ({
      type: "object",
      propertyNames: { pattern: `^(?:${name.pattern})$` },
      additionalProperties: item.jsonSchema(),
      ...(most < Infinity ? { maxProperties: most } : {}),
    }),
  };
}

/** A mapping in one of several forms; the member `tag`, which each form declares, says which. */
export function variant<T>(tag: string, forms: Readonly<Record<string, Shape<T>>>): Shape<T> {
  const word = choice(Object.keys(forms));
  return {
    read(node, path, report) {
      if (!isMapping(node, path, report)) return undefined;
      const member = node.members.get(tag);
      if (member === undefined) return refuse(report, node, `${under(path, tag)} is missing`);
      const form = word.read(member.node, under(path, tag), report);
      return form === undefined ? undefined : forms[form]?.read(node, path, report);
    },
    jsonSchema: () => ({ anyOf: Object.values(forms).map((form) => form.jsonSchema()) }),
  };
}

function isMapping(node: YamlNode, path: string, report: Report): node is MappingNode {
  if (node.kind === "mapping") return true;
  report(node.place, `${path === "" ? "the policy" : path} must be a mapping, not ${kindOf(node)}`);
  return false;
}

function reportUnknown(
  node: MappingNode,
  path: string,
  names: readonly string[],
  report: Report,
): void {
  for (const [name, { place }] of node.members) {
    if (names.includes(name)) continue;
    const where = path === "" ? "" : ` in ${path}`;
    report(place, `unknown member ${quoted(name)}${where}${didYouMean(name, names)}`);
  }
}

const under = (path: string, name: string): string => (path === "" ? name : `${path}.${name}`);

function plain(node: YamlNode, path: string, report: Report): unknown {
  switch (node.kind) {
    case "scalar":
      return node.value;
    case "list": {
      const items = node.items.map((item, i) => plain(item, `${path}[${i}]`, report));
      return Object.freeze(items);
    }
    case "mapping":
      return plainMapping(node, path, report);
  }
}

function plainMapping(
  node: MappingNode,
  path: string,
  report: Report,
): Readonly<Record<string, unknown>> {
  const members = [...node.members].map(([name, member]) => {
    if (!/^[A-Za-z][A-Za-z0-9_-]*$/.test(name)) {
      report(member.place, `${path}: ${quoted(name)} must be a name like url_env`);
    }
    return [name, plain(member.node, under(path, name), report)] as const;
  });
  return Object.freeze(Object.fromEntries(members));
}
