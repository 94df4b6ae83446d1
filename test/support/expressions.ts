/**
 * Expressions of GitHub Actions, by the official evaluator, over plain values.
 */
import { data, Evaluator, Lexer, Parser } from "@actions/expressions";
import { isBasicExpression, isMapping, isScalar, isSequence } from "@actions/workflow-parser";

/** Plain values by the name of their context: `github`, `needs`, `steps`. */
export type Contexts = Readonly<Record<string, unknown>>;

/** What `success()` and its sisters answer. */
export type Status = Readonly<Record<"success" | "failure" | "always" | "cancelled", boolean>>;

type Token = Parameters<typeof isScalar>[0];

const names = [
  "github",
  "needs",
  "strategy",
  "matrix",
  "steps",
  "job",
  "runner",
  "env",
  "vars",
  "secrets",
  "inputs",
  "jobs",
];
const noStatus: Status = { success: true, failure: false, always: true, cancelled: false };

/** The value of an expression, without `${{ }}`. */
function evaluate(expression: string, contexts: Contexts, status: Status = noStatus): unknown {
  const functions = Object.entries(status).map(([name, answer]) => ({
    name,
    minArgs: 0,
    maxArgs: 0,
    call: () => new data.BooleanData(answer),
  }));
  const { tokens } = new Lexer(expression).lex();
  const tree = new Parser(tokens, names, functions).parse();
  const known = new Map(functions.map((one) => [one.name, one]));
  const dictionary: unknown = JSON.parse(JSON.stringify(contexts), data.reviver);
  if (!(dictionary instanceof data.Dictionary)) throw new Error("contexts are no dictionary");
  const found = new Evaluator(tree, dictionary, known).evaluate();
  const value: unknown = JSON.parse(JSON.stringify(found, data.replacer));
  return value;
}

/** Whether an `if:` lets it run. */
export function isTrue(expression: string, contexts: Contexts, status: Status): boolean {
  const value = evaluate(expression, contexts, status);
  return value !== false && value !== null && value !== "" && value !== 0;
}

/** A value of the workflow with its expressions evaluated; undefined where it stands nowhere. */
export function valueOf(token: Token | undefined, contexts: Contexts): unknown {
  if (token === undefined) return undefined;
  if (isBasicExpression(token)) return evaluate(token.expression, contexts);
  if (isSequence(token)) {
    return Array.from({ length: token.count }, (_, at) => valueOf(token.get(at), contexts));
  }
  if (isMapping(token)) {
    return Object.fromEntries(
      [...token].map(({ key, value }) => [
        textOf(valueOf(key, contexts)),
        valueOf(value, contexts),
      ]),
    );
  }
  return isScalar(token) ? (JSON.parse(JSON.stringify(token)) as unknown) : null;
}

/** As the runner writes a value into text. */
export function textOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** The members of a mapping as text. */
export function textsOf(token: Token | undefined, contexts: Contexts): Record<string, string> {
  const value = valueOf(token, contexts);
  if (typeof value !== "object" || value === null) return {};
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, textOf(one)]));
}
