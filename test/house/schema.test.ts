/** The schema files of the package are what the program prints. */
import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { policyJsonSchema } from "../../src/core/policy-schema.ts";
import { outputSchema, schemaNames } from "../../src/output/schemas.ts";

const directory = new URL("../../schema/", import.meta.url);
const read = (name: string): unknown => JSON.parse(readFileSync(new URL(name, directory), "utf8"));

it("holds the schema of the policy (npm run schema writes it)", () => {
  expect(read("policy.schema.json")).toEqual(policyJsonSchema());
});

it.each(schemaNames)("holds the schema of the output %s (npm run schema writes it)", (name) => {
  expect(read(`${name}.schema.json`)).toEqual(outputSchema(name));
});

it("holds nothing else", () => {
  const wanted = ["policy", ...schemaNames].map((name) => `${name}.schema.json`);
  expect(readdirSync(directory).sort()).toEqual(wanted.sort());
});
