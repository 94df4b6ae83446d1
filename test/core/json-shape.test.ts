/** Closed shapes of what was JSON: which member is at fault, and the same as JSON Schema. */
import { Ajv } from "ajv";
import { describe, expect, it } from "vitest";

import {
  anyText,
  checked,
  choice,
  either,
  flag,
  integer,
  list,
  literal,
  object,
  optional,
  text,
  type JsonShape,
} from "../../src/core/json-shape.ts";

interface Whole {
  readonly v: 1;
  readonly name: string;
  readonly seq: number;
  readonly size?: number;
  readonly once?: boolean;
  readonly word?: "yes" | "no";
  readonly places?: "*" | readonly string[];
  readonly any?: readonly { readonly x: string }[];
}

/** A use of it all, made anew for each test. */
const whole = (): JsonShape<Whole> =>
  object<Whole>({
    v: literal(1),
    name: text(/^[a-z]+$/),
    seq: integer(2, 5),
    size: optional(integer(0)),
    once: optional(flag),
    word: optional(choice(["yes", "no"])),
    places: optional(either(literal("*"), list(anyText, 1, 2))),
    any: optional(list(object({ x: anyText }), 0, 1)),
  });

const right = { v: 1, name: "a", seq: 2 };

/** What is at fault; the JSON Schema says of the same value whether anything is. */
function faultOf(shape: JsonShape<unknown>, value: unknown): string | null {
  const fault = shape.fault(value);
  expect(shape.fits(value)).toBe(fault === null);
  const schema = shape.jsonSchema();
  expect(new Ajv({ strict: false, ownProperties: true }).validate({ ...schema }, value)).toBe(
    fault === null,
  );
  return fault;
}

describe("a value fits", () => {
  it.each([
    ["with what it needs alone", right],
    ["up to its limits", { ...right, seq: 5, size: Number.MAX_SAFE_INTEGER }],
    [
      "with all that it may have",
      { ...right, size: 0, once: false, word: "no", places: "*", any: [] },
    ],
    ["with one item", { ...right, places: [""], any: [{ x: "" }] }],
    ["with as many items as may be", { ...right, places: ["a", "b"] }],
  ])("%s", (_what, value) => {
    expect(faultOf(whole(), value)).toBeNull();
  });
});

describe("what is at fault is", () => {
  it.each([
    ["the value, which is a list", [], ""],
    ["the value, which is null", null, ""],
    ["the value, which is text", "x", ""],
    ["a member that is missing", { v: 1, seq: 2 }, "name"],
    [
      "a member that is inherited",
      Object.assign(Object.create({ name: "a" }), { v: 1, seq: 2 }),
      "name",
    ],
    ["a member that is not declared", { ...right, more: 1 }, "more"],
    [
      "a member of JavaScript's own",
      JSON.parse('{"v":1,"name":"a","seq":2,"__proto__":{}}'),
      "__proto__",
    ],
    ["another value than the one", { ...right, v: "1" }, "v"],
    ["text of another form", { ...right, name: "a1" }, "name"],
    ["no text", { ...right, name: 1 }, "name"],
    ["a number that is too small", { ...right, seq: 1 }, "seq"],
    ["a number that is too great", { ...right, seq: 6 }, "seq"],
    ["a fraction", { ...right, seq: 2.5 }, "seq"],
    ["a number as text", { ...right, seq: "2" }, "seq"],
    ["a number below nothing", { ...right, size: -1 }, "size"],
    ["a number that is not safe", { ...right, size: 2 ** 53 }, "size"],
    ["a flag as text", { ...right, once: "true" }, "once"],
    ["an optional member that is null", { ...right, once: null }, "once"],
    ["a word that is not known", { ...right, word: "perhaps" }, "word"],
    ["neither of two forms", { ...right, places: "main" }, "places"],
    ["no items", { ...right, places: [] }, "places"],
    ["too many items", { ...right, places: ["a", "b", "c"] }, "places"],
    ["more items than one", { ...right, any: [{ x: "" }, { x: "" }] }, "any"],
    ["no list", { ...right, any: { length: 0 } }, "any"],
    ["an item", { ...right, any: ["x"] }, "any.0"],
    ["a member of an item", { ...right, any: [{ x: 1 }] }, "any.0.x"],
  ] satisfies readonly (readonly [string, unknown, string])[])("%s", (_what, value, fault) => {
    expect(faultOf(whole(), value)).toBe(fault);
  });

  it("the first of several, in the order of the shape, and the unknown last", () => {
    expect(whole().fault({ more: 1, seq: 9, name: "A", v: 1 })).toBe("name");
  });
});

describe("members that are judged together", () => {
  const ordered = (): JsonShape<{ from: number; until: number }> =>
    checked(object({ from: integer(0), until: integer(0) }), ({ from, until }) => from < until);

  it("are at fault as the whole value, and only where each by itself is not", () => {
    expect(ordered().fault({ from: 1, until: 2 })).toBeNull();
    expect(ordered().fault({ from: 2, until: 2 })).toBe("");
    expect(ordered().fault({ from: 2, until: "x" })).toBe("until");
  });

  it("are in JSON Schema what they are by themselves", () => {
    expect(ordered().jsonSchema()).toEqual({
      type: "object",
      properties: {
        from: { type: "integer", minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
        until: { type: "integer", minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
      },
      required: ["from", "until"],
      additionalProperties: false,
    });
  });
});

it("is said as JSON Schema, in full", () => {
  expect(whole().jsonSchema()).toMatchObject({
    properties: {
      v: { const: 1 },
      name: { type: "string", pattern: "^[a-z]+$" },
      once: { type: "boolean" },
      word: { enum: ["yes", "no"], type: "string" },
      places: {
        anyOf: [
          { const: "*" },
          { type: "array", items: { type: "string" }, minItems: 1, maxItems: 2 },
        ],
      },
    },
    required: ["v", "name", "seq"],
  });
  expect(list(anyText, 0, 1).jsonSchema()).not.toHaveProperty("minItems");
});
