/**
 * Shapes: what a node of YAML must look like, and the value that it becomes. Here: single values.
 *
 * A shape reads a node and reports everything that is wrong with it, each with its place and path
 * (`rules[1].longest must be a duration, not a number`). The same declaration says itself as JSON
 * Schema, for editors. Lists and mappings of shapes are in `shape-collections.ts`.
 */
import { OptoutError } from "./errors.ts";
import { closest } from "./suggest.ts";
import type { Place, Report } from "./yaml-text.ts";
import type { YamlNode } from "./yaml-tree.ts";

export interface JsonSchema {
  readonly [keyword: string]: unknown;
}

export interface Shape<T> {
  /** The value, fresh and frozen; undefined when something in it was reported. */
  read(node: YamlNode, path: string, report: Report): T | undefined;
  jsonSchema(): JsonSchema;
}

/** A value with its place in the file. */
export interface Placed<T> {
  readonly value: T;
  readonly place: Place;
}

interface TextForm {
  /** As in "must be …". */
  readonly what: string;
  /** A regular expression without anchors. */
  readonly pattern?: string;
  readonly maxLength?: number;
  /** What is wrong with a text, as in "… is empty", or null. */
  readonly problem?: (text: string) => string | null;
}

/** Text that is not empty. */
export function text({ what, pattern, maxLength = 255, problem }: TextForm): Shape<string> {
  const whole = new RegExp(`^(?:${pattern ?? ".+"})$`, "s");
  return {
    read(node, path, report) {
      const value = textOf(node, path, what, report);
      if (value === undefined) return undefined;
      if (!whole.test(value)) {
        return refuse(report, node, `${path} must be ${what}, not ${quoted(value)}`);
      }
      const found =
        value.length > maxLength ? `is longer than ${maxLength} characters` : problem?.(value);
      return typeof found === "string" ? refuse(report, node, `${path} ${found}`) : value;
    },
    jsonSchema: () => ({
      type: "string",
      ...(pattern === undefined ? { minLength: 1 } : { pattern: `^(?:${pattern})$` }),
      maxLength,
    }),
  };
}

/**
 * Text that `parse` turns into a value; what it throws as an `OptoutError` is what is wrong.
 * @param pattern a regular expression without anchors, for JSON Schema only
 */
export function parsed<T>(
  what: string,
  pattern: string | null,
  parse: (text: string) => T,
): Shape<T> {
  return {
    read(node, path, report) {
      const value = textOf(node, path, what, report);
      if (value === undefined) return undefined;
      try {
        return parse(value);
      } catch (thrown) {
        if (!(thrown instanceof OptoutError)) throw thrown;
        return refuse(report, node, `${path}: ${thrown.message}`);
      }
    },
    jsonSchema: () => ({
      type: "string",
      ...(pattern === null ? { minLength: 1 } : { pattern: `^(?:${pattern})$` }),
    }),
  };
}

/** A whole number, both ends included. */
export function integer(least: number, most: number): Shape<number> {
  return {
    read(node, path, report) {
      const value = node.kind === "scalar" ? node.value : null;
      if (typeof value === "number" && value >= least && value <= most) return value;
      const found = typeof value === "number" ? String(value) : kindOf(node);
      const range = least === most ? String(least) : `a whole number from ${least} to ${most}`;
      return refuse(report, node, `${path} must be ${range}, not ${found}`);
    },
    jsonSchema: () =>
      least === most ? { const: least } : { type: "integer", minimum: least, maximum: most },
  };
}

/** One of a few words. */
export function choice<const T extends string>(words: readonly T[]): Shape<T> {
  const what = words.length === 1 ? words.join() : `one of ${words.join(", ")}`;
  return {
    read(node, path, report) {
      const value = node.kind === "scalar" ? node.value : null;
      const word = words.find((known) => known === value);
      if (word !== undefined) return word;
      const found = typeof value === "string" ? quoted(value) : kindOf(node);
      const hint = typeof value === "string" ? didYouMean(value, words) : "";
      return refuse(report, node, `${path} must be ${what}, not ${found}${hint}`);
    },
    jsonSchema: () => ({ enum: [...words] }),
  };
}

/** True or false. */
export const truth: Shape<boolean> = {
  read(node, path, report) {
    if (node.kind === "scalar" && typeof node.value === "boolean") return node.value;
    const found =
      node.kind === "scalar" && typeof node.value === "string" ? quoted(node.value) : kindOf(node);
    return refuse(report, node, `${path} must be true or false, not ${found}`);
  },
  jsonSchema: () => ({ type: "boolean" }),
};

/** The value together with its place. */
export function placed<T>(shape: Shape<T>): Shape<Placed<T>> {
  return {
    read(node, path, report) {
      const value = shape.read(node, path, report);
      return value === undefined ? undefined : Object.freeze({ value, place: node.place });
    },
    jsonSchema: () => shape.jsonSchema(),
  };
}

/** The value that `make` turns it into; frozen. */
export function map<T, U>(shape: Shape<T>, make: (value: T) => U): Shape<U> {
  return {
    read(node, path, report) {
      const value = shape.read(node, path, report);
      return value === undefined ? undefined : Object.freeze(make(value));
    },
    jsonSchema: () => shape.jsonSchema(),
  };
}

/** Reports, and is what a shape returns then. */
export function refuse(report: Report, node: YamlNode, message: string): undefined {
  report(node.place, message);
}

/** What stands there, as in "must be a list, not …". */
export function kindOf(node: YamlNode): string {
  if (node.kind !== "scalar") return `a ${node.kind}`;
  if (node.value === null) return "nothing";
  if (typeof node.value === "string") return "text";
  return typeof node.value === "number" ? "a number" : "true or false";
}

/** `; did you mean "longest"?`, or nothing. */
export function didYouMean(word: string, known: readonly string[]): string {
  const best = closest(word, known);
  return best === null ? "" : `; did you mean ${quoted(best)}?`;
}

/** In quotes, and cut when it is long. */
export function quoted(value: string): string {
  return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
}

function textOf(node: YamlNode, path: string, what: string, report: Report): string | undefined {
  const value = node.kind === "scalar" ? node.value : null;
  if (typeof value === "string" && value !== "") return value;
  if (value === "") return refuse(report, node, `${path} is empty`);
  const quotes =
    typeof value === "number" || typeof value === "boolean" ? ": put it in quotes" : "";
  // in quotes it would be refused again
  const advice =
    typeof value === "number" && what.startsWith("a duration")
      ? `: add a unit, as in ${value}h`
      : quotes;
  return refuse(report, node, `${path} must be ${what}, not ${kindOf(node)}${advice}`);
}
