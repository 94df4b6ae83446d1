/**
 * GitLab's conditions (`if:`), as far as they can be told without the pipeline: what is unknown is
 * `maybe`, and so is whatever is not understood.
 *
 * Source: GitLab's "CI/CD job rules", "CI/CD variable expressions".
 */
import { ticketPatternPaths } from "../core/ticket-pattern.ts";
import type { Likely } from "./when.ts";

/** A variable's value; null where it is not set, undefined where nobody can tell. */
export type ValueOf = (name: string) => string | null | undefined;

const maxLength = 4_000;
const maxDepth = 16;

const tokens =
  /\s*(?:(\$\w+)|"([^"]*)"|'([^']*)'|(null\b)|(\/(?:[^/\\\n]|\\.)*\/[a-z]*)|(==|!=|=~|!~|&&|\|\||[()]))/y;

type Token =
  | { readonly kind: "variable" | "string" | "regex" | "operator"; readonly text: string }
  | { readonly kind: "null" };

export function conditionHolds(condition: string, valueOf: ValueOf): Likely {
  const read = condition.length > maxLength ? null : tokensOf(condition.trim());
  if (read === null) return "maybe";
  try {
    const parser = new Parser(read, valueOf);
    const found = parser.either(0);
    return parser.isDone ? found : "maybe";
  } catch (thrown) {
    if (thrown instanceof NotUnderstood) return "maybe";
    throw thrown;
  }
}

class NotUnderstood extends Error {}

function tokensOf(text: string): readonly Token[] | null {
  const found: Token[] = [];
  for (let place = 0; place < text.length;) {
    tokens.lastIndex = place;
    const match = tokens.exec(text);
    if (match === null) return null;
    const [, variable, double, single, nothing, regex, operator] = match;
    if (variable !== undefined) found.push({ kind: "variable", text: variable.slice(1) });
    else if (nothing !== undefined) found.push({ kind: "null" });
    else if (regex !== undefined) found.push({ kind: "regex", text: regex });
    else if (operator !== undefined) found.push({ kind: "operator", text: operator });
    else found.push({ kind: "string", text: double ?? single ?? "" });
    place = tokens.lastIndex;
  }
  return found;
}

class Parser {
  readonly #tokens: readonly Token[];
  readonly #valueOf: ValueOf;
  #place = 0;

  constructor(read: readonly Token[], valueOf: ValueOf) {
    this.#tokens = read;
    this.#valueOf = valueOf;
  }

  get isDone(): boolean {
    return this.#place === this.#tokens.length;
  }

  either(depth: number): Likely {
    let found = this.#both(depth);
    while (this.#take("||")) found = or(found, this.#both(depth));
    return found;
  }

  #both(depth: number): Likely {
    let found = this.#one(depth);
    while (this.#take("&&")) found = and(found, this.#one(depth));
    return found;
  }

  #one(depth: number): Likely {
    if (depth > maxDepth) throw new NotUnderstood();
    if (this.#take("(")) {
      const found = this.either(depth + 1);
      if (!this.#take(")")) throw new NotUnderstood();
      return found;
    }
    const left = this.#value();
    if (this.#take("==")) return equal(left, this.#value());
    if (this.#take("!=")) return not(equal(left, this.#value()));
    if (this.#take("=~")) return matches(left, this.#pattern());
    if (this.#take("!~")) return not(matches(left, this.#pattern()));
    if (left === undefined) return "maybe";
    return left === null || left === "" ? "no" : "yes";
  }

  #take(operator: string): boolean {
    const next = this.#tokens[this.#place];
    if (next?.kind !== "operator" || next.text !== operator) return false;
    this.#place += 1;
    return true;
  }

  #value(): string | null | undefined {
    const next = this.#tokens[this.#place];
    this.#place += 1;
    if (next?.kind === "variable") return this.#valueOf(next.text);
    if (next?.kind === "string") return next.text;
    if (next?.kind === "null") return null;
    throw new NotUnderstood();
  }

  /** Undefined for one that a variable holds. */
  #pattern(): string | undefined {
    const next = this.#tokens[this.#place];
    this.#place += 1;
    if (next?.kind === "regex") return next.text;
    if (next?.kind === "variable") return undefined;
    throw new NotUnderstood();
  }
}

export const not = (one: Likely): Likely =>
  one === "maybe" ? "maybe" : one === "yes" ? "no" : "yes";

export function and(a: Likely, b: Likely): Likely {
  if (a === "no" || b === "no") return "no";
  return a === "yes" && b === "yes" ? "yes" : "maybe";
}

export const or = (a: Likely, b: Likely): Likely => not(and(not(a), not(b)));

function equal(a: string | null | undefined, b: string | null | undefined): Likely {
  if (a === undefined || b === undefined) return "maybe";
  return a === b ? "yes" : "no";
}

function matches(value: string | null | undefined, pattern: string | undefined): Likely {
  if (value === null) return "no";
  return value === undefined || pattern === undefined ? "maybe" : regexMatches(pattern, value);
}

/** Longer names are matched by nothing that is promised to end soon. */
const maxName = 64;
const maxPaths = 5_000;

/**
 * Whether `/pattern/flags` matches somewhere in the text. Only patterns that match soon whatever the
 * text are tried.
 */
export function regexMatches(written: string, text: string): Likely {
  const [, pattern, flags = ""] = /^\/(.*)\/([a-z]*)$/s.exec(written) ?? [];
  if (pattern === undefined || !/^i?$/.test(flags) || text.length > maxName) return "maybe";
  const plain = pattern.replaceAll("\\/", "/");
  try {
    if (ticketPatternPaths(plain) > maxPaths) return "maybe";
    return new RegExp(plain, flags).test(text) ? "yes" : "no";
  } catch {
    return "maybe";
  }
}
