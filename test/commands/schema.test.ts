/**
 * `optout schema`: one for every output that has one, for the policy and for every kind of statement.
 */
import { describe, expect, it } from "vitest";

import { schema, schemaKinds } from "../../src/commands/schema.ts";
import { kinds } from "../../src/core/statement-shape.ts";
import { rejection } from "../support/problem.ts";
import { callFor, recordedIo } from "./given.ts";

async function printed(kind: string): Promise<unknown> {
  const io = recordedIo();
  await schema(callFor("schema", kind), io);
  return JSON.parse(io.written.out);
}

describe("schema", () => {
  it.each(schemaKinds.map((kind) => [kind]))("prints the JSON Schema of %s", async (kind) => {
    expect(await printed(kind)).toMatchObject({
      $schema: "http://json-schema.org/draft-07/schema#",
      title: expect.stringContaining(kind) as unknown,
      type: "object",
    });
  });

  it("without a kind prints the names of all, one a line", async () => {
    const io = recordedIo();
    await schema(callFor("schema"), io);
    expect(io.written.out).toBe(`${schemaKinds.join("\n")}\n`);
  });

  it("knows every kind of statement, and says that their shapes are closed", async () => {
    for (const kind of Object.keys(kinds)) {
      expect(await printed(kind)).toMatchObject({
        additionalProperties: false,
        properties: { kind: { const: kind } },
      });
    }
  });

  it("refuses what has none, with the nearest that has", async () => {
    const refused = await rejection(printed("overide"));

    expect(refused).toMatchObject({ code: "usage", hint: "optout schema override" });
  });
});
