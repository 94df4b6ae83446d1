/**
 * What reads the program's output may be slow, gone, or share a pipe with a program that left it
 * non-blocking. Nothing of an answer is lost, and the exit status is the answer's.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { BIN, makePlace, makeStage, must, run, type Place, type Stage } from "../support/stage.ts";

const program = `'${process.execPath}' '${BIN}'`;

let stage: Stage;
let place: Place;
let schema: string;

beforeAll(async () => {
  stage = await makeStage();
  place = makePlace(stage, "reader");
  schema = await must(place, ["policy", "schema"]);
});

afterAll(() => stage.remove());

async function shell(script: string): Promise<string> {
  const { status, stdout } = await run(place, "sh", ["-c", script]);
  expect(status).toBe(0);
  return stdout;
}

describe("an answer longer than a pipe holds", () => {
  it("comes whole to a slow reader", async () => {
    expect(schema.length).toBeGreaterThan(65_536);
    expect(await shell(`${program} policy schema | { sleep 0.3; cat; }`)).toBe(schema);
  });

  it("comes whole through a pipe that another program left non-blocking", async () => {
    // Node sets the flag on the pipe itself, and puts it back only where it ends in order
    const opens = `'${process.execPath}' -e 'process.stdout.write("left "); process.kill(process.pid, 9)'`;

    expect(
      await shell(`{ ${opens} || true; ${program} policy schema; } | { sleep 0.5; cat; }`),
    ).toBe(`left ${schema}`);
  });

  it("is no failure when nobody reads it to its end", async () => {
    const counted = `{ ${program} policy schema; echo $? >&3; } 3>status | head -c 1; cat status`;

    expect(await shell(counted)).toBe(`${schema.charAt(0)}0\n`);
  });
});

it("an answer that cannot be printed is a failure, and says that what was recorded stands", async () => {
  const said = await shell(`${program} policy schema 2>&1 >/dev/full || echo "exit $?"`);

  expect(said).toBe(
    "✗ the answer cannot be printed (ENOSPC)\n" +
      "  optout status   (what was recorded before that stands)\nexit 1\n",
  );
});
