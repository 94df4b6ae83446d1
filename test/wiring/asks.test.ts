/** What a script asks is read with the flags that the program has. */
import { describe, expect, it } from "vitest";

import { flagsOf } from "../../src/commands/command.ts";
import { commands } from "../../src/commands/table.ts";
import { asksIn, takesValue } from "../../src/wiring/asks.ts";

describe.each(["run", "check", "gate"])("the flags of %s", (name) => {
  const command = commands.find((one) => one.name === name);
  const flags = (command === undefined ? [] : flagsOf(command)).map(
    ({ name: flag, short, value }) => [`--${flag}`, short ?? null, value !== undefined] as const,
  );

  it("are known to the reader, with a value or without", () => {
    expect(flags.length).toBeGreaterThan(5);
    expect(flags.map(([flag]) => [flag, takesValue(flag)])).toEqual(
      flags.map(([flag, , takes]) => [flag, takes]),
    );
  });

  it("are known by their letters too", () => {
    const letters = flags.filter(([, short]) => short !== null);

    expect(letters.map(([, short]) => takesValue(`-${short ?? ""}`))).toEqual(
      letters.map(([, , takes]) => takes),
    );
  });
});

it("a value is not taken for the stage", () => {
  expect(asksIn("optout check -R acme/shop --branch main lint || npm run lint")).toEqual([
    { stage: "lint", form: "check-or", line: 0 },
  ]);
});
